/* Checksums of results that machines agree on, whatever their byte order. */
#ifndef RELU_UFUNC_CHECKSUM_H
#define RELU_UFUNC_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint64_t CHECKSUM_OF_NOTHING = 0xcbf29ce484222325;

/* FNV-1a, of numbers in place of bytes. */
static inline uint64_t checksum(uint64_t before, uint64_t number) { return (before ^ number) * 0x100000001b3; }

/* The bits of an element of 1, 2, 4 or 8 bytes, and back. */
static inline uint64_t bits_at(const void *p, size_t size)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (size) {
        case 1: return memcpy(&one, p, 1), one;
        case 2: return memcpy(&two, p, 2), two;
        case 4: return memcpy(&four, p, 4), four;
        default: return memcpy(&eight, p, 8), eight;
    }
}

static inline void put_bits(void *p, size_t size, uint64_t bits)
{
    const uint8_t one = (uint8_t)bits;
    const uint16_t two = (uint16_t)bits;
    const uint32_t four = (uint32_t)bits;
    switch (size) {
        case 1: memcpy(p, &one, 1); break;
        case 2: memcpy(p, &two, 2); break;
        case 4: memcpy(p, &four, 4); break;
        default: memcpy(p, &bits, 8);
    }
}

static inline uint64_t checksum_of(uint64_t before, const char *elements, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        before = checksum(before, bits_at(elements + i * size, size));
    }
    return before;
}

#endif
