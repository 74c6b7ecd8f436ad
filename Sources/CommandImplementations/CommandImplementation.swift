package import AdapterProtocol
import ChildProcesses
import Glibc
package import Implementations
import Synchronization

/// A program that speaks the line format on its standard streams.
package final class CommandImplementation: Implementation {
  package let configuration: CommandConfiguration
  private let state = Mutex(State())

  private struct State {
    var hello: AdapterHello?
    /// A program that has said its hello and waits for the first session.
    var waiting: Waiting?
    var restarts = 0
    /// In a row, each of a program that answered nothing.
    var vainRestarts = 0
    var lastReason = ""
  }

  /// Handed from one thread to another, and used by one at a time.
  private struct Waiting: @unchecked Sendable {
    let connection: Connection
  }

  package init(_ configuration: CommandConfiguration) {
    self.configuration = configuration
    // Writing to a program that has gone is an error to be read, not an end of this process.
    signal(SIGPIPE, SIG_IGN)
  }

  package var name: String { configuration.name }
  package var kind: String { "command" }
  package var summary: String { configuration.run.joined(separator: " ") }
  package var unavailable: String? { nil }

  package var version: String {
    state.withLock { state in
      guard let hello = state.hello else { return "unknown" }
      return hello.name.isEmpty || hello.name == name
        ? hello.version : "\(hello.name) \(hello.version)"
    }
  }

  package var claims: [Claim] {
    configuration.claims ?? state.withLock { $0.hello?.claims } ?? [Claim()]
  }

  /// What the program said of itself.
  package var hello: AdapterHello? { state.withLock { $0.hello } }

  package func prepare() throws(StartError) {
    let connection = try connect()
    state.withLock { $0.waiting = Waiting(connection: connection) }
  }

  package func start() throws(StartError) -> any Session {
    let waiting = state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting?.connection
    }
    if let waiting { return CommandSession(self, waiting) }
    return CommandSession(self, try connect())
  }

  /// Starts the program and reads its hello line.
  func connect() throws(StartError) -> Connection {
    let connection: Connection
    do throws(SpawnError) {
      connection = try Connection(configuration)
    } catch {
      throw StartError(name: name, reason: error.description)
    }
    do throws(Connection.Fault) {
      let hello = try connection.hello(seconds: configuration.helloSeconds)
      state.withLock { if $0.hello == nil { $0.hello = hello } }
      return connection
    } catch {
      connection.kill()
      let reason =
        switch error {
        case .silence(let message):
          "it said no hello: \(message.replacing("no answer", with: "no line", maxReplacements: 1))"
        case .death(let message): "before its hello line \(message)"
        case .nonsense(let message):
          "\(message) (standard output must hold nothing but lines of the format)"
        }
      throw StartError(name: name, reason: reason)
    }
  }

  // MARK: Restarts

  /// Counts a program that had to be ended or could not be started again.
  ///
  /// - Parameters:
  ///   - reason: what it failed with.
  ///   - isVain: it has answered nothing since it was started, and cost time.
  func noteRestart(_ reason: String, isVain: Bool) {
    state.withLock {
      $0.restarts += 1
      $0.vainRestarts = isVain ? $0.vainRestarts + 1 : 0
      $0.lastReason = reason
    }
  }

  /// Takes back a restart that was nobody's fault.
  func forgiveRestart() { state.withLock { $0.restarts = max(0, $0.restarts - 1) } }

  /// Why nothing more is sent, once it was started again too often.
  var quarantine: String? {
    state.withLock { state in
      if state.restarts > configuration.restarts {
        return "quarantined after \(configuration.restarts) restarts; the last failure:"
          + " \(state.lastReason)"
      }
      guard state.vainRestarts > CommandConfiguration.vainRestarts else { return nil }
      return "quarantined after \(CommandConfiguration.vainRestarts) restarts in a row without any"
        + " answer; the last failure: \(state.lastReason)"
    }
  }
}
