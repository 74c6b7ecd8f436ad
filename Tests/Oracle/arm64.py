"""What LiteRT 2.3.0 and ONNX Runtime 1.32.0 compute on arm64, bit for bit."""

import math
import struct

from arithmetic import (
    INT32_MAX, INT32_MIN, f32, round_half_away, saturate, saturate16, saturate32, scale_double_up,
    wrap32)
from stages import (
    INT8, INT16X8, OutsideDomain, binary32_scales, bounds_of, finish, fixed_point,
    has_one_row_kernel, int32_accumulators, litert_bounds, litert_float64, litert_scales,
    pair_wrapping_accumulators, portable_int16, require_litert_domain, xnnpack_bounds)


def convert(value, rounding):
    """Arm's conversion to int32: NaN becomes 0, the rest saturates."""
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return INT32_MAX if value > 0 else INT32_MIN
    return saturate32(rounding(value))


def scale_float64(accumulator, scale):
    return convert(float(accumulator) * scale, round_half_away)


def litert_reference(layer):
    return litert_float64(
        layer, scale_float64, layer.types == INT16X8 and layer.bias_type != "int32")


def scale_neon(x, q, s):
    """A truncating doubling high multiplication, then a rounding right shift of at least 1."""
    right = min(s, -1)
    left = s - right
    shifted = wrap32(x << left)  # 32 and more leave nothing
    high = (shifted * q) >> 31
    return (high + (1 << (-right - 1))) >> -right


def litert_builtin(layer, has_dot_product=True):
    require_litert_domain(layer)
    if layer.types == INT16X8:
        return portable_int16(layer, scale_float64)
    if has_one_row_kernel(layer):
        accumulators, step = int32_accumulators(layer), scale_double_up
    elif has_dot_product:
        accumulators, step = int32_accumulators(layer), scale_neon
    else:
        if layer.per_channel and any(layer.zw):
            raise OutsideDomain("weights per channel have zero point 0")
        accumulators, step = pair_wrapping_accumulators(layer, True), scale_neon
    return finish(
        layer, accumulators, step, fixed_point(litert_scales(layer)), litert_bounds(layer))


def litert_builtin_nodot(layer):
    return litert_builtin(layer, has_dot_product=False)


def _xnnpack(layer, step):
    """`step` takes an accumulator and the binary32 scale; everything after it saturates."""
    require_litert_domain(layer)
    if layer.types == INT8 and any(layer.zw):
        raise OutsideDomain("XNNPACK leaves asymmetric int8 weights to the optimised kernels")
    scales = binary32_scales(layer)
    if any(not scale < 256 for scale in scales):
        raise OutsideDomain("XNNPACK refuses an effective scale of 256 or more")
    litert_bounds(layer)  # LiteRT itself computes them before it asks the delegate, and may refuse
    bounds = xnnpack_bounds(layer)
    return [
        step(accumulator, scale, bounds)
        for accumulator, scale in zip(int32_accumulators(layer), scales * layer.m)]


def litert_xnnpack(layer):
    def step(accumulator, scale, bounds):
        value = saturate16(convert(f32(f32(accumulator) * scale), round))  # half to even
        return saturate(saturate(saturate16(value + layer.zy), layer.low, layer.high), *bounds)
    return _xnnpack(layer, step)


def litert_xnnpack_rndnu(layer):
    """A 24-bit significand and one rounding, half up."""
    def step(accumulator, scale, bounds):
        bits, = struct.unpack("<I", struct.pack("<f", scale))
        significand = (bits & 0x7FFFFF) | 0x800000
        shift = 127 + 23 - (bits >> 23)
        value = (accumulator * significand + (1 << (shift - 1))) >> shift
        low, high = bounds
        return saturate(value, low - layer.zy, high - layer.zy) + layer.zy
    return _xnnpack(layer, step)


def narrow_multiplier(scale):
    """15 bits and the exponent of the shift before the multiplication."""
    fraction, exponent = math.frexp(scale)
    significand = (int(fraction * 2**24) + 256) >> 9
    return (16384, exponent + 1) if significand == 32768 else (significand, exponent)


def litert_xnnpack_rndnu16(layer):
    """Cores without dot product: 16 bits before the multiplication, half up twice."""
    def step(accumulator, scale, bounds):
        significand, exponent = narrow_multiplier(scale)
        if exponent >= 0:
            value = saturate32(accumulator << exponent)
        else:
            value = (accumulator + (1 << (-exponent - 1))) >> -exponent
        value = saturate16(value)
        value = saturate16((2 * value * significand + (1 << 15)) >> 16)
        return saturate(saturate(saturate16(value + layer.zy), 0, 255), *bounds)
    return _xnnpack(layer, step)


def ort_nodot(layer):
    return ort(layer, pair_wrapping_accumulators(layer, False))


def ort(layer, accumulators=None):
    if layer.activation != "none":
        raise OutsideDomain("ONNX Runtime's quantized Gemm has no activation")
    low, high = bounds_of(layer, None)
    smallest, largest = float(low - layer.zy), float(high - layer.zy)
    outputs = []
    if accumulators is None:
        accumulators = int32_accumulators(layer, channel_zero_points_used=True)
    for accumulator, scale in zip(accumulators, binary32_scales(layer) * layer.m):
        value = f32(f32(accumulator) * scale)
        if not math.isnan(value):
            value = saturate(value, smallest, largest)
        outputs.append(convert(value, round) + layer.zy)
    return outputs
