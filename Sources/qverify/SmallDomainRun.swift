import ArgumentParser
import Proofs
import QuantizedArithmetic
import ResultStore

/// The options of `prove` for domains that are exhausted outright.
struct SmallDomainOptions: ParsableArguments {
  @Flag(help: "quantize(dequantize(q)) = q, for every q: --scale S.")
  var lossless = false

  @Flag(help: "Every input of a requantization: --scale S1,S2 --zero-point Z1,Z2.")
  var rescale = false

  @Flag(help: "Every pair of 8-bit inputs of a sum: --scale S1,S2,S3 --zero-point Z1,Z2,Z3.")
  var add = false

  @Option(help: ArgumentHelp("int8, uint8 or int16 (int8), with these.", valueName: "type"))
  var type: String?

  @Flag(help: "Every type, with these.")
  var allTypes = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Scales, with these.", valueName: "list"))
  var scale: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Zero points, with these (0, or for lossless all ends).", valueName: "list"))
  var zeroPoint: String?

  var kind: SmallDomain.Kind? { lossless ? .lossless : rescale ? .rescale : add ? .add : nil }

  func validate() throws {
    guard [lossless, rescale, add].filter({ $0 }).count <= 1 else {
      throw ValidationError("--lossless, --rescale and --add exclude each other")
    }
    if let type, ElementType(rawValue: type).map({ ElementType.quantized.contains($0) }) != true {
      throw ValidationError("--type must be int8, uint8 or int16, but is '\(type)'")
    }
    guard type == nil || !allTypes else {
      throw ValidationError("--type and --all-types exclude each other")
    }
  }

  func validate(_ parameters: ProofParameters) throws {
    guard !parameters.isGiven else {
      throw ValidationError("--lossless, --rescale and --add take --scale, not --input-scale")
    }
    guard scale != nil else { throw ValidationError("name the --scale, or a list of them") }
  }

  var types: [ElementType] {
    if let type { return [ElementType(rawValue: type) ?? .int8] }
    guard allTypes else { return [.int8] }
    return add ? [.int8, .uint8] : ElementType.quantized
  }

  func parsedScales() throws -> [Double] {
    try (scale ?? "").split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let value = Double(part) else {
        throw Failure(.usage, "--scale must be numbers with commas, but has '\(part)'")
      }
      return value
    }
  }

  func parsedZeroPoints() throws -> [Int64]? {
    try zeroPoint?.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let value = Int64(part) else {
        throw Failure(.usage, "--zero-point must be integers with commas, but has '\(part)'")
      }
      return value
    }
  }
}

/// `prove --lossless`, `--rescale`, `--add`.
struct SmallDomainRun {
  private let kind: SmallDomain.Kind
  private let command: ProveCommand

  init(_ kind: SmallDomain.Kind, _ command: ProveCommand) {
    self.kind = kind
    self.command = command
  }

  func run() throws -> ExitStatus {
    let scales = try command.small.parsedScales()
    let zeroPoints = try command.small.parsedZeroPoints()
    var domains: [SmallDomain] = []
    for type in command.small.types {
      for (scales, zeroPoints) in sets(scales, zeroPoints, type) {
        do throws(ProofError) {
          domains.append(try SmallDomain(kind, type, scales: scales, zeroPoints: zeroPoints))
        } catch {
          throw Failure(.usage, error.description)
        }
      }
    }
    if command.json {
      print(ProofText.encoded(domains))
    } else {
      for domain in domains { print(lines(domain)) }
    }
    let holds = domains.allSatisfy(\.holds)
    var body = Certificate.Body.made(claim: domains.map(\.claim), holds: holds)
    body.smallDomains = domains
    try ProofRecording(kind: .smallDomain, subject: kind.rawValue, body: body).file(command.filing)
    return holds ? .conforms : .deviates
  }

  /// A lossless conversion has one scale; several are several statements, and so are zero points.
  private func sets(
    _ scales: [Double], _ zeroPoints: [Int64]?, _ type: ElementType
  ) -> [([Double], [Int64])] {
    guard kind == .lossless else {
      return [(scales, zeroPoints ?? scales.map { _ in 0 })]
    }
    let ends = [type.range.lowerBound, 0, type.range.upperBound]
    let all = zeroPoints ?? (type.range.lowerBound == 0 ? [0, 128, 255] : ends)
    return scales.flatMap { scale in all.map { ([scale], [$0]) } }
  }

  private func lines(_ domain: SmallDomain) -> String {
    let width = domain.evaluations.map(\.name.count).max() ?? 0
    let head = "\(domain.what): \(grouped(domain.inputs)) inputs"
    return
      ([head]
      + domain.evaluations.map { evaluation in
        let name = evaluation.name.padding(toLength: width)
        return "  \(name)  "
          + (evaluation.wrong == 0
            ? "equal everywhere"
            : "\(grouped(evaluation.wrong)) differ, first \(evaluation.first ?? "")")
      }).joined(separator: "\n")
  }
}

extension String {
  /// With spaces up to a length.
  fileprivate func padding(toLength length: Int) -> String {
    self + String(repeating: " ", count: max(0, length - count))
  }
}
