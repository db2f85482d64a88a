/* The kernels of the integer types. Compiled for each instruction set: ISA is its name, VOCABULARY its header. Of eight types,
 * which few call, the code is to be small, and compiled in a third of the time. */
#define PART NOINLINE
#include VOCABULARY
#include "lift.h"

#define ELEMENT i8
#define WIDTH 8
#define SIGNED true
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT u8
#define WIDTH 8
#define SIGNED false
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT i16
#define WIDTH 16
#define SIGNED true
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT u16
#define WIDTH 16
#define SIGNED false
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT i32
#define WIDTH 32
#define SIGNED true
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT u32
#define WIDTH 32
#define SIGNED false
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT i64
#define WIDTH 64
#define SIGNED true
#include "integer_kernels.h"
#undef ELEMENT

#define ELEMENT u64
#define WIDTH 64
#define SIGNED false
#include "integer_kernels.h"
#undef ELEMENT
