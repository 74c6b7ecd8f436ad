import Oracles
package import Profiles
package import QuantizedArithmetic
import QuantizedLayers

/// The bins of an output in one number.
enum OutputKind {
  private static let saturations = 7
  private static let departures = 6
  private static let places = 5
  private static let accumulators = 7

  /// sign × place × accumulator × saturation × departure.
  static let channelCount = 3 * places * accumulators
  static let count = channelCount * saturations * departures

  @inline(__always)
  static func channelKind(sign: Int, place: Int, accumulator: Int) -> Int {
    (sign &* places &+ place) &* accumulators &+ accumulator
  }

  @inline(__always)
  static func kind(_ channelKind: Int, saturation: Int, departure: Int) -> Int {
    (channelKind &* saturations &+ saturation) &* departures &+ departure
  }

  @inline(__always)
  static func spread(_ kind: Int, _ bins: inout [Int]) {
    let (rest, departure) = kind.quotientAndRemainder(dividingBy: departures)
    let (short, saturation) = rest.quotientAndRemainder(dividingBy: saturations)
    bins[CoverPoint.departure.rawValue] = departure
    bins[CoverPoint.saturation.rawValue] = saturation
    spreadChannel(short, &bins)
  }

  @inline(__always)
  static func spreadChannel(_ kind: Int, _ bins: inout [Int]) {
    let (rest, accumulator) = kind.quotientAndRemainder(dividingBy: accumulators)
    let (sign, place) = rest.quotientAndRemainder(dividingBy: places)
    bins[CoverPoint.accumulator.rawValue] = accumulator
    bins[CoverPoint.sign.rawValue] = sign
    bins[CoverPoint.place.rawValue] = place
  }
}

/// Tells the kind of an output.
package struct OutputClassifier {
  private let zeroPoint: Int64
  package let low: Int64
  package let high: Int64

  /// Nearer to a tie than this is beside it.
  static let besideTie = 0x1p-8

  package init(_ reference: Reference) {
    self.init(
      zeroPoint: reference.layer.outputZeroPoint, range: reference.outputRange)
  }

  init(zeroPoint: Int64, range: ClosedRange<Int64>) {
    self.zeroPoint = zeroPoint
    (low, high) = (range.lowerBound, range.upperBound)
  }

  /// Sets the bits of the kinds of some outputs.
  func note(
    _ places: StrideTo<Int>, _ exact: ExactValues, _ outputs: ReferenceOutputs,
    _ kinds: UnsafeMutableBufferPointer<UInt64>, _ short: UnsafeMutableBufferPointer<UInt64>
  ) {
    exact.positions.withUnsafeBufferPointer { positions in
      outputs.accumulators.withUnsafeBufferPointer { accumulators in
        for index in places {
          let position = positions[index]
          let head = position.fraction == .zero ? 0 : exact.heads[index]
          let tail = position.fraction == .zero ? 0 : exact.tails[index]
          let channelKind = OutputKind.channelKind(
            sign: sign(position), place: place(position, head, tail),
            accumulator: OutputClassifier.accumulator(accumulators[index]))
          let kind = OutputKind.kind(
            channelKind, saturation: saturation(position),
            departure: OutputClassifier.departure(outputs.departures[index]))
          kinds[kind >> 6] |= 1 << UInt64(kind & 63)
          short[channelKind >> 6] |= 1 << UInt64(channelKind & 63)
        }
      }
    }
  }

  /// The bins that an accumulator leads to, where nothing departs; `value` is about y.
  package func bins(
    accumulator: Int64, _ position: ExactPosition, value: Double
  ) -> [(point: CoverPoint, bin: Int)] {
    [
      (.sign, sign(position)), (.place, place(position, value, 0)),
      (.saturation, saturation(position)),
      (.accumulator, OutputClassifier.accumulator(accumulator)),
    ]
  }

  @inline(__always)
  func sign(_ position: ExactPosition) -> Int {
    position.packed < 0 ? 0 : position.packed == 0 ? 1 : 2
  }

  /// `head + tail` is the number, or NaN.
  @inline(__always)
  func place(_ position: ExactPosition, _ head: Double, _ tail: Double) -> Int {
    switch position.fraction {
    case .zero: return 0
    case .half: return 1
    case .belowHalf:
      let fraction = (head - Double(position.floor)) + tail
      return 0.5 - fraction < OutputClassifier.besideTie ? 2 : 4
    case .aboveHalf:
      let fraction = (head - Double(position.floor)) + tail
      return fraction - 0.5 < OutputClassifier.besideTie ? 3 : 4
    }
  }

  @inline(__always)
  func saturation(_ position: ExactPosition) -> Int {
    let output = position.rounded(.toNearestOrEven) &+ zeroPoint
    if output > low, output < high { return 3 }
    if output <= low { return output == low ? 2 : output == low &- 1 ? 1 : 0 }
    return output == high ? 4 : output == high &+ 1 ? 5 : 6
  }

  @inline(__always)
  static func accumulator(_ accumulator: Int64) -> Int {
    let magnitude = accumulator.magnitude
    switch magnitude {
    case 0: return 0
    case ..<0x100: return 1
    case ..<0x1_0000: return 2
    case ..<0x100_0000: return 3
    case ..<0x7FFF_0000: return 4
    default:
      return accumulator >= -0x8000_0000 && accumulator <= 0x7FFF_FFFF ? 5 : 6
    }
  }

  @inline(__always)
  static func departure(_ departure: Departure) -> Int {
    if departure.isEmpty { return 0 }
    if departure.contains(.zeroPointAddition) { return 5 }
    if departure.contains(.conversion) { return 4 }
    if departure.contains(.leftShift) { return 3 }
    if departure.contains(.pairSaturation) || departure.contains(.pairWrapping) { return 2 }
    return departure.contains(.accumulator) ? 1 : 0
  }
}
