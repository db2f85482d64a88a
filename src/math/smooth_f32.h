/* The smooth functions of float32, each in a file of its own. */
#include "exp_f32.h"
#include "hard_f32.h"
