#include "guard.h"

bool guard_init(void) { return true; }
void guard_lock(void) {}
void guard_unlock(void) {}
