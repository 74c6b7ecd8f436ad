import ArgumentParser
import Profiles
import Proofs
import QuantizedArithmetic
import QuantizedLayers

/// The options of `prove` that say which requantization is meant.
struct ProofParameters: ParsableArguments {
  @OptionGroup var given: RequantizationOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "In place of scales: 31 bits, 2^30 to 2^31 − 1; D is multiplier·2^(shift − 31).",
      valueName: "integer"))
  var multiplier: Int64?

  @Option(parsing: .unconditional, help: ArgumentHelp("With --multiplier.", valueName: "integer"))
  var shift: Int?

  @Option(
    help: ArgumentHelp(
      "In place of scales: so many drawn sets, hard ones included.", valueName: "n"))
  var scales: Int?

  @Option(help: ArgumentHelp("Seed of --scales (1).", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "none, int32 or int64; the first that the profile takes if left out.", valueName: "type"))
  var bias: String?

  /// Whether one requantization or several are named at all.
  var isGiven: Bool {
    multiplier != nil || scales != nil || !given.scales.isEmpty
  }

  func validate() throws {
    if let bias, !["none", "int32", "int64"].contains(bias) {
      throw ValidationError("--bias must be none, int32 or int64, but is '\(bias)'")
    }
    if let scales, !(1...1_000_000).contains(scales) {
      throw ValidationError("--scales must be 1 to 1000000, but is \(scales)")
    }
    if let multiplier, !(1 << 30...(1 << 31) - 1).contains(multiplier) {
      throw ValidationError("--multiplier must be 2^30 to 2^31 − 1, but is \(multiplier)")
    }
    if let shift, !(-200...30).contains(shift) {
      throw ValidationError("--shift must be −200 to 30, but is \(shift)")
    }
    guard (multiplier == nil) == (shift == nil) else {
      throw ValidationError("--multiplier and --shift go together")
    }
  }

  /// For commands that need a requantization.
  func validateScales() throws {
    let count = given.scales.count
    let ways = [count == 3, multiplier != nil, scales != nil].filter { $0 }.count
    guard ways == 1, count == 3 || count == 0 else {
      throw ValidationError(
        "name --input-scale, --weight-scale and --output-scale, or --multiplier and --shift, or"
          + " --scales")
    }
  }

  /// What was given, without scales that are drawn.
  private func base(centresUnsigned: Bool) -> ProofConfiguration {
    let names = given.types ?? RequantizationOptions.int8
    // A kernel gets products of either sign only where zero points lie inside the types.
    func middle(_ type: ElementType?) -> Int64 { centresUnsigned && type == .uint8 ? 128 : 0 }
    let triple = TypeTriple(names)
    return ProofConfiguration(
      types: names, inputScale: given.inputScale ?? 1, weightScale: given.weightScale ?? 1,
      outputScale: given.outputScale ?? 1,
      inputZeroPoint: given.inputZeroPoint ?? middle(triple?.input),
      weightZeroPoint: given.weightZeroPoint ?? middle(triple?.weights),
      outputZeroPoint: given.outputZeroPoint ?? 0, activation: given.activation ?? "none",
      bias: bias)
  }

  /// The parameters that are meant, each with what it was drawn for.
  ///
  /// - Throws: a ``Failure`` where some profile does not define what was given.
  ///
  /// `centresUnsigned` puts the zero points of uint8 inputs and weights that were left out at 128.
  func configurations(
    for profiles: [Profile], centresUnsigned: Bool = false
  ) throws -> [(kind: String, ProofConfiguration)] {
    let base = base(centresUnsigned: centresUnsigned)
    do {
      if let scales { return try drawn(scales, profiles, base, centresUnsigned) }
      if let multiplier, let shift {
        return [("", try derived(multiplier, shift, profiles, base))]
      }
      return [("", try base.fixed(for: profiles))]
    } catch let error as ProofError {
      throw Failure(.usage, error.description)
    }
  }

  private func drawn(
    _ count: Int, _ profiles: [Profile], _ base: ProofConfiguration, _ centresUnsigned: Bool
  ) throws -> [(kind: String, ProofConfiguration)] {
    guard let first = profiles.first else { return [] }
    let triple = given.types.flatMap { TypeTriple($0) }
    let drawn = (0..<count).compactMap { index -> (String, ProofConfiguration)? in
      guard
        let set = DrawnConfiguration(
          seed: seed, index: index, profile: first, types: triple, base: base,
          unsignedZeroPoint: centresUnsigned ? 128 : 0)
      else { return nil }
      // The other profile takes part where it defines the layer too.
      var free = set.configuration
      if profiles.count > 1 { free.bias = bias }
      guard let fixed = try? free.fixed(for: profiles) else { return nil }
      return (set.kind.rawValue, fixed)
    }
    guard !drawn.isEmpty else {
      throw ProofError(
        "no drawn scales lie in the domain of \(profiles.map(\.name).joined(separator: " and "))")
    }
    return drawn
  }

  /// Exact scales, or, where a profile asks for binary32 numbers, some that give this multiplier.
  private func derived(
    _ multiplier: Int64, _ shift: Int, _ profiles: [Profile], _ base: ProofConfiguration
  ) throws(ProofError) -> ProofConfiguration {
    var exact = base
    (exact.inputScale, exact.weightScale, exact.outputScale) = MultiplierScales.exact(
      multiplier, shift: shift)
    do throws(ProofError) {
      return try exact.fixed(for: profiles)
    } catch {
      guard let near = MultiplierScales.binary32(multiplier, shift: shift) else { throw error }
      var narrow = base
      (narrow.inputScale, narrow.weightScale, narrow.outputScale) = near
      guard let fixed = try? narrow.fixed(for: profiles) else { throw error }
      for profile in profiles {
        // A profile that forms D in another way may derive another multiplier of 31 bits.
        guard let derived = try fixed.function(profile).multiplier, derived.significand >= 1 << 30
        else { continue }
        guard Int64(derived.significand) == multiplier, derived.exponent == shift else {
          throw ProofError(
            "no binary32 scales are known from which \(profile.name) derives this multiplier")
        }
      }
      return fixed
    }
  }
}
