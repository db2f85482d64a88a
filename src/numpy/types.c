#include "types.h"
#include "engine/dispatch.h"
#include "numbers.h"

static PyUFunc_TypeResolutionFunc *numpy_resolver; /* the same for every ufunc */

static PyArray_Descr *type_of(PyArrayObject *operand) { return PyArray_DESCR(operand); }

static bool takes_integers(const struct kernel *kernel)
{
    return find_kernel(kernel->isa, kernel->id, ELEMENT_i8).loop != NULL;
}

/* As in np.subtract, bool alone is refused by ufuncs that have loops for integers; with a number beside it, it is promoted.
 * Ufuncs for floats only take it, as np.log does. */
static bool is_all_bool(PyUFuncObject *ufunc, PyArrayObject *const *operands)
{
    for (int i = 0; i < ufunc->nin; i++) {
        if (type_of(operands[i])->type_num != NPY_BOOL) {
            return false;
        }
    }
    return takes_integers(ufunc->data[0]);
}

static int refuse(PyUFuncObject *ufunc, PyArrayObject *operand)
{
    PyErr_Format(PyExc_TypeError, "ufunc '%s' is not defined for %S: cast it, or say with dtype= what to compute in",
                 ufunc->name, type_of(operand));
    return -1;
}

/* `types` is NULL unless the call says which types it wants: then it asks for the casts. */
static int resolve_types(PyUFuncObject *ufunc, NPY_CASTING casting, PyArrayObject **operands, PyObject *types,
                         PyArray_Descr **resolved)
{
    for (int i = 0; types == NULL && i < ufunc->nin; i++) {
        if (is_foreign(type_of(operands[i]))) {
            return refuse(ufunc, operands[i]);
        }
    }
    if (types == NULL && is_all_bool(ufunc, operands)) {
        return refuse(ufunc, operands[0]);
    }
    return numpy_resolver(ufunc, casting, operands, types, resolved);
}

void refuse_other_types(PyUFuncObject *ufunc)
{
    if (numpy_resolver == NULL) {
        numpy_resolver = ufunc->type_resolver;
    }
    ufunc->type_resolver = resolve_types;
}
