/* How a shuffle of bytes packs, and unpacks, four lanes of 32 bits: by the lanes that are taken, the first being the
 * lowest bit. A lane of 64 bits is two of them. */
#ifndef RELU_UFUNC_PACKING_4_H
#define RELU_UFUNC_PACKING_4_H

#include <stdint.h>

#define LANE(i) 4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3
#define NONE 255, 255, 255, 255

_Alignas(16) static const uint8_t packing_4[16][16] = {
    {NONE,    NONE,    NONE,    NONE   },
    {LANE(0), NONE,    NONE,    NONE   },
    {LANE(1), NONE,    NONE,    NONE   },
    {LANE(0), LANE(1), NONE,    NONE   },
    {LANE(2), NONE,    NONE,    NONE   },
    {LANE(0), LANE(2), NONE,    NONE   },
    {LANE(1), LANE(2), NONE,    NONE   },
    {LANE(0), LANE(1), LANE(2), NONE   },
    {LANE(3), NONE,    NONE,    NONE   },
    {LANE(0), LANE(3), NONE,    NONE   },
    {LANE(1), LANE(3), NONE,    NONE   },
    {LANE(0), LANE(1), LANE(3), NONE   },
    {LANE(2), LANE(3), NONE,    NONE   },
    {LANE(0), LANE(2), LANE(3), NONE   },
    {LANE(1), LANE(2), LANE(3), NONE   },
    {LANE(0), LANE(1), LANE(2), LANE(3)},
};

_Alignas(16) static const uint8_t unpacking_4[16][16] = {
    {NONE,    NONE,    NONE,    NONE   },
    {LANE(0), NONE,    NONE,    NONE   },
    {NONE,    LANE(0), NONE,    NONE   },
    {LANE(0), LANE(1), NONE,    NONE   },
    {NONE,    NONE,    LANE(0), NONE   },
    {LANE(0), NONE,    LANE(1), NONE   },
    {NONE,    LANE(0), LANE(1), NONE   },
    {LANE(0), LANE(1), LANE(2), NONE   },
    {NONE,    NONE,    NONE,    LANE(0)},
    {LANE(0), NONE,    NONE,    LANE(1)},
    {NONE,    LANE(0), NONE,    LANE(1)},
    {LANE(0), LANE(1), NONE,    LANE(2)},
    {NONE,    NONE,    LANE(0), LANE(1)},
    {LANE(0), NONE,    LANE(1), LANE(2)},
    {NONE,    LANE(0), LANE(1), LANE(2)},
    {LANE(0), LANE(1), LANE(2), LANE(3)},
};

#undef NONE
#undef LANE

#endif
