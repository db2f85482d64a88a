/* The functions of the public header, on the kernels of an instruction set. */
#ifndef RELU_UFUNC_C_API_H
#define RELU_UFUNC_C_API_H

#include "engine/dispatch.h"
#include "relu_ufunc.h"

/* Chooses the instruction set. To be called once, before the functions are. */
void c_api_use(const struct isa *isa);

extern const struct relu_ufunc_api c_api;

#endif
