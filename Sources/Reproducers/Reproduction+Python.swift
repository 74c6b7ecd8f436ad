import JSONLines
import QuantizedArithmetic
import TestCases

extension Reproduction {
  /// A program in Python without dependencies, which asks a program that speaks the line format.
  var pythonProgram: String {
    """
    #!/usr/bin/env python3
    \"\"\"\(heading.joined(separator: "\n"))

    python3 reproduce.py PROGRAM ARGUMENTS...   exit status: 0 right, 1 wrong, 2 could not be tried
    \"\"\"
    import base64
    import json
    import struct
    import subprocess
    import sys

    ID = \(quoted(identifier))
    LINE = \(quoted(blindLine))
    SECONDS = \(seconds)
    CODE = "\(code)"
    \(expectedInPython)


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
        lines = '{"hello":{"format":1}}\\n' + LINE + '{"end":{"cases":1}}\\n'
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

    """
  }

  private var blindLine: String {
    var writer = CaseWriter()
    return String(decoding: writer.writeBlind(testCase).line, as: UTF8.self)
  }

  /// A string of JSON is one of Python as well.
  private func quoted(_ text: String) -> String {
    var writer = JSONWriter(capacity: text.utf8.count + 16)
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private var code: String {
    switch outputType {
    case .int8: "b"
    case .uint8: "B"
    case .int16: "h"
    case .int32: "i"
    case .int64: "q"
    }
  }

  private var expectedInPython: String {
    func list(_ values: [Int64]) -> String {
      "[" + values.map(String.init).joined(separator: ", ") + "]"
    }
    switch expectation {
    case .refused(let reason): return "REFUSED = \(quoted(reason))"
    case .outputs(let values, let accepted):
      let isExact = accepted.allSatisfy { $0.lowerBound == $0.upperBound }
      var lines = ["REFUSED = None", "EXPECTED = \(list(values))"]
      if isExact {
        lines.append("LOWEST = HIGHEST = EXPECTED")
      } else {
        lines.append("# What conforms as well: the ends of its range, output by output.")
        lines.append("LOWEST = \(list(accepted.map(\.lowerBound)))")
        lines.append("HIGHEST = \(list(accepted.map(\.upperBound)))")
      }
      return lines.joined(separator: "\n")
    }
  }
}
