#include "bfloat16.h"
#include "inner_loop.h"
#include "numbers.h"
#include <numpy/arrayobject.h>
#include <numpy/dtype_api.h>
#include <numpy/ufuncobject.h>

static PyArray_DTypeMeta *bfloat16; /* its DType class */

/* A promoter: whatever is a Python number becomes bfloat16, as NEP 50 has it for NumPy's own types. Without it, NumPy
 * takes a Python float for a float32. */
static int promote(PyObject *ufunc, PyArray_DTypeMeta *const operands[], PyArray_DTypeMeta *const signature[],
                   PyArray_DTypeMeta *promoted[])
{
    const int nargs = ((PyUFuncObject *)ufunc)->nargs;
    (void)operands;
    for (int i = 0; i < nargs; i++) {
        promoted[i] = (PyArray_DTypeMeta *)Py_NewRef(signature[i] != NULL ? signature[i] : bfloat16);
    }
    return 0;
}

/* Registers the promoter for one choice of input types, or nothing where all or none of them are bfloat16. */
static int add_promoter(PyUFuncObject *ufunc, PyArray_DTypeMeta *const *inputs)
{
    const union { /* ISO C converts no function pointer to the void pointer that a capsule holds */
        PyArrayMethod_PromoterFunction *function;
        void *pointer;
    } as = {promote};
    int arrays = 0, status = -1;
    PyObject *types = PyTuple_New(ufunc->nargs), *promoter = NULL;
    if (types == NULL) {
        return -1;
    }
    for (int i = 0; i < ufunc->nargs; i++) {
        PyTuple_SET_ITEM(types, i, Py_NewRef(i < ufunc->nin ? (PyObject *)inputs[i] : Py_None));
        arrays += i < ufunc->nin && inputs[i] == bfloat16;
    }
    if (arrays == 0 || arrays == ufunc->nin) {
        status = 0;
    } else if ((promoter = PyCapsule_New(as.pointer, "numpy._ufunc_promoter", NULL)) != NULL) {
        status = PyUFunc_AddPromoter((PyObject *)ufunc, types, promoter);
        Py_DECREF(promoter);
    }
    Py_DECREF(types);
    return status;
}

static int add_promoters(PyUFuncObject *ufunc)
{
    PyArray_DTypeMeta *const kinds[] = {bfloat16, &PyArray_PyFloatDType, &PyArray_PyLongDType};
    const int nkinds = sizeof kinds / sizeof kinds[0];
    int choices = 1;
    for (int i = 0; i < ufunc->nin; i++) {
        choices *= nkinds;
    }
    for (int choice = 0; choice < choices; choice++) {
        PyArray_DTypeMeta *inputs[MAX_OPERANDS];
        for (int i = 0, rest = choice; i < ufunc->nin; i++, rest /= nkinds) {
            inputs[i] = kinds[rest % nkinds];
        }
        if (add_promoter(ufunc, inputs) < 0) {
            return -1;
        }
    }
    return 0;
}

int register_bfloat16(PyObject *ufunc, PyObject *dtype, struct kernel *kernel)
{
    PyUFuncObject *self = (PyUFuncObject *)ufunc;
    const int typenum = ((PyArray_Descr *)dtype)->type_num;
    int types[MAX_OPERANDS];
    for (int i = 0; i < self->nargs; i++) {
        types[i] = typenum;
    }
    bfloat16 = (PyArray_DTypeMeta *)Py_TYPE(dtype);
    if (PyUFunc_RegisterLoopForType(self, typenum, inner_loop, types, kernel) < 0) {
        return -1;
    }
    set_bfloat16_typenum(typenum);
    return add_promoters(self);
}
