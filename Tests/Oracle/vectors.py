"""Cases: tensors as a file gives them, and the rules that a configuration must keep.

Three levels of trust: a `Line` is a JSON object; a `Case` has the right form but may hold nonsense;
a `Layer` keeps every rule and can be computed.
"""

import base64
import binascii
import json
import math
import re
import struct
from dataclasses import dataclass

from lines import INPUT_KEYS, TENSOR_KEYS, BadFile


class Unsupported(Exception):
    """A well-formed case that this program does not model."""


@dataclass(frozen=True)
class ElementType:
    low: int
    high: int
    code: str  # struct's letter

    @property
    def size(self):
        return struct.calcsize("<" + self.code)


TYPES = {
    "int8": ElementType(-(2**7), 2**7 - 1, "b"),
    "uint8": ElementType(0, 2**8 - 1, "B"),
    "int16": ElementType(-(2**15), 2**15 - 1, "h"),
    "int32": ElementType(-(2**31), 2**31 - 1, "i"),
    "int64": ElementType(-(2**63), 2**63 - 1, "q"),
}
ACTIVATION_TYPES = ("int8", "uint8", "int16")
BIAS_TYPES = ("int32", "int64")

# What an activation leaves through, in reals. A file may name the first three.
ACTIVATIONS = {
    "none": (None, None),
    "relu": (0, None),
    "relu6": (0, 6),
    "reluN1To1": (-1, 1),
}
FILE_ACTIVATIONS = ("none", "relu", "relu6")


# Values

def _integer(value, where):
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,40}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        return int(value)
    raise BadFile(f"{where}: expected an integer, found {_shown(value)}")


def _scale(value, where):
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value.replace("Infinity", "inf"))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.copysign(math.inf, value)
    raise BadFile(f"{where}: expected a number, found {_shown(value)}")


def _shown(value):
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _dictionary(value, where, keys):
    if not isinstance(value, dict):
        raise BadFile(f"{where}: expected an object, found {_shown(value)}")
    for key in value:
        if key not in keys:
            raise Unsupported(f"unknown key {where}.{key}")
    return value


def decode(data, type_name, where):
    """The integers of base64 or of a list."""
    element = TYPES[type_name]
    if isinstance(data, list):
        values = [_integer(value, where) for value in data]
        if any(not element.low <= value <= element.high for value in values):
            raise BadFile(f"{where}: a value is outside {type_name}")
        return values
    if not isinstance(data, str):
        raise BadFile(f"{where}: expected base64 or a list, found {_shown(data)}")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFile(f"{where}: not base64: {error}") from None
    count, rest = divmod(len(raw), element.size)
    if rest:
        raise BadFile(f"{where}: {len(raw)} bytes are no whole number of {type_name} elements")
    return list(struct.unpack(f"<{count}{element.code}", raw))


# Cases

@dataclass
class Tensor:
    """A tensor as the file gives it; lists of one element stand for single numbers."""

    name: str
    type: str
    shape: list
    scales: list | None
    zero_points: list
    data: object

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def element(self):
        return TYPES[self.type]

    @classmethod
    def read(cls, value, name, types):
        keys = TENSOR_KEYS if name != "output" else TENSOR_KEYS[:-1]
        fields = _dictionary(value, name, keys)
        for key in ("type", "shape") + (("data",) if name != "output" else ()):
            if key not in fields:
                raise BadFile(f"{name}.{key} is missing")
        if not isinstance(fields["type"], str) or not isinstance(fields["shape"], list):
            raise BadFile(f"{name}: type must be a string and shape a list")
        if fields["type"] not in types:
            raise Unsupported(f"{name} of type {fields['type']}")
        if _integer(fields.get("axis", 0), f"{name}.axis") != 0:
            raise Unsupported(f"{name}.axis other than 0")
        return cls(
            name=name,
            type=fields["type"],
            shape=[_integer(value, f"{name}.shape") for value in fields["shape"]],
            scales=_numbers(fields, "scale", name, _scale) if "scale" in fields else None,
            zero_points=_numbers(fields, "zeroPoint", name, _integer),
            data=fields.get("data"))


def _numbers(fields, key, name, read):
    value = fields.get(key, 0)
    values = value if isinstance(value, list) else [value]
    return [read(value, f"{name}.{key}") for value in values]


class Case:
    """A case of the operator fullyConnected, which may break the rules that `faults` checks."""

    def __init__(self, members):
        if members.get("operator") != "fullyConnected":
            raise Unsupported(f"operator {members.get('operator')}")
        for key in ("profile", "refuse"):
            if not isinstance(members.get(key, ""), str):
                raise BadFile(f"{key}: expected a string, found {_shown(members[key])}")
        self.profile = members.get("profile")
        self.refuse = members.get("refuse")
        self.classes = members.get("classes")
        for key in ("inputs", "output"):
            if key not in members:
                raise BadFile(f"{key} is missing")
        inputs = _dictionary(members["inputs"], "inputs", INPUT_KEYS)
        for key in ("input", "weights"):
            if key not in inputs:
                raise BadFile(f"inputs.{key} is missing")
        self.input = Tensor.read(inputs["input"], "input", ACTIVATION_TYPES)
        self.weights = Tensor.read(inputs["weights"], "weights", ACTIVATION_TYPES)
        self.bias = None
        if "bias" in inputs:
            self.bias = Tensor.read(inputs["bias"], "bias", BIAS_TYPES)
        self.output = Tensor.read(members["output"], "output", ACTIVATION_TYPES)
        for tensor in (self.input, self.weights, self.output):
            if tensor.scales is None:
                raise BadFile(f"{tensor.name}.scale is missing")
        self._read_attributes(members.get("attributes", {}))

    @property
    def tensors(self):
        bias = [self.bias] if self.bias else []
        return [self.input, self.weights, *bias, self.output]

    def _read_attributes(self, value):
        attributes = _dictionary(value, "attributes", ("activation", "clamp"))
        if len(attributes) > 1:
            raise BadFile("attributes: activation and clamp exclude each other")
        self.activation = attributes.get("activation", "none")
        if self.activation not in FILE_ACTIVATIONS:
            raise Unsupported(f"activation {_shown(self.activation)}")
        self.clamp = None
        if "clamp" in attributes:
            bounds = attributes["clamp"]
            if not isinstance(bounds, list) or len(bounds) != 2:
                raise BadFile(f"attributes.clamp: expected [lo, hi], found {_shown(bounds)}")
            self.clamp = tuple(_integer(bound, "attributes.clamp") for bound in bounds)

    # Rules

    def faults(self):
        """The names of all rules that the configuration breaks.

        A rule whose premise already failed is not asked: without two dimensions there is no K that
        could differ.
        """
        return set(self._number_faults()) | set(self._shape_faults())

    def _number_faults(self):
        for tensor in self.tensors:
            for scale in tensor.scales or ():
                if math.isnan(scale):
                    yield "scale.nan"
                elif math.isinf(scale):
                    yield "scale.infinite"
                elif scale < 0:
                    yield "scale.negative"
                elif scale == 0:
                    yield "scale.zero"
            for zero_point in tensor.zero_points:
                if not tensor.element.low <= zero_point <= tensor.element.high:
                    yield "zeroPoint.range"
        if self.clamp:
            low, high = self.clamp
            if low > high:
                yield "clamp.order"
            element = self.output.element
            if min(low, high) < element.low or max(low, high) > element.high:
                yield "clamp.range"

    def _shape_faults(self):
        for tensor in self.tensors:
            if len(tensor.shape) != (1 if tensor is self.bias else 2):
                yield "shape.rank"
            if any(dimension == 0 for dimension in tensor.shape):
                yield "shape.zero"
            if any(dimension < 0 for dimension in tensor.shape):
                yield "shape.zero"
            if tensor.size >= 2**63:
                yield "shape.overflow"
        rows = self.input.shape[0] if len(self.input.shape) == 2 else None
        depth = self.input.shape[1] if len(self.input.shape) == 2 else None
        channels = self.weights.shape[0] if len(self.weights.shape) == 2 else None
        if depth is not None and channels is not None and self.weights.shape[1] != depth:
            yield "shape.mismatch"
        if self.bias and len(self.bias.shape) == 1 and channels is not None:
            if self.bias.shape[0] != channels:
                yield "shape.bias"
        if len(self.output.shape) == 2 and rows is not None and channels is not None:
            if self.output.shape != [rows, channels]:
                yield "shape.output"
        for tensor in self.tensors:
            per_channel = tensor is self.weights or tensor is self.bias
            for values in (tensor.scales, tensor.zero_points):
                if values is None or len(values) == 1:
                    continue
                if not per_channel or (channels is not None and len(values) != channels):
                    yield "channels.count"

    def check_data(self, faults):
        """Data must decode, and fit its shape unless the shape itself is the fault."""
        for tensor in self.tensors:
            if tensor.data is None:
                continue
            count = len(decode(tensor.data, tensor.type, f"{tensor.name}.data"))
            if tensor.size >= 2**63:
                if count:
                    raise BadFile(f"{tensor.name}.data: must be empty, the size overflows")
            elif not any(fault.startswith("shape.") for fault in faults) and count != tensor.size:
                raise BadFile(f"{tensor.name}.data: {count} elements, the shape has {tensor.size}")
