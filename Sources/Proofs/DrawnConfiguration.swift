import CaseGeneration
package import Profiles
import QuantizedArithmetic
package import QuantizedLayers

/// Parameters that were drawn: element `index` of the sequence that a seed, a profile and types define.
package struct DrawnConfiguration: Hashable, Sendable {
  /// What makes scales hard; they take turns.
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case random
    /// D = 2^−n: every odd multiple of 1/(2D) is a tie.
    case powerOfTwo
    /// D = m·2^−n with a small odd m: exact ties.
    case fewBits
    /// D just below 2^−n, where 31 bits round up to 2^31.
    case belowPower
    /// D just above 2^−n.
    case abovePower
    /// D of exactly 32 bits: half a unit of a multiplier of 31.
    case halfUnit
    /// D to 2^−100, below the last shift that 32 bits have.
    case tiny
    /// D from 1 to 2^8: left shifts.
    case aboveOne
    /// Scales that are subnormal binary32 numbers.
    case subnormal
    /// Zero points at the ends of their types.
    case zeroPointAtEnd
  }

  package let index: Int
  package let kind: Kind
  package let configuration: ProofConfiguration

  /// Attempts at parameters that the profile defines.
  private static let attempts: UInt32 = 24

  /// - Returns: `nil` where the profile defines none of the attempts.
  package init?(
    seed: UInt64, index: Int, profile: Profile, types: TypeTriple?, base: ProofConfiguration,
    unsignedZeroPoint: Int64 = 0
  ) {
    let kinds = Kind.allCases
    let kind = kinds[index % kinds.count]
    let known = profile.types
    guard let types = types ?? (known.isEmpty ? nil : known[(index / kinds.count) % known.count])
    else { return nil }
    for attempt in 0..<DrawnConfiguration.attempts {
      var random = CaseRandom(seed: seed, index: UInt64(index), attempt: attempt)
      var drawn = base
      drawn.types = types.description
      if types.input == .uint8 { drawn.inputZeroPoint = unsignedZeroPoint }
      if types.weights == .uint8 { drawn.weightZeroPoint = unsignedZeroPoint }
      DrawnConfiguration.drawScales(kind, &random, &drawn)
      DrawnConfiguration.drawZeroPoint(kind, types.output, &random, &drawn)
      if random.chance(1, in: 8) {
        DrawnConfiguration.drawActivation(profile, types.output, &random, &drawn)
      }
      for candidate in [drawn, drawn.withoutOutputZeroPoint] {
        guard let fixed = try? candidate.fixed(for: [profile]) else { continue }
        (self.index, self.kind, configuration) = (index, kind, fixed)
        return
      }
    }
    return nil
  }

  private static func power(_ exponent: Int, _ significand: Double = 1) -> Double {
    Double(sign: .plus, exponent: exponent, significand: significand)
  }

  /// 1 to 2, of 24 bits.
  private static func significand(_ random: inout CaseRandom) -> Double {
    1 + Double(random.below(1 << 23)) * 0x1p-23
  }

  private static func drawScales(
    _ kind: Kind, _ random: inout CaseRandom, _ drawn: inout ProofConfiguration
  ) {
    drawn.inputScale = power(random.integer(in: -12...0), significand(&random))
    drawn.weightScale = power(random.integer(in: -12...0), significand(&random))
    let (si, sw) = (drawn.inputScale, drawn.weightScale)
    func setMultiplier(_ multiplier: Double) {
      drawn.outputScale = Double(Float(si * sw / multiplier))
    }
    let n = random.integer(in: 0...20)
    switch kind {
    case .random, .zeroPointAtEnd:
      setMultiplier(power(random.integer(in: -20...(-1)), significand(&random)))
    case .powerOfTwo: (drawn.inputScale, drawn.weightScale, drawn.outputScale) = (power(-n), 1, 1)
    case .fewBits:
      let odd = Double(random.integer(in: 1...15) * 2 + 1)
      (drawn.inputScale, drawn.weightScale, drawn.outputScale) = (power(-n - 4, odd), 1, 1)
    case .belowPower:
      let small = power(0 - random.integer(in: 13...22))
      (drawn.inputScale, drawn.weightScale) = (1 + small, 1 - small)
      drawn.outputScale = power(n)
    case .abovePower:
      let small = Double(random.integer(in: 1...3)) * 0x1p-23
      (drawn.inputScale, drawn.weightScale, drawn.outputScale) = (1 + small, power(-n), 1)
    case .halfUnit:
      // Odd numbers of 16 bits, large enough for a product of 32.
      let (a, b) = (random.integer(in: 23_200...32_767), random.integer(in: 23_200...32_767))
      drawn.inputScale = power(-16, Double(2 * a + 1))
      drawn.weightScale = power(-16 - n, Double(2 * b + 1))
      drawn.outputScale = 1
    case .tiny:
      let exponents: [ClosedRange<Int>] = [-34...(-24), -33...(-31), -100...(-35)]
      let exponent = random.integer(in: random.element(of: exponents))
      setMultiplier(power(exponent, significand(&random)))
    case .aboveOne: setMultiplier(power(random.integer(in: 0...7), significand(&random)))
    case .subnormal:
      drawn.inputScale = Double(Float(power(-149, Double(random.integer(in: 1...4_095)))))
      drawn.weightScale = 1
      drawn.outputScale = Double(
        Float(power(-149, Double(random.integer(in: 4_096...1_000_000)))))
    }
  }

  private static func drawZeroPoint(
    _ kind: Kind, _ type: ElementType, _ random: inout CaseRandom,
    _ drawn: inout ProofConfiguration
  ) {
    let range = type.range
    switch kind == .zeroPointAtEnd ? random.below(2) : random.below(5) {
    case 0: drawn.outputZeroPoint = range.lowerBound
    case 1: drawn.outputZeroPoint = range.upperBound
    case 2: drawn.outputZeroPoint = max(range.lowerBound, 0)
    default: drawn.outputZeroPoint = random.integer(in: range)
    }
  }

  private static func drawActivation(
    _ profile: Profile, _ type: ElementType, _ random: inout CaseRandom,
    _ drawn: inout ProofConfiguration
  ) {
    switch random.element(of: profile.activations) {
    case "relu": drawn.activation = "relu"
    case "relu6": drawn.activation = "relu6"
    case "clamp":
      let (a, b) = (random.integer(in: type.range), random.integer(in: type.range))
      drawn.activation = "\(min(a, b))..\(max(a, b))"
    default: drawn.activation = "none"
    }
  }
}

extension ProofConfiguration {
  fileprivate var withoutOutputZeroPoint: ProofConfiguration {
    var other = self
    other.outputZeroPoint = 0
    return other
  }

  /// The same with a bias that all of some profiles take.
  ///
  /// - Throws: ``ProofError`` where there is none, or a parameter is not legal.
  package func fixed(for profiles: [Profile]) throws(ProofError) -> ProofConfiguration {
    var first: ProofError?
    for type in biasTypes {
      var fixed = self
      fixed.bias = type?.rawValue ?? "none"
      do throws(ProofError) {
        for profile in profiles { _ = try fixed.function(profile) }
        return fixed
      } catch {
        first = first ?? error
      }
    }
    throw first ?? ProofError("bias must be none, int32 or int64")
  }
}
