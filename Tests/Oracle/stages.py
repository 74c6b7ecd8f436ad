"""The stages that profiles share: accumulate, effective scales, bounds, requantize and bound."""

import math
from operator import add, mul

from arithmetic import (
    INT32_MAX, INT32_MIN, f32, quantize_multiplier, round_half_away, saturate, saturate16,
    scale_single_wrapping, wrap32, wrap64)
from vectors import ACTIVATIONS

INT8 = ("int8", "int8", "int8")
UINT8 = ("uint8", "uint8", "uint8")
INT16X8 = ("int16", "int8", "int16")
MIXED8 = ("uint8", "int8", "uint8")


class OutsideDomain(Exception):
    """The runtime refuses this layer, or leaves its result undefined."""


# Accumulate

def int32_accumulators(layer, channel_zero_points_used=False):
    """Wrapping. The LiteRT family takes the weights' zero points as 0 per channel."""
    ignored = layer.per_channel and not channel_zero_points_used
    zero_points = [0] * layer.n if ignored else None
    return [wrap32(total) for total in layer.accumulators(zero_points)]


def int64_accumulators(layer):
    zero_points = [0] * layer.n if layer.per_channel else None
    return [wrap64(total) for total in layer.accumulators(zero_points)]


def pair_saturating_accumulators(layer):
    """vpmaddubsw: two raw products of neighbours along K are added in saturating int16."""
    depth_terms = [layer.k * layer.zx * z for z in layer.zw]
    column_sums = [sum(column) for column in layer.columns]
    result = []
    for row in layer.rows:
        total = sum(row)
        for n, column in enumerate(layer.columns):
            products = list(map(mul, row, column))
            if len(products) % 2:
                products.append(0)
            pairs = list(map(add, products[0::2], products[1::2]))
            if max(pairs) > 32767 or min(pairs) < -32768:
                pairs = map(saturate16, pairs)
            corrections = -layer.zx * column_sums[n] - layer.zw[n] * total + depth_terms[n]
            result.append(wrap32(sum(pairs) + corrections + layer.bias[n]))
    return result


def pair_wrapping_accumulators(layer, pads_with_zero_points):
    """NEON without dot product: blocks of 16 signed bytes, k and k + 8 added in wrapping int16.

    Only (-128)(-128) twice leaves int16. uint8 bytes are biased by -128.
    """
    pad_x, pad_w = (layer.zx, layer.zw) if pads_with_zero_points else (None, [None] * layer.n)
    x_bias, w_bias = (128 if kind == "uint8" else 0 for kind in layer.types[:2])
    depth = -(-layer.k // 16) * 16

    def lowest(values, bias, pad):
        """Where the signed byte is -128, beyond the depth too."""
        is_lowest = [value - bias == -128 for value in values]
        filler = pad is not None and pad - bias == -128
        return is_lowest + [filler] * (depth - layer.k)

    rows = [lowest(row, x_bias, pad_x) for row in layer.rows]
    columns = [
        lowest(column, w_bias, pad) for column, pad in zip(layer.columns, pad_w)]
    first = [k for k in range(depth) if k % 16 < 8]
    wrapped = [
        sum(row[k] and row[k + 8] and column[k] and column[k + 8] for k in first)
        for row in rows for column in columns]
    return [
        wrap32(total - 65536 * count) for total, count in zip(layer.accumulators(), wrapped)]


def has_one_row_kernel(layer):
    """LiteRT's matrix-vector kernel, on SSE and NEON, for 8-bit layers."""
    return layer.m == 1 and layer.k >= 8 and layer.n >= 4


# Effective scales Sx * Sw / Sy, one a channel

def binary64_scales(layer):
    return _by_channel(layer, lambda sw: layer.sx * sw / layer.sy)


def litert_scales(layer):
    """LiteRT's optimised kernels: per tensor, the product is first rounded to binary32."""
    if layer.per_channel:
        return binary64_scales(layer)
    return [f32(layer.sx * layer.sw[0]) / layer.sy] * layer.n


def binary32_scales(layer):
    """XNNPACK and ONNX Runtime: product and quotient each rounded to binary32."""
    return _by_channel(layer, lambda sw: f32(f32(layer.sx * sw) / layer.sy))


def _by_channel(layer, scale):
    if layer.per_channel:
        return [scale(sw) for sw in layer.sw]
    return [scale(layer.sw[0])] * layer.n


def fixed_point(scales):
    return [quantize_multiplier(scale) for scale in scales]


def fixed_point_limited(scales):
    """As builds with a single rounding limit it."""
    return [(q, s) if s <= 30 else (INT32_MAX, 30) for q, s in fixed_point(scales)]


# Bounds

def litert_bounds(layer):
    """Zy + round_half_away(binary32(f / Sy)); an explicit clamp replaces it."""
    def quantized(real):
        value = f32(real / layer.sy)
        if math.isinf(value) or not INT32_MIN <= round_half_away(value) <= INT32_MAX:
            raise OutsideDomain(f"{real} / {layer.sy} does not fit int32")
        return layer.zy + round_half_away(value)
    return bounds_of(layer, quantized)


def xnnpack_bounds(layer):
    """The sum with Zy is limited to the type, then rounded half to even."""
    def quantized(real):
        value = f32(f32(real / layer.sy) + layer.zy)
        return round(saturate(value, float(layer.low), float(layer.high)))
    return bounds_of(layer, quantized)


def bounds_of(layer, quantized):
    low, high = layer.low, layer.high
    if layer.clamp:
        return max(low, layer.clamp[0]), min(high, layer.clamp[1])
    smallest, largest = ACTIVATIONS[layer.activation]
    if smallest is not None:
        low = max(low, quantized(smallest))
    if largest is not None:
        high = min(high, quantized(largest))
    return low, high


# Requantize and bound

def finish(layer, accumulators, step, parameters, bounds):
    """`step` with its channel's parameters, wrapping addition of Zy, clamp."""
    (low, high), zy = bounds, layer.zy
    return [
        saturate(wrap32(step(accumulator, *parameter) + zy), low, high)
        for accumulator, parameter in zip(accumulators, parameters * layer.m)]


def require_litert_domain(layer):
    require_no_int16_zero_points(layer)
    if layer.types == UINT8 and layer.per_channel:
        raise OutsideDomain("LiteRT refuses uint8 weights per channel")


def require_no_int16_zero_points(layer):
    if layer.types == INT16X8 and (layer.zx or layer.zy):
        raise OutsideDomain("16-bit activations must have zero point 0")


# Kernels of LiteRT that several machines share

def litert_float64(layer, step, wide):
    """The reference kernels' arithmetic; `wide` is whether accumulators have 64 bits."""
    require_litert_domain(layer)
    accumulators = int64_accumulators(layer) if wide else int32_accumulators(layer)
    scales = [(scale,) for scale in binary64_scales(layer)]
    return finish(layer, accumulators, step, scales, litert_bounds(layer))


def portable_int16(layer, float64_step):
    """16-bit layers of the optimised kernels where ruy has only portable code."""
    wide = layer.bias_type == "int64"
    if wide:
        return litert_float64(layer, float64_step, wide)
    if any(layer.zw) and not layer.per_channel:
        raise OutsideDomain("asymmetric weights go to the reference kernels")
    return finish(
        layer, int32_accumulators(layer), scale_single_wrapping, fixed_point(litert_scales(layer)),
        litert_bounds(layer))
