/// The types that a tensor may have: `TensorProto.DataType` of onnx.proto.
package enum DataType: Int, CaseIterable, Sendable {
  case undefined = 0
  case float, uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32
  case uint64, complex64, complex128, bfloat16
  case float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz
  case uint4, int4, float4e2m1, float8e8m0, uint2, int2, float6e2m3, float6e3m2

  /// Bits of an element, of the types that the references cover; others have none.
  package var width: Int? {
    switch self {
    case .uint2, .int2: 2
    case .uint4, .int4: 4
    case .uint8, .int8: 8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .int32, .float: 32
    default: nil
    }
  }

  /// The integers of an integer type that the references cover.
  package var range: ClosedRange<Int64>? {
    switch self {
    case .uint2: 0...3
    case .int2: -2...1
    case .uint4: 0...15
    case .int4: -8...7
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65_535
    case .int16: -32_768...32_767
    case .int32: -2_147_483_648...2_147_483_647
    default: nil
    }
  }

  /// The format of a floating-point type that the references cover.
  package var format: BinaryFormat? {
    switch self {
    case .float: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    default: nil
    }
  }

  package var name: String { "\(self)" }

  /// The element that `bits`, of ``width``, stand for; every one is a binary64 number.
  func value(_ bits: UInt32) -> Double {
    switch self {
    case .float: return Double(Float(bitPattern: bits))
    case .bfloat16: return Double(Float(bitPattern: bits << 16))
    case .float16: return DataType.half(bits)
    default:
      guard let width, let range else { return .nan }
      let isNegative = range.lowerBound < 0 && bits >> UInt32(width - 1) & 1 == 1
      return Double(Int64(bits) - (isNegative ? 1 << Int64(width) : 0))
    }
  }

  /// IEEE 754 binary16: sign, 5 bits of exponent, 10 bits of fraction.
  private static func half(_ bits: UInt32) -> Double {
    let (field, fraction) = (Int(bits >> 10 & 31), Double(bits & 1_023))
    let magnitude: Double =
      switch field {
      case 31: fraction == 0 ? .infinity : .nan
      case 0: fraction * 0x1p-24
      default: (1_024 + fraction) * Double(sign: .plus, exponent: field - 25, significand: 1)
      }
    return bits >> 15 & 1 == 1 ? -magnitude : magnitude
  }
}
