#include "signature.h"
#include "engine/dispatch.h"
#include <math.h>

struct signature signatures[KERNEL_COUNT];

int set_signature(enum kernel_id id, PyObject *names, PyObject *defaults)
{
    struct signature *signature = &signatures[id];
    const int nin = kernel_infos[id].nin;
    const Py_ssize_t parameters = PyTuple_GET_SIZE(names);
    if (parameters > nin || PyTuple_GET_SIZE(defaults) != parameters) {
        PyErr_Format(PyExc_ValueError, "%s: %zd parameters of %d inputs", kernel_infos[id].name, parameters, nin);
        return -1;
    }
    signature->positional = nin - (int)parameters;
    for (int i = 0; i < nin; i++) {
        signature->standard[i] = NAN;
    }
    for (Py_ssize_t i = 0; i < parameters; i++) {
        PyObject *name = Py_NewRef(PyTuple_GET_ITEM(names, i)), *standard = PyTuple_GET_ITEM(defaults, i);
        PyUnicode_InternInPlace(&name);
        Py_XSETREF(signature->name[signature->positional + i], name);
        if (standard != Py_None) {
            signature->standard[signature->positional + i] = PyFloat_AsDouble(standard);
            signature->whole[signature->positional + i] = PyLong_Check(standard);
        }
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Keywords are interned as a rule: to look for the same object finds them at once. */
int find_parameter(const struct kernel *kernel, PyObject *name)
{
    const struct signature *signature = &signatures[kernel->id];
    const int nin = kernel->info->nin;
    for (int i = signature->positional; i < nin; i++) {
        if (signature->name[i] == name) {
            return i;
        }
    }
    for (int i = signature->positional; i < nin; i++) {
        if (PyUnicode_Compare(signature->name[i], name) == 0) {
            return i;
        }
    }
    return -1;
}
