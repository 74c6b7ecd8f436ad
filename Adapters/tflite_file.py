"""Writes the model of one fully connected layer, in the file format of LiteRT and TensorFlow Lite Micro.

The format is a flatbuffer; a writer of a page is faster than the general one, and shows what is in the file.
Slots and numbers are those of the published schema (schema.fbs).
"""

import struct

from qverify_adapter import Unsupported

TYPES = {"int8": 9, "uint8": 3, "int16": 7, "int32": 2, "int64": 4}
_FULLY_CONNECTED, _FULLY_CONNECTED_OPTIONS = 9, 8
_ACTIVATIONS = {"none": 0, "relu": 1, "relu6": 3}
_OPERATOR_VERSION = 11  # the first with quantized_bias_type


# Flatbuffers, written from the front: each writer appends itself and returns where it lies. An offset is
# relative and positive, so what a table refers to is written after it.

_SIZES = {"b": 1, "B": 1, "i": 4, "I": 4, "o": 4}
_layouts = {}


def _layout(key):
    """Of a table with these (slot, code): the vtable, where each field lies, and the table's size."""
    places, at = {}, 4
    for slot, code in sorted(key, key=lambda field: -_SIZES[field[1]]):
        places[slot] = at
        at += _SIZES[code]
    size = (at + 3) & ~3
    slots = max(places) + 1 if places else 0
    table = struct.pack(
        f"<HH{slots}H", 4 + 2 * slots, size, *(places.get(slot, 0) for slot in range(slots)))
    return table, [places[slot] for slot, _ in key], size


def _table(*fields):
    """fields: (slot, code, value); the value of code "o" is a writer."""
    key = tuple([(slot, code) for slot, code, _ in fields])
    layout = _layouts.get(key)
    if layout is None:
        layout = _layouts[key] = _layout(key)
    vtable, places, size = layout

    def write(file):
        # The vtable ends where the table begins, on a multiple of 4.
        file += bytes(-(len(file) + len(vtable)) % 4)
        start = len(file)
        file += vtable
        position = len(file)
        file += bytes(size)
        struct.pack_into("<i", file, position, position - start)
        for (_, code, value), place in zip(fields, places):
            at = position + place
            if code == "o":
                value = value(file) - at
                code = "I"
            struct.pack_into("<" + code, file, at, value)
        return position

    return write


def _vector(code, values, alignment=4):
    raw = values if code == "raw" else struct.pack(f"<{len(values)}{code}", *values)

    def write(file):
        file += bytes(-(len(file) + 4) % alignment)
        position = len(file)
        file += struct.pack("<I", len(values)) + raw
        file += bytes(-len(file) % 4)
        return position

    return write


def _tables(*writers):
    def write(file):
        position = len(file)
        file += struct.pack("<I", len(writers)) + bytes(4 * len(writers))
        for index, writer in enumerate(writers):
            at = position + 4 + 4 * index
            struct.pack_into("<I", file, at, writer(file) - at)
        return position

    return write


# The model

def _tensor(type, shape, buffer, name, scales, zero_points):
    quantization = _table(
        (2, "o", _vector("f", scales)),
        (3, "o", _vector("q", zero_points, 8)),
        (6, "i", 0))
    return _table(
        (0, "o", _vector("i", shape)), (1, "b", TYPES[type]), (2, "I", buffer),
        (3, "o", _text(name)), (4, "o", quantization))


def _text(text):
    raw = text.encode()

    def write(file):
        position = len(file)
        file += struct.pack("<I", len(raw)) + raw + b"\0"
        file += bytes(-len(file) % 4)
        return position

    return write


def _buffer(raw):
    return _table((0, "o", _vector("raw", raw, 16)))


def fully_connected(x, w, bias, y, activation="none", bias_scales=(), bias_type=None):
    """The bytes of a model with one FULLY_CONNECTED.

    x, w, bias, y: tensors of a case (`bias` may be None); bias_scales: what the file states of the bias;
    bias_type: the option quantized_bias_type, left unset by None.
    """
    channels = len(w.scale)
    if len(set(w.zero_point)) == 1:
        zeros = w.zero_point[:1] * channels
    elif len(w.zero_point) == channels:
        zeros = w.zero_point
    else:
        raise Unsupported("weights with one scale and several zero points: a file has as many of one as of the other")
    tensors = [
        _tensor(x.type, x.shape, 0, "x", x.scale, x.zero_point),
        _tensor(w.type, w.shape, 1, "w", w.scale, zeros),
        _tensor(y.type, y.shape, 0, "y", y.scale, y.zero_point),
    ]
    buffers = [_table(), _buffer(w.data.tobytes())]
    inputs = [0, 1, -1]
    if bias:
        inputs = [0, 1, 3]
        tensors.append(
            _tensor(bias.type, bias.shape, 2, "b", bias_scales, [0] * len(bias_scales)))
        buffers.append(_buffer(bias.data.tobytes()))
    options = [(0, "b", _ACTIVATIONS[activation])]
    if bias_type:
        options.append((4, "b", TYPES[bias_type]))
    operator = _table(
        (0, "I", 0), (1, "o", _vector("i", inputs)), (2, "o", _vector("i", [2])),
        (3, "B", _FULLY_CONNECTED_OPTIONS), (4, "o", _table(*options)))
    graph = _table(
        (0, "o", _tables(*tensors)), (1, "o", _vector("i", [0])), (2, "o", _vector("i", [2])),
        (3, "o", _tables(operator)), (4, "o", _text("layer")))
    code = _table((0, "b", _FULLY_CONNECTED), (2, "i", _OPERATOR_VERSION), (3, "i", _FULLY_CONNECTED))
    model = _table(
        (0, "I", 3), (1, "o", _tables(code)), (2, "o", _tables(graph)), (3, "o", _text("qverify")),
        (4, "o", _tables(*buffers)))
    file = bytearray(b"\0\0\0\0TFL3")
    struct.pack_into("<I", file, 0, model(file))
    return bytes(file)


# What both runtimes ask of a layer before it can be stated in such a file

def bias_scales(case):
    """What the file says of a bias in accumulator units: Si·Sw, as binary32.

    Per tensor both runtimes refuse a bias whose scale is further than 0.02·So from Si·Sw. For large
    Si·Sw/So the binary32 number nearest to the product already is: then no file can state the layer.
    """
    if not case.bias:
        return ()
    s, o = case.input.scale[0], case.output.scale[0]
    scales = []
    for scale in case.weights.scale:
        product = s * scale
        try:
            narrow = struct.unpack("<f", struct.pack("<f", product))[0]
        except OverflowError:
            narrow = float("inf")
        legal = 0 < s < float("inf") and 0 < scale < float("inf") and 0 < o < float("inf")
        if legal and len(case.weights.scale) == 1 and not abs(product - narrow) / o <= 0.02:
            raise Unsupported("no binary32 scale of the bias is near enough to Si·Sw for the runtime's check")
        scales.append(narrow)
    return scales
