"""Judging cases: what the file says against what the mathematics and the profiles say."""

import re
from collections import Counter
from fractions import Fraction

import exact
from arithmetic import is_binary32
from layer import Layer
from lines import BadFile, Line
from profiles import MULTIPLIERS, PROFILES, OutsideDomain, profile_outputs
from vectors import Case, Unsupported, decode

SHOWN = 20


class Tally:
    """Counts that add up over cases, and the first findings."""

    def __init__(self):
        self.cases = 0
        self.refused = 0
        self.ids_checked = 0
        self.exact_values = 0
        self.constants = 0
        self.skipped = Counter()  # reason: cases
        self.profiles = {}  # name: [outputs compared, mismatches]
        self.kinds = Counter()  # kind of finding: how many
        self.findings = []
        self.ids = []  # of this batch only

    @property
    def outputs(self):
        return sum(compared for compared, _ in self.profiles.values())

    @property
    def mismatches(self):
        return sum(self.kinds.values())

    @property
    def compared(self):
        return self.refused + self.outputs + self.exact_values

    def find(self, case, kind, expected, got, index=None, value=None):
        """`expected` is the file's word, `got` this program's."""
        self.kinds[kind] += 1
        if len(self.findings) < SHOWN:
            self.findings.append({
                "id": case, "kind": kind, "index": index, "expected": expected, "got": got,
                "exact": None if value is None else exact.text(value)})

    def add(self, other):
        """Everything but the ids."""
        self.cases += other.cases
        self.refused += other.refused
        self.ids_checked += other.ids_checked
        self.exact_values += other.exact_values
        self.constants += other.constants
        self.skipped += other.skipped
        self.kinds += other.kinds
        for name, (compared, wrong) in other.profiles.items():
            mine = self.profiles.setdefault(name, [0, 0])
            mine[0] += compared
            mine[1] += wrong
        self.findings.extend(other.findings[:SHOWN - len(self.findings)])

    def summary(self):
        return {
            "cases": self.cases,
            "refused": self.refused,
            "skipped": dict(self.skipped),
            "idsChecked": self.ids_checked,
            "outputs": self.outputs,
            "exactValues": self.exact_values,
            "constants": self.constants,
            "profiles": {
                name: {"outputs": compared, "mismatches": wrong}
                for name, (compared, wrong) in sorted(self.profiles.items())},
            "mismatches": self.mismatches,
            "kinds": dict(self.kinds),
            "first": self.findings,
        }


def judge_lines(numbered, seed):
    """Judges (line number, bytes) pairs. `seed` is the hello line's where a generator is named.

    Raises `BadFile` with the number of the line in front of its message.
    """
    tally = Tally()
    for number, raw in numbered:
        try:
            judge_line(Line(raw), seed, tally)
        except BadFile as error:
            raise BadFile(f"line {number}: {error}") from None
    return tally


def judge_line(line, seed, tally):
    members = line.members
    if "hello" in members or "end" in members:
        raise BadFile("a hello line must be the first, an end line the last")
    name = members.get("id")
    if not isinstance(name, str):
        raise BadFile("no id, or one that is not a string")
    tally.cases += 1
    tally.ids.append(name)
    if seed is not None:
        check_id(line, name, seed, tally)
    try:
        case = Case(members)
        judge_case(case, name, members, seed is not None, tally)
    except Unsupported as reason:
        tally.skipped[str(reason)] += 1


def check_id(line, name, seed, tally):
    tally.ids_checked += 1
    parts = re.fullmatch(r"(-?[0-9]+)-([0-9]{7,})-([0-9a-f]{8})", name)
    digest = line.digest()[:8]
    if not parts or parts[1] != seed or (len(parts[2]) > 7 and parts[2][0] == "0"):
        tally.find(name, "id", name, f"{seed}-<index>-{digest}")
    elif parts[3] != digest:
        tally.find(name, "id.digest", parts[3], digest)
    for kind, message in line.irregularities():
        tally.find(name, kind, None, message)


def judge_case(case, name, members, generated, tally):
    faults = case.faults()
    case.check_data(faults)
    if case.refuse is not None:
        tally.refused += 1
        if faults != {case.refuse}:
            tally.find(name, "refuse", case.refuse, sorted(faults))
        if "expected" in members:
            tally.find(name, "refuse.expected", "an expected result", "none can be")
        return
    if faults:
        tally.find(name, "fault", "a valid configuration", sorted(faults))
        return
    layer = Layer(case)
    if generated and isinstance(case.classes, list):
        check_scales(case, name, layer, tally)
    values = exact.exact_values(layer)
    outputs, defects = exact.exact_outputs(layer, values)
    for index in defects:
        tally.find(name, "oracle.rounding", None, "three roundings disagree", index, values[index])
    expected = members.get("expected", {})
    if not isinstance(expected, dict):
        raise BadFile("expected: not an object")
    if "exact" in expected:
        compare_exact(name, expected["exact"], values, tally)
    if "output" in expected:
        compare_output(case, name, expected["output"], layer, values, outputs, tally)
    if "constants" in members:
        compare_constants(case.profile, name, members["constants"], layer, tally)


def check_scales(case, name, layer, tally):
    """Generated scales are binary32 numbers, except in classes that say so."""
    wide = ("scale.double", "activation.relu6Tie", "hardScale.nearTie")
    if any(str(label).startswith(wide) for label in case.classes):
        return
    for scale in layer.scales:
        if not is_binary32(scale):
            tally.find(name, "scale.binary32", repr(scale), "not a binary32 number")


def compare_exact(name, expected, values, tally):
    if not isinstance(expected, list) or len(expected) != len(values):
        raise BadFile(f"expected.exact: not a list of {len(values)} fractions")
    for index, (theirs, value) in enumerate(zip(expected, values)):
        tally.exact_values += 1
        if theirs != exact.text(value):
            tally.find(name, "exact", theirs, exact.text(value), index, value)


def compare_output(case, name, expected, layer, values, exact_outputs, tally):
    theirs = decode(expected, layer.types[2], "expected.output")
    if len(theirs) != len(values):
        raise BadFile(f"expected.output: {len(theirs)} elements, the shape has {len(values)}")
    if case.profile in exact_outputs:
        ours = exact_outputs[case.profile]
    elif case.profile in PROFILES:
        try:
            ours = profile_outputs(case.profile, layer)
        except OutsideDomain as reason:
            tally.find(name, "domain", case.profile, str(reason))
            return
    else:
        tally.skipped[f"output of profile {case.profile}"] += 1
        return
    counts = tally.profiles.setdefault(case.profile, [0, 0])
    counts[0] += len(ours)
    if theirs == ours:
        return
    for index, (their, our) in enumerate(zip(theirs, ours)):
        if their != our:
            counts[1] += 1
            tally.find(name, f"output {case.profile}", their, our, index, values[index])


def compare_constants(profile, name, constants, layer, tally):
    """Multiplier and shift with D ~ multiplier * 2^(shift - 31), one or one a channel.

    Bit for bit where the profile has such a multiplier, else to 30 bits of the exact D.
    """
    lists = [constants.get(key) for key in ("multiplier", "shift")] if isinstance(
        constants, dict) else []
    if len(lists) != 2 or not all(isinstance(values, list) for values in lists) or not all(
            isinstance(value, int) for values in lists for value in values):
        raise BadFile("constants: expected lists of integers multiplier and shift")
    pairs = list(zip(*lists))
    channels = layer.n if layer.per_channel else 1
    if not len(lists[0]) == len(lists[1]) or len(pairs) not in (channels, layer.n):
        tally.find(name, "constants.count", [len(values) for values in lists], channels)
        return
    ours = MULTIPLIERS[profile](layer) if profile in MULTIPLIERS else None
    for index, (q, s) in enumerate(pairs):
        tally.constants += 1
        scale = Fraction(layer.sx) * Fraction(layer.sw[index]) / Fraction(layer.sy)
        if ours is not None:
            if (q, s) != ours[index]:
                tally.find(name, "constants", [q, s], list(ours[index]), index, scale)
        elif q and abs(q * Fraction(2) ** (s - 31) - scale) * 2**30 > scale:
            tally.find(name, "constants", [q, s], "not D to 30 bits", index, scale)
