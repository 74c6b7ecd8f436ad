import Profiles
import Proofs

/// A statement about every accumulator, beside asking at each.
enum ProofBenchmark {
  /// Of 2^32 accumulators so many are asked, and the time is multiplied.
  private static let share: Int64 = 1 << 22

  static func run() throws -> [String] {
    var lines: [String] = []
    for (types, name, wanted) in [
      ("int8,int8,int8", "tflm", 2.0), ("int8,int8,int8", "ort", 2),
      ("int16,int8,int16", "tflm", 150),
    ] {
      guard let profile = Profiles.named(name) else { continue }
      let configuration = try ProofConfiguration(
        types: types, inputScale: 0x1.234568p-6, weightScale: 0x1.765432p-5, outputScale: 0x1.8p-2
      ).fixed(for: [profile])
      let function = try configuration.function(profile)
      var sum: Int64 = 0
      let times = try Stopwatch.medians {
        sum &+= try RequantizationProof(function).ties
      } _: {
        for accumulator in (0 - share / 2)..<(share / 2) {
          sum &+= function.output(accumulator)
        }
      }
      let sweep = times.second * Double((1 << 32) / share)
      lines.append(
        "\(name), \(types): \(rounded(times.first * 1e3)) ms through its steps (asked for:"
          + " \(rounded(wanted))), a sweep on one core about \(rounded(sweep)) s")
      lines.append(
        "ratio sweep to steps: \(rounded(sweep / times.first))\(sum == .min ? " " : "")")
    }
    return lines
  }
}
