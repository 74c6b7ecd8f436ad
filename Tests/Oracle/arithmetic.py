"""Machine integers and IEEE binary32, built on Python's unbounded integers and binary64.

Also the common fixed-point steps of the TensorFlow Lite family. Every function that rounds says
in its name or its comment what happens to a tie.
"""

import math
import struct

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


# Integers

def wrap32(value):
    """Two's complement reduction to 32 bits."""
    return ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def wrap64(value):
    return ((value + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


def saturate(value, low, high):
    return low if value < low else high if value > high else value


def saturate16(value):
    return saturate(value, -32768, 32767)


def saturate32(value):
    return saturate(value, INT32_MIN, INT32_MAX)


# Binary32

_FLOAT = struct.Struct("<f")


def f32(value):
    """Nearest binary32 number (ties to even; too large becomes infinite) of a binary64 number.

    For sums, products and quotients of two binary32 numbers, evaluating in binary64 and then
    narrowing gives the correctly rounded binary32 result: 53 >= 2 * 24 + 2 bits. An int32 is exact
    in binary64, so `f32(accumulator)` rounds once too.
    """
    try:
        return _FLOAT.unpack(_FLOAT.pack(value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def is_binary32(value):
    return math.isfinite(value) and f32(value) == value


def round_half_away(value):
    """C's round() of a finite binary64 number, as an integer. The subtraction is exact."""
    whole = math.floor(abs(value))
    if abs(value) - whole >= 0.5:
        whole += 1
    return -whole if value < 0 else whole


def convert_half_even(value):
    """x86's cvtps2dq: half to even; NaN and what does not fit becomes -2^31."""
    return round(value) if -2.0**31 <= value < 2.0**31 else INT32_MIN


def convert_half_away(value):
    """int32(round(value)) on x86: half away from zero; what does not fit becomes -2^31."""
    if not math.isfinite(value):
        return INT32_MIN
    rounded = round_half_away(value)
    return rounded if INT32_MIN <= rounded <= INT32_MAX else INT32_MIN


# The fixed-point multiplier, and multiplication by it

def quantize_multiplier(real):
    """(q, s) with real ~ q * 2^(s - 31), 2^30 <= q < 2^31, or (0, 0).

    There is no upper limit of s. For an infinite or NaN argument x86's conversion leaves q = 0.
    """
    if real == 0 or not math.isfinite(real):
        return 0, 0
    significand, exponent = math.frexp(real)
    q = round_half_away(significand * 2.0**31)
    if q == 2**31:
        q, exponent = 2**30, exponent + 1
    return (0, 0) if exponent < -31 else (q, exponent)


def high_product(a, b):
    """SaturatingRoundingDoublingHighMul: ties go toward plus infinity."""
    if a == INT32_MIN and b == INT32_MIN:
        return INT32_MAX
    return (a * b + (1 << 30)) >> 31


def divide_by_power_of_two(x, exponent):
    """RoundingDivideByPOT: ties go away from zero."""
    mask = (1 << exponent) - 1
    threshold = (mask >> 1) + (1 if x < 0 else 0)
    return (x >> exponent) + (1 if x & mask > threshold else 0)


def scale_double(x, q, s):
    """TensorFlow Lite Micro: double rounding, half up and then half away.

    The left shift wraps; its count is taken modulo 32, as x86's 32-bit shift does.
    """
    left = wrap32(x << (s & 31)) if s > 0 else x
    return divide_by_power_of_two(high_product(left, q), max(-s, 0))


def scale_double_unsaturated(x, q, s):
    """CMSIS-NN, default build: as `scale_double`; the high product does not saturate."""
    left = wrap32(x << (s & 31)) if s > 0 else x
    return divide_by_power_of_two((left * q + (1 << 30)) >> 31, max(-s, 0))


def scale_double_saturating(x, q, s):
    """gemmlowp, fixed point and exponent: as `scale_double`, but the left shift saturates."""
    left = saturate32(x << s) if s > 0 else x
    return divide_by_power_of_two(high_product(left, q), max(-s, 0))


def scale_double_up(x, q, s):
    """LiteRT's optimised kernels (ruy) on x86 with AVX: double rounding, half up both times.

    The left shift wraps; a count of 32 or more leaves nothing.
    """
    left = wrap32(x << s) if s > 0 else x
    high = wrap32((left * q + (1 << 30)) >> 31)
    return (high + (1 << (-s - 1))) >> -s if s < 0 else high


def scale_single(x, q, s):
    """One rounding, half up, unlimited result. Needs s <= 30."""
    return (x * q + (1 << (30 - s))) >> (31 - s)


def scale_single_wrapping(x, q, s):
    """ruy's portable kernel: as `scale_single`, cut to 32 bits.

    From s = 31 on, the language leaves the shifts undefined; x86 takes their counts modulo 64.
    """
    right = 31 - s
    half = 1 << ((right - 1) & 63)
    return wrap32(wrap64(x * q + half) >> (right & 63))


def scale_int64(x, q, s):
    """TensorFlow Lite's 64-bit accumulator by a 16-bit multiplier: one rounding, half up.

    Needs s <= 14. Cut to 32 bits.
    """
    reduced = (q + (1 << 15)) >> 16 if q < 0x7FFF0000 else 0x7FFF
    right = 15 - s
    return wrap32(wrap64(x * reduced + (1 << (right - 1))) >> right)
