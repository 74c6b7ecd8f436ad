import AdapterProtocol
import ChildProcesses
import Glibc
import TestCases

/// One running program: lines go in, lines come out, neither side can block the other.
final class Connection {
  /// What ended an exchange before everything was answered.
  enum Fault: Error {
    /// Nothing came for as long as one case may take.
    case silence(String)
    /// The process ended.
    case death(String)
    /// Something came that is no answer, or a stream was closed.
    case nonsense(String)
  }

  /// One line that has come.
  enum Incoming {
    case line(AdapterLine)
    /// It cannot be read; the id that it seems to name.
    case malformed(id: String?, reason: String)
  }

  private let child: Child
  private var incoming = StreamBuffer()
  private var errorTail = ErrorTail()
  private var outgoing: [UInt8] = []
  private var sent = 0
  private let reader = AnswerReader()
  private var hasClosedItsInput = false
  /// When what a dead process has left in its streams must have been read; `nil` while it lives.
  private var exitDeadline: Double?

  /// The longest line that is read, in bytes; a case's own answer is far shorter.
  var maximumLine = 1 << 20

  /// Starts a program.
  ///
  /// - Throws: ``SpawnError``
  init(_ configuration: CommandConfiguration) throws(SpawnError) {
    child = try Child(configuration)
    outgoing += "{\"hello\":{\"format\":1}}\n".utf8
  }

  /// Awaits the hello line.
  func hello(seconds: Double) throws(Fault) -> AdapterHello {
    var hello: AdapterHello?
    try exchange(seconds: seconds) { incoming throws(Fault) in
      switch incoming {
      case .line(.hello(let found)): hello = found
      case .line(.answer): throw .nonsense("its first line must be its hello line: it is an answer")
      case .line(.end): throw .nonsense("its first line must be its hello line: it is an end line")
      case .malformed(_, let reason): throw .nonsense(reason)
      }
      return true
    }
    guard let hello else { throw .nonsense("it said no hello") }
    return hello
  }

  /// Appends a line to what is sent.
  func send(_ line: [UInt8]) { outgoing += line }

  /// Writes what waits to be written and reads lines, until `isFinished` returns true for one.
  ///
  /// - Parameters:
  ///   - seconds: how long the program may be silent.
  ///   - isFinished: is given every line.
  /// - Throws: what came in place of the lines, or what `isFinished` throws.
  func exchange(
    seconds: Double, isFinished: (Incoming) throws(Fault) -> Bool
  ) throws(Fault) {
    var deadline = Clock.now + seconds
    while true {
      while let line = incoming.nextLine({ self.parsed($0) }) {
        deadline = Clock.now + seconds
        if try isFinished(line) { return }
      }
      guard incoming.unfinished <= maximumLine else {
        throw .nonsense(
          "a line of more than \(maximumLine) bytes, which begins \(incoming.unfinishedHead)…")
      }
      // Asked here, since something may come without end and yet no line ever be finished.
      guard Clock.now < deadline else { throw silence(seconds) }
      try transfer(until: deadline)
    }
  }

  /// Lines that have come without being waited for.
  func leftover() -> [Incoming] {
    var lines: [Incoming] = []
    while let line = incoming.nextLine({ self.parsed($0) }) { lines.append(line) }
    return lines
  }

  private func parsed(_ line: UnsafeBufferPointer<UInt8>) -> Incoming {
    do throws(LineFormatError) {
      return .line(try reader.read(line))
    } catch {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else {
        return .malformed(id: nil, reason: "an empty line")
      }
      let head = Shown.text(line.prefix(120)) + (line.count > 120 ? "…" : "")
      let id = AnswerReader.guessedID(line)
      let what = id == nil ? "a line is malformed" : "the answer is malformed"
      return .malformed(id: id, reason: "\(what): \(Shown.words("\(error)")): \(head)")
    }
  }

  /// Waits for one of the streams, at most until a time, and moves what can be moved.
  private func transfer(until deadline: Double) throws(Fault) {
    let isWriting = sent < outgoing.count
    var polled = (
      pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
      // Asked for nothing, it still tells that the other side was closed.
      pollfd(fd: child.input, events: isWriting ? Int16(POLLOUT) : 0, revents: 0),
      pollfd(fd: exitDeadline == nil ? child.exit : -1, events: Int16(POLLIN), revents: 0)
    )
    let until = min(deadline, exitDeadline ?? deadline)
    let count = withUnsafeMutableBytes(of: &polled) {
      poll(
        $0.assumingMemoryBound(to: pollfd.self).baseAddress, 4,
        Clock.milliseconds(until - Clock.now))
    }
    if let exitDeadline, count == 0 || Clock.now > exitDeadline { throw death() }
    guard count > 0 else { return }
    if polled.1.revents != 0, errorTail.fill(from: child.errors) == 0 { child.closeErrors() }
    if polled.0.revents != 0, incoming.fill(from: child.output) == 0 { throw death() }
    if polled.2.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 {
      noteClosedInput()
    } else if polled.2.revents != 0 {
      write()
    }
    if polled.3.revents != 0, child.ended(within: 0) != nil {
      // Its group is gone with it, and so the streams end, unless something left the group.
      exitDeadline = Clock.now + 0.5
    }
  }

  private func write() {
    let count = outgoing[sent...].withUnsafeBytes {
      Glibc.write(child.input, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EPIPE {
      noteClosedInput()
      return
    }
    sent += max(0, count)
    if sent == outgoing.count {
      outgoing.removeAll(keepingCapacity: true)
      sent = 0
    }
  }

  /// It may have answered all the same: reading goes on, and finds the end.
  private func noteClosedInput() {
    child.closeInput()
    hasClosedItsInput = true
    (outgoing, sent) = ([], 0)
  }

  // MARK: What is said of a fault

  private func silence(_ seconds: Double) -> Fault {
    let part =
      incoming.unfinished > 0 ? ", after an unfinished line: \(incoming.unfinishedHead)" : ""
    guard hasClosedItsInput else {
      return .silence("no answer within \(shown(seconds)) s\(part)\(errors)")
    }
    return .nonsense(
      "it closed its standard input, and no answer came within \(shown(seconds)) s\(part)\(errors)")
  }

  private func death() -> Fault {
    let unfinished =
      incoming.unfinished > 0 ? ", in the middle of a line: \(incoming.unfinishedHead)" : ""
    if let end = child.ended(within: 1) {
      return .death("it ended with \(end)\(unfinished)\(errors)")
    }
    return .nonsense("it closed its standard output\(unfinished)\(errors)")
  }

  /// What the program wrote to its standard error, for a message.
  private var errors: String {
    var total = 0
    while child.errors >= 0, total < 1 << 24 {
      let count = errorTail.fill(from: child.errors)
      guard count > 0 else { break }
      total += count
    }
    return errorTail.text
  }

  // MARK: The end

  /// Ends the program in good order: the end line, a closed stream, some time to leave.
  ///
  /// - Returns: the lines that came without being waited for.
  func close(cases: Int) -> [Incoming] {
    send(Array("{\"end\":{\"cases\":\(cases)}}\n".utf8))
    let lines = linesUntilTheEnd(seconds: 2)
    child.end(after: 1)
    return lines
  }

  /// How many answers come once its input is closed: those of a program that does not hand over what
  /// it has written, or that reads everything first. It is of no use afterwards.
  func answersOnceInputIsClosed() -> Int {
    linesUntilTheEnd(seconds: 1).count { if case .line(.answer) = $0 { true } else { false } }
  }

  private func linesUntilTheEnd(seconds: Double) -> [Incoming] {
    let deadline = Clock.now + seconds
    do throws(Fault) {
      while sent < outgoing.count, child.input >= 0, Clock.now < deadline {
        try transfer(until: deadline)
      }
      child.closeInput()
      while Clock.now < deadline, incoming.unfinished < maximumLine {
        try transfer(until: deadline)
      }
    } catch {}
    return leftover()
  }

  /// Ends the program at once, with its whole process group.
  func kill() { child.end(after: 0) }
}

private func shown(_ seconds: Double) -> String {
  seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
}
