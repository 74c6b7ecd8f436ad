import CLibraryHost
import ChildProcesses
import Glibc
import Implementations
import QuantizedLayers
import Verdicts

/// One thread's process with the library in it, replaced whenever it dies.
final class LibrarySession: Session {
  private let implementation: LibraryImplementation
  private var process: LibraryProcess?
  /// Why nothing more is asked.
  private var quarantine: String?
  private var lastDeath = ""

  init(_ implementation: LibraryImplementation, _ process: LibraryProcess) {
    self.implementation = implementation
    self.process = process
  }

  func close() {
    process?.close()
    process = nil
  }

  func answer(_ requests: [Request]) -> [Answer] {
    var answers: [Answer] = []
    answers.reserveCapacity(requests.count)
    while answers.count < requests.count {
      let rest = requests[answers.count...]
      if let reason = reasonNotToAsk(rest[rest.startIndex].layer) {
        answers.append(.unsupported(reason))
        continue
      }
      let asked = rest.prefix { reasonNotToAsk($0.layer) == nil }.prefix(HOST_BATCH_CASES)
      answers += ask(asked)
    }
    return answers
  }

  private func reasonNotToAsk(_ layer: RawLayer) -> String? {
    guard layer.operation == FullyConnected.name else {
      return "the interface has no operator \(layer.operation)"
    }
    // An output that cannot be counted is nonsense, and the library's to refuse.
    guard CaseEncoder.outputBytes(layer.output) == nil, (try? layer.validated()) != nil else {
      return nil
    }
    return "outputs of more than \(CaseEncoder.maximumOutputBytes >> 20) MiB are not asked for"
  }

  /// Asks for some cases; as many answers as the process gave before it died, and one more for the
  /// case it died of.
  private func ask(_ requests: ArraySlice<Request>) -> [Answer] {
    let notReached = { (reason: String) in
      [Answer](repeating: .failed(.notReached, reason), count: requests.count)
    }
    let process: LibraryProcess
    do throws(StartError) {
      guard let running = try runningProcess() else {
        return notReached(quarantine ?? "the library cannot be started")
      }
      process = running
    } catch {
      quarantine = "not asked any more: \(error.reason)"
      return notReached(quarantine ?? "")
    }
    let outputs: [Range<Int>]
    do throws(SpawnError) {
      outputs = try CaseEncoder.write(requests, alignedOnly: false, to: process)
    } catch {
      return notReached(error.description)
    }
    let end = process.run(count: requests.count)
    guard (0..<requests.count).allSatisfy({ FaultText.isPlausible(process.record($0)) }) else {
      return askSingly(requests)
    }
    var answers: [Answer] = []
    answers.reserveCapacity(requests.count)
    for (place, request) in requests.enumerated() {
      let record = process.record(place)
      guard record.state == 1, !FaultText(record).endsProcess else { break }
      answers.append(answer(record, request, process, outputs[place]))
    }
    guard end != .done || answers.count < requests.count else { return answers }
    // Whatever it said last: a process that is not as it should be is not asked again.
    let failing = answers.count
    let request = failing < requests.count ? requests[requests.startIndex + failing] : nil
    let failure = failure(end, process, failing, request)
    drop()
    if let failure, let request { answers.append(explained(failure, request)) }
    return answers
  }

  /// After the library has written over the answers of a batch: one case at a time, so that the one
  /// that does it is found and the others are answered.
  private func askSingly(_ requests: ArraySlice<Request>) -> [Answer] {
    drop()
    guard requests.count > 1 else {
      lastDeath = "it overwrote the memory in which its process keeps its answers"
      return [.failed(.memoryError, lastDeath)]
    }
    return requests.indices.flatMap { ask(requests[$0...$0]) }
  }

  private func runningProcess() throws(StartError) -> LibraryProcess? {
    if let process { return process }
    guard quarantine == nil else { return nil }
    guard implementation.restarts.take() else {
      quarantine =
        "not asked any more after \(implementation.restarts.limit) restarts; the last: \(lastDeath)"
      return nil
    }
    let process = try implementation.startProcess().process
    self.process = process
    return process
  }

  private func drop() {
    process?.close()
    process = nil
  }

  /// What a process that works goes on from.
  private func answer(
    _ record: host_answer, _ request: Request, _ process: LibraryProcess, _ output: Range<Int>
  ) -> Answer {
    if record.fault != HOST_FAULT_NONE {
      let fault = FaultText(record, request.layer)
      return .failed(fault.outcome, fault.text)
    }
    let message = Self.message(record)
    switch Int(record.code) {
    case 0: return .output([UInt8](process.answersMemory.bytes[output]))
    case 1: return .refused(message)
    case 2: return .unsupported(message)
    case 3: return .failed(.error, message.isEmpty ? "it returned QVERIFY_ERROR" : message)
    default: return .failed(.protocolError, "the process of the library overwrote its answer")
    }
  }

  /// The library's own words, on one line.
  private static func message(_ record: host_answer) -> String {
    withUnsafeBytes(of: record.message) { bytes in
      let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      return text.split(whereSeparator: \.isNewline).joined(separator: " | ")
    }
  }

  /// What the case that a process died of is told; `nil` where no case was left.
  private struct Failure {
    let outcome: Outcome
    let text: String
    /// Of the instruction that failed, where a misaligned buffer may be the reason.
    let alignment: Int
  }

  private func failure(
    _ end: BatchEnd, _ process: LibraryProcess, _ place: Int, _ request: Request?
  ) -> Failure? {
    guard let request else { return nil }
    let limits = implementation.limits
    let record = process.record(place)
    let general = process.general
    let wrote = shown(process.text)
    var outcome = Outcome.crash
    var text: String
    var memory: UInt64 = 0
    var alignment = 0
    if record.state == 1 {
      let fault = FaultText(record, request.layer, wrote: process.text)
      (outcome, text, alignment) = (fault.outcome, fault.text, fault.alignment)
      memory = record.memory_bytes
    } else if general.state == 1 {
      let fault = FaultText(general, request.layer, wrote: process.text)
      (outcome, text) = (fault.outcome, "outside all calls: \(fault.text)")
      memory = general.memory_bytes
    } else {
      switch end {
      case .timeout(let memoryBytes):
        outcome = .timeout
        text = "a call took longer than \(limits.secondsPerCase) s"
        memory = memoryBytes
      case .died(.exited(let code)):
        text = "it called exit: its process ended with exit status \(code)"
      case .died(.signaled(let number)):
        text = "its process was ended by signal \(ending(number))"
      case .done:
        (outcome, text) = (.protocolError, "the process of the library overwrote its answers")
      }
    }
    if let limit = limits.memoryBytes, memory >= limit / 4 * 3, limit > 0 {
      text += "; it had \(memory >> 20) MiB of \(limits.memoryMiB) MiB of memory"
      text += ": it may have met the limit"
    }
    lastDeath = text
    return Failure(outcome: outcome, text: text + wrote, alignment: alignment)
  }

  private func ending(_ number: Int32) -> String {
    let name = Termination.signalName(number).map { " (\($0))" } ?? ""
    return "\(number)\(name)" + (number == SIGKILL ? ", perhaps for want of memory" : "")
  }

  /// A fault that alignment may have caused is tried again with aligned buffers.
  private func explained(_ failure: Failure, _ request: Request) -> Answer {
    if failure.alignment > 0, let process = try? implementation.startProcess().process {
      defer { process.close() }
      if (try? CaseEncoder.write([request], alignedOnly: true, to: process)) != nil,
        process.run(count: 1) == .done, process.record(0).fault == HOST_FAULT_NONE
      {
        return .failed(
          failure.outcome,
          "it assumes that its buffers are aligned to \(failure.alignment) bytes: \(failure.text);"
            + " with aligned buffers it answers")
      }
    }
    return .failed(failure.outcome, failure.text)
  }
}
