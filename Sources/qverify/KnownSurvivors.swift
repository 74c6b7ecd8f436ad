import Foundation
import MutationScore

/// Wrong kernels that committed cases are known not to show, with the reason for each; a file of JSON.
struct KnownSurvivors {
  private struct Entry: Decodable {
    let words: String
    /// Why no case shows it.
    let reason: String
    /// As ``MutationTarget/text``.
    let targets: [String]
  }

  /// By target, the words of its survivors.
  private var words: [String: Set<String>] = [:]

  init() {}

  /// - Throws: a ``Failure`` where the file cannot be read.
  init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.usage, "\(path): the file cannot be read")
    }
    do {
      for entry in try JSONDecoder().decode([Entry].self, from: data) {
        guard !entry.reason.isEmpty else {
          throw Failure(.usage, "\(path): '\(entry.words)' has no reason")
        }
        for target in entry.targets { words[target, default: []].insert(entry.words) }
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .usage, "\(path): a list of objects with words, reason and targets was expected")
    }
  }

  /// Survivors that are not listed.
  func unknown(_ score: TargetScore) -> [Mutant] {
    let known = words[score.target.text] ?? []
    return score.survivors.filter { !known.contains($0.words) }
  }

  /// Listed ones that did not survive: the list has to be shortened.
  func stale(_ score: TargetScore) -> [String] {
    let survivors = Set(score.survivors.map(\.words))
    return (words[score.target.text] ?? []).filter { !survivors.contains($0) }.sorted()
  }

  /// Killed among those neither equivalent nor listed, in percent.
  func percent(_ score: TargetScore) -> Double {
    let (killed, survived) = (score.killed.count, unknown(score).count)
    return killed + survived == 0 ? 100 : 100 * Double(killed) / Double(killed + survived)
  }
}
