/* float32 as an element type: included where ELEMENT is f32. */

#define WIDTH 32
#define SIGN_BIT INT32_MIN
#define INFINITE 0x7f800000
#define UNIT 0x3f800000
#include "floating.h"
