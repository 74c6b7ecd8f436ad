"""What TOSA's reference model (tosa-tools 2026.8.0) computes: CONV2D 1x1, RESCALE, CLAMP.

The multiplier is derived in the usual way from scales; that is outside TOSA. What the model calls
unpredictable leaves the whole output undefined.
"""

import math

from arithmetic import INT32_MAX, INT32_MIN, f32, round_half_away, saturate, wrap32
from stages import INT16X8, OutsideDomain, binary64_scales, bounds_of


def multiplier(scale, bits):
    """(multiplier, shift) with scale ~ multiplier * 2^-shift; 31 bits for scale32, 15 for scale16."""
    fraction, exponent = math.frexp(scale)
    value = round_half_away(fraction * 2.0**bits)
    if value == 1 << bits:
        value, exponent = value // 2, exponent + 1
    shift = bits - exponent
    if shift > 62:
        value >>= min(31, shift - 62)
        shift = 62
    return value, shift


def constants(layer, bits):
    """As the line format has them: D ~ multiplier * 2^(shift - 31)."""
    pairs = (multiplier(scale, bits) for scale in binary64_scales(layer))
    return [(value, 31 - shift) for value, shift in pairs]


def int_rescale(value, multiplier, shift, bits, double_round):
    if not 2 <= shift <= 62:
        raise OutsideDomain("unpredictable: a shift outside 2 to 62")
    if bits == 31 and not -(1 << (shift - 1)) <= value < 1 << (shift - 1):
        raise OutsideDomain("unpredictable: a value outside +-2^(shift - 1)")
    rounding = 1 << (shift - 1)
    if double_round and shift > 31:
        rounding += (1 << 30) if value >= 0 else -(1 << 30)
    return (value * multiplier + rounding) >> shift


def inexact_rescale(value, multiplier, shift):
    product = f32(f32(value) * f32(multiplier))
    return round(f32(product * 2.0**-shift))  # half to even


def accumulators(layer):
    if len(set(layer.zw)) > 1:
        raise OutsideDomain("CONV2D has one zero point of the weights")
    totals = layer.accumulators()
    if layer.types != INT16X8:
        return [wrap32(total) for total in totals]
    if layer.zx or layer.zy:
        raise OutsideDomain("int16 has zero point 0")
    if any(not -(1 << 47) <= total < 1 << 47 for total in totals):
        raise OutsideDomain("beyond int48")
    return totals


def rescale(layer, bits, rounding):
    """`rounding` is single, double or inexact."""
    if layer.activation != "none":
        raise OutsideDomain("TOSA has no activation but CLAMP")
    parameters = [multiplier(scale, bits) for scale in binary64_scales(layer)]
    low, high = bounds_of(layer, None)
    outputs = []
    for value, (factor, shift) in zip(accumulators(layer), parameters * layer.m):
        if rounding == "inexact":
            result = inexact_rescale(value, factor, shift)
        else:
            result = int_rescale(value, factor, shift, bits, rounding == "double")
        for number in (result, result + layer.zy):
            if not INT32_MIN <= number <= INT32_MAX:
                raise OutsideDomain("unpredictable: a result beyond int32")
        outputs.append(saturate(saturate(result + layer.zy, layer.low, layer.high), low, high))
    return outputs


def single(layer):
    return rescale(layer, 31, "single")


def double(layer):
    return rescale(layer, 31, "double")


def single16(layer):
    return rescale(layer, 15, "single")


def inexact(layer):
    return rescale(layer, 15 if layer.types == INT16X8 else 31, "inexact")
