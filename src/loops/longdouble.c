/* The kernels of long double, which no instruction set has vectors for: one table, used with every ISA. */
#include "simd/scalar.h"
#include "lift.h"

#define ISA any
#define ELEMENT longdouble
#include "simd/longdouble.h"
#include "math/smooth_longdouble.h"
#define COMPUTES
#include "formulas.h"

#define ACCESS longdouble
#define FORMULA longdouble
#define OF_floats(loop) loop
#define LOOP_TO_select LOOP
#define LOOP_TO_compute SETTLED_LOOP
#define LOOP_TO_costly COSTLY_LOOP
#define LOOP_TO_product COSTLY_LOOP
#define LOOP_TO_brief COSTLY_LOOP
#define LOOP_TO_brief_at_defaults COSTLY_LOOP
#define LOOP_TO_brief_product COSTLY_LOOP
#define LOOP_TO_fast COSTLY_LOOP
#define LOOP_TO_fast_at_1 COSTLY_LOOP
#define LOOP_TO_fast_product COSTLY_LOOP
#define LOOP_TO_fast_product_at_1 COSTLY_LOOP
#define LOOP_TO_branch WHOLE_LOOP
#include "steps.h"
#include "table.h"
