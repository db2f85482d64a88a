/* What run.c and rows.c write past the caches, told by a stream.c that keeps count.
 *
 *     trace ROWS COLUMNS GAP OUTPUTS PLACE THRESHOLD NEW THREADS INPUTS PAGES
 *
 * copies a plane of float32, whose rows are GAP elements apart, to one or two outputs, of which number PLACE is the
 * input itself (0: none is). NEW is 1 where the outputs are made for the call. A second input is like the first, and not
 * used. So many PAGES are written in turn. Prints
 *
 *     streamed  bytes that went past the caches
 *     unfenced  those of them without a fence behind them when their thread was done
 *     fences    how often a thread has waited for them
 *     asked     bytes of the input that were asked for
 *     latest    by so many bytes of rows before they were read, at the least
 *     earliest  and at the most
 *     in_turn   blocks that are read before one that lies below them
 *     shared    large pages of the first output that are written by more than one thread */
#include "threads/pool.h"
#include "engine/dispatch.h"
#include "engine/run.h"
#include "engine/sharing.h"
#include "engine/stream.h"
#include "engine/streaming.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t streamed, waiting, unfenced, fences;
static const char *input, *reading; /* the latter: where the block that is streamed begins */
static size_t row_bytes, row_stride;
static size_t asked, latest = SIZE_MAX, earliest, in_turn;

bool can_stream(void) { return true; }

void stream_fence(void)
{
    waiting = 0;
    fences++;
}

/* Those before an address in the input; as good as none, for one between two rows. */
static size_t bytes_of_rows(uintptr_t address)
{
    const size_t offset = address - (uintptr_t)input;
    return offset % row_stride < row_bytes ? offset / row_stride * row_bytes + offset % row_stride : 0;
}

void stream_copy(char *to, const char *from, size_t bytes, uintptr_t ahead)
{
    memcpy(to, from, bytes);
    if (ahead != 0) {
        const size_t distance = bytes_of_rows(ahead) - bytes_of_rows((uintptr_t)reading);
        latest = distance < latest ? distance : latest;
        earliest = distance > earliest ? distance : earliest;
        asked += bytes;
    }
    streamed += bytes;
    waiting += bytes;
}

/* For a trial of the machine, which there is none of here. */
const struct kernel_info kernel_infos[KERNEL_COUNT];
const size_t element_sizes[ELEMENT_COUNT];

static int threads_allowed;

int pool_get_threads(void) { return threads_allowed; }
int pool_awake(void) { return threads_allowed; }

enum { PAGE = 2 << 20, MOST_PAGES = 256 };

static size_t thread_now, shared;
static size_t thread_of[MOST_PAGES]; /* the one that wrote to it first, counted from 1 */

static void note_page(const char *output)
{
    size_t *first = &thread_of[(uintptr_t)output / PAGE % MOST_PAGES];
    shared += *first != 0 && *first != thread_now;
    *first = thread_now;
}

void pool_run(pool_work *work, void *context, size_t units, int threads)
{
    for (size_t thread = 0, shares = (size_t)threads < units ? (size_t)threads : units; thread < shares; thread++) {
        thread_now = thread + 1;
        work(context, units * thread / shares, units * (thread + 1) / shares);
        unfenced += waiting;
        waiting = 0;
    }
}

static int inputs, outputs;

static void copy(char *const *data, const ptrdiff_t *stride, size_t n, char *room)
{
    (void)stride, (void)room;
    in_turn += reading > data[0];
    reading = data[0];
    note_page(data[inputs]); /* of what lies along a row no more than a page is written at once */
    note_page(data[inputs] + n * sizeof(float) - 1);
    for (int i = 0; i < outputs; i++) {
        memmove(data[inputs + i], data[0], n * sizeof(float));
    }
}

int main(int argc, char **argv)
{
    size_t given[10] = {0};
    for (int i = 1; i < argc && i <= 10; i++) {
        given[i - 1] = (size_t)strtoull(argv[i], NULL, 10);
    }
    const size_t rows = given[0], columns = given[1], gap = given[2], count = rows * (columns + gap);
    const ptrdiff_t item = sizeof(float), row = item * (ptrdiff_t)(columns + gap);
    outputs = (int)given[3];
    threads_allowed = (int)given[7];
    inputs = (int)given[8];
    row_bytes = columns * sizeof(float);
    row_stride = (size_t)row;

    const struct kernel_info info = {.name = "copy", .nin = inputs, .nout = outputs};
    struct plan plan = {
        .kernel = {&info, copy, sizeof(float), NULL, KERNEL_relu, ELEMENT_f32},
        .naxes = 2,
        .shape = {rows, columns},
        .new_outputs = given[6] == 1
    };
    float *memory[4];
    for (int i = 0; i < inputs + outputs; i++) {
        memory[i] = calloc(count, sizeof(float));
        if (memory[i] == NULL) {
            return 2;
        }
        const bool in_place = i >= inputs && given[4] == (size_t)(i - inputs + 1);
        plan.data[i] = (char *)memory[in_place ? 0 : i];
    }
    for (size_t i = 0; i < count; i++) {
        memory[0][i] = (float)(i + 1);
    }
    input = plan.data[0];
    for (int i = 0; i < inputs + outputs; i++) {
        plan.stride[0][i] = row;
        plan.stride[1][i] = item;
    }
    arrange(&plan);
    set_sharing(SHARED_ALWAYS);
    set_streaming_threshold(given[5]);
    set_streamed_pages((unsigned)given[9]);
    if (rows == 1 && !plan.new_outputs) {
        run_axis(&plan.kernel, plan.data, (ptrdiff_t[]){item, item, item, item}, columns);
    } else {
        run(&plan);
    }

    for (int i = 1; i <= outputs; i++) {
        for (size_t at = 0; at < count; at++) {
            const float want = at % (columns + gap) < columns ? (float)(at + 1) : 0;
            if (given[4] != (size_t)i && memory[inputs + i - 1][at] != want) {
                return 3;
            }
        }
    }
    printf("streamed %zu unfenced %zu fences %zu asked %zu ", streamed, unfenced, fences, asked);
    printf("latest %zu earliest %zu in_turn %zu shared %zu\n", latest, earliest, in_turn, shared);
    for (int i = 0; i < inputs + outputs; i++) {
        free(memory[i]);
    }
    return 0;
}
