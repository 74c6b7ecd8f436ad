"""The TOSA reference model: a fully connected layer as CONV2D with a kernel of 1×1, RESCALE and, for a clamp, CLAMP.

    tosa_model.py --mode single      scale32, SINGLE_ROUND
    tosa_model.py --mode double      scale32, DOUBLE_ROUND
    tosa_model.py --mode single-16   scale16, SINGLE_ROUND
    tosa_model.py --mode inexact     INEXACT_ROUND; scale32, and scale16 for accumulators of 48 bits

TOSA takes multipliers, not scales: they are derived here as TensorFlow's converter does it. What the model calls
unpredictable is refused.
"""

import math
import sys

import installed
import qverify_adapter
from qverify_adapter import Refused, Unsupported

INT8, INT16 = "int8,int8,int8", "int16,int8,int16"
# Rounding, types, and which of them RESCALE with a 16-bit multiplier.
MODES = {
    "single": ("SINGLE_ROUND", (INT8,), ()),
    "double": ("DOUBLE_ROUND", (INT8,), ()),
    "single-16": ("SINGLE_ROUND", (INT8, INT16), (INT8, INT16)),
    "inexact": ("INEXACT_ROUND", (INT8, INT16), (INT16,)),
}


def multiplier(scale, bits):
    """D ≈ multiplier·2^(−shift), with a multiplier of so many bits, half away from zero."""
    significand, exponent = math.frexp(scale)
    value = math.floor(math.ldexp(significand, bits) + 0.5)
    if value == 1 << bits:
        value, exponent = value >> 1, exponent + 1
    shift = bits - exponent
    if shift > 62:
        value, shift = value >> min(31, shift - 62), 62
    if shift < 2:
        raise Refused(f"a shift of {shift}: RESCALE is unpredictable below 2")
    return value, shift


def prepare(mode):
    import numpy
    import tosa_reference_model
    import tosa_serializer as ts

    rounding, types, short = MODES[mode]
    rounding = getattr(ts.RoundingMode, rounding)
    kinds = {"int8": ts.DType.INT8, "int16": ts.DType.INT16}
    valid = tosa_reference_model.GraphStatus.TOSA_VALID
    run = tosa_reference_model.run

    def attribute(kind, *values):
        result = ts.TosaSerializerAttribute()
        getattr(result, kind)(*values)
        return result

    def compute(case):
        case.check()
        if case.types not in types:
            raise Unsupported(f"{case.types} with this mode")
        if case.activation != "none":
            raise Unsupported(f"activation {case.activation}: of real numbers, which a quantized graph has none of")
        if case.bias and (case.bias.scale or case.bias.type != "int32"):
            raise Unsupported("a bias other than int32 in accumulator units")
        x, w, y = case.input, case.weights, case.output
        if len(set(w.zero_point)) > 1:
            raise Unsupported("a zero point for every channel: CONV2D has one")
        scale16 = case.types in short
        (rows, depth), channels = x.shape, w.shape[0]
        wide = x.type == "int16"
        accumulator = ts.DType.INT48 if wide else ts.DType.INT32
        s_x, s_y = x.float32_scale()[0], y.float32_scale()[0]
        factors = [multiplier(s_x * s_w / s_y, 15 if scale16 else 31) for s_w in w.float32_scale()]

        graph = ts.TosaSerializer("")
        source = graph.addPlaceholder([rows, 1, 1, depth], kinds[x.type], None).name

        def constant(shape, kind, values):
            return graph.addConst(shape, kind, values).name

        bias = case.bias.data.astype(numpy.int64).tolist() if case.bias else [0]
        sums = graph.addIntermediate([rows, 1, 1, channels], accumulator).name
        graph.addOperator(
            ts.Op.CONV2D,
            [source, constant([channels, 1, 1, depth], kinds[w.type], w.data.reshape(channels, 1, 1, depth)),
             constant([len(bias)], accumulator, bias),
             constant([1], kinds[x.type], x.zero_point), constant([1], kinds[w.type], w.zero_point[:1])],
            [sums], attribute("Conv2dAttribute", [0, 0, 0, 0], [1, 1], [1, 1], False, accumulator))

        clamp = case.clamp and tuple(case.clamp) != (y.low, y.high)
        shape = [rows, 1, 1, channels]
        result = graph.addIntermediate(shape, kinds[y.type]) if clamp else graph.addOutput(shape, kinds[y.type])
        graph.addOperator(
            ts.Op.RESCALE,
            [sums,
             constant([len(factors)], ts.DType.INT16 if scale16 else ts.DType.INT32, [m for m, _ in factors]),
             constant([len(factors)], ts.DType.INT8, [s for _, s in factors]),
             constant([1], accumulator, [0]), constant([1], kinds[y.type], y.zero_point)],
            [result.name],
            attribute("RescaleAttribute", not scale16, rounding, len(factors) > 1, False, False))
        if clamp:
            dtype = numpy.dtype(y.type).newbyteorder("<")
            low, high = (list(numpy.array([bound], dtype).tobytes()) for bound in case.clamp)
            final = graph.addOutput(shape, kinds[y.type])
            graph.addOperator(
                ts.Op.CLAMP, [result.name], [final.name],
                attribute("ClampAttribute", low, high, ts.NanPropagationMode.PROPAGATE))
        outputs, status = run(graph.serialize(), [x.data.reshape(rows, 1, 1, depth)])
        if status != valid:
            raise Refused(str(status))
        return outputs[0].tobytes()

    return compute


def main():
    version = installed.version("tosa-tools")
    if "--version" in sys.argv:
        print(f"TOSA reference model {version}")
        return
    if len(sys.argv) != 3 or sys.argv[1] != "--mode" or sys.argv[2] not in MODES:
        sys.exit(f"usage: tosa_model.py --mode {'|'.join(MODES)}")
    mode = sys.argv[2]
    qverify_adapter.serve(
        name=f"tosa-{mode}", version=version, prepare=lambda: prepare(mode), claims=[{
            "operator": "fullyConnected", "types": list(MODES[mode][1]),
            "weights": ["perTensor", "perChannel"], "weightZeroPoint": True,
            "bias": ["none", "accumulator"], "activations": ["none", "clamp"], "maxElements": 1 << 24,
            "profile": f"tosa-{mode}"}])


main()
