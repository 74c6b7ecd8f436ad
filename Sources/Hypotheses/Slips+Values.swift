import QuantizedArithmetic
import QuantizedLayers

/// Integers brought into fewer bits.
enum Narrow {
  /// Two's complement.
  static func wrapped(_ value: Int64, bits: Int) -> Int64 {
    guard bits < 64 else { return value }
    return (value &<< Int64(64 - bits)) >> Int64(64 - bits)
  }

  static func saturated(_ value: Int64, bits: Int) -> Int64 {
    guard bits < 64 else { return value }
    let limit = Int64(1) << Int64(bits - 1)
    return min(max(value, -limit), limit - 1)
  }

  static func apply(_ overflow: Overflow, _ value: Int64, bits: Int) -> Int64 {
    overflow == .wraps ? wrapped(value, bits: bits) : saturated(value, bits: bits)
  }
}

extension ZeroPointSlip {
  func value(_ zeroPoint: Int64, _ type: ElementType) -> Int64 {
    let bits = type.byteCount * 8
    switch self {
    case .missing: return 0
    case .doubled: return 2 * zeroPoint
    case .negated: return -zeroPoint
    case .unsigned: return zeroPoint < 0 ? zeroPoint + 1 << Int64(bits) : zeroPoint
    case .signed: return Narrow.wrapped(zeroPoint, bits: bits)
    case .negatedInItsType:
      return type.range.contains(-zeroPoint) || type.range.lowerBound == 0 ? zeroPoint : -zeroPoint
    }
  }
}

extension ChannelSlip {
  /// The channel whose parameters `channel` gets; `nil`: none.
  func source(of channel: Int, among count: Int) -> Int? {
    switch self {
    case .first: return 0
    case .next(let end):
      if channel + 1 < count { return channel + 1 }
      return end == .wraps ? 0 : end == .stays ? channel : nil
    case .previous(let end):
      if channel > 0 { return channel - 1 }
      return end == .wraps ? count - 1 : end == .stays ? channel : nil
    case .modulo(let size): return channel % size
    case .firstOfBlock(let size): return channel / size * size
    case .last: return count - 1
    // Of each parameter another channel's.
    case .largest: return channel
    case .previousVectorInTail(let lanes):
      let isTail = channel >= count / lanes * lanes
      return isTail && channel >= lanes ? channel - lanes : channel
    case .fromStartInTail(let lanes):
      let whole = count / lanes * lanes
      return channel >= whole ? channel - whole : channel
    }
  }
}

extension ElementSlip {
  func value(_ value: Int32, _ type: ElementType) -> Int32 {
    let bits = type.byteCount * 8
    switch self {
    case .unsigned: return value < 0 ? value + 1 << Int32(bits) : value
    case .signed:
      return value >= 1 << Int32(bits - 1) && type.range.lowerBound == 0
        ? value - 1 << Int32(bits) : value
    case .symmetric:
      return Int64(value) == type.range.lowerBound && value < 0 ? value + 1 : value
    case .lowByte: return bits == 16 ? Int32(Int8(truncatingIfNeeded: value)) : value
    case .highByte: return bits == 16 ? value >> 8 : value
    case .offset128: return value + 128
    case .offsetMinus128: return value - 128
    }
  }
}

extension LayoutSlip.Stride {
  func length(_ numbers: Numbers) -> Int {
    switch self {
    case .roundedUp(let lanes): (numbers.depth + lanes - 1) / lanes * lanes
    case .roundedDown(let lanes): numbers.depth / lanes * lanes
    case .depthOff(let count): numbers.depth + count
    case .channels: numbers.channels
    case .rows: numbers.rows
    case .shorter: min(numbers.depth, numbers.channels)
    }
  }
}
