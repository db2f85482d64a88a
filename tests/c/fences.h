/* Memory between two pages that may not be touched: one byte too far ends the program. */
#ifndef FENCES_H
#define FENCES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* `bytes` is a multiple of a page. It lives as long as the process. */
static inline char *fenced(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *begin = mmap(NULL, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED || mprotect(begin + page, bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("fenced memory");
        exit(2);
    }
    return begin + page;
}

#endif
