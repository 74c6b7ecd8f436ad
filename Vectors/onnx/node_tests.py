"""Writes the ONNX project's node tests of the quantized operators as files.

    python node_tests.py FOLDER

FOLDER gets one folder a test, laid out as in the packages up to onnx 1.22, which hold
onnx/backend/test/data/node themselves. Later packages hold only the code that makes the tests;
this runs it. `qverify check --vectors onnx:FOLDER` reads the result. Needs the onnx package.
"""
import importlib
import pathlib
import sys

OPERATORS = ["quantizelinear", "dequantizelinear", "matmulinteger", "qlinearmatmul"]


def main(folder):
    import onnx
    from onnx.backend.test.case import node

    for name in OPERATORS:  # each module registers its tests as it is loaded
        importlib.import_module(node.__name__ + "." + name)
    for test in node._NodeTestCases:
        place = pathlib.Path(folder) / test.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "model.onnx").write_bytes(test.model.SerializeToString())
        graph = test.model.graph
        for number, (inputs, outputs) in enumerate(test.data_sets):
            data = place / f"test_data_set_{number}"
            data.mkdir(exist_ok=True)
            for kind, values, infos in ("input", inputs, graph.input), ("output", outputs, graph.output):
                for index, value in enumerate(values):
                    if not isinstance(value, onnx.TensorProto):
                        value = onnx.numpy_helper.from_array(value, infos[index].name)
                    (data / f"{kind}_{index}.pb").write_bytes(value.SerializeToString())
    print(f"{len(node._NodeTestCases)} tests of onnx {onnx.__version__}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: node_tests.py FOLDER")
    main(sys.argv[1])
