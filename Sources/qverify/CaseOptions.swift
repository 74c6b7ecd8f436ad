import ArgumentParser
import CaseGeneration
import Glibc
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The options that choose cases; `generate` and `check` share them.
struct CaseOptions: ParsableArguments {
  @Option(
    name: .customLong("operator"), help: ArgumentHelp("Operator.", valueName: "name"))
  var operation = FullyConnected.name

  @Option(help: ArgumentHelp("Types of the input: int8, uint8, int16.", valueName: "list"))
  var inputType: String?

  @Option(help: ArgumentHelp("Types of the weights.", valueName: "list"))
  var weightType: String?

  @Option(help: ArgumentHelp("Types of the output.", valueName: "list"))
  var outputType: String?

  @Option(
    help: ArgumentHelp(
      "Profiles to draw for, as in 'qverify list profiles', or files of profiles.", valueName: "list"))
  var profile: String?

  @Option(
    help: ArgumentHelp(
      "Draw only what these claims cover: JSON, as in an adapter's hello line.",
      valueName: "json"))
  var claims: String?

  @Option(help: ArgumentHelp("edge, random, invalid or all.", valueName: "kind"))
  var cases = "all"

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Only these classes, as in 'qverify list classes'; a prefix before a dot takes all under it.",
      valueName: "list"))
  var classes: String?

  @Flag(
    help:
      "Add cases that aim at coverage: one for every bin of 'qverify list cover' that can be met.")
  var cover = false

  @Option(help: ArgumentHelp("Seed, 0 to 2^64 − 1.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Part K of N of the cases, e.g. 1/4.", valueName: "k/n"))
  var shard: String?

  @Option(help: ArgumentHelp("Threads; all cores if left out.", valueName: "n"))
  var jobs: Int?

  var threads: Int { jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  func validate() throws {
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs must be 1 to 1024, but is \(jobs)")
    }
    _ = try parsedShard()
    _ = try kind()
    _ = try types(inputType, "--input-type")
    _ = try types(weightType, "--weight-type")
    _ = try types(outputType, "--output-type")
    _ = try profiles()
    _ = try parsedClaims()
    guard Operators.all.contains(where: { $0.name == operation }) else {
      let known = Operators.all.map { $0.name }.joined(separator: ", ")
      throw ValidationError("--operator must be one of \(known), but is '\(operation)'")
    }
  }

  /// From 0.
  func parsedShard() throws -> (index: Int, count: Int) {
    guard let shard else { return (0, 1) }
    let parts = shard.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 1, index <= count,
      count <= 1_000_000
    else {
      throw ValidationError("--shard must be K/N with 1 <= K <= N, but is '\(shard)'")
    }
    return (index - 1, count)
  }

  /// The selection.
  ///
  /// `claimed` is what is drawn for where neither `--claims` nor `--profile` says so; `nil` for every
  /// profile.
  func selection(claimed: [Claim]? = nil) throws -> Selection {
    let claims = try parsedClaims() ?? claimed
    var profiles = claims.map { Profiles.narrowed(to: $0) } ?? Profiles.all
    if let named = try self.profiles() {
      // A profile that is not claimed is drawn whole: the user asks for it.
      profiles = named.map { profile in profiles.first { $0.name == profile.name } ?? profile }
    }
    let isWhole = profiles.allSatisfy { Profiles.named($0.name) == $0 }
    return Selection(
      operation: operation, profiles: profiles,
      inputTypes: try types(inputType, "--input-type"),
      weightTypes: try types(weightType, "--weight-type"),
      outputTypes: try types(outputType, "--output-type"), kind: try kind(),
      classes: try classNames(), claims: isWhole ? "" : claims?.json ?? "")
  }

  func generator(claimed: [Claim]? = nil) throws -> CaseGenerator {
    do {
      return try CaseGenerator(seed: seed, selection: try selection(claimed: claimed))
    } catch let error as SelectionError {
      throw Failure(.usage, error.description)
    }
  }

  private func parsedClaims() throws -> [Claim]? {
    guard let claims else { return nil }
    do throws(ClaimError) {
      return try ClaimReader().read(json: Array(claims.utf8))
    } catch {
      throw ValidationError("--claims: \(error)")
    }
  }

  func profiles() throws -> [Profile]? {
    guard let profile else { return nil }
    let names = try profile.split(separator: ",").map { try ProfileOption.name(String($0)) }
    guard !names.isEmpty else { throw ValidationError("--profile names no profile") }
    for name in names where Profiles.named(name) == nil {
      let known = Profiles.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile must be a file or among \(known), but is '\(name)'")
    }
    // In the program's order, so that the order on the command line does not matter.
    return Profiles.all.filter { names.contains($0.name) }
      + names.filter { Profiles.isAdded($0) }.compactMap { Profiles.named($0) }
  }

  private func kind() throws -> Selection.Kind {
    guard let kind = Selection.Kind(rawValue: cases) else {
      let known = Selection.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--cases must be one of \(known), but is '\(cases)'")
    }
    return kind
  }

  private func classNames() throws -> [String] {
    let names = (classes ?? "").split(separator: ",").map(String.init)
    for name in names {
      let exists = CaseClass.all.contains { $0.name == name || $0.name.hasPrefix(name + ".") }
      guard exists else {
        throw ValidationError("--class: no class is named '\(name)'; see qverify list classes")
      }
    }
    return names
  }

  private func types(_ text: String?, _ option: String) throws -> [ElementType] {
    guard let text else { return ElementType.quantized }
    let names = text.split(separator: ",").map(String.init)
    let types = ElementType.quantized.filter { names.contains($0.rawValue) }
    let known = ElementType.quantized.map(\.rawValue)
    guard !names.isEmpty, names.allSatisfy({ known.contains($0) }) else {
      throw ValidationError(
        "\(option) must be among \(known.joined(separator: ", ")), but is '\(text)'")
    }
    return types
  }
}
