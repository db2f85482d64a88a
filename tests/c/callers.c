/* Callers on threads of their own, at the same time, each with a pool to ask for: `callers ROUNDS`. What they get is what one
 * gets alone. It is for ThreadSanitizer: what the engine learns and keeps from call to call is shared by all of them. */
#include <pthread.h>
#include <relu_ufunc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLERS = 4, COUNT = 60000, ROWS = 200, COLUMNS = COUNT / ROWS };

static const struct relu_ufunc_api *ru;
static float x[COUNT], wanted[COUNT], across[COUNT];
static int rounds;

/* Contiguous memory, then as a matrix that lies across. */
static bool call_both(const relu_ufunc_function *function, float *y, float *y_across)
{
    const float one = 1;
    const void *inputs[] = {x, &one};
    void *outputs[] = {y};
    const ptrdiff_t size = sizeof *x, shape[] = {ROWS, COLUMNS};
    const ptrdiff_t rows[] = {COLUMNS * size, size}, columns[] = {size, ROWS * size}, none[] = {0, 0};
    const ptrdiff_t *strides[] = {columns, none, rows};
    void *data[] = {x, (void *)&one, y_across};
    return ru->apply(function, COUNT, inputs, 1u << 1, outputs) == RELU_UFUNC_OK &&
           ru->call(function, 2, shape, data, strides) == RELU_UFUNC_OK;
}

static void *caller(void *unused)
{
    const relu_ufunc_function *function = ru->find("elu", RELU_UFUNC_FLOAT32);
    float *y = calloc(COUNT, sizeof *y), *y_across = calloc(COUNT, sizeof *y);
    (void)unused;
    for (int round = 0; round < rounds; round++) {
        ru->set_num_threads(1 + round % CALLERS);
        if (y == NULL || y_across == NULL || !call_both(function, y, y_across) ||
            memcmp(y, wanted, sizeof wanted) != 0 || memcmp(y_across, across, sizeof across) != 0) {
            fprintf(stderr, "another result in round %d\n", round);
            exit(1);
        }
    }
    free(y);
    free(y_across);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[CALLERS];
    rounds = argc > 1 ? atoi(argv[1]) : 1;
    ru = relu_ufunc_get_api();
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(i % 4001 - 3000) / 256;
    }
    if (!call_both(ru->find("elu", RELU_UFUNC_FLOAT32), wanted, across)) {
        return 1;
    }
    for (int i = 0; i < CALLERS; i++) {
        if (pthread_create(&threads[i], NULL, caller, NULL) != 0) {
            return 1;
        }
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
