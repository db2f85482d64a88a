/* reglu, a gate by relu, and its gradients with respect to both inputs.
 *
 *     reglu(gate, up)                       gate * up where gate > 0,   +0 where gate <= 0,   gate where gate is NaN
 *     reglu_backward(dy, gate, up): dgate   dy * up                     0                     gate
 *                                   dup     dy * gate                   0                     gate
 *
 * Dauphin et al., "Language modeling with gated convolutional networks", 2017; Shazeer, "GLU variants improve transformer",
 * 2020. One product each, so exact to its rounding, and wrapped for integers. A closed gate selects 0 whatever up is, infinity
 * and NaN included; its lanes compute with 0, which raises no flag. */
#ifdef KERNEL

KERNEL(reglu, 2, 1, numbers, compute, "gate, up", 0.5, "y = where(gate > 0, gate * up, 0)")
KERNEL(reglu_backward, 3, 2, numbers, compute, "dy, gate, up", 0.5,
       "dgate = where(gate > 0, dy * up, 0); dup = where(gate > 0, dy * gate, 0)")

#elif defined COMPUTES || defined WRAPS

INLINE bool E(reglu_makes_nan)(Vec up) { return ProductMakesNan(up); }
INLINE Vec E(reglu)(Vec gate, Vec up) { return Scale(PositivePart(gate), ZeroWhere(IsOff(gate), up)); }

INLINE bool E(reglu_backward_makes_nan)(Vec up) { return (void)up, true; }
INLINE struct Pair E(reglu_backward)(Vec dy, Vec gate, Vec up)
{
    const mask open = IsPositive(gate);
    dy = ZeroUnless(open, dy);
    Vec dgate = Scale(dy, ZeroUnless(open, up)), dup = Mul(dy, ZeroUnless(open, gate));
    return (struct Pair){OrNan(IsNan(gate), gate, dgate), OrNan(IsNan(gate), gate, dup)};
}

#endif
