/* What a program of C does with the library: finds functions, and calls them on contiguous and on strided memory. */
#include <relu_ufunc.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void check_at(int holds, const char *what, int line)
{
    if (!holds) {
        fprintf(stderr, "line %d: not so: %s\n", line, what);
        failures++;
    }
}
#define CHECK(holds) check_at(holds, #holds, __LINE__)

enum { MANY = 100000 };
static float many[MANY], results[2][MANY];

static void contiguous(const struct relu_ufunc_api *ru)
{
    const relu_ufunc_function *elu = ru->find("elu", RELU_UFUNC_FLOAT32);
    CHECK(elu != NULL && ru->inputs(elu) == 2 && ru->outputs(elu) == 1);
    CHECK(strcmp(ru->signature(elu), "x, /, alpha=1.0") == 0);
    const float x[] = {2, -0.0f, -1e30f}, alpha = 0.5f;
    float y[3];
    const void *inputs[] = {x, &alpha};
    void *outputs[] = {y};
    CHECK(ru->apply(elu, 3, inputs, 1u << 1, outputs) == RELU_UFUNC_OK);
    CHECK(y[0] == 2 && y[1] == 0 && y[2] == -0.5f);
}

static void strided(const struct relu_ufunc_api *ru)
{
    const relu_ufunc_function *relu = ru->find("relu", RELU_UFUNC_INT32);
    int32_t x[3][2] =
        {
            {-1, 2 },
            {3,  -4},
            {5,  6 }
    },
            y[2][3];
    const ptrdiff_t shape[] = {2, 3}, x_strides[] = {4, 8}, y_strides[] = {12, 4};
    const ptrdiff_t *strides[] = {x_strides, y_strides};
    void *data[] = {x, y};
    CHECK(ru->call(relu, 2, shape, data, strides) == RELU_UFUNC_OK);
    const int32_t wanted[2][3] = {
        {0, 3, 5},
        {2, 0, 6}
    };
    CHECK(memcmp(y, wanted, sizeof y) == 0);
}

static void threads(const struct relu_ufunc_api *ru)
{
    const relu_ufunc_function *gelu = ru->find("gelu", RELU_UFUNC_FLOAT32);
    CHECK(ru->get_num_threads() == 1);
    for (int i = 0; i < MANY; i++) {
        many[i] = (float)(i - MANY / 2) / 4096;
    }
    const void *inputs[] = {many};
    for (int more = 0; more < 2; more++) {
        void *outputs[] = {results[more]};
        CHECK(ru->apply(gelu, MANY, inputs, 0, outputs) == RELU_UFUNC_OK);
        ru->set_num_threads(2);
    }
    CHECK(memcmp(results[0], results[1], sizeof results[0]) == 0);
}

int main(void)
{
    const struct relu_ufunc_api *ru = relu_ufunc_get_api();
    CHECK(ru->abi == RELU_UFUNC_ABI && ru->size == sizeof *ru);
    CHECK(ru->find("elu", RELU_UFUNC_INT8) == NULL);
    contiguous(ru);
    strided(ru);
    threads(ru);
    printf("%s\n", ru->isa());
    return failures != 0;
}
