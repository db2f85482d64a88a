/* The kernels of float64. Compiled for each instruction set: ISA is its name, VOCABULARY its header. */
#include VOCABULARY
#include "lift.h"

#define ELEMENT f64
#include "simd/float64.h"

#include "math/expm1_f64.h"
#include "math/smooth_f64.h"
#define COMPUTES
#include "formulas.h"

#define ACCESS f64
#define FORMULA f64
#define OF_floats(loop) loop
#define LOOP_TO_select LOOP
#define LOOP_TO_compute SETTLING_LOOP
#define LOOP_TO_costly COSTLY_LOOP
#define LOOP_TO_product COSTLY_LOOP
#define LOOP_TO_brief COSTLY_LOOP
#define LOOP_TO_brief_at_defaults COSTLY_LOOP
#define LOOP_TO_brief_product COSTLY_LOOP
#define LOOP_TO_fast COSTLY_LOOP
#define LOOP_TO_fast_at_1 COSTLY_LOOP
#define LOOP_TO_fast_product COSTLY_LOOP
#define LOOP_TO_fast_product_at_1 COSTLY_LOOP
#define LOOP_TO_branch BRANCH_LOOP
#include "steps.h"
#include "table.h"
