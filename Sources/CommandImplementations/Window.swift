import AdapterProtocol
import Implementations
import QuantizedLayers
import TestCases
import Verdicts

/// The cases of one call, their lines, and their answers so far.
struct Window {
  /// What an answer means for the window.
  enum Standing {
    case taken, answeredBefore, unknown
  }

  private let requests: [Request]
  private(set) var lines: [[UInt8]] = []
  private(set) var ids: [String] = []
  var answers: [Answer?]
  /// Accumulators that came beside outputs, by the place of their case.
  private(set) var taps: [Int: [Int64]] = [:]
  private var places: [String: Int] = [:]
  /// The longest line that answers may have, in bytes.
  private(set) var maximumLine = 1 << 20
  /// Where the next answer is looked for first: most programs answer in order.
  private var expected = 0

  init(_ requests: [Request], _ writer: inout CaseWriter) {
    self.requests = requests
    answers = Array(repeating: nil, count: requests.count)
    lines.reserveCapacity(requests.count)
    ids.reserveCapacity(requests.count)
    for request in requests {
      let (id, line) = writer.writeBlind(request.testCase)
      lines.append(line)
      ids.append(id)
      // Lists of decimal numbers are the longest form of outputs and accumulators.
      let elements = min(request.layer.output.statedElements, 1 << 22)
      maximumLine = max(maximumLine, (1 << 20) + 48 * elements)
    }
  }

  var count: Int { requests.count }

  var open: [Int] { answers.indices.filter { answers[$0] == nil } }

  /// Takes an answer, if its case is open.
  mutating func take(_ line: AnswerLine) -> Standing {
    guard let place = place(of: line.id) else { return .unknown }
    guard answers[place] == nil else { return .answeredBefore }
    answers[place] = line.answer(outputType: requests[place].layer.output.type)
    if line.accumulator != nil {
      taps[place] = line.accumulators(outputs: requests[place].layer.output.statedElements)
    }
    return .taken
  }

  /// Takes a line that is no answer, but names a case that is open.
  mutating func take(malformed id: String, _ reason: String) -> Bool {
    guard let place = place(of: id), answers[place] == nil else { return false }
    answers[place] = .failed(.protocolError, reason)
    return true
  }

  func finished() -> [Answer] { answers.map { $0 ?? .failed(.protocolError, "no answer") } }

  private mutating func place(of id: String) -> Int? {
    if expected < ids.count, ids[expected] == id {
      expected += 1
      return expected - 1
    }
    if places.isEmpty {
      for (place, id) in ids.enumerated() { places[id] = place }
    }
    guard let place = places[id] else { return nil }
    expected = place + 1
    return place
  }
}

/// The ids that were answered last, as hashes, so that a second answer is told from an unasked one.
struct RecentIDs {
  private var known: Set<Int> = []
  private var order: [Int] = []
  private var next = 0
  private static let capacity = 1 << 14

  func contains(_ id: String) -> Bool { known.contains(id.hashValue) }

  mutating func insert(_ id: String) {
    let hash = id.hashValue
    guard known.insert(hash).inserted else { return }
    if order.count < Self.capacity {
      order.append(hash)
    } else {
      known.remove(order[next])
      order[next] = hash
      next = (next + 1) % Self.capacity
    }
  }
}
