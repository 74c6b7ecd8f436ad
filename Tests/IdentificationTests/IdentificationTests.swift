import Identification
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@testable import PlantedKernels

struct IdentificationTests {
  #if DEBUG
  static let profiles = ["tflm", "ort"]
  #else
  static let profiles = Profiles.all.map(\.name)
  #endif

  /// Each profile's reference as a black box: its claims name the profile, which is not looked at.
  @Test(arguments: profiles)
  func everyProfileIsIdentifiedByName(_ name: String) throws {
    let profile = try #require(Profiles.named(name))
    let types = try #require(profile.rules.first?.types)
    let found = try identified(try #require(BuiltInImplementations.named(name)), types)
    let all = names(found)
    #expect(all.contains(name), "\(found.conclusion)")
    #expect(found.cases <= 200)
    // Where several are named, nothing that was answered tells them apart: their arithmetics are equal,
    // or differ where the profile has no layers.
    #expect(all.count <= 3, "\(all)")
  }

  #if !DEBUG
  @Test func aKernelWithoutAProfileIsDescribedByItsChoices() throws {
    let defect = try #require(
      Defect.all.first {
        $0.name == "rounding: ties to even" && $0.profile.name == "litert-reference"
      })
    let found = try identified(defect, TypeTriple(.int8))
    guard case .described(let arithmetic, _, _) = found.conclusion else {
      Issue.record("\(found.conclusion)")
      return
    }
    #expect(arithmetic.requantization == .float64(.toNearestOrEven))
    #expect(arithmetic.effectiveScale == .binary64)
    #expect(arithmetic.accumulator == .int32Wrapping)
  }

  @Test func aSlipInTheMultiplierIsDescribed() throws {
    let defect = try #require(
      Defect.all.first {
        $0.name == "multiplier truncated instead of rounded" && $0.profile.name == "tflm"
      })
    let found = try identified(defect, TypeTriple(.int8))
    guard case .described(let arithmetic, _, _) = found.conclusion else {
      Issue.record("\(found.conclusion)")
      return
    }
    #expect(arithmetic.fixedPoint?.multiplier == .bits31Truncated)
    #expect(arithmetic.fixedPoint?.rightShift == .toNearestOrAway)
  }
  #endif

  @Test func aKernelBesideTheKnownArithmeticsIsNoneOfThem() throws {
    let defect = try #require(
      Defect.all.first {
        $0.name == "product of −128 and −128 of the wrong sign" && $0.profile.name == "tflm"
      })
    let found = try identified(defect, TypeTriple(.int8))
    guard case .none(_, let failure) = found.conclusion else {
      Issue.record("\(found.conclusion)")
      return
    }
    #expect(!failure.isEmpty)
  }
}
