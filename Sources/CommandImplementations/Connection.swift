import AdapterProtocol
import ChildProcesses
import Dispatch
import Glibc
import TestCases

/// One running program: lines go in, lines come out, neither side can block the other.
final class Connection {
  /// What ended an exchange before everything was answered.
  enum Fault: Error {
    /// Nothing came for as long as one case may take.
    case silence(String)
    /// The process ended, or closed a stream.
    case death(String)
    /// Something came that is no answer.
    case nonsense(String)
  }

  private let child: Child
  private var incoming = StreamBuffer()
  private var errorTail = ErrorTail()
  private var outgoing: [UInt8] = []
  private var sent = 0
  private let reader = AnswerReader()

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
  func hello() throws(Fault) -> AdapterHello {
    var hello: AdapterHello?
    try exchange(seconds: CommandConfiguration.helloSeconds) { line throws(Fault) in
      guard case .hello(let found) = line else {
        throw .nonsense("its first line must be its hello line, but is another")
      }
      hello = found
      return true
    }
    guard let hello else { throw .nonsense("it said no hello") }
    return hello
  }

  /// Appends a line to what is sent.
  func send(_ line: [UInt8]) { outgoing += line }

  /// Writes what waits to be written and reads lines, until `isFinished` returns true for one.
  ///
  /// - Parameter seconds: how long the program may be silent.
  func exchange(
    seconds: Double, isFinished: (AdapterLine) throws(Fault) -> Bool
  ) throws(Fault) {
    var deadline = DispatchTime.now() + seconds
    while true {
      while let line = incoming.nextLine({ self.parsed($0) }) {
        deadline = .now() + seconds
        if try isFinished(try line.get()) { return }
      }
      guard incoming.unfinished <= maximumLine else {
        throw .nonsense(
          "a line of more than \(maximumLine) bytes: \(incoming.unfinishedHead)…")
      }
      try transfer(until: deadline, seconds)
    }
  }

  /// Lines that have come without being waited for.
  func leftover() -> [AdapterLine] {
    var lines: [AdapterLine] = []
    while let line = incoming.nextLine({ self.parsed($0) }) {
      if case .success(let line) = line { lines.append(line) }
    }
    return lines
  }

  private func parsed(_ line: UnsafeBufferPointer<UInt8>) -> Result<AdapterLine, Fault> {
    do throws(LineFormatError) {
      return .success(try reader.read(line))
    } catch {
      let id = AnswerReader.guessedID(line).map { "the answer to \($0)" } ?? "a line"
      return .failure(
        .nonsense("\(id) is malformed: \(error): \(Shown.text(line.prefix(120)))"))
    }
  }

  /// Waits for one of the streams, and moves what can be moved.
  private func transfer(until deadline: DispatchTime, _ seconds: Double) throws(Fault) {
    var polled = [
      pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: sent < outgoing.count ? child.input : -1, events: Int16(POLLOUT), revents: 0),
    ]
    let now = DispatchTime.now().uptimeNanoseconds
    let left = deadline.uptimeNanoseconds > now ? deadline.uptimeNanoseconds - now : 0
    let count = poll(&polled, 3, Int32(clamping: (left + 999_999) / 1_000_000))
    if count == 0 {
      let unfinished =
        incoming.unfinished > 0 ? ", after an unfinished line: \(incoming.unfinishedHead)" : ""
      throw .silence("no answer within \(shown(seconds)) s\(unfinished)\(errorTail.text)")
    }
    guard count > 0 else { return }
    if polled[1].revents != 0, errorTail.fill(from: child.errors) == 0 { child.closeErrors() }
    if polled[0].revents != 0, incoming.fill(from: child.output) == 0 { throw death() }
    if polled[2].revents != 0 { try write() }
  }

  private func write() throws(Fault) {
    let count = outgoing[sent...].withUnsafeBytes {
      Glibc.write(child.input, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EPIPE {
      // It may have answered all the same: reading goes on, and finds the end.
      child.closeInput()
      (outgoing, sent) = ([], 0)
      return
    }
    sent += max(0, count)
    if sent == outgoing.count {
      outgoing.removeAll(keepingCapacity: true)
      sent = 0
    }
  }

  private func death() -> Fault {
    _ = drainErrors()
    let unfinished =
      incoming.unfinished > 0 ? ", in the middle of a line: \(incoming.unfinishedHead)" : ""
    if let end = child.ended(within: 1) {
      return .death("it ended with \(end)\(unfinished)\(errorTail.text)")
    }
    return .nonsense("it closed its standard output\(unfinished)\(errorTail.text)")
  }

  private func drainErrors() -> Int {
    var total = 0
    while child.errors >= 0 {
      let count = errorTail.fill(from: child.errors)
      guard count > 0 else { break }
      total += count
      if total > 1 << 24 { break }
    }
    return total
  }

  /// What the program wrote to its standard error, for a message.
  var errors: String {
    _ = drainErrors()
    return errorTail.text
  }

  /// Ends the program in good order: the end line, a closed stream, some time to leave.
  func close(cases: Int) -> [AdapterLine] {
    send(Array("{\"end\":{\"cases\":\(cases)}}\n".utf8))
    let deadline = DispatchTime.now() + 2
    while sent < outgoing.count, child.input >= 0, DispatchTime.now() < deadline {
      do throws(Fault) { try transfer(until: deadline, 2) } catch { break }
    }
    child.closeInput()
    do throws(Fault) {
      while DispatchTime.now() < deadline, incoming.unfinished < maximumLine {
        try transfer(until: deadline, 2)
      }
    } catch {}
    child.end(after: 1)
    return leftover()
  }

  /// Ends the program at once, with its whole process group.
  func kill() { child.end(after: 0) }
}

private func shown(_ seconds: Double) -> String {
  seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
}
