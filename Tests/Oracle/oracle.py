#!/usr/bin/env python3
"""Checks a file of fully connected vectors (line format, version 1) against the mathematics.

An independent second opinion: it shares no code and no arithmetic with what wrote the file. It
recomputes ids, broken rules, exact values and the outputs of the profiles that it knows.

Exit status: 0 everything agrees; 1 something does not, or nothing could be compared; 2 the file is
not what the format says, or bad usage.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import re
import sys
from collections import deque

from judge import SHOWN, Tally, judge_lines
from lines import BadFile, Line

BATCH_LINES, BATCH_BYTES = 64, 1 << 20


class Reader:
    """The lines between hello and end, in batches, with the checks that concern the whole file."""

    def __init__(self, stream):
        self.stream = stream
        self.seed = None  # of the generator, if the hello line names one
        self.cases = 0
        self.hash = hashlib.sha256()
        first = stream.readline()
        if not first:
            raise BadFile("line 1: the file is empty")
        self._hello(_line(1, first))
        self.hash.update(first)

    def _hello(self, line):
        hello = line.members.get("hello")
        if not isinstance(hello, dict):
            raise BadFile("line 1: expected a hello line")
        if hello.get("format") != 1 or isinstance(hello["format"], bool):
            raise BadFile(f"line 1: format {json.dumps(hello.get('format'))}, expected 1")
        if "generator" in hello:
            self.seed = str(hello.get("seed"))
            if not re.fullmatch("-?[0-9]+", self.seed):
                raise BadFile("line 1: a generator without a seed")

    def batches(self):
        """Holds one line back: only the last may be an end line."""
        batch, size, number, held = [], 0, 1, None
        for raw in self.stream:
            if held is not None:
                self.hash.update(held)
                self.cases += 1
                batch.append((number, held))
                size += len(held)
                if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
            number, held = number + 1, raw
        if held is not None and not self._is_end(number, held):
            self.cases += 1
            batch.append((number, held))
        if batch:
            yield batch
        if held is None or not self._is_end(number, held):
            if self.seed is not None:
                raise BadFile(f"line {number}: no end line after it, the file is truncated")
        else:
            self._end(number, held)

    @staticmethod
    def _is_end(number, raw):
        return b'"end"' in raw and "end" in _line(number, raw).members

    def _end(self, number, raw):
        end = _line(number, raw).members["end"]
        if not isinstance(end, dict):
            raise BadFile(f"line {number}: end is not an object")
        if end.get("cases", self.cases) != self.cases:
            announced = json.dumps(end["cases"])
            raise BadFile(f"line {number}: {announced} cases announced, {self.cases} found")
        if end.get("sha256", self.hash.hexdigest()) != self.hash.hexdigest():
            raise BadFile(f"line {number}: the checksum is not that of the lines before it")
        if self.seed is not None and not {"cases", "sha256"} <= end.keys():
            raise BadFile(f"line {number}: the end line lacks cases or sha256")


def _line(number, raw):
    try:
        return Line(raw)
    except BadFile as error:
        raise BadFile(f"line {number}: {error}") from None


class Identities:
    """Ids, and the indices in generated ones, occur once."""

    def __init__(self, generated):
        self.generated = generated
        self.ids, self.indices = set(), set()

    def check(self, ids, tally):
        for name in ids:
            if name in self.ids:
                raise BadFile(f"the id {json.dumps(name)} occurs twice")
            self.ids.add(name)
            parts = name.split("-")
            if self.generated and len(parts) > 2:
                if parts[-2] in self.indices:
                    tally.find(name, "id.index", parts[-2], "occurs twice")
                self.indices.add(parts[-2])


def check(stream, jobs):
    """Judges a whole file, in order of its lines, with memory for a few batches a job."""
    reader, total = Reader(stream), Tally()
    identities = Identities(reader.seed is not None)

    def merge(tally):
        identities.check(tally.ids, total)
        total.add(tally)

    if jobs <= 1:
        for batch in reader.batches():
            merge(judge_lines(batch, reader.seed))
        return total
    with multiprocessing.Pool(jobs) as pool:
        pending = deque()
        for batch in reader.batches():
            pending.append(pool.apply_async(judge_lines, (batch, reader.seed)))
            if len(pending) > 4 * jobs:
                merge(pending.popleft().get())
        while pending:
            merge(pending.popleft().get())
        # Ended by themselves: leaving the block would kill them, which a blocked signal prevents.
        pool.close()
        pool.join()
    return total


def report(total):
    """The summary for people."""
    yield f"cases {total.cases}, refused {total.refused}, ids checked {total.ids_checked}"
    yield (f"outputs compared {total.outputs}, exact values {total.exact_values}, "
           f"constants {total.constants}")
    for name, (compared, wrong) in sorted(total.profiles.items()):
        yield f"  {name:28} outputs {compared:9}  mismatches {wrong}"
    for reason, count in sorted(total.skipped.items()):
        yield f"  not compared: {ascii(reason)[1:-1]} ({count} cases)"
    yield f"mismatches {total.mismatches}"
    for kind, count in sorted(total.kinds.items()):
        yield f"  {kind:28} {count}"
    if total.findings:
        yield f"first {min(SHOWN, total.mismatches)}:"
    for found in total.findings:
        place = "" if found["index"] is None else f"[{found['index']}]"
        value = "" if found["exact"] is None else f" exact {found['exact']}"
        yield (f"  {ascii(found['id'])[1:-1]}{place} {found['kind']}: "
               f"expected {ascii(found['expected'])} got {ascii(found['got'])}{value}")
    if not total.compared:
        yield "nothing was compared"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE", help="a vector file, or - for standard input")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    options = parser.parse_args(arguments)
    try:
        if options.file == "-":
            total = check(sys.stdin.buffer, options.jobs)
        else:
            with open(options.file, "rb") as stream:
                total = check(stream, options.jobs)
    except (BadFile, OSError) as error:
        message = error.strerror if isinstance(error, OSError) else error
        print(f"oracle: {options.file}: {message}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(total.summary(), indent=2))
    else:
        print("\n".join(report(total)))
    return 0 if total.compared and not total.mismatches else 1


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe left early; Python's last flush must not notice
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
