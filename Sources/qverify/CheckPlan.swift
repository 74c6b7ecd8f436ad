import CaseGeneration
import Coverage
import Implementations
import Profiles
import QuantizedLayers
import ResultStore
import TestCases
import Verdicts
import Verification

/// What a check is made of: which cases, from where, and how that is written down.
struct CheckPlan {
  var source: any CaseSource
  let seed: String
  let selection: String
  let plannedCases: Int?
  let vectors: [VectorsFile]
  /// What can be covered; `nil` for a single case.
  let coverage: CoverModel?
  private let generator: CaseGenerator?
  /// What a generated case depends on besides seed and index; `nil` for cases that were stored.
  private let chosen: Selection?
  private let stored: String?
  private let options: CaseOptions
  private let claims: [String: [Claim]]
  private let shard: (index: Int, count: Int)
  let limit: Int
  /// How many cases aim at coverage.
  private var covers = 0

  init(_ command: CheckCommand, _ implementations: [any Implementation]) throws {
    shard = try command.options.parsedShard()
    limit = command.count ?? (command.duration == nil ? 10_000 : .max)
    let claimed = implementations.flatMap(\.claims)
    options = command.options
    claims = Dictionary(
      implementations.map { ($0.name, $0.claims) }, uniquingKeysWith: { first, _ in first })
    if !command.vectors.isEmpty {
      let files = try command.vectors.map { try VectorCases.verified($0) }
      source = VectorCases(files.map(\.path))
      vectors = files.compactMap { file in
        file.sha256.map { VectorsFile(name: file.path, sha256: $0) }
      }
      plannedCases = files.allSatisfy { $0.sha256 != nil } ? files.reduce(0) { $0 + $1.count } : nil
      (seed, selection, generator) = ("", "", nil)
      (chosen, stored) = (nil, nil)
      let asked = try command.options.selection(claimed: claimed)
      coverage = CoverModel(asked.profilesWithRules)
      return
    }
    vectors = []
    if let only = command.only {
      source = GivenCases([try OnlyCase.find(only, command, claimed)])
      (seed, selection, generator) = (String(command.options.seed), "--only \(only)", nil)
      plannedCases = 1
      coverage = nil
      let isStored = only.contains(":")
      chosen = isStored ? nil : try command.options.selection(claimed: claimed)
      stored = isStored ? OnlyCase.options(only, command.database) : nil
      return
    }
    let generator = try command.options.generator(claimed: claimed)
    self.generator = generator
    (chosen, stored) = (generator.selection, nil)
    seed = String(generator.seed)
    selection =
      generator.selection.canonical
      + (command.options.cover ? " --cover" : "")
      + (shard.count > 1 ? " --shard \(shard.index + 1)/\(shard.count)" : "")
    coverage = generator.coverModel
    covers = command.options.cover ? generator.coverCount : 0
    plannedCases = limit == .max ? nil : limit + covers
    source = GeneratedCases(generator, count: limit, cover: covers, shard: shard)
  }

  /// The options that make one case again for one implementation; those that go without saying
  /// are left out.
  func repeating(_ id: String, _ implementation: String) -> String {
    guard var selection = chosen else { return stored ?? "--only \(id)" }
    var profiles: [String] = []
    let own = claims[implementation].flatMap { try? self.options.selection(claimed: $0) }
    if own == selection {
      selection.claims = ""
    } else if selection.claims.isEmpty || self.options.profile != nil {
      profiles = [
        "--profile \(selection.profiles.map { ProfileOption.text($0.name) }.joined(separator: ","))"
      ]
    }
    selection.profiles = Profiles.all
    var options = selection.canonical
    for usual in ["--operator \(FullyConnected.name) ", "--cases all"]
    where options.hasPrefix(usual) {
      options.removeFirst(usual.count)
    }
    let parts = [options.split(separator: " ").joined(separator: " ")] + profiles
    return (parts.filter { !$0.isEmpty } + ["--only \(id)"]).joined(separator: " ")
  }

  /// Leaves out what a resumed run has finished.
  mutating func adopt(_ store: CheckStorage) throws {
    guard let generator, !store.finished.isEmpty else { return }
    source = GeneratedCases(
      generator, count: limit, cover: covers, shard: shard, finished: store.finished)
  }
}

/// The one case that `--only` names.
enum OnlyCase {
  /// - Throws: a ``Failure`` where there is no such case.
  static func find(
    _ text: String, _ command: CheckCommand, _ claimed: [Claim]
  ) throws -> ReadCase {
    if let colon = text.firstIndex(of: ":") {
      return try stored(
        run: String(text[..<colon]), id: String(text[text.index(after: colon)...]), command.database
      )
    }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let seed = UInt64(parts[0]), let index = UInt64(parts[1]) else {
      throw Failure(.usage, "--only must be SEED-INDEX-HASH or RUN:CASE, but is '\(text)'")
    }
    var options = command.options
    options.seed = seed
    let testCase = try options.generator(claimed: claimed).testCase(index)
    var writer = CaseWriter()
    let id = writer.identifier(of: testCase)
    guard id == text else {
      throw Failure(
        .usage,
        "--only \(text): with these options case \(index) of seed \(seed) is \(id); give the"
          + " options of the run that it comes from, or RUN:\(text)")
    }
    return ReadCase(testCase: testCase)
  }

  /// The options that find a stored case again.
  static func options(_ text: String, _ database: String) -> String {
    let place = database == defaultDatabase ? "" : "--database \(CommandText.quoted(database)) "
    return "\(place)--only \(text)"
  }

  /// A case that was stored with its failure.
  static func stored(run: String, id: String, _ database: String) throws -> ReadCase {
    do {
      let store = try ResultStore(path: database, create: false)
      guard let stored = try store.run(RunSelector(run)) else {
        throw Failure(.usage, "\(database) has no run \(run)")
      }
      guard let found = try store.failures(caseID: id, run: stored.id, limit: 1).first else {
        throw Failure(.usage, "\(database) has no failure of case \(id) in run \(run)")
      }
      return try parse(found.caseLine, database)
    } catch let error as StoreError {
      throw Failure(error)
    }
  }

  private static func parse(_ line: String, _ database: String) throws -> ReadCase {
    let bytes = Array(line.utf8)
    let parsed = try bytes.withUnsafeBufferPointer { buffer in
      do throws(LineFormatError) {
        return try CaseReader().read(buffer)
      } catch {
        throw Failure(.database, "\(database): a stored case cannot be read: \(error)")
      }
    }
    guard case .testCase(let read) = parsed else {
      throw Failure(.database, "\(database): a stored case is not a case")
    }
    return read
  }
}
