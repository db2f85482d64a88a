/* float64 as an element type: included where ELEMENT is f64. */

#define WIDTH 64
#define SIGN_BIT INT64_MIN
#define INFINITE 0x7ff0000000000000
#define UNIT 0x3ff0000000000000
#include "floating.h"
