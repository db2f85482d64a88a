/* A trial compares the number in use, of threads most often, with its neighbour, half of it or twice as much: A, B, A, B, some calls
 * each, of which the first does not count: it finds the data where the others left them. The least time of each counts.
 * Trials become rarer while they change nothing. */
#include "learn.h"
#include <stdatomic.h>
#include <string.h>

enum {
    KINDS = 512,
    CALLS_IN_A_ROW = 4,
    ROUNDS = 4, /* A, B, A, B */
    SHORT_REST = 8, /* calls from trial to trial; twice as many after each that changed nothing */
    LONGEST_REST = 256, /* a trial's calls take some tenths longer, so a hundredth in all */
    CALLS_PER_LOOK = 8, /* between trials, one of so many is timed */
};

/* More threads, or stores past the caches, are to gain something; fewer, or plain stores, to lose next to nothing. What takes so much
 * longer than usual, twice in a row, is worth a trial at once: its data have come to lie elsewhere, or there is a neighbour. */
static const double GAIN = 0.95, LOSS = 1.03, UNUSUAL = 1.5;

struct memory {
    struct kind kind;
    bool known;
    int step; /* the number in use, as a power of two; the last step is the largest that is allowed */
    int direction; /* of the neighbour: 1 or -1 */
    int rest, calls; /* until the next trial; calls made in this one */
    int last_rest;
    double least[2]; /* of A and B */
    double usual; /* time of a call, by the last trial; 0 before */
    int unusual; /* looks in a row */
};

/* Of threads, and of how outputs are written: a call has a kind in either, which do not stand in each other's way. */
static struct memory memories[2][KINDS];
static atomic_flag in_use = ATOMIC_FLAG_INIT;

/* Nobody waits: who does not get it does without a lesson. */
static bool open_memory(void) { return !atomic_flag_test_and_set_explicit(&in_use, memory_order_acquire); }
static void close_memory(void) { atomic_flag_clear_explicit(&in_use, memory_order_release); }

static int number_of(int step, int most) { return step < 10 && 1 << step < most ? 1 << step : most; }

static int last_step(int most)
{
    int step = 0;
    while (number_of(step, most) < most) {
        step++;
    }
    return step;
}

/* The nearest step, by ratio. */
static int step_of(int number, int most)
{
    int step = 0;
    while (2 * number_of(step, most) * number_of(step, most) < number * number && number_of(step, most) < most) {
        step++;
    }
    return step;
}

static bool same_kind(const struct kind *a, const struct kind *b)
{
    return a->kernel == b->kernel && a->element == b->element && a->size == b->size && a->layout == b->layout &&
           a->most == b->most;
}

static struct memory *memory_of(const struct kind *kind)
{
    const unsigned parts[] = {kind->kernel, kind->element, kind->size, kind->layout, kind->most};
    unsigned mixed = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        mixed = (mixed ^ parts[i]) * 0x9E3779B1u;
        mixed ^= mixed >> 15;
    }
    return &memories[(kind->layout & OF_WRITING) != 0][mixed & (KINDS - 1)];
}

static void begin_rest(struct memory *memory, int calls)
{
    memory->rest = memory->last_rest = calls;
    memory->calls = 0;
    memory->least[0] = memory->least[1] = 1e30;
}

/* One that is within bounds; the other way at an end. */
static int neighbour(struct memory *memory)
{
    const int step = memory->step + memory->direction;
    if (step < 0 || step > last_step((int)memory->kind.most)) {
        memory->direction = -memory->direction;
    }
    return memory->step + memory->direction;
}

/* Which of the two, A or B, the next call of a trial is for. */
static int side_of(const struct memory *memory) { return memory->calls / CALLS_IN_A_ROW % 2; }

static struct lesson lesson_of(struct memory *memory, struct kind kind, int first)
{
    const int most = (int)kind.most;
    if (!memory->known || !same_kind(&memory->kind, &kind)) {
        memset(memory, 0, sizeof *memory);
        memory->known = true;
        memory->kind = kind;
        memory->step = step_of(first, most);
        memory->direction = 1;
        begin_rest(memory, SHORT_REST);
    }
    if (memory->rest > 0) {
        memory->rest--;
        const bool look = memory->usual > 0 && memory->rest % CALLS_PER_LOOK == 0;
        return (struct lesson){kind, number_of(memory->step, most), false, look};
    }
    const int step = side_of(memory) == 0 ? memory->step : neighbour(memory);
    return (struct lesson){kind, number_of(step, most), true, true};
}

struct lesson next_lesson(struct kind kind, int first)
{
    struct lesson lesson = {kind, first, false, false};
    if (kind.most > 1 && open_memory()) {
        lesson = lesson_of(memory_of(&kind), kind, first);
        close_memory();
    }
    return lesson;
}

static void conclude(struct memory *memory)
{
    const double most = memory->least[0] * (memory->direction > 0 ? GAIN : LOSS);
    memory->unusual = 0;
    memory->usual = memory->least[0];
    if (memory->least[1] < most) {
        memory->usual = memory->least[1];
        memory->step += memory->direction;
        begin_rest(memory, SHORT_REST);
        return;
    }
    memory->direction = -memory->direction;
    begin_rest(memory, memory->last_rest < LONGEST_REST ? 2 * memory->last_rest : LONGEST_REST);
}

static void learn_of_trial(struct memory *memory, double ns)
{
    const int side = side_of(memory);
    if (memory->calls % CALLS_IN_A_ROW > 0 && ns < memory->least[side]) {
        memory->least[side] = ns;
    }
    if (++memory->calls == ROUNDS * CALLS_IN_A_ROW) {
        conclude(memory);
    }
}

static void look(struct memory *memory, double ns)
{
    memory->unusual = ns > UNUSUAL * memory->usual ? memory->unusual + 1 : 0;
    if (memory->unusual == 2) {
        memory->rest = 0;
        memory->last_rest = SHORT_REST;
    }
}

int number_in_use(struct kind kind, int first)
{
    int number = first;
    if (open_memory()) {
        const struct memory *memory = memory_of(&kind);
        if (memory->known && same_kind(&memory->kind, &kind)) {
            number = number_of(memory->step, (int)kind.most);
        }
        close_memory();
    }
    return number;
}

void learn_from(const struct lesson *lesson, double ns)
{
    if (!open_memory()) {
        return;
    }
    struct memory *memory = memory_of(&lesson->kind);
    if (same_kind(&memory->kind, &lesson->kind) && lesson->in_trial == (memory->rest == 0)) {
        (lesson->in_trial ? learn_of_trial : look)(memory, ns);
    }
    close_memory();
}

void for_each_learned(void (*tell)(void *with, const struct kind *kind, int number), void *with)
{
    for (int i = 0; i < 2 * KINDS; i++) {
        if (open_memory()) {
            const struct memory memory = memories[i / KINDS][i % KINDS];
            close_memory();
            if (memory.known) {
                tell(with, &memory.kind, number_of(memory.step, (int)memory.kind.most));
            }
        }
    }
}

void forget_lessons(void)
{
    while (!open_memory()) {
    }
    memset(memories, 0, sizeof memories);
    close_memory();
}
