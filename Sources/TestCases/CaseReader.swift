import JSONLines
import QuantizedArithmetic
import QuantizedLayers

/// What a file of cases says of itself in its first line.
package struct VectorHello: Hashable, Sendable {
  package var format: Int
  /// `nil` in a file written by hand: it needs no `end` line.
  package var generator: Int?
  package var seed: String?
  package var selection: String?

  package init(format: Int = 1, generator: Int?, seed: String?, selection: String?) {
    self.format = format
    self.generator = generator
    self.seed = seed
    self.selection = selection
  }
}

/// What a file of cases says of itself in its last line.
package struct VectorEnd: Hashable, Sendable {
  package var cases: Int?
  /// Of every byte before the line, as lower-case hexadecimal digits.
  package var sha256: String?
}

/// One line of a file of cases.
package enum VectorLine: Sendable {
  case hello(VectorHello)
  case testCase(ReadCase)
  case end(VectorEnd)
}

/// A case as it was read, with what its line said beside it.
package struct ReadCase: Sendable {
  package var testCase: TestCase
  package var expected: ExpectedAnswer?
  /// Why this version cannot tell what the case means: an unknown key where keys have a meaning.
  package var unsupported: String?
}

/// Why a line is not what the format says.
package struct LineFormatError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Reads lines of version 1 of the format.
///
/// Unknown keys at the top of a line are ignored; inside `attributes`, `inputs` and `output` they
/// could change what a case means, so the case becomes unsupported. Duplicate keys are errors.
package struct CaseReader {
  package init() {}

  /// Reads one line, a JSON object without its line feed.
  ///
  /// - Throws: ``LineFormatError`` saying where and what was expected.
  package func read(_ line: UnsafeBufferPointer<UInt8>) throws(LineFormatError) -> VectorLine {
    do {
      var reader = JSONReader(line)
      return try parse(&reader)
    } catch let error as LineFormatError {
      throw error
    } catch {
      throw LineFormatError("\(error)")
    }
  }

  private func parse(_ reader: inout JSONReader) throws -> VectorLine {
    var keys = JSONKeySet()
    var draft = CaseDraft()
    var hello: VectorHello?
    var end: VectorEnd?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "hello": hello = try readHello(&reader)
      case "end": end = try readEnd(&reader)
      case "id": draft.id = try reader.readString()
      case "operator": draft.operation = try reader.readString()
      case "classes": draft.classes = try readStrings(&reader)
      case "refuse": draft.refuse = try reader.readString()
      case "profile": draft.profile = try reader.readString()
      case "attributes": try readAttributes(&reader, &draft)
      case "inputs": try readInputs(&reader, &draft)
      case "output": draft.output = try TensorReader.read(&reader, "output", &draft.unsupported)
      case "expected": try readExpected(&reader, &draft)
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    let kinds = (hello == nil ? 0 : 1) + (end == nil ? 0 : 1) + (draft.id == nil ? 0 : 1)
    guard kinds == 1 else {
      throw LineFormatError("a line must have exactly one of the keys hello, id and end")
    }
    if let hello { return .hello(hello) }
    if let end { return .end(end) }
    return .testCase(try draft.finished())
  }

  private func readHello(_ reader: inout JSONReader) throws -> VectorHello {
    var hello = VectorHello(format: 0, generator: nil, seed: nil, selection: nil)
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "format": hello.format = Int(try reader.readInt64())
      case "generator": hello.generator = Int(try reader.readInt64())
      case "seed": hello.seed = try reader.readString()
      case "selection": hello.selection = try reader.readString()
      default: try reader.skipValue()
      }
    }
    guard hello.format == 1 else {
      throw LineFormatError("format must be 1, but is \(hello.format)")
    }
    return hello
  }

  private func readEnd(_ reader: inout JSONReader) throws -> VectorEnd {
    var end = VectorEnd(cases: nil, sha256: nil)
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "cases": end.cases = Int(try reader.readInt64())
      case "sha256": end.sha256 = try reader.readString()
      default: try reader.skipValue()
      }
    }
    return end
  }

  private func readStrings(_ reader: inout JSONReader) throws -> [String] {
    var strings: [String] = []
    try reader.beginArray()
    while try reader.nextElement() { strings.append(try reader.readString()) }
    return strings
  }

  private func readAttributes(_ reader: inout JSONReader, _ draft: inout CaseDraft) throws {
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "activation": draft.activation = try reader.readString()
      case "clamp":
        var bounds: [Int64] = []
        try reader.beginArray()
        while try reader.nextElement() { bounds.append(try reader.readPortableInt64()) }
        guard bounds.count == 2 else {
          throw LineFormatError("clamp must be two integers, but has \(bounds.count)")
        }
        draft.clamp = (bounds[0], bounds[1])
      default:
        draft.unsupported = "unknown key \(key) in attributes"
        try reader.skipValue()
      }
    }
  }

  private func readInputs(_ reader: inout JSONReader, _ draft: inout CaseDraft) throws {
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "input": draft.input = try TensorReader.read(&reader, "input", &draft.unsupported)
      case "weights": draft.weights = try TensorReader.read(&reader, "weights", &draft.unsupported)
      case "bias": draft.bias = try TensorReader.read(&reader, "bias", &draft.unsupported)
      default:
        draft.unsupported = "unknown key \(key) in inputs"
        try reader.skipValue()
      }
    }
  }

  private func readExpected(_ reader: inout JSONReader, _ draft: inout CaseDraft) throws {
    var expected = ExpectedAnswer(output: [])
    var integers: [Int64]?
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "output":
        if try reader.peek() == .array {
          integers = try TensorReader.integers(&reader)
        } else {
          try reader.readBase64(into: &expected.output)
        }
      case "exact": expected.exact = try readStrings(&reader)
      default: try reader.skipValue()
      }
    }
    draft.expected = expected
    draft.expectedIntegers = integers
  }
}

/// The members of a case, before it is known that all are there.
struct CaseDraft {
  var id: String?
  var operation: String?
  var classes: [String] = []
  var refuse: String?
  var profile: String?
  var activation: String?
  var clamp: (Int64, Int64)?
  var input: RawTensor?
  var weights: RawTensor?
  var bias: RawTensor?
  var output: RawTensor?
  var expected: ExpectedAnswer?
  var expectedIntegers: [Int64]?
  var unsupported: String?

  func finished() throws(LineFormatError) -> ReadCase {
    func needed<T>(_ value: T?, _ key: String) throws(LineFormatError) -> T {
      guard let value else { throw LineFormatError("case \(id ?? "") has no \(key)") }
      return value
    }
    var fault: Fault?
    if let refuse {
      guard let known = Fault(rawValue: refuse) else {
        let names = Fault.allCases.map(\.rawValue).joined(separator: ", ")
        throw LineFormatError("refuse must be one of \(names), but is '\(refuse)'")
      }
      fault = known
    }
    let output = try needed(output, "output")
    if let bias, bias.scales.isEmpty, bias.zeroPoints.contains(where: { $0 != 0 }) {
      throw LineFormatError(
        "bias must have a scale where it has a zeroPoint; without one it is in accumulator units")
    }
    let layer = RawLayer(
      operation: try needed(operation, "operator"), activation: try parsedActivation(),
      input: try needed(input, "input"), weights: try needed(weights, "weights"), bias: bias,
      output: output)
    var expected = expected
    if let expectedIntegers {
      if let outside = expectedIntegers.first(where: { !output.type.range.contains($0) }) {
        throw LineFormatError(
          "expected.output must be in \(output.type.range.lowerBound)..."
            + "\(output.type.range.upperBound) of \(output.type.rawValue), but has \(outside)")
      }
      expected?.output = ElementBytes.bytes(expectedIntegers, as: output.type)
    }
    let testCase = TestCase(
      origin: .given(id: try needed(id, "id")), classes: classes, refuse: fault, profile: profile,
      layer: layer)
    return ReadCase(testCase: testCase, expected: expected, unsupported: unsupported)
  }

  private func parsedActivation() throws(LineFormatError) -> Activation {
    if let clamp {
      guard activation == nil else {
        throw LineFormatError("attributes must have activation or clamp, not both")
      }
      return .clamp(clamp.0, clamp.1)
    }
    switch activation {
    case nil, "none": return .none
    case "relu": return .relu
    case "relu6": return .relu6
    case .some(let name):
      throw LineFormatError("activation must be none, relu or relu6, but is '\(name)'")
    }
  }
}

extension ReadCase {
  package init(testCase: TestCase) {
    self.init(testCase: testCase, expected: nil, unsupported: nil)
  }
}
