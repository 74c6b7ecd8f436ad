"""Tests of the helper, by running adapters as children: python3 -m unittest discover Adapters"""

import base64
import json
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLAIMS = [{"operator": "fullyConnected", "conformance": "nearest"}]


def case(identifier, **changes):
    """Two rows, three deep, one channel."""
    members = {
        "id": identifier, "operator": "fullyConnected",
        "inputs": {
            "input": {"type": "int8", "shape": [2, 3], "scale": 1, "zeroPoint": 0, "data": "AQIDBAUG"},
            "weights": {"type": "int8", "shape": [1, 3], "scale": 1, "zeroPoint": 0, "data": [1, 1, 1]}},
        "output": {"type": "int8", "shape": [2, 1], "scale": 1, "zeroPoint": 0}}
    for path, value in changes.items():
        *folders, key = path.split("__")
        place = members
        for folder in folders:
            place = place[folder]
        place[key] = value
    return members


SUM = "def compute(case):\n    case.check()\n    return [[sum(row)] for row in LISTS(case.input.data)]\n"
HEAD = """
import os, sys
sys.path.insert(0, {here!r})
{before}
import qverify_adapter
from qverify_adapter import Refused, Unsupported
LISTS = lambda data: data.tolist() if hasattr(data, "tolist") else data
{compute}
qverify_adapter.serve(name="test", version="1", claims={claims!r}, compute=compute)
"""


def program(compute=SUM, before=""):
    return [sys.executable, "-c", HEAD.format(here=str(HERE), compute=compute, before=before, claims=CLAIMS)]


def run(lines, **options):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(program(**options), input=text, capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()], done


class Conversation(unittest.TestCase):
    def test_a_case_is_answered_between_hello_and_end(self):
        answers, done = run([{"hello": {"format": 1}}, case("a"), {"end": {"cases": 1, "sha256": "xyz"}}])
        self.assertEqual([list(answer)[0] for answer in answers], ["hello", "id", "end"])
        self.assertEqual(answers[0]["hello"]["claims"], CLAIMS)
        self.assertEqual(base64.b64decode(answers[1]["output"]), bytes([6, 15]))
        self.assertEqual(answers[2]["end"], {"answers": 1, "sha256": "xyz"})
        self.assertEqual(done.returncode, 0)

    def test_a_file_without_an_end_line_is_closed(self):
        answers, _ = run([{"hello": {"format": 1}}, case("a")])
        self.assertEqual(answers[-1], {"end": {"answers": 1}})

    def test_it_works_without_numpy(self):
        answers, _ = run([case("a")], before="sys.modules['numpy'] = None")
        self.assertEqual(base64.b64decode(answers[1]["output"]), bytes([6, 15]))

    def test_what_is_printed_stays_out_of_the_answers(self):
        noisy = "def compute(case):\n    print('python'); os.system('echo child'); os.write(1, b'C')\n    return [1, 2]\n"
        answers, done = run([case("a")], compute=noisy)
        self.assertEqual([list(answer)[0] for answer in answers], ["hello", "id", "end"])
        for word in ("python", "child", "C"):
            self.assertIn(word, done.stderr)

    def test_hello_comes_before_any_input(self):
        child = subprocess.Popen(program(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertIn(b"hello", child.stdout.readline())
        child.communicate()

    def test_no_answer_is_held_back_while_input_is_awaited(self):
        child = subprocess.Popen(program(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        for count in (1, 2, 17, 64):
            lines = "".join(json.dumps(case(str(index))) + "\n" for index in range(count))
            # The first half of a further line is there as well.
            child.stdin.write(lines.encode() + b'{"id":"late",')
            child.stdin.flush()
            for index in range(count):
                self.assertEqual(json.loads(child.stdout.readline())["id"], str(index))
            child.stdin.write(json.dumps(case("late"))[1:].replace('"id": "late", ', "").encode() + b"\n")
            child.stdin.flush()
            self.assertEqual(json.loads(child.stdout.readline())["id"], "late")
        child.communicate()

    def test_what_was_answered_before_a_crash_has_been_handed_over(self):
        answers, done = run(
            [case(name) for name in ("a", "b", "c", "d")],
            compute="def compute(case):\n    if case.id == 'c': os.abort()\n    return [1, 2]\n")
        self.assertEqual([answer.get("id") for answer in answers], [None, "a", "b"])
        self.assertLess(done.returncode, 0)

    def test_large_cases_pass_through_small_pipes(self):
        size = 200_000
        large = case("big", inputs__input__shape=[1, size], inputs__weights__shape=[1, size],
                     inputs__input__data=[1] * size, inputs__weights__data=[1] * size, output__shape=[1, size])
        answers, _ = run([large, large], compute="def compute(case):\n    return LISTS(case.input.data)\n")
        self.assertEqual(len(base64.b64decode(answers[2]["output"])), size)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        child = subprocess.Popen(program(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.readline()
        child.stdout.close()
        child.stdin.write((json.dumps(case("a")) + "\n").encode() * 40)
        child.stdin.close()
        self.assertEqual(child.stderr.read(), b"")
        child.stderr.close()
        self.assertEqual(child.wait(), 1)


class Answers(unittest.TestCase):
    def answer(self, members, **options):
        answers, _ = run([members], **options)
        return {key: value for key, value in answers[1].items() if key != "id"}

    def test_exceptions_become_answers_and_the_next_case_goes_on(self):
        code = ("def compute(case):\n"
                "    if case.id == 'r': raise Refused('no')\n"
                "    if case.id == 'u': raise Unsupported('cannot')\n"
                "    if case.id == 'e': raise ValueError('two\\nlines')\n"
                "    return [1, 2]\n")
        answers, _ = run([case("r"), case("u"), case("e"), case("o")], compute=code)
        self.assertEqual(answers[1]["refused"], "no")
        self.assertEqual(answers[2]["unsupported"], "cannot")
        self.assertRegex(answers[3]["error"], r"^ValueError: two lines \(.* in compute\)$")
        self.assertEqual(base64.b64decode(answers[4]["output"]), bytes([1, 2]))

    def test_outputs_of_a_wrong_size_range_or_kind_are_errors(self):
        for result in ("[1]", "[1, 2, 3]", "[1, 300]", "[1, 2.5]", "b'abc'", "None", "[1, 'x']"):
            found = self.answer(case("a"), compute=f"def compute(case):\n    return {result}\n")
            self.assertEqual(list(found), ["error"], result)

    def test_taps_stand_beside_the_output(self):
        found = self.answer(case("a"), compute="def compute(case):\n    return {'output': [1, 2], 'accumulator': [3, -1]}\n")
        self.assertEqual(base64.b64decode(found["accumulator"]), b"\3\0\0\0\xff\xff\xff\xff")

    def test_what_could_change_the_meaning_is_unsupported(self):
        for path in ("attributes", "inputs", "inputs__input", "inputs__weights", "output"):
            members = case("a", attributes={"activation": "none"})
            place = members
            for folder in path.split("__"):
                place = place[folder]
            place["further"] = 1
            self.assertEqual(list(self.answer(members)), ["unsupported"], path)
        self.assertEqual(list(self.answer(case("a", further=1))), ["output"])
        self.assertEqual(list(self.answer(case("a", operator="pool"))), ["unsupported"])
        self.assertEqual(list(self.answer(case("a", inputs__weights__axis=1))), ["unsupported"])

    def test_nonsense_is_refused_by_check(self):
        for changes in (
            {"inputs__input__scale": "NaN"}, {"inputs__input__scale": "Infinity"}, {"inputs__input__scale": 0},
            {"inputs__weights__scale": -1}, {"output__zeroPoint": 200}, {"inputs__input__zeroPoint": "99999999999999999999"},
            {"attributes": {"clamp": [3, 2]}}, {"attributes": {"clamp": [-200, 2]}}, {"inputs__input__shape": [6]},
            {"inputs__input__shape": [3, 2]}, {"output__shape": [1, 2]}, {"inputs__input__shape": [2, 4]},
            {"inputs__weights__scale": [1, 2]}, {"inputs__input__shape": ["9223372036854775807", 9]},
            {"inputs__bias": {"type": "int32", "shape": [2], "data": [1, 2]}}):
            self.assertEqual(list(self.answer(case("a", **changes))), ["refused"], changes)

    def test_malformed_cases_are_errors(self):
        for changes in ({"inputs__input__data": "AQI"}, {"inputs__input__data": [1, 2, 3, 4, 5, 300]},
                        {"inputs": 1}, {"inputs__input": []}, {"inputs__input__scale": "much"}):
            self.assertEqual(list(self.answer(case("a", **changes))), ["error"], changes)

    def test_a_negative_zero_keeps_its_sign(self):
        code = "import math\ndef compute(case):\n    return [int(math.copysign(1, case.input.scale[0]))] * 2\n"
        for text, sign in (("-0", 255), ("0", 1), ("-0.0", 255)):
            line = json.dumps(case("a", inputs__input__scale=7)).replace('"scale": 7', f'"scale": {text}')
            answers, _ = run([line], compute=code)
            self.assertEqual(base64.b64decode(answers[1]["output"])[0], sign, text)

    def test_a_scale_that_binary32_cannot_hold_is_unsupported_to_whoever_narrows_it(self):
        code = "def compute(case):\n    case.input.float32_scale()\n    return [1, 2]\n"
        self.assertEqual(list(self.answer(case("a", inputs__input__scale=0.1), compute=code)), ["unsupported"])
        self.assertEqual(list(self.answer(case("a", inputs__input__scale=1e300), compute=code)), ["unsupported"])
        self.assertEqual(list(self.answer(case("a", inputs__input__scale=0.5), compute=code)), ["output"])


class Input(unittest.TestCase):
    def test_what_is_no_line_of_the_format_ends_the_program_with_a_message(self):
        for line in ("nonsense", "[1]", '{"other":1}', '{"hello":{"format":2}}', '{"id":"a","id":"b"}', '{"id":NaN}'):
            answers, done = run([line])
            self.assertEqual(done.returncode, 2, line)
            self.assertIn("qverify_adapter:", done.stderr)
            self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
