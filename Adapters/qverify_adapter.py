"""Makes a Python program an implementation that qverify can judge. One file, to be copied freely.

    import numpy
    import qverify_adapter

    def compute(case):
        case.check()                                     # refuses what must not be computed
        x = case.input.data.astype("int64") - case.input.zero_point[0]
        w = case.weights.data.astype("int64") - case.weights.zero_point[0]
        sums = x @ w.T + (case.bias.data if case.bias else 0)
        scale = case.input.scale[0] * case.weights.scale[0] / case.output.scale[0]
        return case.clip(numpy.rint(sums * scale) + case.output.zero_point[0])

    qverify_adapter.serve(name="mine", version="1", claims=[{
        "operator": "fullyConnected", "types": ["int8,int8,int8"], "weights": ["perTensor"],
        "bias": ["none", "accumulator"], "activations": ["none", "clamp"],
        "conformance": "nearest"}], compute=compute)

The program then reads cases from standard input and writes answers to standard output, as a
child of `qverify check` or by hand: `python3 mine.py < cases.jsonl > answers.jsonl`. Whatever
else is printed, by Python or by a C library, goes to standard error.

`compute` gets a `Case` and returns the output: a numpy array, a list (nested or flat) or the
bytes of the elements, little-endian; or a dictionary {"output": ..., "accumulator": ...}. It may
raise `Refused` (this configuration must not be computed) or `Unsupported` (this program cannot);
any other exception is answered as an error, and the next case goes on.

Only the standard library is needed. Where numpy is installed, data are arrays, else nested lists.
"""

import array
import binascii
import itertools
import json
import math
import os
import struct
import sys

numpy = None  # imported once hello is out, where it is installed: under an emulator that takes seconds

__all__ = ["Case", "Refused", "Tensor", "Unsupported", "serve"]

FORMAT = 1
_READ = 1 << 20


class Refused(Exception):
    """The configuration must not be computed."""


class Unsupported(Exception):
    """This implementation cannot compute the configuration."""


class Malformed(Exception):
    """The line is not what the format says."""


# Element types: least, greatest, the letter of `array` and `struct`. int4 lies one element a byte.
_TYPES = {
    "int4": (-8, 7, "b"),
    "int8": (-128, 127, "b"),
    "uint8": (0, 255, "B"),
    "int16": (-2**15, 2**15 - 1, "h"),
    "uint16": (0, 2**16 - 1, "H"),
    "int32": (-2**31, 2**31 - 1, "i"),
    "int64": (-2**63, 2**63 - 1, "q"),
}
_SIZES = {name: struct.calcsize("<" + entry[2]) for name, entry in _TYPES.items()}
_DTYPES = {}


def _load_numpy():
    global numpy
    try:
        import numpy
    except ImportError:
        return
    _DTYPES.update({name: numpy.dtype("<" + entry[2]) for name, entry in _TYPES.items()})


_ATTRIBUTES = {"activation", "clamp"}
_INPUTS = {"input", "weights", "bias"}
_TENSOR = {"type", "shape", "scale", "zeroPoint", "axis", "data"}
_OUTPUT = _TENSOR - {"data"}
_ACTIVATIONS = {"none", "relu", "relu6"}


# Cases

class Tensor:
    """One tensor of a case.

    name        "input", "weights", "bias" or "output"
    type        "int8", "uint8", "int16", "int32", "int64" or "int4"
    shape       list of dimensions, row by row
    scale       list of floats: one, or one a channel; empty where the tensor has none
    zero_point  list of integers: one, or one a channel; [0] where the tensor has none
    per_channel whether there is more than one scale
    data        numpy array of that shape, or nested lists; None for the output
    """

    __slots__ = ("name", "type", "shape", "scale", "zero_point", "data")

    def __init__(self, name, members, keys):
        if not isinstance(members, dict):
            raise Malformed(f"{name}: expected an object")
        if not members.keys() <= keys:
            raise Unsupported(f"unknown key {name}.{min(members.keys() - keys)}")
        self.name = name
        try:
            self.type = members["type"]
            shape = members["shape"]
            data = members["data"] if name != "output" else None
        except KeyError as error:
            raise Malformed(f"{name}.{error.args[0]} is missing") from None
        if self.type not in _TYPES:
            raise Unsupported(f"{name} of type {self.type}")
        if members.get("axis", 0) != 0:
            raise Unsupported(f"{name}.axis other than 0")
        self.shape = [_integer(size) for size in shape]
        scale = members.get("scale")
        if scale is None:
            self.scale = []
        else:
            self.scale = [_real(s) for s in scale] if isinstance(scale, list) else [_real(scale)]
        zero = members.get("zeroPoint", 0)
        self.zero_point = [_integer(z) for z in zero] if isinstance(zero, list) else [_integer(zero)]
        self.data = None if data is None else self._decoded(data)

    @property
    def per_channel(self):
        return len(self.scale) > 1

    @property
    def low(self):
        return _TYPES[self.type][0]

    @property
    def high(self):
        return _TYPES[self.type][1]

    @property
    def size(self):
        return math.prod(self.shape)

    def float32_scale(self):
        """The scales, if each is a binary32 number; else `Unsupported`, since to narrow one is to change it."""
        form = f"<{len(self.scale)}f"
        try:
            narrow = struct.unpack(form, struct.pack(form, *self.scale))
        except OverflowError:
            narrow = ()
        if list(narrow) != self.scale and any(
                scale == scale and scale != same
                for scale, same in itertools.zip_longest(self.scale, narrow)):
            raise Unsupported(f"{self.name}: a scale that is no binary32 number")
        return self.scale

    def _decoded(self, data):
        """The elements in this shape. What does not fill its shape cannot be computed by anybody."""
        low, high, code = _TYPES[self.type]
        if isinstance(data, str):
            try:
                raw = binascii.a2b_base64(data)
            except ValueError as error:
                raise Malformed(f"{self.name}.data: {error}") from None
            count, rest = divmod(len(raw), _SIZES[self.type])
            if rest:
                raise Malformed(f"{self.name}.data: {len(raw)} bytes are no whole number of elements")
            if numpy is not None:
                values = numpy.frombuffer(raw, _DTYPES[self.type])
            else:
                values = array.array(code, raw)
                if sys.byteorder == "big":
                    values.byteswap()
                values = values.tolist()
        elif isinstance(data, list):
            values = [_integer(value) for value in data]
            if values and not low <= min(values) <= max(values) <= high:
                raise Malformed(f"{self.name}.data: a value outside {self.type}")
            count = len(values)
            if numpy is not None:
                values = numpy.array(values, _DTYPES[self.type])
        else:
            raise Malformed(f"{self.name}.data: expected base64 or a list")
        if count != math.prod(self.shape) or self.shape and min(self.shape) < 0:
            raise Refused(f"{self.name}: {count} elements do not fill the shape {self.shape}")
        if self.type == "int4" and count and not low <= min(values) <= max(values) <= high:
            raise Malformed(f"{self.name}.data: a value outside int4")
        return values.reshape(self.shape) if numpy is not None else _nested(values, self.shape)


class Case:
    """One layer to compute.

    operator    "fullyConnected"
    activation  "none", "relu" or "relu6"
    clamp       None, or (low, high) in output integers
    input, weights, bias, output   `Tensor`; bias is None where there is none
    types       "int8,int8,int8": input, weights, output
    profile     the name of the arithmetic that is asked for, or None
    """

    __slots__ = (
        "id", "operator", "profile", "activation", "clamp", "input", "weights", "bias", "output")

    def __init__(self, members):
        self.id = members["id"]
        self.operator = members.get("operator")
        self.profile = members.get("profile")
        self.activation, self.clamp = _activation(members.get("attributes"))
        try:
            inputs = members["inputs"]
            output = members["output"]
        except KeyError as error:
            raise Malformed(f"{error.args[0]} is missing") from None
        if not isinstance(inputs, dict):
            raise Malformed("inputs: expected an object")
        if not inputs.keys() <= _INPUTS:
            raise Unsupported(f"unknown key inputs.{min(inputs.keys() - _INPUTS)}")
        if "input" not in inputs or "weights" not in inputs:
            raise Malformed("inputs.input and inputs.weights are needed")
        self.input = Tensor("input", inputs["input"], _TENSOR)
        self.weights = Tensor("weights", inputs["weights"], _TENSOR)
        self.bias = Tensor("bias", inputs["bias"], _TENSOR) if "bias" in inputs else None
        self.output = Tensor("output", output, _OUTPUT)

    @property
    def types(self):
        return f"{self.input.type},{self.weights.type},{self.output.type}"

    @property
    def tensors(self):
        bias = [self.bias] if self.bias else []
        return [self.input, self.weights, *bias, self.output]

    def clip(self, values):
        """An array of numbers, limited to the output's type (or the clamp), in the output's type."""
        low, high = self.clamp or (self.output.low, self.output.high)
        return numpy.clip(values, low, high).astype(_DTYPES[self.output.type])

    def check(self):
        """`Refused` for everything that must not be computed."""
        for tensor in self.tensors:
            for scale in tensor.scale:
                if not 0 < scale < math.inf:
                    raise Refused(f"{tensor.name}: the scale {scale} is not positive and finite")
            for zero in tensor.zero_point:
                if not tensor.low <= zero <= tensor.high:
                    raise Refused(f"{tensor.name}: zero point {zero} outside {tensor.type}")
        if self.clamp:
            low, high = self.clamp
            if not self.output.low <= low <= high <= self.output.high:
                raise Refused(f"clamp [{low}, {high}] is no part of {self.output.type}")
        self.check_shapes()

    def check_shapes(self):
        """`Refused` for shapes, or numbers of scales, that do not belong together."""
        x, w, y, b = self.input, self.weights, self.output, self.bias
        if (len(x.shape) == 2 and len(w.shape) == 2 and x.shape[1] == w.shape[1]
                and y.shape == [x.shape[0], w.shape[0]] and min(x.shape) > 0 and w.shape[0] > 0
                and len(x.scale) == 1 and len(y.scale) == 1
                and len(x.zero_point) == 1 and len(y.zero_point) == 1
                and len(w.scale) in (1, w.shape[0]) and len(w.zero_point) in (1, w.shape[0])
                and (b is None or b.shape == [w.shape[0]] and not b.scale)):
            return  # nearly always; else it is found out what is wrong
        for tensor in self.tensors:
            if len(tensor.shape) != (1 if tensor is self.bias else 2):
                raise Refused(f"{tensor.name}: the shape {tensor.shape} has a wrong rank")
            if any(size <= 0 for size in tensor.shape):
                raise Refused(f"{tensor.name}: the shape {tensor.shape} has an empty dimension")
        (rows, depth), (channels, weights_depth) = self.input.shape, self.weights.shape
        if weights_depth != depth:
            raise Refused(f"the input is {depth} deep, the weights {weights_depth}")
        if self.bias and self.bias.shape[0] != channels:
            raise Refused(f"{self.bias.shape[0]} biases for {channels} channels")
        if self.output.shape != [rows, channels]:
            raise Refused(f"output shape {self.output.shape}, not {[rows, channels]}")
        for tensor in self.tensors:
            most = channels if tensor is self.weights or tensor is self.bias else 1
            if len(tensor.scale) not in (0, 1, most) or len(tensor.zero_point) not in (1, most):
                raise Refused(f"{tensor.name}: a wrong number of scales or zero points")


def _activation(attributes):
    if not attributes:
        return "none", None
    if not isinstance(attributes, dict):
        raise Malformed("attributes: expected an object")
    if not attributes.keys() <= _ATTRIBUTES:
        raise Unsupported(f"unknown key attributes.{min(attributes.keys() - _ATTRIBUTES)}")
    if len(attributes) > 1:
        raise Malformed("attributes: activation and clamp exclude each other")
    if "clamp" in attributes:
        clamp = attributes["clamp"]
        if not isinstance(clamp, list) or len(clamp) != 2:
            raise Malformed("attributes.clamp: expected [low, high]")
        return "none", (_integer(clamp[0]), _integer(clamp[1]))
    if attributes["activation"] not in _ACTIVATIONS:
        raise Unsupported(f"activation {attributes['activation']}")
    return attributes["activation"], None


def _integer(value):
    if type(value) is int:
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise Malformed(f"expected an integer, found {str(value)[:40]}")


_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _real(value):
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return math.copysign(math.inf, value)
    if isinstance(value, str) and value in _SPECIAL:
        return _SPECIAL[value]
    raise Malformed(f"expected a number, found {str(value)[:40]}")


def _nested(values, shape):
    """A flat list as lists in lists; the shape has no empty dimension except with no values."""
    for size in reversed(shape[1:]):
        values = [values[i:i + size] for i in range(0, len(values), size)] if size else []
    return values


def _flat(values):
    if not isinstance(values, (list, tuple, array.array)):
        return [values]
    return [element for value in values for element in _flat(value)]


# Answers

def _encoded(values, tensor, name):
    """base64 of `values`, which must be as many as `tensor` says, and inside its type."""
    low, high, code = _TYPES[tensor.type]
    size = _SIZES[tensor.type]
    count = tensor.size
    if isinstance(values, (bytes, bytearray, memoryview)):
        raw = bytes(values)
        if len(raw) != count * size:
            raise ValueError(f"{name} has {len(raw)} bytes; {count} × {tensor.type} is expected")
        return binascii.b2a_base64(raw, newline=False)
    if numpy is not None and hasattr(values, "dtype"):
        values = numpy.asarray(values)
        if values.size != count:
            raise ValueError(f"{name} has {values.size} elements; {count} are expected")
        dtype = _DTYPES[tensor.type]
        if values.dtype != dtype or tensor.type == "int4":
            if values.dtype.kind not in "iu":
                raise ValueError(f"{name} has elements of type {values.dtype}, not integers")
            if count and not (low <= values.min() and values.max() <= high):
                raise ValueError(f"{name} has a value outside {tensor.type}")
            values = values.astype(dtype)
        return binascii.b2a_base64(values.tobytes(), newline=False)
    values = _flat(values)
    if len(values) != count:
        raise ValueError(f"{name} has {len(values)} elements; {count} are expected")
    try:
        values = [value.__index__() for value in values]
    except AttributeError:
        raise ValueError(f"{name} has elements that are no integers") from None
    if values and not low <= min(values) <= max(values) <= high:
        raise ValueError(f"{name} has a value outside {tensor.type}")
    return binascii.b2a_base64(struct.pack(f"<{count}{code}", *values), newline=False)


class _Tap:
    """What `_encoded` asks of a tensor, for the accumulators."""

    def __init__(self, type, size):
        self.type, self.size = type, size


def _output(result, case):
    """The rest of an answer that holds an output."""
    if not isinstance(result, dict):
        return b',"output":"' + _encoded(result, case.output, "the output") + b'"}\n'
    text = b',"output":"' + _encoded(result["output"], case.output, "the output") + b'"'
    if result.get("accumulator") is not None:
        sums = result["accumulator"]
        wide = "int64" if getattr(sums, "itemsize", 4) == 8 else "int32"
        tap = _Tap(wide, case.output.size)
        text += b',"accumulator":"' + _encoded(sums, tap, "the accumulator") + b'"'
    return text + b"}\n"


def _tail(error):
    """One line: what was raised, and where in the adapter or below."""
    import traceback

    text = " ".join(f"{type(error).__name__}: {error}".split())[:2000]
    frames = traceback.extract_tb(error.__traceback__)[1:][-3:]
    where = ", ".join(f"{os.path.basename(f.filename)}:{f.lineno} in {f.name}" for f in frames)
    return f"{text} ({where})" if where else text


def _members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a duplicate key")
    return members


def _no_constant(text):
    raise Malformed(f"{text} is no JSON")


def _whole(text):
    return -0.0 if text == "-0" else int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_int=_whole)


class _Streams:
    """The protocol's own ends of standard input and output; the program's are out of the way."""

    def __init__(self, batch):
        self.batch = batch
        self.source = os.dup(0)
        self.sink = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.stdout.flush()
        os.dup2(2, 1)  # what C code prints
        sys.stdout = sys.stderr
        self.pending = []
        self.part = []

    def put(self, line):
        self.pending.append(line)
        if len(self.pending) >= self.batch:
            self.flush()

    def flush(self):
        if not self.pending:
            return
        view = memoryview(b"".join(self.pending))
        self.pending.clear()
        while view:
            view = view[os.write(self.sink, view):]

    def lines(self):
        """The lines of the input. Nothing is held back while the next one is waited for."""
        while True:
            self.flush()
            chunk = os.read(self.source, _READ)
            if not chunk:
                break
            if b"\n" not in chunk:
                self.part.append(chunk)
                continue
            self.part.append(chunk)
            lines = b"".join(self.part).split(b"\n")
            self.part = [lines.pop()]
            yield from lines
        last = b"".join(self.part)
        if last:
            yield last


class _Server:
    def __init__(self, compute, operators):
        self.compute = compute
        self.operators = operators
        self.answers = 0

    def answer(self, members):
        """The answer to a case, as a line."""
        head = b'{"id":' + json.dumps(members["id"]).encode()
        self.answers += 1
        try:
            if self.operators and members.get("operator") not in self.operators:
                raise Unsupported(f"operator {members.get('operator')}")
            case = Case(members)
            return head + _output(self.compute(case), case)
        except Refused as error:
            kind, text = "refused", str(error) or "refused"
        except Unsupported as error:
            kind, text = "unsupported", str(error) or "unsupported"
        except Malformed as error:
            kind, text = "error", f"the case is malformed: {error}"
        except Exception as error:  # noqa: BLE001: whatever a runtime raises is its answer to this case
            kind, text = "error", _tail(error)
        text = " ".join(text.split())
        return head + f',"{kind}":{json.dumps(text)}}}\n'.encode()

    def run(self, streams):
        for line in streams.lines():
            if not line.strip():
                continue
            try:
                members = _DECODER.decode(line.decode("utf-8"))
            except (ValueError, Malformed) as error:
                raise SystemExit(f"qverify_adapter: a line of the input is no JSON: {error}") from None
            if not isinstance(members, dict):
                raise SystemExit("qverify_adapter: a line of the input is no JSON object")
            if "id" in members:
                streams.put(self.answer(members))
            elif "end" in members:
                self.finish(streams, members["end"])
                return
            elif "hello" in members:
                theirs = members["hello"].get("format")
                if theirs != FORMAT:
                    raise SystemExit(f"qverify_adapter: format {theirs}; this file knows {FORMAT}")
            else:
                raise SystemExit("qverify_adapter: a line has neither hello, id nor end")
        self.finish(streams, {})  # a file written by hand needs no end line

    def finish(self, streams, end):
        closing = {"answers": self.answers}
        if isinstance(end, dict) and "sha256" in end:
            closing["sha256"] = end["sha256"]
        streams.put(_line({"end": closing}))
        streams.flush()


def _line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def serve(name, version, claims, compute=None, prepare=None, batch=1):
    """Says hello, then answers cases until the input ends. Does not return.

    `claims` is the list of the hello line (Documentation/line-format.md). A runtime that takes long
    to load is loaded by `prepare`, which is called after hello is out and returns `compute`.

    Every answer is handed over before the next case is computed: if that one ends the process, it is
    known which it was. A runtime that never does may hand over up to `batch` answers at once, some
    ten microseconds a case faster.
    """
    if (compute is None) == (prepare is None):
        raise TypeError("serve: give either compute or prepare")
    streams = _Streams(batch)
    status = 0
    try:
        hello = {"format": FORMAT, "name": name, "version": version, "claims": claims}
        streams.put(_line({"hello": hello}))
        streams.flush()
        _load_numpy()
        operators = {claim.get("operator") for claim in claims}
        _Server(compute or prepare(), operators).run(streams)
    except BrokenPipeError:
        status = 1  # nobody listens any more
    except KeyboardInterrupt:
        status = 130
    except SystemExit as error:
        print(error, file=sys.stderr)
        status = 2
    except Exception:  # noqa: BLE001: shown, and told apart from a crash by the status
        import traceback

        traceback.print_exc()
        status = 1
    sys.stderr.flush()
    # Runtimes with threads of their own may hang or crash while they are taken down; all is written.
    os._exit(status)
