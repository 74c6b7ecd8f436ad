import ChildProcesses
import Glibc
package import Implementations
import QuantizedLayers
import Synchronization

/// What a library may use.
package struct LibraryLimits: Hashable, Sendable {
  /// Of one call; each case takes several.
  package var secondsPerCase: Double
  /// Address space of the process.
  package var memoryMiB: Int
  /// After so many the library is not asked any more.
  package var restarts: Int

  package init(secondsPerCase: Double = 5, memoryMiB: Int = 4_096, restarts: Int = 1_000) {
    self.secondsPerCase = secondsPerCase
    self.memoryMiB = memoryMiB
    self.restarts = restarts
  }

  /// `nil`: none, for a limit of 0.
  var memoryBytes: UInt64? {
    guard memoryMiB > 0 else { return nil }
    return UInt64(memoryMiB).multipliedReportingOverflow(by: 1 << 20).partialValue
  }
}

/// A kernel in a shared library, written from `qverify.h`. It runs in processes of its own, one a
/// session, between guard pages and more than once a case.
package final class LibraryImplementation: Implementation {
  package let name: String
  package let path: String
  let limits: LibraryLimits
  private let given: [Claim]?
  private let described = Mutex<Described?>(nil)
  let restarts: RestartBudget

  private struct Described {
    let version: String
    let claims: [Claim]
  }

  /// A library by its path, relative to the working folder unless absolute; `claims` is what it is
  /// held to, where `nil` stands for what it says itself, or else everything to the nearest integer.
  package init(
    name: String, path: String, claims: [Claim]? = nil, limits: LibraryLimits = LibraryLimits()
  ) {
    self.name = name
    self.path = path
    given = claims
    self.limits = limits
    restarts = RestartBudget(limits.restarts)
  }

  package var kind: String { "library" }
  package var summary: String { "the shared library \(path)" }
  package var version: String { described.withLock { $0?.version } ?? "" }
  package var claims: [Claim] { described.withLock { $0?.claims } ?? given ?? [Claim()] }

  package var unavailable: String? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return "\(path): \(String(cString: strerror(errno)))"
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return "\(path) is not a file" }
    return nil
  }

  package func prepare() throws(StartError) {
    let process = try startProcess()
    process.process.close()
    let description = process.description
    var claims = given ?? [Claim()]
    if given == nil, let json = description.claims {
      do { claims = try ClaimReader().read(json: json) } catch {
        throw failure("qverify_describe: \(error)")
      }
    }
    let version = [description.name, description.version].filter { !$0.isEmpty }
    described.withLock {
      $0 = Described(version: version.joined(separator: " "), claims: claims)
    }
  }

  package func start() throws(StartError) -> any Session {
    LibrarySession(self, try startProcess().process)
  }

  /// A process in which the library is loaded.
  ///
  /// - Throws: ``StartError`` saying in one line what kept it from being loaded.
  func startProcess() throws(StartError)
    -> (process: LibraryProcess, description: LibraryDescription)
  {
    if let unavailable { throw failure(unavailable) }
    // A name without a slash would be looked for in the system's folders.
    let found = path.contains("/") ? path : "./\(path)"
    do throws(SpawnError) {
      let process = try LibraryProcess(path: found, limits: limits)
      return (process, try process.load())
    } catch {
      let reason = error.description.split(whereSeparator: \.isNewline).joined(separator: " | ")
      throw failure(reason.hasPrefix(found) ? reason : "\(path): \(reason)")
    }
  }

  private func failure(_ reason: String) -> StartError { StartError(name: name, reason: reason) }
}

/// How often an implementation may be started again, over all its sessions.
final class RestartBudget: Sendable {
  private let used = Mutex<Int>(0)
  let limit: Int

  init(_ limit: Int) { self.limit = limit }

  /// Whether one more is allowed; it then counts.
  func take() -> Bool {
    used.withLock { used in
      guard used < limit else { return false }
      used += 1
      return true
    }
  }
}
