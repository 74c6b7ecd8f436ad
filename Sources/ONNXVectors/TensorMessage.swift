/// A `TensorProto` as it stands in its file, its elements not yet decoded.
package struct TensorMessage: Sendable {
  /// Elements in one of the fields that are covered: raw bytes, `int32_data`, `float_data`.
  enum Storage: Sendable {
    case raw([UInt8])
    case integers([Int64])
    case words([UInt32])
  }

  private(set) var name = ""
  private(set) var shape: [Int] = []
  private(set) var type = DataType.undefined
  /// `data_type`; types of newer versions have no ``DataType``.
  private var typeCode: Int64 = 0
  private var externalData: Int?
  private(set) var storage: Storage?
  /// Of the message, from the start of the file.
  let offset: Int

  /// - Throws: ``WireError`` with the byte that is wrong.
  package init(_ file: [UInt8], in range: Range<Int>? = nil) throws(WireError) {
    offset = range?.lowerBound ?? 0
    var reader = WireReader(file, in: range ?? file.indices)
    var (integers, words): ([Int64]?, [UInt32]?)
    while let field = try reader.next() {
      switch field.number {
      case 1: try readShape(field, file)
      case 2:
        typeCode = try field.integer()
        type = DataType(rawValue: Int(truncatingIfNeeded: typeCode)) ?? .undefined
      case 4: words = (words ?? []) + (try field.words(in: file))
      case 5: integers = (integers ?? []) + (try field.integers(in: file))
      case 8: name = try field.string(in: file)
      case 9: try store(.raw(Array(file[try field.range()])), field.offset)
      case 13: externalData = field.offset
      default: continue
      }
    }
    if let integers { try store(.integers(integers), offset) }
    if let words { try store(.words(words), offset) }
  }

  private mutating func readShape(_ field: WireField, _ file: [UInt8]) throws(WireError) {
    for dimension in try field.integers(in: file) {
      guard dimension >= 0 else {
        throw WireError(offset: field.offset, reason: "\(dimension) is not a dimension")
      }
      guard shape.count < 64 else {
        throw WireError(offset: field.offset, reason: "a tensor has more than 64 dimensions")
      }
      shape.append(Int(dimension))
    }
  }

  private mutating func store(_ new: Storage, _ offset: Int) throws(WireError) {
    guard storage == nil else {
      throw WireError(offset: offset, reason: "a tensor has elements in two fields")
    }
    storage = new
  }

  /// For messages, e.g. `float8e4m3fn`.
  package var typeName: String { type == .undefined ? "data type \(typeCode)" : type.name }

  /// The elements.
  ///
  /// - Returns: `nil` where the type is not covered.
  /// - Throws: ``WireError`` where their number or a value does not fit shape and type.
  package func decoded() throws(WireError) -> Tensor? {
    guard let width = type.width else { return nil }
    if let externalData {
      throw WireError(offset: externalData, reason: "elements in another file are not read")
    }
    // As if no dimension were 0: then no product of some of them overflows, here or later.
    var size = 1
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(1, dimension))
      guard !overflow, product <= Int.max / 64 else {
        throw WireError(offset: offset, reason: "a tensor of shape \(shape) is too large")
      }
      size = product
    }
    let count = shape.contains(0) ? 0 : size
    let bits = try elementBits(count, width)
    return Tensor(type: type, shape: shape, values: bits.map { type.value($0) })
  }

  private func elementBits(_ count: Int, _ width: Int) throws(WireError) -> [UInt32] {
    let perUnit = max(1, 8 / width)
    let units = (count + perUnit - 1) / perUnit
    switch storage {
    case .raw(let bytes):
      try check(bytes.count, units * max(1, width / 8), "bytes")
      if width < 8 { return unpacked(bytes, count, width) }
      return (0..<count).map { index in
        (0..<width / 8).reduce(UInt32(0)) { word, place in
          word | UInt32(bytes[index * (width / 8) + place]) << UInt32(8 * place)
        }
      }
    case .integers(let integers) where type != .float:
      try check(integers.count, units, "values in int32_data")
      let allowed = width < 8 ? 0...255 : type.range ?? 0...65_535
      for value in integers where !allowed.contains(value) {
        throw WireError(offset: offset, reason: "int32_data of \(type.name) holds \(value)")
      }
      let words = integers.map { UInt32(truncatingIfNeeded: $0) }
      if width < 8 { return unpacked(words.map { UInt8(truncatingIfNeeded: $0) }, count, width) }
      return width == 32 ? words : words.map { $0 & (1 << UInt32(width) - 1) }
    case .words(let words) where type == .float:
      try check(words.count, count, "values in float_data")
      return words
    case nil:
      try check(0, count, "values")
      return []
    default:
      throw WireError(
        offset: offset, reason: "\(type.name) elements lie in a field of another type")
    }
  }

  /// Elements of 2 or 4 bits, the first in the lowest bits of a byte.
  private func unpacked(_ bytes: [UInt8], _ count: Int, _ width: Int) -> [UInt32] {
    (0..<count).map { index in
      let place = index * width
      return UInt32(bytes[place / 8]) >> UInt32(place % 8) & (1 << UInt32(width) - 1)
    }
  }

  private func check(_ found: Int, _ expected: Int, _ what: String) throws(WireError) {
    guard found == expected else {
      throw WireError(
        offset: offset,
        reason: "\(type.name) of shape \(shape) takes \(expected) \(what), but there are \(found)")
    }
  }
}

/// A tensor of a type that the references cover.
package struct Tensor: Hashable, Sendable {
  package let type: DataType
  package let shape: [Int]
  /// Row by row; every covered type's elements are binary64 numbers.
  package let values: [Double]

  package init(type: DataType, shape: [Int], values: [Double]) {
    self.type = type
    self.shape = shape
    self.values = values
  }

  /// The elements of an integer type.
  package var integers: [Int64] { values.map { Int64($0) } }
}
