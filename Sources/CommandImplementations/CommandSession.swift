import AdapterProtocol
import Implementations
import TestCases
import Verdicts

/// One thread's program: started anew when it dies, and asked again one case at a time when it
/// cannot be told which case it died of.
final class CommandSession: Session {
  private let implementation: CommandImplementation
  private var connection: Connection?
  private var writer = CaseWriter()
  private var strays: [Stray] = []
  private var taps: [Int: [Int64]] = [:]
  private var straysSinceStart = 0
  private var casesSinceStart = 0
  private var answersSinceStart = 0
  private var recent = RecentIDs()
  /// Whether cases are sent before the ones before them are answered.
  private var isPipelined = true
  /// So often it is still asked, after silence, whether it holds its answers back.
  private var questionsAboutFlushing = 3

  init(_ implementation: CommandImplementation, _ connection: Connection?) {
    self.implementation = implementation
    self.connection = connection
  }

  deinit { connection?.kill() }

  func takeStrays() -> [Stray] {
    defer { strays = [] }
    return strays
  }

  func takeTaps() -> [Int: [Int64]] {
    defer { taps = [:] }
    return taps
  }

  func close() {
    guard let connection else { return }
    for incoming in connection.close(cases: casesSinceStart) {
      note(unasked: incoming, isEnd: true)
    }
    self.connection = nil
  }

  func answer(_ requests: [Request]) -> [Answer] {
    var window = Window(requests, &writer)
    askTogether(&window)
    for place in window.open { ask(&window, alone: place) }
    taps = window.taps
    return window.finished()
  }

  // MARK: Attribution

  /// Sends all cases at once. On return, those that are still open are to be asked alone.
  ///
  /// Which case a fault belongs to cannot be told while several are open. The first of them is
  /// suspected: a fresh program is asked it alone. If it is guilty, the rest goes on together.
  private func askTogether(_ window: inout Window) {
    while isPipelined {
      let asked = window.open
      guard asked.count > 1, let fault = exchange(&window, asked) else { return }
      let open = window.open
      guard fault.outcome != .notReached else { return fill(&window, open, fault) }
      guard let suspect = open.first else { return note(unattributed: fault, asked.count, window) }
      if let proved = exchange(&window, [suspect]) {
        window.answers[suspect] = .failed(proved.outcome, proved.message)
        // The rest may be as silent, and each silence together would cost one more alone.
        if proved.outcome == .timeout { return }
        continue
      }
      var isGuilty = false
      for place in open.dropFirst() where ask(&window, alone: place) { isGuilty = true }
      if isGuilty { continue }
      if fault.outcome == .timeout {
        // Together they took longer than one may take, each alone was in time: that is no fault.
        isPipelined = false
        implementation.forgiveRestart()
      } else {
        note(unattributed: fault, open.count, window, suspect)
      }
    }
  }

  /// Sends one case alone.
  ///
  /// - Returns: whether a fault is its own.
  @discardableResult
  private func ask(_ window: inout Window, alone place: Int) -> Bool {
    let isFresh = connection == nil || casesSinceStart == 0
    guard let fault = exchange(&window, [place]) else { return false }
    var own = fault
    if !isFresh, fault.outcome == .crash || fault.outcome == .protocolError {
      // It may have been a case before this one.
      guard let second = exchange(&window, [place]) else {
        note(unattributed: fault, 1, window, place)
        return false
      }
      own = second
    }
    window.answers[place] = .failed(own.outcome, own.message)
    return true
  }

  private func fill(_ window: inout Window, _ places: [Int], _ fault: Broken) {
    for place in places { window.answers[place] = .failed(fault.outcome, fault.message) }
  }

  /// A fault that no case shows alone: the cases keep their answers, and it is counted beside them.
  private func note(
    unattributed fault: Broken, _ open: Int, _ window: Window, _ place: Int? = nil
  ) {
    let what =
      open == 1
      ? "the case that was open was answered by a fresh program afterwards"
      : "\(open) cases were open, and each alone was answered afterwards"
    strays.append(
      Stray(
        id: place.map { window.ids[$0] } ?? Self.noCase, outcome: fault.outcome,
        message: "\(fault.message); \(what)"))
  }

  // MARK: One exchange

  /// Sends some cases and takes their answers.
  private func exchange(_ window: inout Window, _ places: [Int]) -> Broken? {
    let connection: Connection
    switch connected() {
    case .success(let running): connection = running
    case .failure(let broken): return broken
    }
    for place in places { connection.send(window.lines[place]) }
    var open = places.count
    casesSinceStart += open
    connection.maximumLine = window.maximumLine
    do throws(Connection.Fault) {
      try connection.exchange(seconds: implementation.configuration.secondsPerCase) {
        incoming throws(Connection.Fault) in
        if try take(incoming, &window) {
          answersSinceStart += 1
          open -= 1
        }
        return open == 0
      }
    } catch {
      return disconnect(error)
    }
    for place in places { recent.insert(window.ids[place]) }
    for incoming in connection.leftover() { note(unasked: incoming) }
    return nil
  }

  /// - Returns: whether the line answers a case that was open.
  private func take(
    _ incoming: Connection.Incoming, _ window: inout Window
  ) throws(Connection.Fault) -> Bool {
    switch incoming {
    case .line(.hello): throw .nonsense("a second hello line")
    case .line(.end): throw .nonsense("its end line came before that of the cases")
    case .malformed(let id?, let reason) where window.take(malformed: id, reason): return true
    case .malformed(_, let reason): throw .nonsense(reason)
    case .line(.answer(let answer)):
      switch window.take(answer) {
      case .taken: return true
      case .answeredBefore: note(stray: answer.id, wasAnswered: true)
      case .unknown: note(stray: answer.id, wasAnswered: recent.contains(answer.id))
      }
      guard straysSinceStart <= Self.mostStrays else {
        throw .nonsense("more than \(Self.mostStrays) answers to cases that are not open")
      }
      return false
    }
  }

  /// After so many answers that nobody asked for, a program is started again.
  private static let mostStrays = 100
  /// Where a stray names no case.
  private static let noCase = "(no case)"

  private func note(stray id: String, wasAnswered: Bool) {
    straysSinceStart += 1
    let id = Shown.text(id.utf8.prefix(200))
    strays.append(
      wasAnswered
        ? Stray(id: id, outcome: .duplicate, message: "a second answer to \(id)")
        : Stray(id: id, outcome: .extra, message: "an answer to \(id), which is not open"))
  }

  /// A line that came while no case was open.
  private func note(unasked incoming: Connection.Incoming, isEnd: Bool = false) {
    guard straysSinceStart <= Self.mostStrays else { return }
    func note(_ reason: String) {
      straysSinceStart += 1
      strays.append(
        Stray(
          id: Self.noCase, outcome: .protocolError,
          message: "\(reason); it came while no case was open"))
    }
    switch incoming {
    case .line(.answer(let answer)):
      self.note(stray: answer.id, wasAnswered: recent.contains(answer.id))
    case .line(.hello): note("a second hello line")
    case .line(.end): if !isEnd { note("its end line came before that of the cases") }
    case .malformed(_, let reason): note(reason)
    }
  }

  // MARK: Starting and ending

  private func connected() -> Result<Connection, Broken> {
    if let reason = implementation.quarantine {
      connection?.kill()
      connection = nil
      return .failure(Broken(.notReached, reason))
    }
    if let connection { return .success(connection) }
    do throws(StartError) {
      let started = try implementation.connect()
      connection = started
      (straysSinceStart, casesSinceStart, answersSinceStart) = (0, 0, 0)
      return .success(started)
    } catch {
      let reason = "it cannot be started again: \(error.reason)"
      implementation.noteRestart(reason, isVain: true)
      return .failure(Broken(.crash, reason))
    }
  }

  private func disconnect(_ fault: Connection.Fault) -> Broken {
    var broken = Broken(fault)
    if let connection {
      if broken.outcome == .timeout, answersSinceStart == 0, questionsAboutFlushing > 0 {
        questionsAboutFlushing -= 1
        let late = connection.answersOnceInputIsClosed()
        if late > 0 { broken.message += Self.heldBack }
      }
      connection.kill()
    }
    connection = nil
    implementation.noteRestart(
      broken.message, isVain: broken.outcome == .timeout && answersSinceStart == 0)
    return broken
  }

  private static let heldBack =
    "; the answer came once its standard input was closed: it does not flush its standard output"
    + " after every answer, or reads everything before it answers"
}

/// Why a case has no answer.
struct Broken: Error {
  let outcome: Outcome
  var message: String

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
}
