import Profiles

/// What an implementation was asked, and what came of it, as a certificate keeps it.
package struct Probing: Hashable, Codable, Sendable {
  package struct Subject: Hashable, Codable, Sendable {
    package var name: String
    package var version: String
    package var kind: String
    /// Of its library or program; empty for what is built in.
    package var path: String
    /// Of the library's file; empty where there is none.
    package var sha256: String
    /// The configuration file that names it; empty for the usual one.
    package var config: String
    package var machine: [String: String]

    package init(
      name: String, version: String, kind: String, path: String, sha256: String, config: String,
      machine: [String: String]
    ) {
      (self.name, self.version, self.kind) = (name, version, kind)
      (self.path, self.sha256, self.config) = (path, sha256, config)
      self.machine = machine
    }
  }

  package var subject: Subject
  package var profile: String
  package var configuration: ProofConfiguration
  /// Every accumulator was delivered, through the bias, in one lane.
  package var isExhaustive: Bool
  package var domain: [Int64]
  package var steps: Int
  package var ties: Int
  /// Both sides of steps, ties and ends.
  package var points: Int
  /// Points between them.
  package var between: Int
  /// By carrier: points, the least and the greatest accumulator, rotations.
  package var carriers: [String: [Int64]]
  package var narrowWidths: Int
  package var layers: Int
  package var outputs: Int
  package var wrong: Int
  package var unanswered: Int
  /// Of the first output that was wrong; empty where none was.
  package var failure: String

  package var holds: Bool { wrong == 0 && unanswered == 0 && outputs > 0 }
}

extension Probing {
  package init(
    _ subject: Subject, _ probing: KernelProbing, _ configuration: ProofConfiguration,
    _ result: KernelProbing.Result
  ) {
    self.subject = subject
    profile = probing.profile.name
    self.configuration = configuration
    isExhaustive = false
    domain = [probing.points.domain.lowerBound, probing.points.domain.upperBound]
    (steps, ties) = (probing.points.steps, probing.points.ties)
    (points, between) = (probing.points.edges.count, probing.points.between.count)
    var carriers: [String: [Int64]] = [:]
    for carrier in ProbeLayer.Carrier.allCases {
      guard let reach = probing.layers.reach(carrier) else { continue }
      carriers[carrier.rawValue] = [
        Int64(probing.layers.reached[carrier]?.count ?? 0), reach.lowerBound, reach.upperBound,
        Int64(probing.layers.rotations(carrier)),
      ]
    }
    self.carriers = carriers
    narrowWidths = probing.layers.narrowWidths
    (layers, outputs, wrong) = (result.layers, result.outputs, result.wrong)
    unanswered = result.unanswered
    failure = result.failure?.text ?? ""
  }

  package init(
    _ subject: Subject, _ exhaustion: KernelExhaustion, _ profile: String,
    _ configuration: ProofConfiguration, _ result: KernelProbing.Result
  ) {
    self.subject = subject
    self.profile = profile
    self.configuration = configuration
    isExhaustive = true
    domain = [exhaustion.domain.lowerBound, exhaustion.domain.upperBound]
    (steps, ties, points, between) = (0, 0, 0, 0)
    (carriers, narrowWidths) = ([:], 0)
    (layers, outputs, wrong) = (result.layers, result.outputs, result.wrong)
    unanswered = result.unanswered
    failure = result.failure?.text ?? ""
  }

  /// What is claimed, and on which grounds: no more than was asked.
  package var claim: String {
    let who = "\(subject.name) \(subject.version)".trimmed
    let what = "\(who) is bit-exact with \(profile), \(configuration.text)"
    guard holds else {
      return "\(who) is not bit-exact with \(profile), \(configuration.text): \(failure)"
    }
    let count = domain.count == 2 ? domain[1] - domain[0] + 1 : 0
    if isExhaustive {
      return "\(what), for all \(count) accumulators, every one of which it was given, through the"
        + " bias of layers of 1 row, depth 1 and \(KernelExhaustion.channels) channels: accumulator a"
        + " in channel a mod \(KernelExhaustion.channels)"
    }
    return
      "\(what), for all \(count) accumulators in these lanes: \(lanes.joined(separator: "; "));"
      + " given that in each of them it is monotone wherever the profile is, which was probed at"
      + " \(between) points between the \(points) on both sides of \(steps) steps, at \(ties) ties and"
      + " at the ends of the domain and of the monotone pieces"
  }

  /// The lanes in which points were delivered, in words.
  private var lanes: [String] {
    var lanes: [String] = []
    func places(_ count: Int64) -> String { count >= 64 ? "all 64" : "\(count) of 64" }
    if let bias = carriers[ProbeLayer.Carrier.bias.rawValue], bias.count == 4 {
      lanes.append(
        "through the bias, \(bias[1]) to \(bias[2]), each point in \(places(bias[3])) channel"
          + " positions modulo 64 of whole blocks, followed by 1 to 63 channels")
    }
    if let tails = carriers[ProbeLayer.Carrier.biasInTails.rawValue], tails.count == 4 {
      lanes.append(
        "through the bias of layers of 1 to 63 channels (\(narrowWidths) widths), each point in"
          + " \(tails[3])")
    }
    if let products = carriers[ProbeLayer.Carrier.products.rawValue], products.count == 4 {
      lanes.append(
        "through the products, \(products[1]) to \(products[2]) (\(products[0]) of the points), each in"
          + " \(places(products[3])) channel positions and with its products beginning at as many"
          + " places along the depth modulo 64")
    }
    lanes.append("in the rows of layers of 1, 2, 4, 5 and 7")
    return lanes
  }
}

extension KernelProbing.Failure {
  /// Where it is and what was got, in a line.
  package var text: String {
    let place =
      "layer \(layer), through the \(carrier == .products ? "products" : "bias"), of \(rows) rows,"
      + " depth \(depth), \(channels) channels"
    guard let output else { return "\(message), in \(place)" }
    let lanes = [4, 8, 16, 32, 64].map { "\(output.channel % $0)" }.joined(separator: ", ")
    return
      "accumulator \(output.accumulator): expected \(output.expected), got \(output.got), in row"
      + " \(output.row), channel \(output.channel) (modulo 4, 8, 16, 32, 64: \(lanes)) of \(place)"
  }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
