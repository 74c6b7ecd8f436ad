import Coverage
package import Oracles
package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers
import Sensitivity
package import TestCases

/// What the judges hold to be right for one case.
package enum Truth {
  /// It must be refused.
  case invalid(LayerError)
  /// No arithmetic is defined for it.
  case outsideDomain(String)
  /// It is computed: ``CaseJudge/reference`` and ``CaseJudge/exact`` have the numbers.
  case valid(Layer, Reference, ExactOracle)
}

/// Brings the three judges to a verdict on a case: exact oracle, float64 oracle, integer reference.
///
/// One per thread; its memory is used again for every case.
package final class CaseJudge {
  /// Of the case that was examined last, if it is valid.
  package private(set) var operands = Operands()
  package private(set) var exact = ExactValues()
  package private(set) var reference = ReferenceOutputs()
  /// Whether no change of a single element changes an output of that case.
  package private(set) var isVacuous = false
  /// What the cases have met, where that is asked for.
  private var coverage: CoverCounter?
  package var log = JudgeLog()
  /// Values of float64 forms for which no claim could be made, their scales being too extreme.
  package private(set) var withoutClaim = 0

  private var workspace = Float64Workspace()
  private var counter = 0
  private var answered: [Int32] = []

  /// Outputs of one case that are compared as rational numbers.
  package static let rationalOutputs = 8
  /// Of how many random cases one is compared as rational numbers; edge cases all are.
  package static let rationalShare = 256

  package init(countsCoverage: Bool = false) {
    coverage = countsCoverage ? CoverCounter() : nil
  }

  /// What the cases since the last call have met.
  func takeCoverage() -> CoverTable? { coverage?.take() }

  /// Computes what is right for a case, and checks the judges against each other on the way.
  ///
  /// `expected` is what a file recorded beside the case.
  package func examine(_ testCase: TestCase, expected: ExpectedAnswer? = nil) -> Truth {
    isVacuous = false
    let layer: Layer
    do {
      layer = try testCase.layer.validated()
    } catch {
      checkRefusal(testCase, error)
      return .invalid(error)
    }
    if let fault = testCase.refuse {
      log.count(.refusals)
      log.disagree(.refusals, "a case made for \(fault.rawValue) is a legal layer")
    }
    let reference: Reference
    let profile: Profile
    do {
      guard let named = Profiles.named(testCase.profile ?? "exact-even") else {
        return .outsideDomain("no profile is named \(testCase.profile ?? "")")
      }
      profile = named
      reference = try named.reference(for: layer)
    } catch {
      return .outsideDomain(error.description)
    }
    (try? Operators.named(layer.raw.operation))?.lower(layer, into: &operands)
    let oracle = ExactOracle(layer)
    oracle.run(operands, into: &exact)
    reference.run(operands, into: &self.reference)
    var search = WitnessSearch(reference, profile, operands, outputs: self.reference)
    isVacuous = search.witness() == nil
    coverage?.add(profile: profile.name, reference, exact, self.reference)
    checkFloatForms(layer)
    checkReference(layer, reference, oracle)
    checkRationalForms(testCase, layer)
    checkExpectation(expected, layer)
    return .valid(layer, reference, oracle)
  }

  /// An answer's elements, widened; in memory that is used again.
  func widened(_ bytes: [UInt8], as type: ElementType) -> [Int32] {
    let count = bytes.count / type.byteCount
    if answered.count < count {
      answered.append(contentsOf: repeatElement(0, count: count - answered.count))
    }
    answered.withUnsafeMutableBufferPointer { destination in
      bytes.withUnsafeBytes { ElementBytes.widen($0, as: type, into: destination) }
    }
    return answered
  }

  // MARK: The judges against each other

  private func checkRefusal(_ testCase: TestCase, _ error: LayerError) {
    guard let fault = testCase.refuse else { return }
    log.count(.refusals)
    if error.fault != fault {
      log.disagree(.refusals, "a case made for \(fault.rawValue) is refused since \(error)")
    }
  }

  private func checkFloatForms(_ layer: Layer) {
    var check = FormCheck()
    Float64Oracle(layer).check(operands, against: exact, workspace: &workspace, into: &check)
    log.count(.floatForms, check.compared)
    withoutClaim += check.withoutClaim
    for violation in check.violations {
      log.disagree(
        .floatForms,
        "\(violation.form.rawValue) of output \(violation.index) is \(violation.value), which"
          + " \(violation.reason); its bound is \(violation.bound)")
    }
  }

  private func checkReference(_ layer: Layer, _ reference: Reference, _ oracle: ExactOracle) {
    let zeroPoint = layer.outputZeroPoint
    let range = reference.outputRange
    if case .exact(let rounding) = reference.arithmetic.requantization {
      log.count(.exactReference, exact.positions.count)
      for (index, position) in exact.positions.enumerated() {
        let rounded = oracle.activated(position).rounded(rounding) + zeroPoint
        let right = min(max(rounded, layer.outputRange.lowerBound), layer.outputRange.upperBound)
        let got = Int64(self.reference.values[index])
        if got != right {
          log.disagree(.exactReference, "output \(index) is \(got), the exact oracle has \(right)")
        }
      }
      return
    }
    let low = Double(range.lowerBound - zeroPoint)
    let high = Double(range.upperBound - zeroPoint)
    let (outputs, exact) = (self.reference, exact)
    var channel = -1
    var checked = 0
    for index in 0..<exact.positions.count {
      channel = channel + 1 == layer.channels ? 0 : channel + 1
      guard outputs.departures[index].isEmpty else { continue }
      let value = exact.heads[index] + exact.tails[index]
      guard value.isFinite else { continue }
      checked += 1
      let total = Double(exact.sums[index]) + Double(operands.bias[channel])
      let bound = reference.errorBound(channel: channel, magnitude: total.magnitude)
      let clamped = min(max(value, low), high)
      let distance = (Double(Int64(outputs.values[index]) - zeroPoint) - clamped).magnitude
      // The subtraction and the sum of head and tail are rounded once each.
      if distance > bound + 0x1p-34 {
        log.disagree(
          .referenceBound,
          "output \(index) is \(outputs.values[index]), \(distance) from the exact value"
            + " \(value) + \(zeroPoint); its bound is \(bound)")
      }
    }
    log.count(.referenceBound, checked)
  }

  private func checkRationalForms(_ testCase: TestCase, _ layer: Layer) {
    counter &+= 1
    if testCase.mainClass == "random", !isSampled(testCase) { return }
    let count = exact.positions.count
    let step = max(1, (count - 1) / max(1, CaseJudge.rationalOutputs - 1))
    for place in 0..<min(count, CaseJudge.rationalOutputs) {
      // Both ends and evenly between, moved by one from case to case.
      let index = place == 0 ? count - 1 : (place * step + counter) % count
      let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
      let forms = RationalForms(layer, operands, row: row, channel: channel)
      log.count(.rationalForms, forms.values.count - 1)
      for form in forms.disagreeing {
        log.disagree(.rationalForms, "\(form.rawValue) of output \(index) differs from F1")
      }
      log.count(.oracleIntegers)
      let value = forms.values[0].value - Rational(layer.outputZeroPoint)
      if value.position != exact.positions[index] {
        log.disagree(.oracleIntegers, "output \(index): the exact value is \(value)")
      }
    }
  }

  /// Which random cases are compared as rationals depends on the case alone.
  private func isSampled(_ testCase: TestCase) -> Bool {
    guard case .generated(_, let index) = testCase.origin else { return true }
    return (index &* 0x9E37_79B9_7F4A_7C15) >> 56 == 0
  }

  private func checkExpectation(_ expected: ExpectedAnswer?, _ layer: Layer) {
    guard let expected, !expected.output.isEmpty else { return }
    log.count(.recordedExpectation)
    if expected.output != reference.bytes(as: layer.output.type) {
      log.disagree(.recordedExpectation, "a recorded output is not what the reference computes")
    }
  }

  /// How many values of float64 forms had no claim since this was asked last.
  func takeWithoutClaim() -> Int {
    defer { withoutClaim = 0 }
    return withoutClaim
  }

  /// The exact `y` of output `index`, before the zero point is added, as a rational number.
  package func exactValue(_ index: Int, _ oracle: ExactOracle, channels: Int) -> Rational {
    let channel = index % channels
    return oracle.value(sum: exact.sums[index], bias: operands.bias[channel], channel: channel)
  }
}
