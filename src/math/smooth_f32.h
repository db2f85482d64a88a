/* The smooth functions of float32, each in a file of its own. */
#include "exp_f32.h"
#include "sigmoid_f32.h"

#include "gelu_f32.h"
#include "hard_f32.h"
#include "mish_f32.h"
#include "selu_f32.h"
#include "softplus_f32.h"
