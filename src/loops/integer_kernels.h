/* The kernels of one integer type: included once for each, with ELEMENT, WIDTH and SIGNED. */

#include "simd/integer.h"
#include "formulas.h"

#define ACCESS ELEMENT
#define FORMULA ELEMENT
#define OF_floats(loop) NO_LOOP
#define LOOP_TO_select LOOP
#define LOOP_TO_compute NO_LOOP
#define LOOP_TO_costly NO_LOOP
#define LOOP_TO_branch NO_LOOP
#include "steps.h"
#include "table.h"
