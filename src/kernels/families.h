/* The families of kernels, each in a header of its own. A family is read in two ways: where KERNEL is defined, as the
 * declarations of its kernels; else as their formulas, for the element type that ELEMENT names, with the fast parts of these
 * where FAST is defined.
 *
 *     KERNEL(name, inputs, outputs, elements, loop, signature, error, expression)
 *
 * elements    numbers (integers and floats) or floats: float16, bfloat16, float32, float64, longdouble; or floats_short, the
 *             same with a short formula of the 16-bit types: f32_short_name in math/short_f32.h. The second of two inputs is a
 *             parameter then, and the short formula is for where that is 1
 * loop        select   values are moved as raw bits; nothing is rounded, and no flag raised
 *             compute  float16 and bfloat16 are computed in float32; integers wrap
 *             costly   the same, for a formula of many operations: compiled once for each element and instruction set
 *             product  the same, of which each output is a product whose factors are rounded to float32: float16 and bfloat16
 *                      go by way of float32's loop
 *             brief    as costly, with a formula of a few float operations for float32: E(name_brief); see loops/brief.h
 *             brief_product  the same of a product
 *             brief_at_defaults  where the last two inputs are parameters: the brief part is for where they are the defaults
 *             fast     as costly, with a fast part of float32: E(name_begun) and E(name_fast); see loops/fast.h. float16 and
 *                      bfloat16 go by that where it rounds to the same number
 *             fast_product  the same of a product
 *             fast_at_1, fast_product_at_1  where the last input is a parameter: the fast part is for where that is 1
 *             branch   as product, with a costly branch that is computed apart, by a fast part of float32,
 *                      E(name_branch_fast); see loops/lift.h and fast.h
 *             Where there is more than one input, compute and branch have E(name_makes_nan)(last input): whether,
 *             with that one, some of the others, being numbers, give NaN, as 0 * infinity does. A NaN that is given
 *             comes before one that is made: a formula passes it on. A second output does not depend on the third input
 * signature   as users write it. What stands before the / is given by position; a parameter behind it may be given by
 *             keyword as well, and left out where it has a default
 * error       the largest of float64 at the defaults, in ULP of the exact result: 0.5 is correctly rounded, 0 never rounds
 * expression  what each output is, in NumPy's words. Those of a derivative are named for the inputs of the function that is
 *             declared before it, as dx is for x: by that and by its inputs relu_ufunc/_families.py knows whose it is */
#include "relu.h"
#include "clipped_relu.h"
#include "thresholded_relu.h"
#include "relu_squared.h"
#include "add_relu.h"
#include "reglu.h"
#include "leaky_relu.h"
#include "elu.h"
#include "sigmoid.h"
#include "softplus.h"
#include "selu.h"
#include "gelu.h"
#include "hard.h"
