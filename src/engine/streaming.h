/* Which outputs are written past the caches. */
#ifndef RELU_UFUNC_STREAMING_H
#define RELU_UFUNC_STREAMING_H

#include "cut.h"

/* Outputs of at least so many bytes are, but for new ones with new pages. With LEARNED_THRESHOLD, the machine is asked by a
 * trial, when the first call comes that could gain by it. */
#define LEARNED_THRESHOLD (SIZE_MAX - 1)
size_t get_streaming_threshold(void);
void set_streaming_threshold(size_t bytes);

/* So many pages are written in turn by a thread that is alone: 1, or PAGES_IN_TURN, where the processor takes less for that. */
unsigned streamed_pages(void);
void set_streamed_pages(unsigned count);

/* What the trial said: the time of a streamed copy over that of a plain one, 0 while there was none. */
double streaming_ratio(void);

/* Whether outputs of so many bytes could be written past the caches, if nothing else speaks against it. */
bool may_stream(size_t bytes);

/* Where the outputs of a plan go, on so many threads; where that is STREAMED, the next two have a say. */
enum destination destination_of(const struct plan *plan, size_t elements, size_t threads);

/* Whether computing takes so long that plain stores may be as good. While a block is written past the caches nothing is computed;
 * plain stores go on beside. */
bool may_be_plain(const struct plan *plan);

/* Whether they are, as far as can be told before a call was made. Two threads are taken to use up what memory gives. */
bool plain_by_model(const struct plan *plan, size_t threads);

#endif
