import Profiles
import QuantizedLayers
import TestCases

/// One search: the case as it is now, and what has been asked.
final class ShrinkSearch {
  /// What a pass tries to make less.
  enum Part: CaseIterable {
    case everything, output, rows, channels, squares, sums, terms, granularity, activation,
      generalBias
    case inputZeroPoint, weightsZeroPoint, biasZeroPoint, outputZeroPoint, operands, bias, scales
    case numbers, accumulator, both
  }

  private(set) var current: TestCase
  private(set) var questions = 0
  private(set) var steps = 0
  /// Of each part, the cases that were tried beside the one that is current now, by their hashes: several
  /// parts may try the same.
  private(set) var tried: [Part: Set<Int>] = [:]
  let limits: ShrinkLimits
  let focus: Int?
  private var size: CaseSize
  private let standing: Standing
  private let admits: (TestCase) -> Bool
  private let fails: ([TestCase]) throws -> [Bool]
  /// Hashes of the layers that do not fail.
  private var sound: Set<Int> = []
  private let first: TestCase

  /// What must stay as it is.
  private enum Standing {
    case defined(Profile)
    case legal
    case broken(Fault?)
  }

  init(
    _ testCase: TestCase, focus: Int?, _ limits: ShrinkLimits,
    _ admits: @escaping (TestCase) -> Bool, _ fails: @escaping ([TestCase]) throws -> [Bool]
  ) {
    first = testCase
    current = testCase
    size = CaseSize(testCase.layer)
    (self.limits, self.focus) = (limits, focus)
    (self.admits, self.fails) = (admits, fails)
    do {
      let layer = try testCase.layer.validated()
      let profile = Profiles.named(testCase.profile ?? "exact-even")
      let isDefined = profile.map { (try? $0.reference(for: layer)) != nil } ?? false
      standing = isDefined ? profile.map { .defined($0) } ?? .legal : .legal
    } catch {
      standing = .broken(error.fault)
    }
  }

  var layer: RawLayer { current.layer }

  var isLegal: Bool {
    if case .broken = standing { return false }
    return true
  }

  /// Tries passes until none finds anything.
  func run() throws {
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      for part in Part.allCases where isSought(part) {
        tried[part] = []
        while try attempt(part) {
          tried[part] = []
          hasMoved = true
        }
      }
    }
  }

  private func isSought(_ part: Part) -> Bool {
    switch part {
    case .everything: !limits.seeksNumbers
    case .sums, .accumulator, .both: limits.seeksNumbers && isLegal
    default: true
    }
  }

  /// Asks the candidates that are admissible, smaller, and not known to be sound; the least of those
  /// that fail together first takes the place of the current case.
  func attempt(_ part: Part, _ candidates: some Sequence<RawLayer>) throws -> Bool {
    var batch: [(TestCase, CaseSize)] = []
    for layer in candidates {
      let candidateSize = CaseSize(layer)
      guard candidateSize < size, !batch.contains(where: { $0.0.layer == layer }),
        isAdmissible(layer)
      else { continue }
      let testCase = candidate(layer)
      guard admits(testCase) else { continue }
      let hash = layer.hashValue
      tried[part, default: []].insert(hash)
      guard !sound.contains(hash) else { continue }
      batch.append((testCase, candidateSize))
      if batch.count == limits.batch, try ask(&batch) { return true }
    }
    return try ask(&batch)
  }

  private func ask(_ batch: inout [(TestCase, CaseSize)]) throws -> Bool {
    defer { batch.removeAll() }
    guard !batch.isEmpty else { return false }
    guard questions < limits.questions else {
      throw ShrinkStop("the limit of \(limits.questions) questions")
    }
    guard steps < limits.steps else {
      throw ShrinkStop("the limit of \(limits.steps) failures that each cost a restart")
    }
    let asked = Array(batch.prefix(limits.questions - questions))
    questions += asked.count
    let answers = try fails(asked.map(\.0))
    var best: (TestCase, CaseSize)?
    for (entry, isFailing) in zip(asked, answers) {
      guard isFailing else {
        sound.insert(entry.0.layer.hashValue)
        continue
      }
      if best.map({ entry.1 < $0.1 }) ?? true { best = entry }
    }
    guard let best else { return false }
    (current, size) = best
    steps += 1
    return true
  }

  /// A case beside the current one; each has an id of its own.
  private func candidate(_ layer: RawLayer) -> TestCase {
    var testCase = first
    candidates += 1
    testCase.origin = .given(id: "smaller-\(candidates)")
    testCase.layer = layer
    return testCase
  }

  private var candidates = 0

  private func isAdmissible(_ layer: RawLayer) -> Bool {
    let valid: Layer
    do {
      valid = try layer.validated()
    } catch {
      guard case .broken(let fault) = standing else { return false }
      return fault == error.fault
    }
    switch standing {
    case .broken: return false
    case .legal: return true
    case .defined(let profile): return (try? profile.reference(for: valid)) != nil
    }
  }
}
