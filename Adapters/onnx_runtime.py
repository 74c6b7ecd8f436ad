"""ONNX Runtime: QGemm (com.microsoft) where there is a bias, QLinearMatMul where there is none.

Every parameter is an input of the graph, so one session a combination of types serves all cases. A
clamp is the operator Clip on the quantized output. What the runtime accepts is computed, nonsense
scales included: it validates none of them.
"""

import sys

import installed
import processor
import qverify_adapter
from qverify_adapter import Refused, Unsupported

TRIPLES = ("uint8,uint8,uint8", "uint8,int8,uint8", "int8,int8,int8")


def claims():
    """uint8 × int8 is another arithmetic where AVX2 is the best there is: pairs of products saturate."""
    names = dict.fromkeys(TRIPLES, "ort-arm64" if processor.IS_ARM else "ort")
    if processor.IS_ARM and "dotprod" not in processor.FEATURES:
        # Pairs of products with int8 weights wrap (Vectors/findings/arm64-pairs-wrap.jsonl).
        names.update(dict.fromkeys(TRIPLES[1:], "ort-arm64-nodot"))
    if "avx2" in processor.FEATURES and not processor.VNNI:
        names["uint8,int8,uint8"] = "ort-avx2"
    return [
        {"operator": "fullyConnected", "types": [t for t in TRIPLES if names.get(t) == profile],
         "weights": ["perTensor", "perChannel"], "weightZeroPoint": True,
         "bias": ["none", "accumulator"], "activations": ["none", "clamp"],
         "maxElements": 1 << 24, "profile": profile, "refusals": "asProfile"}
        for profile in sorted(set(names.values()))
    ]


def prepare():
    import numpy
    import onnxruntime
    from onnx import TensorProto, helper

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    kinds = {"int8": TensorProto.INT8, "uint8": TensorProto.UINT8}
    dtypes = {"int8": numpy.int8, "uint8": numpy.uint8}
    sessions = {}

    def session(types, has_bias, has_clamp):
        """A graph of one layer, whose inputs are its tensors and all their parameters."""
        x, w, y = (kinds[name] for name in types.split(","))
        real = TensorProto.FLOAT
        inputs = [("a", x, 2), ("as", real, 0), ("az", x, 0), ("b", w, 2), ("bs", real, None),
                  ("bz", w, None)]
        if has_bias:
            names = ["a", "as", "az", "b", "bs", "bz", "c", "ys", "yz"]
            inputs.append(("c", TensorProto.INT32, 1))
            layer = {"op_type": "QGemm", "domain": "com.microsoft", "transB": 1}
        else:
            names = ["a", "as", "az", "b", "bs", "bz", "ys", "yz"]
            layer = {"op_type": "QLinearMatMul"}
        inputs += [("ys", real, 0), ("yz", y, 0)]
        result = "unclamped" if has_clamp else "y"
        nodes = [helper.make_node(inputs=names, outputs=[result], **layer)]
        if has_clamp:
            inputs += [("low", y, 0), ("high", y, 0)]
            nodes.append(helper.make_node("Clip", [result, "low", "high"], ["y"]))
        sizes = {0: [], 1: [None], 2: [None, None], None: None}
        graph = helper.make_graph(
            nodes, "layer",
            [helper.make_tensor_value_info(n, k, sizes[rank]) for n, k, rank in inputs],
            [helper.make_tensor_value_info("y", y, [None, None])])
        model = helper.make_model(graph, ir_version=8, opset_imports=[
            helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)])
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def zero_point(tensor, dtype):
        try:
            return scalar(numpy.array(tensor.zero_point, dtype))
        except OverflowError:
            raise Refused(f"{tensor.name}: a tensor of {tensor.type} cannot hold the zero point") from None

    def scalar(values):
        """A list of one as a tensor of rank 0."""
        return values.reshape(()) if len(values) == 1 else values

    def compute(case):
        case.check_shapes()
        if case.activation != "none":
            raise Unsupported(f"activation {case.activation}: the fused operators have none")
        if case.bias and case.bias.scale:
            raise Unsupported("a bias with a scale of its own")
        if case.bias and case.bias.type != "int32":
            raise Unsupported(f"a bias of {case.bias.type}")
        key = (case.types, case.bias is not None, case.clamp is not None)
        run = sessions.get(key)
        if run is None:
            if case.types not in TRIPLES:
                raise Unsupported(f"no kernel for {case.types}")
            run = sessions[key] = session(*key).run
        x, w, y = case.input, case.weights, case.output
        w_scale = scalar(numpy.array(w.float32_scale(), numpy.float32))
        w_zero = zero_point(w, dtypes[w.type])
        if w_scale.shape != w_zero.shape:  # QGemm wants both of one shape
            channels = w.shape[0]
            w_scale, w_zero = (
                numpy.full(channels, v) if v.ndim == 0 else v for v in (w_scale, w_zero))
        feed = {
            "a": x.data,
            "as": numpy.array(x.float32_scale()[0], numpy.float32),
            "az": zero_point(x, dtypes[x.type]),
            "b": w.data if case.bias else numpy.ascontiguousarray(w.data.T),
            "bs": w_scale,
            "bz": w_zero,
            "ys": numpy.array(y.float32_scale()[0], numpy.float32),
            "yz": zero_point(y, dtypes[y.type]),
        }
        if case.bias:
            feed["c"] = case.bias.data
        if case.clamp:
            low, high = case.clamp
            if not (y.low <= low <= high <= y.high):
                raise Refused(f"no clamp of {y.type}: [{low}, {high}]")
            feed["low"] = numpy.array(low, dtypes[y.type])
            feed["high"] = numpy.array(high, dtypes[y.type])
        return run(None, feed)[0]

    return compute


version = f"{installed.version('onnxruntime')} ({processor.in_words()})"
if "--version" in sys.argv:
    print(f"ONNX Runtime {version}")
else:
    qverify_adapter.serve(
        name="onnxruntime", version=version, claims=claims(), prepare=prepare, batch=16)
