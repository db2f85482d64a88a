#include "placement.h"

void keep_off_own_processor(struct placement *last, const pthread_t *threads, int count)
{
    (void)last, (void)threads, (void)count;
}
