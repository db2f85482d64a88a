/* Memory to work in, too much for a stack. */
#ifndef RELU_UFUNC_SCRATCH_H
#define RELU_UFUNC_SCRATCH_H

#include "loops/kernel.h"

enum {
    BLOCKS_BYTES = 32768,                    /* for the blocks, or the tile, of all operands */
    SCRATCH_BYTES = BLOCKS_BYTES + WIDE_ROOM /* and what any kernel works in */
};

/* SCRATCH_BYTES for this thread to use and to give back, aligned as a vector; NULL where there is no memory left. */
char *take_scratch(void);
void give_scratch(char *scratch);

#endif
