#include "bfloat16.h"
#include "inner_loop.h"
#include <numpy/arrayobject.h>
#include <numpy/dtype_api.h>
#include <numpy/ufuncobject.h>

static bool is_number(const PyArray_DTypeMeta *type)
{
    return type == &PyArray_PyFloatDType || type == &PyArray_PyLongDType;
}

/* A promoter: whatever is a Python number becomes bfloat16, as NEP 50 has it for NumPy's own types. Without it, NumPy
 * takes a Python float for a float32. */
static int promote(PyObject *ufunc, PyArray_DTypeMeta *const operands[], PyArray_DTypeMeta *const signature[],
                   PyArray_DTypeMeta *promoted[])
{
    const PyUFuncObject *self = (PyUFuncObject *)ufunc;
    PyArray_DTypeMeta *bfloat16 = NULL;
    for (int i = 0; i < self->nin; i++) {
        bfloat16 = is_number(operands[i]) ? bfloat16 : operands[i];
    }
    for (int i = 0; i < self->nargs; i++) {
        promoted[i] = (PyArray_DTypeMeta *)Py_NewRef(signature[i] != NULL ? signature[i] : bfloat16);
    }
    return 0;
}

/* Registers the promoter for one choice of input types, or nothing where all or none of them are numbers. */
static int add_promoter(PyUFuncObject *ufunc, PyArray_DTypeMeta *const *inputs)
{
    const union { /* ISO C converts no function pointer to the void pointer that a capsule holds */
        PyArrayMethod_PromoterFunction *function;
        void *pointer;
    } as = {promote};
    int numbers = 0, status = -1;
    PyObject *types = PyTuple_New(ufunc->nargs), *promoter = NULL;
    if (types == NULL) {
        return -1;
    }
    for (int i = 0; i < ufunc->nargs; i++) {
        PyTuple_SET_ITEM(types, i, Py_NewRef(i < ufunc->nin ? (PyObject *)inputs[i] : Py_None));
        numbers += i < ufunc->nin && is_number(inputs[i]);
    }
    if (numbers == 0 || numbers == ufunc->nin) {
        status = 0;
    } else if ((promoter = PyCapsule_New(as.pointer, "numpy._ufunc_promoter", NULL)) != NULL) {
        status = PyUFunc_AddPromoter((PyObject *)ufunc, types, promoter);
        Py_DECREF(promoter);
    }
    Py_DECREF(types);
    return status;
}

/* Of the choices between an array and the kinds of numbers for each input, the one of this index; false beyond the
 * last. */
static bool choose_inputs(const PyUFuncObject *ufunc, PyArray_DTypeMeta *bfloat16, int choice,
                          PyArray_DTypeMeta **inputs)
{
    PyArray_DTypeMeta *const kinds[] = {bfloat16, &PyArray_PyFloatDType, &PyArray_PyLongDType};
    const int nkinds = sizeof kinds / sizeof kinds[0];
    for (int i = 0; i < ufunc->nin; i++, choice /= nkinds) {
        inputs[i] = kinds[choice % nkinds];
    }
    return choice == 0;
}

static int add_loop(PyUFuncObject *ufunc, int typenum, struct kernel *kernel)
{
    int types[MAX_OPERANDS];
    for (int i = 0; i < ufunc->nargs; i++) {
        types[i] = typenum;
    }
    /* NumPy makes this dict without a look at whether that fails, nor does it look whether it can put the loop there. */
    if (ufunc->userloops == NULL && (ufunc->userloops = PyDict_New()) == NULL) {
        return -1;
    }
    const int status = PyUFunc_RegisterLoopForType(ufunc, typenum, inner_loop, types, kernel);
    return PyErr_Occurred() ? -1 : status;
}

int register_bfloat16(PyObject *ufunc, PyObject *dtype, struct kernel *kernel, int *done)
{
    PyUFuncObject *self = (PyUFuncObject *)ufunc;
    PyArray_DTypeMeta *inputs[MAX_OPERANDS];
    if (*done == 0) {
        if (add_loop(self, ((PyArray_Descr *)dtype)->type_num, kernel) < 0) {
            return -1;
        }
        *done = 1;
    }
    for (; choose_inputs(self, (PyArray_DTypeMeta *)Py_TYPE(dtype), *done - 1, inputs); ++*done) {
        if (add_promoter(self, inputs) < 0) {
            return -1;
        }
    }
    return 0;
}
