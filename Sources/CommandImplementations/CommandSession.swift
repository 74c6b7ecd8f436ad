import AdapterProtocol
import Glibc
import Implementations
import QuantizedLayers
import TestCases
import Verdicts

/// One thread's program: started anew when it dies, and asked again one case at a time when it
/// cannot be told which case it died of.
final class CommandSession: Session {
  private let implementation: CommandImplementation
  private var connection: Connection?
  private var writer = CaseWriter()
  private var strays: [Stray] = []
  private var straysSinceStart = 0
  private var casesSinceStart = 0
  private var recent = RecentIDs()

  init(_ implementation: CommandImplementation, _ connection: Connection?) {
    self.implementation = implementation
    self.connection = connection
  }

  deinit { connection?.kill() }

  func takeStrays() -> [Stray] {
    defer { strays = [] }
    return strays
  }

  func close() {
    guard let connection else { return }
    for line in connection.close(cases: casesSinceStart) {
      if case .answer(let answer) = line { note(stray: answer) }
    }
    self.connection = nil
  }

  func answer(_ requests: [Request]) -> [Answer] {
    var window = Window(requests, &writer)
    var fault = exchange(&window, Array(requests.indices))
    guard let first = fault else { return window.finished() }
    // What it failed on cannot be told while several are open: each of them is asked alone.
    let open = window.open
    var culprits = 0
    for place in open {
      fault = open.count == 1 ? first : exchange(&window, [place])
      guard let fault else { continue }
      window.answers[place] = .failed(fault.outcome, fault.message)
      culprits += 1
    }
    if culprits == 0, let place = open.first, let whole = first.unattributed(open.count) {
      window.answers[place] = whole
    }
    return window.finished()
  }

  /// Sends some cases and takes their answers.
  private func exchange(_ window: inout Window, _ places: [Int]) -> Broken? {
    let connection: Connection
    switch connected() {
    case .success(let running): connection = running
    case .failure(let broken): return broken
    }
    var open = 0
    for place in places where window.answers[place] == nil {
      connection.send(window.lines[place])
      open += 1
      casesSinceStart += 1
    }
    guard open > 0 else { return nil }
    connection.maximumLine = window.maximumLine
    do throws(Connection.Fault) {
      try connection.exchange(seconds: implementation.configuration.secondsPerCase) {
        line throws(Connection.Fault) in
        switch line {
        case .hello: throw .nonsense("a second hello line")
        case .end: throw .nonsense("an end line while \(open) cases are open")
        case .answer(let answer):
          guard window.take(answer) else {
            self.note(stray: answer)
            guard self.straysSinceStart <= 100 else {
              throw .nonsense("more than 100 answers to cases that are not open")
            }
            return false
          }
          open -= 1
          return open == 0
        }
      }
    } catch {
      disconnect()
      return Broken(error)
    }
    for id in window.ids { recent.insert(id) }
    for case .answer(let answer) in connection.leftover() { note(stray: answer) }
    return nil
  }

  private func note(stray answer: AnswerLine) {
    straysSinceStart += 1
    let id = Shown.text(answer.id.utf8.prefix(200))
    let isKnown = recent.contains(answer.id)
    strays.append(
      isKnown
        ? Stray(id: id, outcome: .duplicate, message: "\(id) was answered again")
        : Stray(id: id, outcome: .extra, message: "an answer to \(id), which is not open"))
  }

  // MARK: Starting and ending

  private func connected() -> Result<Connection, Broken> {
    if let connection { return .success(connection) }
    if let reason = implementation.quarantine { return .failure(.quarantined(reason)) }
    do throws(StartError) {
      let started = try implementation.connect()
      connection = started
      (straysSinceStart, casesSinceStart) = (0, 0)
      return .success(started)
    } catch {
      implementation.noteRestart("it cannot be started again: \(error.reason)")
      return .failure(
        implementation.quarantine.map { .quarantined($0) }
          ?? Broken(.crash, "it cannot be started again: \(error.reason)"))
    }
  }

  private func disconnect() {
    connection?.kill()
    connection = nil
    implementation.noteRestart(nil)
  }
}

/// Why a case has no answer.
private struct Broken {
  let outcome: Outcome
  let message: String

  init(_ outcome: Outcome, _ message: String) {
    self.outcome = outcome
    self.message = message
  }

  init(_ fault: Connection.Fault) {
    switch fault {
    case .silence(let message): self.init(.timeout, message)
    case .death(let message): self.init(.crash, message)
    case .nonsense(let message): self.init(.protocolError, message)
    }
  }

  static func quarantined(_ reason: String) -> Broken { Broken(.notReached, reason) }

  /// What becomes of the first of several open cases when each of them alone was answered.
  ///
  /// Silence is forgiven: answers that come together may take longer than one case may.
  func unattributed(_ open: Int) -> Answer? {
    guard outcome != .timeout, outcome != .notReached, open > 1 else { return nil }
    return .failed(
      outcome, "\(message); \(open) cases were open, and each alone was answered afterwards")
  }
}

extension Broken: Error {}

/// The cases of one call, their lines, and their answers so far.
private struct Window {
  let requests: [Request]
  var lines: [[UInt8]] = []
  var ids: [String] = []
  var answers: [Answer?]
  private var places: [String: Int] = [:]
  private(set) var maximumLine = 1 << 20

  init(_ requests: [Request], _ writer: inout CaseWriter) {
    self.requests = requests
    answers = Array(repeating: nil, count: requests.count)
    for (place, request) in requests.enumerated() {
      let (id, line) = writer.writeBlind(request.testCase)
      lines.append(line)
      ids.append(id)
      places[id] = place
      // Lists of decimal numbers are the longest form of outputs and accumulators.
      let elements = min(request.layer.output.statedElements, 1 << 22)
      maximumLine = max(maximumLine, (1 << 20) + 48 * elements)
    }
  }

  var open: [Int] { answers.indices.filter { answers[$0] == nil } }

  /// Whether the answer belongs to an open case.
  mutating func take(_ line: AnswerLine) -> Bool {
    guard let place = places[line.id], answers[place] == nil else { return false }
    answers[place] = line.answer(outputType: requests[place].layer.output.type)
    return true
  }

  func finished() -> [Answer] {
    answers.map { $0 ?? .failed(.protocolError, "no answer") }
  }
}

/// The ids that were answered last, so that a second answer is told from an unasked one.
private struct RecentIDs {
  private var known: Set<String> = []
  private var order: [String] = []
  private var next = 0
  private static let capacity = 1_024

  func contains(_ id: String) -> Bool { known.contains(id) }

  mutating func insert(_ id: String) {
    guard known.insert(id).inserted else { return }
    if order.count < Self.capacity {
      order.append(id)
    } else {
      known.remove(order[next])
      order[next] = id
      next = (next + 1) % Self.capacity
    }
  }
}
