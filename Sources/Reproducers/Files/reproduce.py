#!/usr/bin/env python3
"""@HEADING@

python3 reproduce.py PROGRAM ARGUMENTS...   exit status: 0 right, 1 wrong, 2 could not be tried
"""
import base64
import json
import struct
import subprocess
import sys

@CASE@


def values(output):
    if isinstance(output, list):
        return [int(value) for value in output]
    data = base64.b64decode(output)
    size = struct.calcsize(CODE)
    if len(data) % size:
        raise ValueError(f"{len(data)} bytes are no whole number of elements")
    return list(struct.unpack(f"<{len(data) // size}{CODE}", data))


def judge(answer):
    if REFUSED is not None:
        print(f"expected: refused, since {REFUSED}")
        print(f"got:      {shown(answer)}")
        return 0 if "refused" in answer else 1
    print(f"expected: {EXPECTED[:64]}{' ...' if len(EXPECTED) > 64 else ''}")
    print(f"got:      {shown(answer)}")
    if "unsupported" in answer:
        return 2
    if "output" not in answer:
        return 1
    got = values(answer["output"])
    if len(got) != len(EXPECTED):
        print(f"{len(got)} outputs, not {len(EXPECTED)}")
        return 1
    wrong = [i for i, value in enumerate(got) if not LOWEST[i] <= value <= HIGHEST[i]]
    for i in wrong[:32]:
        print(f"output {i}: expected {EXPECTED[i]}, got {got[i]}")
    print(f"{len(wrong)} of {len(got)} outputs are wrong")
    return 1 if wrong else 0


def shown(answer):
    if "output" in answer:
        got = values(answer["output"])
        return f"{got[:64]}{' ...' if len(got) > 64 else ''}"
    return json.dumps({key: value for key, value in answer.items() if key != "id"})


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    lines = '{"hello":{"format":1}}\n' + LINE + '{"end":{"cases":1}}\n'
    try:
        program = subprocess.run(
            sys.argv[1:], input=lines.encode(), stdout=subprocess.PIPE, timeout=SECONDS)
    except OSError as error:
        print(f"cannot be started: {error}", file=sys.stderr)
        return 2
    except subprocess.TimeoutExpired:
        print(f"got:      no answer within {SECONDS} s")
        return 1
    for line in program.stdout.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict) and answer.get("id") == ID:
            return judge(answer)
    print(f"got:      no answer; the program ended with status {program.returncode}")
    return 1


if __name__ == "__main__":
    try:
        STATUS = main()
    except (ValueError, TypeError) as error:
        print(f"got:      an answer that cannot be read: {error}")
        STATUS = 1
    sys.exit(STATUS)
