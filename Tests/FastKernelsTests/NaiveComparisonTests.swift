import FastKernels
import Testing

/// A path and a profile, as a test argument.
struct PathAndProfile: CustomTestStringConvertible, Sendable {
  let path: KernelPath
  let profile: KernelProfile
  var testDescription: String { "\(path.rawValue) \(profile.rawValue)" }

  static let all = KernelPath.allCases.filter(\.isAvailable).flatMap { path in
    KernelProfile.allCases.map { PathAndProfile(path: path, profile: $0) }
  }
}

struct NaiveComparisonTests {
  private static let lengths =
    isDebug
    ? [1, 7, 16, 17, 31, 33, 65, 257]
    : [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257]

  /// Compares one layer; returns how many outputs were strictly inside the type's range.
  private func compare(
    _ layer: TestLayer, _ path: KernelPath, _ workspace: inout KernelWorkspace
  ) throws -> Int {
    let got: [Int64]
    do {
      got = try layer.run(path, &workspace)
    } catch {
      guard error.isUnsupported else { throw error }
      return 0
    }
    let expected = NaiveModel(layer: layer).outputs()
    if got != expected {
      let index = zip(got, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
      Issue.record(
        "\(path) output \(index) is \(got[index]), expected \(expected[index]): \(layer.description)"
      )
    }
    let range = layer.description.outputType.range
    return expected.count { $0 > range.lowerBound && $0 < range.upperBound }
  }

  @Test(arguments: PathAndProfile.all)
  func depthTailsOfEveryTypeAgree(_ argument: PathAndProfile) throws {
    var random = SplitMix64(state: 1)
    var workspace = KernelWorkspace()
    var interior = 0
    for types in typeTriples(of: argument.profile) {
      for (index, depth) in Self.lengths.enumerated() {
        let style = DataStyle.allCases[(index + random.below(2)) % 3]
        let layer = random.layer(
          argument.profile, types: types, rows: 1 + random.below(5), depth: depth,
          columns: 1 + random.below(9), style: style)
        interior += try compare(layer, argument.path, &workspace)
      }
    }
    #expect(interior > (isDebug ? 30 : 150), "the layers must not all saturate")
  }

  @Test(arguments: PathAndProfile.all)
  func rowAndColumnTailsAgree(_ argument: PathAndProfile) throws {
    var random = SplitMix64(state: 2)
    var workspace = KernelWorkspace()
    let triples = typeTriples(of: argument.profile)
    for length in Self.lengths {
      let (isRow, types) = (random.next() & 1 == 0, random.pick(triples))
      for style in DataStyle.allCases {
        let layer = random.layer(
          argument.profile, types: types, rows: isRow ? length : 1 + random.below(3),
          depth: 1 + random.below(20), columns: isRow ? 1 + random.below(3) : length, style: style)
        _ = try compare(layer, argument.path, &workspace)
      }
    }
  }

  @Test(arguments: PathAndProfile.all)
  func smallLayersAgree(_ argument: PathAndProfile) throws {
    var random = SplitMix64(state: 3)
    var workspace = KernelWorkspace()
    let triples = typeTriples(of: argument.profile)
    for _ in 0..<draws(400) {
      let layer = random.layer(
        argument.profile, types: random.pick(triples), rows: 1 + random.below(8),
        depth: 1 + random.below(64), columns: 1 + random.below(16),
        style: random.pick(DataStyle.allCases))
      _ = try compare(layer, argument.path, &workspace)
    }
  }
}
