"""What real runtimes compute on x86, bit for bit, for a fully connected layer.

A profile takes three stages: accumulate, requantize, bound. Sources: LiteRT 2.3.0
(ai-edge-litert), TensorFlow Lite Micro (tflite-micro), gemmlowp's output stages, CMSIS-NN,
ONNX Runtime 1.32.0.
"""

import math
from operator import add, mul

from arithmetic import (
    INT32_MAX, INT32_MIN, convert_half_away, convert_half_even, f32, quantize_multiplier,
    round_half_away, saturate, saturate16, saturate32, scale_double, scale_double_saturating,
    scale_double_unsaturated, scale_double_up, scale_int64, scale_single, scale_single_wrapping,
    wrap32, wrap64)
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
    return _bounds(layer, quantized)


def xnnpack_bounds(layer):
    """The sum with Zy is limited to the type, then rounded half to even."""
    def quantized(real):
        value = f32(f32(real / layer.sy) + layer.zy)
        return round(saturate(value, float(layer.low), float(layer.high)))
    return _bounds(layer, quantized)


def _bounds(layer, quantized):
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


def scale_float64(accumulator, scale):
    return convert_half_away(float(accumulator) * scale)


def litert_reference(layer):
    return litert_float64(layer, layer.types == INT16X8 and layer.bias_type != "int32")


def litert_float64(layer, wide):
    """The reference kernels' arithmetic; `wide` is whether accumulators have 64 bits."""
    _require_litert_domain(layer)
    accumulators = int64_accumulators(layer) if wide else int32_accumulators(layer)
    scales = [(scale,) for scale in binary64_scales(layer)]
    return finish(layer, accumulators, scale_float64, scales, litert_bounds(layer))


def litert_builtin(layer):
    _require_litert_domain(layer)
    if layer.types == INT16X8:
        wide = layer.bias_type == "int64"
        # Neither 64-bit biases nor asymmetric weights have an optimised kernel.
        if wide or (any(layer.zw) and not layer.per_channel):
            return litert_float64(layer, wide)
    return finish(
        layer, int32_accumulators(layer), scale_double_up, fixed_point(litert_scales(layer)),
        litert_bounds(layer))


def litert_builtin_sse(layer):
    _require_litert_domain(layer)
    step = scale_single_wrapping if layer.types == INT8 else scale_double_saturating
    return finish(
        layer, int32_accumulators(layer), step, fixed_point(litert_scales(layer)),
        litert_bounds(layer))


def litert_xnnpack(layer, saturating16=False):
    _require_litert_domain(layer)
    if layer.types == INT8 and any(layer.zw):
        if layer.per_channel:
            raise OutsideDomain("XNNPACK refuses zero points of weights per channel")
        return litert_builtin(layer)  # the delegate leaves the node to the optimised kernels
    scales = binary32_scales(layer)
    if any(not scale < 256 for scale in scales):
        raise OutsideDomain("XNNPACK refuses an effective scale of 256 or more")
    litert_bounds(layer)  # LiteRT itself computes them before it asks the delegate, and may refuse
    low, high = xnnpack_bounds(layer)
    zy, type_low, type_high = layer.zy, layer.low, layer.high
    limit = float(high - zy)
    outputs = []
    for accumulator, scale in zip(int32_accumulators(layer), scales * layer.m):
        value = convert_half_even(min(f32(f32(accumulator) * scale), limit))
        value = saturate16(saturate16(value) + zy) if saturating16 else wrap32(value + zy)
        # The upper bound was applied before the conversion; only the type is left to keep.
        outputs.append(max(saturate(value, type_low, type_high), low))
    return outputs


def litert_xnnpack_avx2(layer):
    return litert_xnnpack(layer, saturating16=layer.types == INT8)


def tflm(layer):
    _require_no_int16_zero_points(layer)
    return finish(
        layer, int32_accumulators(layer), scale_double, fixed_point(binary64_scales(layer)),
        litert_bounds(layer))


def tflm_int16(layer):
    _require_no_int16_zero_points(layer)
    multipliers = fixed_point(binary64_scales(layer))
    if any(s > 14 for _, s in multipliers):
        raise OutsideDomain("an effective scale of 2^14 or more shifts by a negative count")
    return finish(layer, int64_accumulators(layer), scale_int64, multipliers, litert_bounds(layer))


def single_rounding(layer):
    return finish(
        layer, int32_accumulators(layer, channel_zero_points_used=True),
        lambda x, q, s: saturate32(scale_single(x, q, s)),
        fixed_point_limited(binary64_scales(layer)), litert_bounds(layer))


def gemmlowp(layer):
    return finish(
        layer, int32_accumulators(layer, channel_zero_points_used=True), scale_double_saturating,
        fixed_point(binary64_scales(layer)), litert_bounds(layer))


def cmsis_nn(layer):
    return finish(
        layer, int32_accumulators(layer, channel_zero_points_used=True), scale_double_unsaturated,
        fixed_point(binary64_scales(layer)), litert_bounds(layer))


def ort(layer, accumulators=None):
    if layer.activation != "none":
        raise OutsideDomain("ONNX Runtime's quantized Gemm has no activation")
    if accumulators is None:
        accumulators = int32_accumulators(layer, channel_zero_points_used=True)
    low, high = _bounds(layer, None)
    smallest, largest = float(low - layer.zy), float(high - layer.zy)
    outputs = []
    for accumulator, scale in zip(accumulators, binary32_scales(layer) * layer.m):
        value = f32(f32(accumulator) * scale)
        value = value if value > smallest else smallest  # NaN gives the second operand, as maxps
        value = value if value < largest else largest
        outputs.append(convert_half_even(value) + layer.zy)
    return outputs


def ort_avx2(layer):
    if layer.types != MIXED8:
        return ort(layer)
    return ort(layer, pair_saturating_accumulators(layer))


def _require_litert_domain(layer):
    _require_no_int16_zero_points(layer)
    if layer.types == UINT8 and layer.per_channel:
        raise OutsideDomain("LiteRT refuses uint8 weights per channel")


def _require_no_int16_zero_points(layer):
    if layer.types == INT16X8 and (layer.zx or layer.zy):
        raise OutsideDomain("16-bit activations must have zero point 0")


# The list

def _legal(*triples, biases=(None, "int32")):
    return {(triple, bias) for triple in triples for bias in biases}


_WIDE = _legal(INT16X8, biases=(None, "int32", "int64"))

# name: (legal pairs of types and bias, outputs of a layer)
PROFILES = {
    "litert-reference": (_legal(INT8, UINT8) | _WIDE, litert_reference),
    "litert-builtin": (_legal(INT8, UINT8) | _WIDE, litert_builtin),
    "litert-builtin-sse": (_legal(INT8, UINT8), litert_builtin_sse),
    "litert-xnnpack": (_legal(INT8, UINT8), litert_xnnpack),
    "litert-xnnpack-avx2": (_legal(INT8, UINT8), litert_xnnpack_avx2),
    "tflm": (_legal(INT8) | _legal(INT16X8, biases=("int32",)), tflm),
    "tflm-int16": (_legal(INT16X8, biases=(None, "int64")), tflm_int16),
    "single-rounding": (_legal(INT8, UINT8), single_rounding),
    "gemmlowp": (_legal(INT8, UINT8), gemmlowp),
    "cmsis-nn": (_legal(INT8), cmsis_nn),
    "ort": (_legal(INT8, UINT8, MIXED8), ort),
    "ort-avx2": (_legal(INT8, UINT8, MIXED8), ort_avx2),
}

# For the profiles that multiply by an integer: its derivation.
MULTIPLIERS = {
    "litert-builtin": lambda layer: fixed_point(litert_scales(layer)),
    "litert-builtin-sse": lambda layer: fixed_point(litert_scales(layer)),
    "tflm": lambda layer: fixed_point(binary64_scales(layer)),
    "tflm-int16": lambda layer: fixed_point(binary64_scales(layer)),
    "single-rounding": lambda layer: fixed_point_limited(binary64_scales(layer)),
    "gemmlowp": lambda layer: fixed_point(binary64_scales(layer)),
    "cmsis-nn": lambda layer: fixed_point(binary64_scales(layer)),
}


def profile_outputs(name, layer):
    """Outputs, row by row. `OutsideDomain` where the profile says nothing."""
    legal, outputs = PROFILES[name]
    if (layer.types, layer.bias_type) not in legal:
        raise OutsideDomain(f"types {','.join(layer.types)} with bias {layer.bias_type}")
    if layer.sb is not None:
        raise OutsideDomain("a bias with a scale of its own")
    if not layer.has_binary32_scales:
        raise OutsideDomain("a scale that is not a binary32 number")
    return outputs(layer)
