/* The words that formulas are written in: of the element type that ELEMENT names, whichever it is. A vector is a Vec. */
#ifndef RELU_UFUNC_WORDS_H
#define RELU_UFUNC_WORDS_H

#include "inline.h"

/* What becomes of a value: AS_RESULT, it is what the kernel gives; AS_FACTOR, it is computed with. */
enum use { AS_FACTOR, AS_RESULT };

#define E(name) JOIN(ELEMENT, name)

/* what an element type defines */
#define Vec E(vec)
#define Zero E(zero)
#define One E(one)
#define Six E(six)
#define Select E(select)
#define IsZero E(is_zero)
#define IsNegative E(is_negative)
#define IsNan E(is_nan)
#define IsPositive E(is_positive)
#define IsGreater E(is_greater)
#define Infinity E(infinity)
#define IsNormal E(is_normal)
#define IsBelowZero E(is_below_zero)
#define Add E(add)
#define Mul E(mul)
#define Expm1Off E(expm1_off)
#define ExpOff E(exp_off)
#define Sigmoid E(sigmoid_function)
#define SigmoidSlope E(sigmoid_slope)
#define Silu E(silu_function)
#define SiluSlope E(silu_slope)
#define Softplus E(softplus_function)
#define SoftplusSlope E(softplus_slope)
#define Mish E(mish_function)
#define MishSlope E(mish_slope)
#define Selu E(selu_function)
#define SeluSlope E(selu_slope)
#define Celu E(celu_function)
#define CeluSlope E(celu_slope)
#define Gelu E(gelu_function)
#define GeluSlope E(gelu_slope)
#define GeluTanh E(gelu_tanh_function)
#define GeluTanhSlope E(gelu_tanh_slope)
#define Hardswish E(hardswish_function)
#define HardswishSlope E(hardswish_slope)
#define Hardsigmoid E(hardsigmoid_function)
#define HardsigmoidSlope E(hardsigmoid_slope)

/* what derived_words.h says in terms of these */
#define Pair E(pair)
#define IsOff E(is_off)
#define OffOrZero E(off_or_zero)
#define Choose E(choose)
#define WhereOff E(where_off)
#define PositivePart E(positive_part)
#define Scale E(scale)
#define Total E(total)
#define OneWhereNan E(one_where_nan)
#define OneWhere E(one_where)
#define FirstNan E(first_nan)
#define OfNumber E(of_number)
#define TimesOfNumber E(times_of_number)
#define OfNumbers E(of_numbers)
#define TimesOfNumbers E(times_of_numbers)
#define ProductMakesNan E(product_makes_nan)

#endif
