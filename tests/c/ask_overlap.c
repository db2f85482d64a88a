/* What depends_on_order says of operands.
 *
 *     ask INPUTS OUTPUTS SIZE { COUNT { PLACE STRIDE } for each operand } for each question
 *
 * of COUNT items of SIZE bytes. Prints 1 or 0 for each question. */
#include "engine/overlap.h"
#include <stdio.h>
#include <stdlib.h>

enum { GIVEN = 4, FAR = 1 << 20 }; /* no memory is looked at: places count from some address */

int main(int argc, char **argv)
{
    const struct kernel_info info = {.nin = atoi(argv[1]), .nout = atoi(argv[2])};
    const struct kernel kernel = {.info = &info, .size = (size_t)atoi(argv[3])};
    for (int at = GIVEN; at < argc; at += 1 + 2 * operands_of(&kernel)) {
        char *data[MAX_OPERANDS];
        ptrdiff_t stride[MAX_OPERANDS];
        for (int i = 0; i < operands_of(&kernel); i++) {
            data[i] = (char *)(uintptr_t)(FAR + atoi(argv[at + 1 + 2 * i]));
            stride[i] = atoi(argv[at + 2 + 2 * i]);
        }
        printf("%d\n", depends_on_order(&kernel, data, stride, (size_t)atoi(argv[at])));
    }
    return 0;
}
