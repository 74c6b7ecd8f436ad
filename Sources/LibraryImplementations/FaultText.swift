import CLibraryHost
import ChildProcesses
import Glibc
import Implementations
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// A fault that the host noted, in words. Anything may stand in the record: the library may have
/// written over it.
struct FaultText {
  private let record: host_answer
  private let layer: RawLayer?
  private let wrote: String

  init(_ record: host_answer, _ layer: RawLayer? = nil, wrote: String = "") {
    self.record = record
    self.layer = layer
    self.wrote = wrote
  }

  private var fault: Int { Int(record.fault) }

  /// Whether the host may have written this; if not, the library did.
  static func isPlausible(_ record: host_answer) -> Bool {
    guard record.state == 1 else { return record.state == 0 }
    if record.fault == HOST_FAULT_NONE { return (0...3).contains(record.code) }
    return (HOST_FAULT_SIGNAL...HOST_FAULT_MEMORY).contains(Int(record.fault))
  }

  /// Whether the process ended with it.
  var endsProcess: Bool { record.is_last != 0 }

  /// What alignment the instruction that failed asks for; 0 where alignment is not the reason.
  var alignment: Int {
    guard fault == HOST_FAULT_SIGNAL, record.trap == HOST_TRAP_GENERAL_PROTECTION,
      record.is_return == 0
    else { return 0 }
    return [16, 32, 64].contains(record.alignment) ? Int(record.alignment) : 0
  }

  var outcome: Outcome {
    switch fault {
    case HOST_FAULT_SIGNAL: overwroteStack || isAtBuffer ? .memoryError : .crash
    case HOST_FAULT_WROTE_OUTSIDE, HOST_FAULT_CHANGED_INPUT, HOST_FAULT_UNWRITTEN,
      HOST_FAULT_WROTE_LATER, HOST_FAULT_STACK:
      .memoryError
    case HOST_FAULT_CALL_TO_CALL, HOST_FAULT_FIRST_CALL, HOST_FAULT_PLACEMENT,
      HOST_FAULT_OLD_OUTPUT:
      .nondeterministic
    case HOST_FAULT_THREAD_ENDED: .crash
    case HOST_FAULT_MEMORY: .error
    default: .protocolError
    }
  }

  var text: String {
    switch fault {
    case HOST_FAULT_SIGNAL: signalText
    case HOST_FAULT_WROTE_OUTSIDE: "it wrote \(beside)"
    case HOST_FAULT_CHANGED_INPUT: changedInput
    case HOST_FAULT_UNWRITTEN: "it left \(element) of the output unwritten\(placement)"
    case HOST_FAULT_WROTE_LATER:
      "it wrote to the output, or beside it, after it had returned: \(element) changed"
    case HOST_FAULT_CALL_TO_CALL:
      "it differs from call to call, all arguments being the same: \(difference)"
    case HOST_FAULT_FIRST_CALL:
      "it depends on the calls before: the first with this case differs from the second and all "
        + "later ones: \(difference)"
    case HOST_FAULT_PLACEMENT:
      "it depends on where its buffers lie (alignment, what is around them, or pointers kept from "
        + "another call): "
        + difference
    case HOST_FAULT_OLD_OUTPUT:
      "it depends on what the output held before the call: \(difference)"
    case HOST_FAULT_CODE: "it returned \(record.code), which is no return code"
    case HOST_FAULT_MESSAGE: "it returned \(code(record.code)) with a message that has no NUL"
    case HOST_FAULT_FLOATING_POINT: floatingPoint
    case HOST_FAULT_REGISTERS: "it did not preserve \(registers)"
    case HOST_FAULT_STACK: "it overwrote its own stack: \(record.first) words above its frame"
    case HOST_FAULT_SIGNAL_HANDLING:
      record.signal == 0
        ? "it left signals blocked" : "it left another handler for \(signalName) behind"
    case HOST_FAULT_DESCRIPTORS: "it closed file descriptors that are not its own"
    case HOST_FAULT_THREAD_ENDED: "it ended the thread that called it"
    case HOST_FAULT_MEMORY: "no memory was left for the buffers of the case"
    default: "its process overwrote its own notes"
    }
  }
}

// MARK: Signals

extension FaultText {
  private var signalName: String {
    Termination.signalName(record.signal) ?? "signal \(record.signal)"
  }

  private var isAtBuffer: Bool { buffer != nil }

  private var overwroteStack: Bool {
    record.is_return != 0
      || (record.signal == SIGABRT && wrote.contains("stack smashing detected"))
  }

  private var signalText: String {
    if record.is_stack_overflow != 0 { return "it overflowed its stack of 8 MiB (\(signalName))" }
    if overwroteStack {
      return record.signal == SIGABRT
        ? "it overwrote its own stack: stack smashing detected (SIGABRT)"
        : "it overwrote its own stack: it returned to an address that is none (\(signalName))"
    }
    switch record.signal {
    case SIGABRT: return "it aborted (SIGABRT)"
    case SIGILL: return "it executed an illegal instruction (SIGILL)"
    case SIGFPE:
      // 1: FPE_INTDIV
      return record.signal_code == 1
        ? "it divided an integer by zero (SIGFPE)" : "it raised an arithmetic trap (SIGFPE)"
    case SIGSEGV, SIGBUS: return accessText
    default: return "it received \(signalName)"
    }
  }

  private var accessText: String {
    // 0 and below: sent by a process, not caused by an access.
    if record.signal_code <= 0 { return "it was sent \(signalName)" }
    if record.trap == HOST_TRAP_GENERAL_PROTECTION {
      return "a general protection fault (\(signalName)) at an instruction that "
        + (alignment > 0 ? "needs aligned operands" : "uses an impossible address")
    }
    let address = "0x" + String(record.address, radix: 16)
    if record.access == HOST_EXECUTE {
      return "it jumped to \(address), where no code is (\(signalName))"
    }
    let verb = record.access == HOST_WRITE ? "wrote" : "read"
    if isAtBuffer { return "it \(verb) \(beside) (\(signalName))" }
    if record.address < 4_096 {
      return "it \(verb) through a null pointer, at \(address) (\(signalName))"
    }
    // 2: SEGV_ACCERR
    let place = record.signal_code == 2 ? "where it must not" : "where no memory is"
    return "it \(verb) at \(address), \(place) (\(signalName))"
  }
}

// MARK: Places

extension FaultText {
  /// The buffer that the record is about, by name.
  private var buffer: String? {
    let tensors = ["input", "weights", "bias", "output"]
    let parts = ["", "shape of the ", "scales of the ", "zero points of the "]
    switch Int(record.buffer) {
    case HOST_ARGS: return "the arguments"
    case HOST_PROFILE: return "the name of the profile"
    case HOST_MESSAGE_BUFFER: return "the message"
    case let number where number >= 0 && number < HOST_ARGS:
      return "the " + parts[number % HOST_PARTS] + tensors[number / HOST_PARTS]
    default: return nil
    }
  }

  /// Where beside a buffer something happened.
  private var beside: String {
    let name = buffer ?? "a buffer"
    if record.offset < 0 {
      return "before the start of \(name): \(bytes(record.offset.magnitude)) before it"
    }
    if record.offset >= record.length {
      return "past the end of \(name): at byte \(record.offset) of \(record.length)"
    }
    return "inside \(name), at byte \(record.offset) of \(record.length), which it has unmapped"
  }

  private func bytes(_ count: UInt64) -> String { count == 1 ? "1 byte" : "\(count) bytes" }

  private var changedInput: String {
    let name = buffer ?? "an input"
    let change =
      "from 0x\(String(record.first, radix: 16)) to 0x\(String(record.second, radix: 16))"
    guard let tensor, record.buffer % Int32(HOST_PARTS) == HOST_DATA else {
      return "it changed \(name), which it may only read: byte \(record.offset) \(change)"
    }
    return "it changed \(name), which it may only read: byte \(record.offset), in "
      + "\(Self.element(record.offset, tensor)), \(change)"
  }

  private var tensor: RawTensor? {
    guard let layer, record.buffer >= 0, record.buffer < HOST_ARGS else { return nil }
    return [layer.input, layer.weights, layer.bias, layer.output][Int(record.buffer) / HOST_PARTS]
  }

  private var element: String { tensor.map { Self.element(record.offset, $0) } ?? "an element" }

  /// `element 5 [1,2]`
  private static func element(_ offset: Int64, _ tensor: RawTensor) -> String {
    let index = max(0, Int(clamping: offset)) / tensor.type.byteCount
    var rest = index
    var coordinates: [Int] = []
    for size in tensor.shape.reversed() where size > 0 {
      coordinates.insert(rest % size, at: 0)
      rest /= size
    }
    return "element \(index) [\(coordinates.map { "\($0)" }.joined(separator: ","))]"
  }

  private var placement: String {
    switch Int(record.placement) {
    case HOST_ENDING: " (buffers at the ends of pages)"
    case HOST_BEGINNING: " (buffers at the beginnings of pages)"
    case HOST_SHIFTED: " (buffers one element behind the beginnings of pages)"
    default: ""
    }
  }
}

// MARK: Answers and state

extension FaultText {
  private func code(_ code: Int32) -> String {
    let names = ["QVERIFY_OK", "QVERIFY_REFUSED", "QVERIFY_UNSUPPORTED", "QVERIFY_ERROR"]
    return names.indices.contains(Int(code)) ? names[Int(code)] : "\(code)"
  }

  private var difference: String {
    guard record.code == 0, record.other_code == 0 else {
      return "it returned \(code(record.code)), then \(code(record.other_code))"
    }
    return "\(element) was \(value(record.first)), then \(value(record.second))"
  }

  private func value(_ bits: UInt64) -> String {
    guard let type = tensor?.type else { return "\(bits)" }
    return withUnsafeBytes(of: bits.littleEndian) {
      "\(ElementBytes.integer(at: 0, in: $0, as: type))"
    }
  }

  private var registers: String {
    let names = [
      "rbx", "rbp", "r12", "r13", "r14", "r15", "the direction flag", "the stack pointer",
    ]
    let lost = names.indices.filter { record.first >> UInt64($0) & 1 == 1 }.map { names[$0] }
    return lost.isEmpty ? "registers" : lost.joined(separator: ", ")
  }

  private var floatingPoint: String {
    let (now, before) = (record.first, record.second)
    var changes: [String] = []
    if now & 0xFFFF != before & 0xFFFF {
      var meanings: [String] = []
      if now & 0x8000 != 0 { meanings.append("flush to zero") }
      if now & 0x0040 != 0 { meanings.append("denormals are zero") }
      if now & 0x6000 != 0 { meanings.append("another rounding mode") }
      if now & 0x1F80 != 0x1F80 { meanings.append("exceptions trap") }
      changes.append(
        "MXCSR 0x\(String(now & 0xFFFF, radix: 16)) (\(meanings.joined(separator: ", ")))")
    }
    if now >> 16 & 0xFFFF != before >> 16 & 0xFFFF {
      changes.append("x87 control word 0x\(String(now >> 16 & 0xFFFF, radix: 16))")
    }
    if now >> 32 & 0xFFFF != before >> 32 & 0xFFFF {
      changes.append("values on the x87 stack (MMX without emms)")
    }
    return "it left the floating-point environment changed: \(changes.joined(separator: ", "))"
  }
}
