#include "numbers.h"
#include "inner_loop.h"
#include "platform/fpu.h"
#include <float.h>
#include <math.h>
#include <numpy/arrayobject.h>
#include <stdatomic.h>
#include <string.h>

static int element_of_typenum[NPY_NTYPES_LEGACY];

/* Each import of ml_dtypes makes another type. Those that find no place here are refused, as types of others are. */
enum { MOST_BFLOAT16 = 16 };
static atomic_int bfloat16_typenums[MOST_BFLOAT16]; /* 0 where there is none */

static bool is_bfloat16(int typenum)
{
    for (int i = 0; i < MOST_BFLOAT16; i++) {
        if (atomic_load_explicit(&bfloat16_typenums[i], memory_order_relaxed) == typenum) {
            return true;
        }
    }
    return false;
}

void add_bfloat16_typenum(int typenum)
{
    for (int i = 0; i < MOST_BFLOAT16 && !is_bfloat16(typenum); i++) {
        int none = 0;
        atomic_compare_exchange_strong(&bfloat16_typenums[i], &none, typenum);
    }
}

int element_of(PyArray_Descr *descr)
{
    const int typenum = descr->type_num;
    if (!PyArray_ISNBO(descr->byteorder) || PyDataType_METADATA(descr) != NULL) {
        return NO_ELEMENT;
    }
    if (typenum >= 0 && typenum < NPY_NTYPES_LEGACY) {
        return element_of_typenum[typenum];
    }
    return is_bfloat16(typenum) ? (int)ELEMENT_bf16 : NO_ELEMENT;
}

bool is_foreign(PyArray_Descr *descr) { return descr->type_num >= NPY_USERDEF && !is_bfloat16(descr->type_num); }

static bool value_of(PyObject *object, double *value)
{
    const double EXACT = 1 << 24; /* integers up to here are numbers of float32 too */
    if (PyFloat_CheckExact(object)) {
        *value = PyFloat_AS_DOUBLE(object);
        return !isnan(*value);
    }
    if (!PyLong_CheckExact(object)) {
        return false;
    }
    *value = PyLong_AsDouble(object);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    return fabs(*value) <= EXACT;
}

struct limits {
    double least, most; /* of the numbers that become normal, finite ones */
};

static struct limits limits_of(int element)
{
    switch (element) {
        case ELEMENT_f16: return (struct limits){0x1p-14, 65504};
        case ELEMENT_bf16: return (struct limits){(double)FLT_MIN, 0x1.fep127};
        case ELEMENT_f32: return (struct limits){(double)FLT_MIN, (double)FLT_MAX};
        default: return (struct limits){0, INFINITY};
    }
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The float32 nearest to a number that is 0, infinite, or within its limits. A cast would ask the caller's modes. */
static uint32_t nearest_f32(double value)
{
    const uint64_t bits = bits_of(value), magnitude = bits << 1 >> 1;
    const uint32_t sign = (uint32_t)(bits >> 63) << 31;
    if (magnitude == 0) {
        return sign;
    }
    if (isinf(value)) {
        return sign | 0x7f800000;
    }
    const int dropped = DBL_MANT_DIG - FLT_MANT_DIG;
    const uint64_t bias = (uint64_t)(DBL_MAX_EXP - FLT_MAX_EXP) << (DBL_MANT_DIG - 1);
    const uint64_t half = (uint64_t)1 << (dropped - 1), odd = magnitude >> dropped & 1;
    return sign | (uint32_t)((magnitude - bias + half - 1 + odd) >> dropped);
}

/* As NumPy does it, in the modes that Python runs in. */
static bool pack(PyArray_Descr *descr, double value, char *to)
{
    struct fpu_modes callers;
    const bool changed = fpu_change_to_default(&callers);
    PyObject *number = PyFloat_FromDouble(value);
    const bool packed = number != NULL && PyArray_Pack(descr, to, number) == 0;
    Py_XDECREF(number);
    PyErr_Clear();
    if (changed) {
        fpu_change_modes(&callers);
    }
    return packed;
}

bool element_from_double(PyArray_Descr *descr, double value, char *to)
{
    const int element = element_of(descr);
    const struct limits limits = limits_of(element);
    const double magnitude = fabs(value);
    const bool exact = bits_of(magnitude) == 0 || isinf(value);
    if (element < (int)ELEMENT_f16 || (!exact && (magnitude < limits.least || magnitude > limits.most))) {
        return false;
    }
    if (element == ELEMENT_f32) {
        const uint32_t nearest = nearest_f32(value);
        memcpy(to, &nearest, sizeof nearest);
        return true;
    }
    if (element == ELEMENT_f64) {
        memcpy(to, &value, sizeof value);
        return true;
    }
    return pack(descr, value, to);
}

bool element_from(PyArray_Descr *descr, PyObject *object, char *to)
{
    double value;
    if (Py_TYPE(object) == descr->typeobj && descr->type_num < NPY_NTYPES_LEGACY) {
        PyArray_ScalarAsCtype(object, to);
        return true;
    }
    return value_of(object, &value) && element_from_double(descr, value, to);
}

void prepare_numbers(void)
{
    for (int i = 0; i < NPY_NTYPES_LEGACY; i++) {
        element_of_typenum[i] = NO_ELEMENT;
    }
    for (int i = 0; i < loop_type_count; i++) {
        element_of_typenum[loop_types[i].typenum] = (int)loop_types[i].element;
    }
}
