import Implementations
import Profiles

/// `--impl NAME[,NAME…]`.
enum ChosenImplementations {
  /// - Throws: a ``Failure`` naming what is known, or why one cannot be started here.
  static func named(_ list: String) throws -> [any Implementation] {
    let names = list.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw Failure(.usage, "--impl names no implementation") }
    guard Set(names).count == names.count else {
      throw Failure(.usage, "--impl names an implementation twice: \(list)")
    }
    return try names.map { name in
      guard let found = BuiltInImplementations.named(name) else {
        let known = BuiltInImplementations.all.map { $0.name }.joined(separator: ", ")
        throw Failure(.usage, "--impl must be among \(known), but is '\(name)'")
      }
      if let reason = found.unavailable {
        throw Failure(.notStarted, StartError(name: name, reason: reason).description)
      }
      return found
    }
  }
}

extension Profiles {
  /// The profiles that some of the implementations claim, in the program's order.
  static func claimed(by implementations: [any Implementation]) -> [Profile] {
    let names = Set(implementations.flatMap { $0.claims.compactMap(\.profile) })
    return all.filter { names.contains($0.name) }
  }
}
