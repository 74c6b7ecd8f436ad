import QuantizedArithmetic
import Verdicts

/// How one output stands to the exact value: the terms of the accuracy classes.
struct OutputGrade {
  let isEven: Bool
  let isAway: Bool
  let isUp: Bool
  let isNearest: Bool
  let isFaithful: Bool
  /// got − nearest, in output steps; against the closer one of two nearest integers.
  let error: Int

  /// Grades an output (with the zero point) against the position of the exact value (activation
  /// applied, zero point not added); `range` is that of the output integers.
  @inline(__always)
  init(_ output: Int64, _ position: ExactPosition, zeroPoint: Int64, range: ClosedRange<Int64>) {
    func clamped(_ integer: Int64) -> Int64 {
      min(max(integer &+ zeroPoint, range.lowerBound), range.upperBound)
    }
    let (floor, ceiling) = (clamped(position.floor), clamped(position.ceiling))
    isFaithful = output == floor || output == ceiling
    guard position.fraction == .half else {
      let nearest = clamped(position.rounded(.toNearestOrEven))
      let agrees = output == nearest
      (isEven, isAway, isUp, isNearest) = (agrees, agrees, agrees, agrees)
      error = Int(output &- nearest)
      return
    }
    isEven = output == clamped(position.rounded(.toNearestOrEven))
    isAway = output == clamped(position.rounded(.toNearestOrAway))
    isUp = output == clamped(position.rounded(.toNearestOrUp))
    isNearest = isFaithful
    let (below, above) = (output &- floor, output &- ceiling)
    error = Int(below.magnitude < above.magnitude ? below : above)
  }

  /// Whether the output is what `conformance` asks for; of ``Conformance/profile`` nothing is known
  /// here.
  func meets(_ conformance: Conformance) -> Bool {
    switch conformance {
    case .profile: true
    case .correctlyRounded(.even): isEven
    case .correctlyRounded(.away): isAway
    case .correctlyRounded(.up): isUp
    case .nearest: isNearest
    case .faithful: isFaithful
    case .within(let steps): error.magnitude <= UInt(steps)
    }
  }

  func add(to counts: inout TallyCounts) {
    if !isEven { counts.notEven &+= 1 }
    if !isAway { counts.notAway &+= 1 }
    if !isUp { counts.notUp &+= 1 }
    if !isNearest { counts.notNearest &+= 1 }
    if !isFaithful { counts.notFaithful &+= 1 }
    if error < counts.lowestError { counts.lowestError = error }
    if error > counts.highestError { counts.highestError = error }
  }
}
