"""Runs the cases of Vectors/findings again and says whether each runtime still does what was measured.

    .runtimes/bin/python Adapters/check_findings.py [FILE…]

Every case has a key "finding", which qverify ignores: the right output, and what each implementation of qverify.yaml
gave. An implementation that cannot be started here is skipped.
"""

import base64
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CODES = {"int8": "b", "uint8": "B", "int16": "h"}


def answers(implementation, cases):
    """The answers by id, or None where it does not start. One case a run where a process dies."""
    entry = IMPLEMENTATIONS[implementation]
    text = '{"hello":{"format":1}}\n' + "".join(json.dumps(case) + "\n" for case in cases)
    environment = {**os.environ, **entry.get("environment", {})}
    try:
        done = subprocess.run(
            entry["run"], input=text, capture_output=True, text=True, cwd=ROOT, env=environment)
    except FileNotFoundError:
        return None
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["id"]: line for line in lines if "id" in line} if lines else None


IMPLEMENTATIONS = yaml.safe_load((ROOT / "qverify.yaml").read_text())["implementations"]
files = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "Vectors/findings").glob("*.jsonl"))
asked = {}
for file in files:
    for line in file.read_text().splitlines():
        case = json.loads(line)
        for implementation in case.get("finding", {}).get("measured", {}):
            asked.setdefault(implementation, []).append((file.stem, case))

same = different = skipped = 0
for implementation, pairs in asked.items():
    given = answers(implementation, [case for _, case in pairs]) if implementation in IMPLEMENTATIONS else None
    for name, case in pairs:
        measured = case["finding"]["measured"][implementation]
        answer = (given or {}).get(case["id"])
        if answer is None:
            skipped += 1
            print(f"skipped    {name}/{case['id']} on {implementation}")
            continue
        found = {key: value for key, value in answer.items() if key != "id"}
        if "output" in found:
            raw = base64.b64decode(found["output"])
            code = CODES[case["output"]["type"]]
            found = list(struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw))
        if found == measured:
            same += 1
        else:
            different += 1
            print(f"different  {name}/{case['id']} on {implementation}: {found}, measured was {measured}")
print(f"{same} as measured, {different} different, {skipped} skipped")
sys.exit(different > 0)
