#include "doubts.h"

_Thread_local size_t doubts_settled = 0;
