import CLibraryHost
import ChildProcesses
import Glibc
import Implementations

/// What a library says of itself.
struct LibraryDescription: Sendable {
  var name: String
  var version: String
  /// JSON; `nil` where it says nothing.
  var claims: [UInt8]?
}

/// How a batch, or the loading of a library, ended.
enum BatchEnd: Hashable {
  case done
  /// The process is gone.
  case died(Termination)
  /// A call took longer than it may. The process has been killed; so much address space it had.
  case timeout(memoryBytes: UInt64)
}

/// One process with a library in it. It is gone after its first death; the session makes another.
final class LibraryProcess {
  private let child: ChildProcess
  private let socket: OwnedDescriptor
  private let output: CapturedStream
  private let cases: SharedMemory
  private let answers: SharedMemory
  private let secondsPerCall: Double

  /// As long as a program may take until its hello line.
  private static let secondsToLoad = 10.0
  private static let initialBytes = 1 << 20

  /// Starts a process; ``load()`` says whether the library is there.
  ///
  /// - Throws: ``SpawnError``
  init(path: String, limits: LibraryLimits) throws(SpawnError) {
    guard let executable = LibraryHost.executable else {
      throw SpawnError("the program qverify, which loads libraries, is not beside this one")
    }
    let channel = try Channel.sockets()
    socket = channel.first
    output = try CapturedStream()
    cases = try SharedMemory(bytes: Self.initialBytes)
    answers = try SharedMemory(bytes: Self.initialBytes)
    secondsPerCall = limits.secondsPerCase
    // The host's own handlers say more of a crash than the runtime's would.
    let environment = ChildProcess.environment.filter { !$0.hasPrefix("SWIFT_BACKTRACE=") }
    child = try ChildProcess(
      ProcessDescription(
        executable: executable, arguments: [HOST_ARGUMENT, HOST_PROTOCOL, path],
        environment: environment + ["SWIFT_BACKTRACE=enable=no"],
        descriptors: [
          nil, output.writeDescriptor, output.writeDescriptor, channel.second.number,
          cases.descriptor.number, answers.descriptor.number,
        ], memoryLimitBytes: limits.memoryBytes))
    channel.second.close()
    output.closeWriteEnd()
  }

  /// What the library has written to its standard streams since the batch began.
  var text: String {
    output.drain()
    return output.text
  }

  var casesMemory: SharedMemory { cases }
  var answersMemory: SharedMemory { answers }

  /// Waits until the library is loaded.
  ///
  /// - Throws: ``SpawnError`` saying what kept it from being loaded.
  func load() throws(SpawnError) -> LibraryDescription {
    var reply = host_reply()
    switch wait(&reply, secondsWithoutProgress: Self.secondsToLoad) {
    case .done: break
    case .timeout:
      throw SpawnError("it was not loaded within \(Int(Self.secondsToLoad)) s\(shown(text))")
    case .died(let termination):
      let record = general
      let cause =
        record.state == 1 ? FaultText(record).text : "the process ended with \(termination)"
      throw SpawnError("while it was loaded: \(cause)\(shown(text))")
    }
    guard let start = answers.bytes.baseAddress else { throw SpawnError("no memory") }
    let loaded = start + Self.outputsOffset
    let name = String(cString: library_host_name(loaded))
    guard reply.kind == HOST_LOADED else { throw SpawnError(name) }
    return LibraryDescription(
      name: name, version: String(cString: library_host_version(loaded)),
      claims: library_host_claims(loaded).map { Array(String(cString: $0).utf8) })
  }

  /// Has the first `count` cases of the cases' memory computed.
  func run(count: Int) -> BatchEnd {
    output.clear()
    for place in 0..<count { setState(0, place) }
    setGeneralState()
    var request = host_request()
    request.cases = UInt32(count)
    request.cases_bytes = UInt64(cases.bytes.count)
    request.answers_bytes = UInt64(answers.bytes.count)
    let sent = withUnsafeBytes(of: &request) {
      send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard sent == MemoryLayout<host_request>.size else { return died() }
    var reply = host_reply()
    return wait(&reply, secondsWithoutProgress: secondsPerCall)
  }

  /// Ends the process.
  func close() {
    socket.close()
    child.kill()
    _ = child.wait(seconds: nil)
  }

  private func died() -> BatchEnd {
    // It ends by itself; if not, its answer is not to be had.
    if let termination = child.wait(seconds: 1) { return .died(termination) }
    child.kill()
    return .died(child.wait(seconds: nil) ?? .signaled(SIGKILL))
  }

  /// Waits for a message, for the end of the process, or for the end of a call's time.
  private func wait(_ reply: inout host_reply, secondsWithoutProgress limit: Double) -> BatchEnd {
    var calls = callCount
    var since = Clock.now
    var isSocketOpen = true
    while true {
      var requests = [
        pollfd(fd: isSocketOpen ? socket.number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: output.isAtEnd ? -1 : output.readDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child.exitDescriptor, events: Int16(POLLIN), revents: 0),
      ]
      let rest = min(since + limit - Clock.now, child.exitDescriptor < 0 ? 0.05 : limit / 4)
      _ = poll(&requests, 3, Clock.milliseconds(rest))
      if requests[1].revents != 0 { output.drain() }
      if requests[0].revents != 0 {
        if receive(&reply) { return .done }
        isSocketOpen = false
      }
      if requests[2].revents != 0 || child.exitDescriptor < 0,
        let termination = child.wait(seconds: 0)
      {
        // What it said last is still there.
        return isSocketOpen && receive(&reply) ? .done : .died(termination)
      }
      let now = callCount
      if now != calls {
        calls = now
        since = Clock.now
      } else if Clock.now - since >= limit {
        let memory = memoryInUse
        child.kill()
        _ = child.wait(seconds: nil)
        return .timeout(memoryBytes: memory)
      }
    }
  }

  private func receive(_ reply: inout host_reply) -> Bool {
    let count = withUnsafeMutableBytes(of: &reply) {
      recv(socket.number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    return count == MemoryLayout<host_reply>.size
  }

  /// Address space of the process in bytes; 0 where it cannot be told.
  private var memoryInUse: UInt64 {
    let file = open("/proc/\(child.identifier)/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { Glibc.close(file) }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = read(file, &buffer, buffer.count)
    let digits = buffer.prefix(max(count, 0)).prefix { 0x30...0x39 ~= $0 }
    return (UInt64(String(decoding: digits, as: UTF8.self)) ?? 0) &* 4_096
  }
}

extension LibraryProcess {
  /// Where outputs may begin in the memory of answers.
  static let outputsOffset = roundedUp(MemoryLayout<host_answers>.size)

  static func roundedUp(_ count: Int) -> Int {
    let unit = HOST_UNIT
    return (count + unit - 1) / unit * unit
  }

  private static let answersStart = MemoryLayout<host_answers>.offset(of: \.answers) ?? 0
  private static let generalStart = MemoryLayout<host_answers>.offset(of: \.general) ?? 0
  private static let callsPlace = MemoryLayout<host_answers>.offset(of: \.calls) ?? 0
  private static let statePlace = MemoryLayout<host_answer>.offset(of: \.state) ?? 0

  private var callCount: UInt32 {
    answers.bytes.load(fromByteOffset: Self.callsPlace, as: UInt32.self)
  }

  /// What the process noted for a case of the batch; anything may stand there.
  func record(_ place: Int) -> host_answer {
    answers.bytes.load(
      fromByteOffset: Self.answersStart + place * MemoryLayout<host_answer>.stride,
      as: host_answer.self)
  }

  /// What it noted outside all cases.
  var general: host_answer {
    answers.bytes.load(fromByteOffset: Self.generalStart, as: host_answer.self)
  }

  private func setState(_ state: Int32, _ place: Int) {
    answers.bytes.storeBytes(
      of: state,
      toByteOffset: Self.answersStart + place * MemoryLayout<host_answer>.stride + Self.statePlace,
      as: Int32.self)
  }

  private func setGeneralState() {
    answers.bytes.storeBytes(
      of: 0, toByteOffset: Self.generalStart + Self.statePlace, as: Int32.self)
  }
}

/// The end of a message with what a library wrote, on one line; empty where it wrote nothing.
func shown(_ text: String) -> String {
  guard !text.isEmpty else { return "" }
  let line = text.split(whereSeparator: \.isNewline).joined(separator: " | ")
  return "; it wrote: \(line.count > 400 ? "…\(line.suffix(400))" : line)"
}
