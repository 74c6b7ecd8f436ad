"""LiteRT, in the three ways in which it computes a fully connected layer.

    litert.py --resolver reference   the reference kernels (BUILTIN_REF)
    litert.py --resolver builtin     the optimised kernels (BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    litert.py --resolver xnnpack     what an application gets (BUILTIN): XNNPACK, builtin for the rest

A model and an interpreter are made for every case: the parameters are part of the model.
"""

import math
import sys

import installed
import processor
import qverify_adapter
import tflite_file
from qverify_adapter import Refused, Unsupported

INT8, UINT8, INT16 = "int8,int8,int8", "uint8,uint8,uint8", "int16,int8,int16"
RESOLVERS = {
    "reference": "BUILTIN_REF",
    "builtin": "BUILTIN_WITHOUT_DEFAULT_DELEGATES",
    "xnnpack": "BUILTIN",
}


def profiles(resolver):
    """For each combination of types, the profile on this processor."""
    arm = "-arm64" if processor.IS_ARM else ""
    if resolver == "reference":
        return {types: "litert-reference" + arm for types in (INT8, UINT8, INT16)}
    if arm:
        dot = "dotprod" in processor.FEATURES
        # Without dot product, pairs of 8-bit products wrap (Vectors/findings/arm64-pairs-wrap.jsonl).
        builtin = "litert-builtin-arm64" if dot else "litert-builtin-arm64-nodot"
        if resolver == "builtin":
            return {INT8: builtin, UINT8: builtin, INT16: builtin}
        unsigned = "litert-xnnpack-arm64-rndnu" if dot else "litert-xnnpack-arm64-rndnu16"
        return {INT8: "litert-xnnpack-arm64", UINT8: unsigned, INT16: builtin}
    builtin = "litert-builtin" if "avx" in processor.FEATURES else "litert-builtin-sse"
    if resolver == "builtin":
        return {INT8: builtin, UINT8: builtin, INT16: builtin}
    delegate = "litert-xnnpack" if "avx512f" in processor.FEATURES else "litert-xnnpack-avx2"
    return {INT8: delegate, UINT8: delegate, INT16: builtin}


def claims(resolver):
    """Left out: per-channel uint8 weights, which no path takes, and what goes to another path's arithmetic.

    XNNPACK leaves int8 weights with a zero point to the optimised kernels, and those leave int8 weights with a
    zero point for 16-bit data to the reference kernels.
    """
    result = []
    for types, profile in profiles(resolver).items():
        elsewhere = (resolver == "xnnpack" and types == INT8) or (
            resolver != "reference" and types == INT16)
        result.append({
            "operator": "fullyConnected", "types": [types],
            "weights": ["perTensor"] if types == UINT8 else ["perTensor", "perChannel"],
            "weightZeroPoint": not elsewhere, "bias": ["none", "accumulator"],
            "activations": ["none", "relu", "relu6"], "maxElements": 1 << 24,
            "profile": profile, "refusals": "asProfile"})
    return result


def is_multiplier_infinite(case):
    """Whether Si·Sw/So, as LiteRT forms it for any channel, is infinite."""
    s, o = case.input.scale[0], case.output.scale[0]
    for scale in case.weights.scale:
        product = s * scale
        if not case.weights.per_channel and abs(product) > 3.4028235677973366e38:  # rounded to binary32
            product = math.copysign(math.inf, product)
        if math.isinf(product) and not math.isinf(o) or o == 0 and product != 0 and product == product:
            return True
    return False


def prepare(resolver, states_bias_type=True):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kind = getattr(OpResolverType, RESOLVERS[resolver])

    def compute(case):
        if case.types not in (INT8, UINT8, INT16):  # LiteRT computes some others, or crashes: Vectors/findings
            raise Unsupported(f"no kernel for {case.types}")
        case.check_shapes()
        if case.clamp:
            raise Unsupported("a clamp: the operator has only relu, relu6 and relu1")
        if case.bias and case.bias.scale:
            raise Unsupported("a bias with a scale of its own")
        for tensor in (case.input, case.weights, case.output):
            tensor.float32_scale()
        # A check of the multiplier's range, which x86's conversion of infinity passes, ends the process on arm64.
        if processor.IS_ARM and is_multiplier_infinite(case):
            raise Refused("LiteRT aborts the process on arm64: Si·Sw/So is infinite")
        # With 16-bit data, an unset type of the bias means int64, whatever the bias's own type is.
        wide = states_bias_type and case.bias is not None and case.input.type == "int16"
        model = tflite_file.fully_connected(
            case.input, case.weights, case.bias, case.output, case.activation,
            tflite_file.bias_scales(case), case.bias.type if wide else None)
        try:
            interpreter = Interpreter(
                model_content=model, num_threads=1, experimental_op_resolver_type=kind)
            interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            raise Refused(str(error)) from None
        interpreter.set_tensor(0, case.input.data)
        interpreter.invoke()
        return interpreter.get_tensor(2)

    return compute


def main():
    version = f"{installed.version('ai-edge-litert')} ({processor.in_words()})"
    if "--version" in sys.argv:
        print(f"LiteRT {version}")
        return
    arguments = sys.argv[1:]
    unset = "--unset-bias-type"  # shows what LiteRT makes of such models: Vectors/findings
    states_bias_type = unset not in arguments
    arguments = [argument for argument in arguments if argument != unset]
    if len(arguments) != 2 or arguments[0] != "--resolver" or arguments[1] not in RESOLVERS:
        sys.exit(f"usage: litert.py --resolver {'|'.join(RESOLVERS)} [{unset}]")
    resolver = arguments[1]
    qverify_adapter.serve(
        name=f"litert-{resolver}", version=version, claims=claims(resolver),
        prepare=lambda: prepare(resolver, states_bias_type))


main()
