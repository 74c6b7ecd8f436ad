import Diagnosis
import Hypotheses
import Profiles
import Testing

@testable import PlantedKernels

struct DiagnosisTests {
  #if DEBUG
  static let indices = [11, 26]
  #else
  static let indices = Array(stride(from: 0, to: Defect.changes.count, by: 3))
  #endif

  /// The cause that is named first is what was spoilt by hand.
  @Test(arguments: indices)
  func thePlantedCauseIsNamedFirst(_ index: Int) throws {
    let (profile, name, change) = Defect.changes[index]
    let found = try diagnosis(try #require(Defect.named(name, profile)))
    let cause = try #require(found.cause, "\(name): \(found.lines)")
    #expect(cause.words == Hypothesis([change]).words)
    #expect(cause.score.isConsistent && cause.score.wrong > 0)
    #expect(found.lines[0].hasPrefix("CAUSE"))
  }

  /// What no hypothesis says is not explained by one.
  @Test(arguments: [
    ("product of −128 and −128 of the wrong sign", "tflm"),
    ("last element without its zero point when K is odd", "tflm"),
  ])
  func aDefectBesideTheBankIsUnexplained(_ name: String, _ profile: String) throws {
    let found = try diagnosis(try #require(Defect.named(name, profile)))
    guard case .unexplained = found.conclusion else {
      Issue.record("\(found.lines)")
      return
    }
    #expect(found.lines[0].contains("unexplained"))
  }

  #if !DEBUG
  /// Two causes at once are found as two.
  @Test func twoCausesAreFoundAsTwo() throws {
    let both = Defect("bias missing and ties up", "tflm") { kernel in
      kernel.prepare = { $0.bias = $0.bias.map { _ in 0 } }
      kernel.requantize = FixedPoint(second: .up)
    }
    let cause = try #require(try diagnosis(both).cause)
    #expect(
      Set(cause.hypothesis.changes) == [.bias(.missing), .part(.rounding, "toNearestOrUp")])
  }

  /// A cause that holds in some layers only is found with the place.
  @Test func aCauseIsFoundWithItsPlace() throws {
    let some = Defect("bias missing per channel", "tflm") { kernel in
      kernel.prepare = { layer in
        if layer.isPerChannel { layer.bias = layer.bias.map { _ in 0 } }
      }
    }
    let cause = try #require(try diagnosis(some).cause)
    #expect(cause.hypothesis.changes == [.only(.perChannel, .bias(.missing))])
  }
  #endif

  @Test func aSoundKernelHasNoDiagnosis() throws {
    let found = try diagnosis(Defect("none", "tflm") { _ in })
    #expect(found.conclusion == .nothingWrong)
  }
}
