/* The kernels of float32. Compiled for each instruction set: ISA is its name, VOCABULARY its header. */
#include VOCABULARY
#include "lift.h"

#define ELEMENT f32
#include "simd/float32.h"

#include "math/expm1_f32.h"
enum { IS_16_BIT = false };
static const float SIXTH = (float)(1 / 6.0); /* 1/6 as near as float32 has it */
#include "math/smooth_f32.h"
#include "math/expm1_fast_f32.h"
#include "math/gelu_fast_f32.h"
#include "math/hard_brief_f32.h"
#include "math/sigmoid_fast_f32.h"
#include "math/softplus_fast_f32.h"
#include "brief.h"
#include "fast.h"
#define COMPUTES
#define FAST
#include "formulas.h"

#define ACCESS f32
#define FORMULA f32
#define OF_floats(loop) loop
#define LOOP_TO_select LOOP
#define LOOP_TO_compute SETTLING_LOOP
#define LOOP_TO_costly COSTLY_LOOP
#define LOOP_TO_product COSTLY_LOOP
#define LOOP_TO_brief BRIEF_LOOP
#define LOOP_TO_brief_at_defaults BRIEF_AT_DEFAULTS_LOOP
#define LOOP_TO_brief_product BRIEF_LOOP
#define LOOP_TO_fast FAST_LOOP
#define LOOP_TO_fast_at_1 FAST_AT_1_LOOP
#define LOOP_TO_fast_product FAST_LOOP
#define LOOP_TO_fast_product_at_1 FAST_AT_1_LOOP
#define LOOP_TO_branch FAST_BRANCH_LOOP
#include "steps.h"
#include "table.h"
