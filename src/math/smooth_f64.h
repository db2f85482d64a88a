/* The smooth functions of float64, each in a file of its own. */
#include "exp_f64.h"

#include "gelu_f64.h"
#include "hard_f64.h"
#include "mish_f64.h"
#include "selu_f64.h"
#include "sigmoid_f64.h"
#include "softplus_f64.h"
