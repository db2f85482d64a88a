/* Preloaded, makes a process believe that it may run on the processors that PRETEND_CPUS lists, as in "0-3,8". */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static int pretend(size_t size, cpu_set_t *set)
{
    long last = -1;
    CPU_ZERO_S(size, set);
    for (char *rest = getenv("PRETEND_CPUS"); *rest != '\0'; rest += *rest == ',') {
        const long first = strtol(rest, &rest, 10);
        last = *rest == '-' ? strtol(rest + 1, &rest, 10) : first;
        for (long cpu = first; cpu <= last; cpu++) {
            CPU_SET_S((size_t)cpu, size, set);
        }
    }
    return last < (long)size * 8 ? 0 : EINVAL;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
    (void)thread;
    return pretend(size, set);
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    (void)process;
    errno = pretend(size, set);
    return errno == 0 ? 0 : -1;
}
