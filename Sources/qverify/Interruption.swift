import Dispatch
import Glibc
import Synchronization

/// Ends work in an orderly way on Ctrl-C and SIGTERM; a second signal ends the process at once.
final class Interruption {
  /// What the signal handlers write.
  private final class Received: Sendable {
    let number = Atomic<Int32>(0)
  }

  private let received = Received()
  private var sources: [any DispatchSourceSignal] = []

  /// - Parameter action: called once, on another thread, at the first signal.
  init(_ action: @escaping @Sendable () -> Void) {
    let received = received
    let queue = DispatchQueue(label: "signals")
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if received.number.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
        action()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// What ended the work, if something did.
  var status: ExitStatus? {
    switch received.number.load(ordering: .relaxed) {
    case SIGINT: .interrupted
    case SIGTERM: .terminated
    default: nil
    }
  }
}
