"""TensorFlow Lite Micro: the reference kernels, as compiled for this machine.

A model and an interpreter are made for every case: the parameters are part of the model.
"""

import sys

import installed
import processor
import qverify_adapter
import tflite_file
from qverify_adapter import Refused, Unsupported

TYPES = ("int8,int8,int8", "int16,int8,int16")


def claims():
    """16-bit data are summed in 32 bits with an int32 bias, in 64 bits with an int64 one or none."""
    common = {
        "operator": "fullyConnected", "weights": ["perTensor", "perChannel"], "weightZeroPoint": True,
        "activations": ["none", "relu", "relu6"], "maxElements": 1 << 24, "refusals": "asProfile"}
    return [
        {**common, "types": ["int8,int8,int8"], "bias": ["none", "accumulator"], "profile": "tflm"},
        {**common, "types": ["int16,int8,int16"], "bias": ["accumulator"], "profile": "tflm"},
        {**common, "types": ["int16,int8,int16"], "bias": ["none", "accumulator"],
         "profile": "tflm-int16"},
    ]


def prepare():
    from tflite_micro.python.tflite_micro import _runtime

    # The package's own class parses the model once more in Python, which takes longer than all the rest.
    interpreter_of = _runtime.InterpreterWrapper
    plain = _runtime.PythonInterpreterConfig.kAllocationRecording

    def compute(case):
        if case.types not in TYPES:
            raise Unsupported(f"no kernel for {case.types}")
        case.check_shapes()
        if case.clamp:
            raise Unsupported("a clamp: the operator has only relu, relu6 and relu1")
        if case.bias and case.bias.scale:
            raise Unsupported("a bias with a scale of its own")
        for tensor in (case.input, case.weights, case.output):
            tensor.float32_scale()
        wide = case.bias is not None and case.input.type == "int16"
        model = tflite_file.fully_connected(
            case.input, case.weights, case.bias, case.output, case.activation,
            tflite_file.bias_scales(case), case.bias.type if wide else None)
        arena = 1 << 16
        arena += 4 * (case.input.size + case.weights.size + case.output.size) + 64 * case.weights.shape[0]
        try:
            interpreter = interpreter_of(model, [], arena, 0, plain, 0)
        except RuntimeError as error:
            raise Refused(str(error)) from None
        interpreter.SetInputTensor(case.input.data, 0)
        interpreter.Invoke()
        return interpreter.GetOutputTensor(0)

    return compute


version = f"{installed.version('tflite-micro')} ({processor.in_words()})"
if "--version" in sys.argv:
    print(f"TensorFlow Lite Micro {version}")
else:
    qverify_adapter.serve(name="tflm", version=version, claims=claims(), prepare=prepare)
