/* The kernels of one integer type: included once for each, with ELEMENT, WIDTH and SIGNED. */

#include "simd/integer.h"
#define WRAPS
#include "formulas.h"
#undef WRAPS

#define ACCESS ELEMENT
#define FORMULA ELEMENT
#define OF_floats(loop) NO_LOOP
#define LOOP_TO_select LOOP
#define LOOP_TO_compute COMPACT_LOOP /* of eight types, which few call: small comes before fast */
#define LOOP_TO_costly NO_LOOP
#define LOOP_TO_product NO_LOOP
#define LOOP_TO_brief NO_LOOP
#define LOOP_TO_brief_at_defaults NO_LOOP
#define LOOP_TO_brief_product NO_LOOP
#define LOOP_TO_fast NO_LOOP
#define LOOP_TO_fast_at_1 NO_LOOP
#define LOOP_TO_fast_product NO_LOOP
#define LOOP_TO_fast_product_at_1 NO_LOOP
#define LOOP_TO_branch NO_LOOP
#include "steps.h"
#include "table.h"
