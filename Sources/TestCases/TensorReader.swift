import JSONLines
import QuantizedArithmetic
import QuantizedLayers

/// Reads the description of one tensor.
enum TensorReader {
  /// Reads it; `unsupported` is set where a key has no meaning here.
  static func read(
    _ reader: inout JSONReader, _ role: String, _ unsupported: inout String?
  ) throws -> RawTensor {
    var type: ElementType?
    var shape: [Int]?
    var scales: [Double] = []
    var zeroPoints: [Int64] = []
    var data: [UInt8] = []
    var integers: [Int64]?
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "type": type = try readType(&reader, role)
      case "shape": shape = try readShape(&reader, role)
      case "scale": scales = try readScales(&reader)
      case "zeroPoint":
        zeroPoints =
          try reader.peek() == .array
          ? try Self.integers(&reader) : [try reader.readPortableInt64()]
      case "axis":
        let axis = try reader.readInt64()
        guard axis == 0 else {
          throw LineFormatError("axis of \(role) must be 0, its output channels, but is \(axis)")
        }
      case "data":
        if try reader.peek() == .array {
          integers = try Self.integers(&reader)
        } else {
          try reader.readBase64(into: &data)
        }
      default:
        unsupported = "unknown key \(key) in \(role)"
        try reader.skipValue()
      }
    }
    guard let type else { throw LineFormatError("\(role) has no type") }
    guard let shape else { throw LineFormatError("\(role) has no shape") }
    if let integers { data = try bytes(integers, type, role) }
    // Without a zero point there is 0; without a scale there is none (a bias in accumulator units).
    if !scales.isEmpty, zeroPoints.isEmpty { zeroPoints = [0] }
    return RawTensor(type: type, shape: shape, scales: scales, zeroPoints: zeroPoints, data: data)
  }

  private static func readType(_ reader: inout JSONReader, _ role: String) throws -> ElementType {
    let text = try reader.readText()
    switch text {
    case "int8": return .int8
    case "uint8": return .uint8
    case "int16": return .int16
    case "int32": return .int32
    case "int64": return .int64
    default:
      let names = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw LineFormatError("type of \(role) must be one of \(names), but is \(text)")
    }
  }

  private static func readShape(_ reader: inout JSONReader, _ role: String) throws -> [Int] {
    var shape: [Int] = []
    try reader.beginArray()
    while try reader.nextElement() {
      shape.append(Int(try reader.readPortableInt64()))
      guard shape.count <= 8 else {
        throw LineFormatError("\(role) must have at most 8 dimensions")
      }
    }
    return shape
  }

  private static func readScales(_ reader: inout JSONReader) throws -> [Double] {
    guard try reader.peek() == .array else { return [try reader.readDouble()] }
    var scales: [Double] = []
    try reader.beginArray()
    while try reader.nextElement() { scales.append(try reader.readDouble()) }
    return scales
  }

  static func integers(_ reader: inout JSONReader) throws -> [Int64] {
    var integers: [Int64] = []
    try reader.beginArray()
    while try reader.nextElement() { integers.append(try reader.readPortableInt64()) }
    return integers
  }

  private static func bytes(
    _ integers: [Int64], _ type: ElementType, _ role: String
  ) throws(LineFormatError) -> [UInt8] {
    for integer in integers where !type.range.contains(integer) {
      throw LineFormatError(
        "data of \(role) must be in \(type.range.lowerBound)...\(type.range.upperBound) of"
          + " \(type.rawValue), but has \(integer)")
    }
    return ElementBytes.bytes(integers, as: type)
  }
}
