/* Memory to work in, too much for a stack. */
#ifndef RELU_UFUNC_SCRATCH_H
#define RELU_UFUNC_SCRATCH_H

#include "loops/kernel.h"
#include "sizes.h"

enum { SCRATCH_BYTES = BLOCKS_BYTES + WIDE_ROOM }; /* the blocks, and what any kernel works in */

/* SCRATCH_BYTES for this thread to use and to give back, aligned as a vector; NULL where there is no memory left. */
char *take_scratch(void);
void give_scratch(char *scratch);

#endif
