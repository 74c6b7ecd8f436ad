import Crypto
import JSONLines
import QuantizedArithmetic
import QuantizedLayers

/// What a case's line may carry besides the case itself.
package struct ExpectedAnswer: Hashable, Sendable {
  /// Output elements, little-endian; empty for a case that must be refused.
  package var output: [UInt8]
  /// The exact `y` of every output, as fractions in lowest terms; empty where not asked for.
  package var exact: [String]

  package init(output: [UInt8], exact: [String] = []) {
    self.output = output
    self.exact = exact
  }
}

/// Writes cases as lines: version 1 of the format, one JSON object a line, keys in a fixed order.
///
/// The id of a generated case ends in the first 8 hex digits of the SHA-256 of its line without `id`,
/// `classes`, `refuse` and `expected`, so that it names the content and not only the place.
package struct CaseWriter {
  private var body = JSONWriter(capacity: 1 << 12)
  private var line: [UInt8] = []
  /// Where `profile`, or what follows it, begins in the body.
  private var operatorEnd = 0

  package init() {}

  /// The line of a case, with its line feed.
  ///
  /// A blind line leaves out what tells an implementation the answer: classes, refuse, expected.
  package mutating func write(
    _ testCase: TestCase, expected: ExpectedAnswer? = nil, isBlind: Bool = false
  ) -> [UInt8] {
    writeBody(testCase)
    return line(testCase, id(testCase), expected, isBlind)
  }

  /// A case's blind line, and the id in it.
  package mutating func writeBlind(_ testCase: TestCase) -> (id: String, line: [UInt8]) {
    writeBody(testCase)
    let id = id(testCase)
    return (id, line(testCase, id, nil, true))
  }

  /// The line of the case whose body has been written.
  private mutating func line(
    _ testCase: TestCase, _ id: String, _ expected: ExpectedAnswer?, _ isBlind: Bool
  ) -> [UInt8] {
    line.removeAll(keepingCapacity: true)
    var head = JSONWriter(capacity: 128)
    head.beginObject()
    head.key("id")
    head.string(id)
    line += head.bytes
    line.append(UInt8(ascii: ","))
    line += body.bytes[1..<operatorEnd]
    if !isBlind { writeVerdicts(testCase) }
    line += body.bytes[operatorEnd..<(body.bytes.count - 1)]
    if !isBlind, let expected { writeExpected(expected) }
    line.append(UInt8(ascii: "}"))
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// The id of a case.
  package mutating func identifier(of testCase: TestCase) -> String {
    if case .given(let id) = testCase.origin { return id }
    writeBody(testCase)
    return id(testCase)
  }

  private func id(_ testCase: TestCase) -> String {
    switch testCase.origin {
    case .given(let id): return id
    case .generated(let seed, let index):
      let digest = SHA256.hash(data: body.bytes)
      let text = String(index)
      let padded = String(repeating: "0", count: max(0, 7 - text.count)) + text
      return "\(seed)-\(padded)-\(Hexadecimal.text(digest.prefix(4)))"
    }
  }

  // MARK: Members

  private mutating func writeBody(_ testCase: TestCase) {
    let layer = testCase.layer
    body.removeAll()
    body.beginObject()
    body.key("operator")
    body.string(layer.operation)
    operatorEnd = body.bytes.count
    if let profile = testCase.profile {
      body.key("profile")
      body.string(profile)
    }
    body.key("attributes")
    body.beginObject()
    if case .clamp(let low, let high) = layer.activation {
      body.key("clamp")
      body.beginArray()
      body.portableInteger(low)
      body.portableInteger(high)
      body.endArray()
    } else {
      body.key("activation")
      body.string(layer.activation.name)
    }
    body.endObject()
    body.key("inputs")
    body.beginObject()
    body.key("input")
    write(layer.input, hasData: true)
    body.key("weights")
    write(layer.weights, hasData: true)
    if let bias = layer.bias {
      body.key("bias")
      write(bias, hasData: true)
    }
    body.endObject()
    body.key("output")
    write(layer.output, hasData: false)
    body.endObject()
  }

  private mutating func write(_ tensor: RawTensor, hasData: Bool) {
    body.beginObject()
    body.key("type")
    body.string(tensor.type.rawValue)
    body.key("shape")
    body.beginArray()
    for dimension in tensor.shape { body.portableInteger(Int64(dimension)) }
    body.endArray()
    if !tensor.scales.isEmpty || !tensor.zeroPoints.isEmpty {
      body.key("scale")
      writeList(tensor.scales) { writer, scale in writer.number(scale) }
      if tensor.scales.count != 1 || tensor.zeroPoints.count != 1 {
        body.key("axis")
        body.integer(0)
      }
      body.key("zeroPoint")
      writeList(tensor.zeroPoints) { writer, zeroPoint in writer.portableInteger(zeroPoint) }
    }
    if hasData {
      body.key("data")
      body.base64(tensor.data)
    }
    body.endObject()
  }

  /// One number, or a list of several.
  private mutating func writeList<T>(_ values: [T], _ write: (inout JSONWriter, T) -> Void) {
    if values.count == 1 {
      write(&body, values[0])
      return
    }
    body.beginArray()
    for value in values { write(&body, value) }
    body.endArray()
  }

  private mutating func writeVerdicts(_ testCase: TestCase) {
    guard !testCase.classes.isEmpty || testCase.refuse != nil else { return }
    var writer = JSONWriter(capacity: 128)
    writer.beginObject()
    if !testCase.classes.isEmpty {
      writer.key("classes")
      writer.beginArray()
      for name in testCase.classes { writer.string(name) }
      writer.endArray()
    }
    if let fault = testCase.refuse {
      writer.key("refuse")
      writer.string(fault.rawValue)
    }
    line.append(UInt8(ascii: ","))
    line += writer.bytes[1...]
  }

  private mutating func writeExpected(_ expected: ExpectedAnswer) {
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    writer.key("expected")
    writer.beginObject()
    writer.key("output")
    writer.base64(expected.output)
    if !expected.exact.isEmpty {
      writer.key("exact")
      writer.beginArray()
      for value in expected.exact { writer.string(value) }
      writer.endArray()
    }
    writer.endObject()
    line.append(UInt8(ascii: ","))
    line += writer.bytes[1...]
  }
}

/// Bytes as lower-case hexadecimal digits.
package enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
