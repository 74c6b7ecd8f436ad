import AdapterProtocol
import Implementations
import JSONLines
import TestCases
import Verdicts

/// A file of answers could not be taken.
package enum AnswerFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case unreadable(String)
  case line(path: String, number: Int, reason: String)
  case madeForAnother(path: String, answered: String, given: String)
  case nothingFits(path: String, answers: Int)

  package var description: String {
    switch self {
    case .unreadable(let reason): reason
    case .line(let path, let number, let reason): "\(path), line \(number): \(reason)"
    case .madeForAnother(let path, let answered, let given):
      "\(path) answers the cases of a file with checksum \(answered.prefix(16))…, but the cases"
        + " given have \(given.prefix(16))…"
    case .nothingFits(let path, let answers):
      "\(path) answers none of the cases given: its \(answers) answers are to another file"
    }
  }
}

/// Where each answer of a file stands; the answers themselves stay in the file.
struct AnswerIndex {
  /// Of an id, by its hash: where its first answer stands.
  private var offsets: [UInt64: Int] = [:]
  /// Answers beyond the first to the same id.
  var duplicates: [String] = []
  private(set) var count = 0
  var hello = AdapterHello()
  var end: AnswerEnd?

  /// - Throws: ``AnswerFileError``
  init(path: String) throws {
    do {
      try read(try LineReader(path: path), path)
    } catch let error as LineError {
      throw AnswerFileError.unreadable(error.description)
    }
  }

  func offset(of id: String) -> Int? { offsets[AnswerIndex.hash(id)] }

  /// The ids whose answers stand elsewhere than at the places given: at most a thousand, in order.
  func unasked(_ asked: Set<Int>, _ path: String) throws -> [String] {
    guard offsets.count > asked.count else { return [] }
    var ids: [String] = []
    let places = Set(offsets.values).subtracting(asked)
    let lines = try LineReader(path: path)
    while let line = try lines.next(), ids.count < 1_000 {
      guard places.contains(line.offset) else { continue }
      if case .answer(let answer)? = try? AnswerReader().read(line.bytes) {
        ids.append(Shown.text(answer.id.utf8.prefix(200)))
      } else if let id = AnswerReader.guessedID(line.bytes) {
        ids.append(Shown.text(id.utf8))
      }
    }
    return ids
  }

  private mutating func read(_ lines: LineReader, _ path: String) throws {
    let reader = AnswerReader()
    while let line = try lines.next() {
      func failure(_ reason: String) -> AnswerFileError {
        .line(path: path, number: line.number, reason: reason)
      }
      guard end == nil else { throw failure("nothing may follow the end line") }
      let parsed: AdapterLine
      do throws(LineFormatError) {
        parsed = try reader.read(line.bytes)
      } catch {
        guard line.endsWithNewline else { throw failure("the file is cut off here: \(error)") }
        guard let id = AnswerReader.guessedID(line.bytes) else { throw failure(error.description) }
        // It costs the case that it names, as a live program's would.
        note(id, line.offset)
        continue
      }
      switch parsed {
      case .hello(let hello):
        guard line.number == 1 else { throw failure("the hello line must be the first") }
        self.hello = hello
      case .answer(let answer): note(answer.id, line.offset)
      case .end(let end):
        if let answers = end.answers, answers != count {
          throw failure("the file has \(count) answers, but its end line says \(answers)")
        }
        self.end = end
      }
    }
  }
}

extension AnswerIndex {
  private mutating func note(_ id: String, _ offset: Int) {
    count += 1
    let hash = AnswerIndex.hash(id)
    if offsets[hash] == nil {
      offsets[hash] = offset
    } else if duplicates.count < 1_000 {
      duplicates.append(Shown.text(id.utf8.prefix(200)))
    }
  }

  /// The id's hash of this process; an answer's own id is compared again when it is read.
  fileprivate static func hash(_ id: String) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(id)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
