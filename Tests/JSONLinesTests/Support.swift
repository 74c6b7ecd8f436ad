import JSONLines

/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers on every machine.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Any JSON value, numbers as binary64.
enum Value: Equatable {
  case object([String: Value])
  case array([Value])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  /// Reads the next value by the calls that a reader of known data would use.
  init(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.peek() {
    case .object:
      var members: [String: Value] = [:]
      var keys = JSONKeySet()
      try reader.beginObject()
      while let key = try reader.nextKey() {
        try keys.insert(key)
        members[key.string] = try Value(&reader)
      }
      self = .object(members)
    case .array:
      var elements: [Value] = []
      try reader.beginArray()
      while try reader.nextElement() { elements.append(try Value(&reader)) }
      self = .array(elements)
    case .string: self = .string(try reader.readString())
    case .number: self = .number(try reader.readDouble())
    case .bool: self = .bool(try reader.readBool())
    case .null:
      try reader.readNull()
      self = .null
    }
  }

  func write(to writer: inout JSONWriter) {
    switch self {
    case .object(let members):
      writer.beginObject()
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        writer.key(escaping: key)
        value.write(to: &writer)
      }
      writer.endObject()
    case .array(let elements):
      writer.beginArray()
      for element in elements { element.write(to: &writer) }
      writer.endArray()
    case .string(let text): writer.string(text)
    case .number(let number): writer.number(number)
    case .bool(let bool): writer.bool(bool)
    case .null: writer.null()
    }
  }

  static func random(_ generator: inout Generator, depth: Int = 4) -> Value {
    switch generator.below(depth > 0 ? 8 : 5) {
    case 0: return .null
    case 1: return .bool(generator.below(2) == 0)
    case 2: return .number(Double(generator.below(2001) - 1000) / 8)
    case 3: return .number(Double.randomFinite(&generator))
    case 4: return .string(randomString(&generator))
    case 5:
      return .array((0..<generator.below(5)).map { _ in random(&generator, depth: depth - 1) })
    default:
      var members: [String: Value] = [:]
      for _ in 0..<generator.below(5) {
        members[randomString(&generator)] = random(&generator, depth: depth - 1)
      }
      return .object(members)
    }
  }

  private static func randomString(_ generator: inout Generator) -> String {
    let characters: [Swift.Character] = [
      "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\r", "\u{8}", "\u{C}", "\u{0}", "\u{1F}",
      "\u{7F}", "é", "ß", "→", "\u{FFFD}", "\u{FFFF}", "𝄞", "😀", "{", "[", ",", ":",
    ]
    return String((0..<generator.below(24)).map { _ in characters[generator.below(26)] })
  }
}

extension Double {
  static func randomFinite(_ generator: inout Generator) -> Double {
    while true {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { return value }
    }
  }
}

/// Reads all of `text` as one value.
func parse(_ text: [UInt8]) throws(JSONError) -> Value {
  try JSONReader.read(text) { reader throws(JSONError) in
    let value = try Value(&reader)
    try reader.finish()
    return value
  }
}

/// Steps over all of `text` as one value.
func skip(_ text: [UInt8]) throws(JSONError) {
  try JSONReader.read(text) { reader throws(JSONError) in
    try reader.skipValue()
    try reader.finish()
  }
}

/// Reads all of `text` with `body`.
func read<Result>(
  _ text: String, _ body: (inout JSONReader) throws(JSONError) -> Result
) throws(JSONError) -> Result {
  try JSONReader.read(Array(text.utf8)) { reader throws(JSONError) in
    let result = try body(&reader)
    try reader.finish()
    return result
  }
}

/// The error of reading all of `text` with `body`, or `nil` if there is none.
func failure<Result>(
  _ text: String, _ body: (inout JSONReader) throws(JSONError) -> Result
) -> JSONError? {
  do {
    _ = try read(text, body)
    return nil
  } catch {
    return error
  }
}

/// What `body` writes.
func written(_ body: (inout JSONWriter) -> Void) -> String {
  var writer = JSONWriter()
  body(&writer)
  return String(decoding: writer.bytes, as: UTF8.self)
}
