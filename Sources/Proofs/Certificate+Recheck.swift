import Profiles

extension Certificate {
  /// Computes the statements and comparisons again.
  ///
  /// - Parameters:
  ///   - sweeps: ask at every accumulator.
  ///   - jobs: threads.
  ///   - progress: is told of it as parts of the domain are done.
  /// - Returns: what does not hold, one line each; empty where everything does.
  package func contradictions(
    sweeps: Bool = false, jobs: Int = 1, progress: @escaping ProofProgress = { _, _ in }
  ) -> [String] {
    var lines: [String] = []
    for (number, statement) in body.statements.enumerated() {
      var again = Certificate.again(statement, sweeps, jobs, progress)
      again?.method = statement.method
      if again != statement { lines.append("statement \(number + 1), of \(statement.profile)") }
    }
    for (number, comparison) in body.comparisons.enumerated() {
      var again = Certificate.again(comparison, sweeps, jobs, progress)
      again?.methods = comparison.methods
      if again != comparison {
        lines.append(
          "comparison \(number + 1), of \(comparison.profile) and \(comparison.against)")
      }
    }
    for (number, domain) in body.smallDomains.enumerated() where domain.again() != domain {
      lines.append("small domain \(number + 1), \(domain.what)")
    }
    return lines
  }

  private static func again(
    _ statement: Statement, _ sweeps: Bool, _ jobs: Int, _ progress: @escaping ProofProgress
  ) -> Statement? {
    guard let profile = Profiles.named(statement.profile),
      let function = try? statement.configuration.function(profile)
    else { return nil }
    guard
      let proof = try? RequantizationProof(
        function, sweeps: sweeps, jobs: jobs, progress: progress)
    else { return nil }
    return Statement(proof, statement.profile, statement.configuration)
  }

  private static func again(
    _ comparison: Comparison, _ sweeps: Bool, _ jobs: Int, _ progress: @escaping ProofProgress
  ) -> Comparison? {
    guard let first = Profiles.named(comparison.profile),
      let second = Profiles.named(comparison.against),
      let one = try? comparison.configuration.function(first),
      let other = try? comparison.configuration.function(second),
      let again = try? ProfileComparison(
        one, other, sweeps: sweeps, jobs: jobs, progress: progress)
    else { return nil }
    return Comparison(
      again, comparison.profile,
      against: comparison.against, comparison.configuration)
  }
}
