"""Lines of the format: strict JSON objects whose text is kept, and the checks on that text."""

import hashlib
import json
import re

HASHED_KEYS = ("operator", "profile", "attributes", "inputs", "output", "constants")
UNHASHED_KEYS = ("id", "classes", "refuse", "expected")
TENSOR_KEYS = ("type", "shape", "scale", "axis", "zeroPoint", "data")
INPUT_KEYS = ("input", "weights", "bias")


class BadFile(Exception):
    """The file is not what the format says; nothing in it can be trusted."""


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        duplicate = next(key for key in keys if keys.count(key) > 1)
        raise BadFile(f"duplicate key {json.dumps(duplicate)}")
    return members


def _constant(name):
    raise BadFile(f"{name} is not JSON; write it as a string")


class Line:
    """One line: its members, parsed, each with the text that it came from."""

    def __init__(self, raw):
        self.long_decimals = []
        decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_constant=_constant, parse_float=self._decimal)
        try:
            self.text = raw.decode("utf-8")
            self._scan(decoder)
        except UnicodeDecodeError as error:
            raise BadFile(f"not UTF-8 at byte {error.start}") from None
        except RecursionError:
            raise BadFile("nested too deeply") from None
        except ValueError as error:
            raise BadFile(f"not JSON: {error}") from None

    def _scan(self, decoder):
        """Walks the top level by hand, so that the text of every member is known."""
        text = self.text
        space = re.compile(r"[ \t\r\n]*").match

        def skip(position, expected):
            position = space(text, position).end()
            if position >= len(text) or text[position] not in expected:
                raise json.JSONDecodeError(f"expected one of {expected}", text, position)
            return position

        self.members, self.spans, keys = {}, {}, set()
        position = skip(0, "{")
        if text[skip(position + 1, '"}')] == "}":
            position = skip(position + 1, "}")
        while text[position] != "}":
            start = skip(position + 1, '"')
            key, position = decoder.raw_decode(text, start)
            if key in keys:
                raise BadFile(f"duplicate key {json.dumps(key)}")
            keys.add(key)
            position = space(text, skip(position, ":") + 1).end()
            self.members[key], position = decoder.raw_decode(text, position)
            self.spans[key] = text[start:position]
            position = skip(position, ",}")
        if space(text, position + 1).end() != len(text):
            raise json.JSONDecodeError("something follows the object", text, position + 1)

    def _decimal(self, text):
        value = float(text)
        if repr(value) != text and _digits(text) != _digits(repr(value)):
            self.long_decimals.append(text)
        return value

    def digest(self):
        """The SHA-256 of the line without what may not influence its id, cut from its own text."""
        kept = [span for key, span in self.spans.items() if key not in UNHASHED_KEYS]
        return hashlib.sha256(("{" + ",".join(kept) + "}").encode("utf-8")).hexdigest()

    def irregularities(self):
        """What a generated line must not have, though JSON allows it."""
        if any(space in self.text.removesuffix("\n") for space in " \t\r\n"):
            yield "spaces", "a generated line has none"
        hashed = [key for key in self.members if key not in UNHASHED_KEYS]
        yield from _misplaced("the line", hashed, HASHED_KEYS)
        inputs, output = self.members.get("inputs"), self.members.get("output")
        if isinstance(inputs, dict):
            yield from _misplaced("inputs", inputs, INPUT_KEYS)
            for name, tensor in inputs.items():
                if isinstance(tensor, dict):
                    yield from _misplaced(f"inputs.{name}", tensor, TENSOR_KEYS)
        if isinstance(output, dict):
            yield from _misplaced("output", output, TENSOR_KEYS)
        for text in self.long_decimals:
            yield "decimal", f"{text} is not the shortest decimal of its binary64 number"


def _digits(text):
    mantissa = text.lower().split("e")[0].replace(".", "").lstrip("-")
    return mantissa.strip("0")


def _misplaced(where, keys, order):
    known = [key for key in keys if key in order]
    if known != sorted(known, key=order.index) or len(known) != len(list(keys)):
        yield "keyOrder", f"{where} has the keys {list(keys)}, expected the order {list(order)}"
