"""What real runtimes compute, bit for bit, for a fully connected layer.

Sources: LiteRT 2.3.0 (ai-edge-litert), TensorFlow Lite Micro (tflite-micro), gemmlowp's output
stages, CMSIS-NN, ONNX Runtime 1.32.0; here on x86, on other machines in arm64.py.
"""

import arm64
import tosa
from arithmetic import (
    convert_half_away, convert_half_even, f32, saturate, saturate16, saturate32, scale_double,
    scale_double_saturating, scale_double_unsaturated, scale_double_up, scale_int64, scale_single,
    scale_single_wrapping, wrap32)
from stages import (
    INT8, INT16X8, MIXED8, UINT8, OutsideDomain, binary32_scales, binary64_scales, bounds_of, finish,
    fixed_point, fixed_point_limited, has_one_row_kernel, int32_accumulators, int64_accumulators,
    litert_bounds, litert_float64, litert_scales, pair_saturating_accumulators, portable_int16,
    require_litert_domain, require_no_int16_zero_points, xnnpack_bounds)


def scale_float64(accumulator, scale):
    return convert_half_away(float(accumulator) * scale)


def litert_reference(layer):
    return litert_float64(
        layer, scale_float64, layer.types == INT16X8 and layer.bias_type != "int32")


def litert_builtin(layer):
    require_litert_domain(layer)
    if layer.types == INT16X8:
        wide = layer.bias_type == "int64"
        # Neither 64-bit biases nor asymmetric weights have an optimised kernel.
        if wide or (any(layer.zw) and not layer.per_channel):
            return litert_float64(layer, scale_float64, wide)
    return finish(
        layer, int32_accumulators(layer), scale_double_up, fixed_point(litert_scales(layer)),
        litert_bounds(layer))


def litert_builtin_sse(layer):
    require_litert_domain(layer)
    if layer.types == INT16X8:
        return portable_int16(layer, scale_float64)
    if has_one_row_kernel(layer):
        return finish(
            layer, int32_accumulators(layer), scale_double_up, fixed_point(litert_scales(layer)),
            litert_bounds(layer))
    if layer.types == INT8:
        return finish(
            layer, int32_accumulators(layer), scale_single_wrapping,
            fixed_point(litert_scales(layer)), litert_bounds(layer))
    # gemmlowp's pipeline: whole blocks of four rows or channels wrap, what is left saturates.
    whole_m, whole_n = layer.m - layer.m % 4, layer.n - layer.n % 4
    places = [m >= whole_m and n >= whole_n for m in range(layer.m) for n in range(layer.n)]
    low, high = litert_bounds(layer)
    outputs = []
    for accumulator, (q, s), is_rest in zip(
            int32_accumulators(layer), fixed_point(litert_scales(layer)) * layer.m, places):
        step = scale_double_saturating if is_rest else scale_double
        outputs.append(saturate(wrap32(step(accumulator, q, s) + layer.zy), low, high))
    return outputs


def litert_xnnpack(layer, saturating16=False):
    require_litert_domain(layer)
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
    require_no_int16_zero_points(layer)
    return finish(
        layer, int32_accumulators(layer), scale_double, fixed_point(binary64_scales(layer)),
        litert_bounds(layer))


def tflm_int16(layer):
    require_no_int16_zero_points(layer)
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
    low, high = bounds_of(layer, None)
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


# The list

def _legal(*triples, biases=(None, "int32")):
    return {(triple, bias) for triple in triples for bias in biases}


_WIDE = _legal(INT16X8, biases=(None, "int32", "int64"))

# name: (legal pairs of types and bias, outputs of a layer)
PROFILES = {
    "litert-reference": (_legal(INT8, UINT8) | _WIDE, litert_reference),
    "litert-builtin": (_legal(INT8, UINT8) | _WIDE, litert_builtin),
    "litert-builtin-sse": (_legal(INT8, UINT8) | _WIDE, litert_builtin_sse),
    "litert-xnnpack": (_legal(INT8, UINT8), litert_xnnpack),
    "litert-xnnpack-avx2": (_legal(INT8, UINT8), litert_xnnpack_avx2),
    "tflm": (_legal(INT8) | _legal(INT16X8, biases=("int32",)), tflm),
    "tflm-int16": (_legal(INT16X8, biases=(None, "int64")), tflm_int16),
    "single-rounding": (_legal(INT8, UINT8), single_rounding),
    "gemmlowp": (_legal(INT8, UINT8), gemmlowp),
    "cmsis-nn": (_legal(INT8), cmsis_nn),
    "ort": (_legal(INT8, UINT8, MIXED8), ort),
    "ort-avx2": (_legal(INT8, UINT8, MIXED8), ort_avx2),
    "tosa-single": (_legal(INT8), tosa.single),
    "tosa-double": (_legal(INT8), tosa.double),
    "tosa-single-16": (_legal(INT8, INT16X8), tosa.single16),
    "tosa-inexact": (_legal(INT8, INT16X8), tosa.inexact),
    "litert-reference-arm64": (_legal(INT8, UINT8) | _WIDE, arm64.litert_reference),
    "litert-builtin-arm64": (_legal(INT8, UINT8) | _WIDE, arm64.litert_builtin),
    "litert-builtin-arm64-nodot": (_legal(INT8, UINT8) | _WIDE, arm64.litert_builtin_nodot),
    "litert-xnnpack-arm64": (_legal(INT8), arm64.litert_xnnpack),
    "litert-xnnpack-arm64-rndnu": (_legal(UINT8), arm64.litert_xnnpack_rndnu),
    "litert-xnnpack-arm64-rndnu16": (_legal(UINT8), arm64.litert_xnnpack_rndnu16),
    "ort-arm64": (_legal(INT8, UINT8, MIXED8), arm64.ort),
    "ort-arm64-nodot": (_legal(INT8, MIXED8), arm64.ort_nodot),
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
    "litert-builtin-arm64": lambda layer: fixed_point(litert_scales(layer)),
    "litert-builtin-arm64-nodot": lambda layer: fixed_point(litert_scales(layer)),
    "tosa-single": lambda layer: tosa.constants(layer, 31),
    "tosa-double": lambda layer: tosa.constants(layer, 31),
    "tosa-single-16": lambda layer: tosa.constants(layer, 15),
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
