#include "guard.h"
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void guard_lock(void) { pthread_mutex_lock(&mutex); }
void guard_unlock(void) { pthread_mutex_unlock(&mutex); }

/* A fork takes the lock, so that no thread that the child does not have can hold it. */
bool guard_init(void) { return pthread_atfork(guard_lock, guard_unlock, guard_unlock) == 0; }
