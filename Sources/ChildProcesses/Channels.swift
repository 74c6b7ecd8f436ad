import CChildProcesses
import Glibc

/// A file descriptor that is closed with the last reference to it.
package final class OwnedDescriptor {
  /// -1 once it is closed.
  package private(set) var number: Int32

  package init(_ number: Int32) { self.number = number }

  deinit { close() }

  package func close() {
    if number >= 0 { _ = Glibc.close(number) }
    number = -1
  }

  /// Makes reads and writes return at once.
  package func setNonBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }
}

/// Two ends of a connection; no other program inherits them by accident.
package struct Channel {
  /// Of a pipe, the one to read.
  package let first: OwnedDescriptor
  /// Of a pipe, the one to write.
  package let second: OwnedDescriptor

  /// A pipe, from `second` to `first`.
  ///
  /// - Throws: ``SpawnError`` where this process has too many files open.
  package static func pipe() throws(SpawnError) -> Channel { try Channel(child_make_pipe) }

  /// Two sockets that keep the bounds of messages, both ways.
  ///
  /// - Throws: ``SpawnError`` where this process has too many files open.
  package static func sockets() throws(SpawnError) -> Channel { try Channel(child_make_sockets) }

  private init(
    _ make: (UnsafeMutablePointer<Int32>) -> Int32
  ) throws(SpawnError) {
    let (ends, error) = withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2) { buffer in
      buffer.initialize(repeating: -1)
      let error = buffer.baseAddress.map(make) ?? EINVAL
      return ((buffer[0], buffer[1]), error)
    }
    guard error == 0 else {
      throw SpawnError("no channel can be made: \(String(cString: strerror(error)))")
    }
    first = OwnedDescriptor(ends.0)
    second = OwnedDescriptor(ends.1)
  }
}

/// What a program writes to a stream that nobody needs but for messages: its beginning and its end
/// are kept, however much it is.
package final class CapturedStream {
  private let channel: Channel
  private let limit: Int
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var dropped = 0
  private var buffer = [UInt8](repeating: 0, count: 16_384)
  /// Whether everybody who could write has closed it.
  package private(set) var isAtEnd = false

  /// - Parameter limit: how many bytes of the beginning are kept, and as many of the end.
  /// - Throws: ``SpawnError`` where this process has too many files open.
  package init(limit: Int = 2_048) throws(SpawnError) {
    channel = try Channel.pipe()
    channel.first.setNonBlocking()
    self.limit = max(limit, 1)
  }

  /// For `poll`.
  package var readDescriptor: Int32 { channel.first.number }
  /// For the child; ``closeWriteEnd()`` afterwards.
  package var writeDescriptor: Int32 { channel.second.number }

  /// So that the end can be seen when the child ends.
  package func closeWriteEnd() { channel.second.close() }

  /// Takes what is there, without waiting; at most a few MiB, so that a flood cannot hold anybody.
  package func drain() {
    for _ in 0..<256 {
      let count = buffer.withUnsafeMutableBytes { read(readDescriptor, $0.baseAddress, $0.count) }
      if count == 0 {
        isAtEnd = true
        return
      }
      guard count > 0 else { return }
      keep(buffer[..<count])
    }
  }

  private func keep(_ bytes: ArraySlice<UInt8>) {
    let room = max(0, limit - head.count)
    head += bytes.prefix(room)
    tail += bytes.dropFirst(room)
    if tail.count > limit {
      dropped += tail.count - limit
      tail.removeFirst(tail.count - limit)
    }
  }

  /// Forgets what was written so far.
  package func clear() {
    drain()
    head.removeAll(keepingCapacity: true)
    tail.removeAll(keepingCapacity: true)
    dropped = 0
  }

  /// What was written since the start or ``clear()``, without white space around it.
  package var text: String {
    let middle = dropped > 0 ? Array("\n… \(dropped) bytes …\n".utf8) : []
    let text = String(decoding: head + middle + tail, as: UTF8.self)
    let space: (Character) -> Bool = { $0.isWhitespace || $0 == "\0" }
    var rest = text[...].drop(while: space)
    while let last = rest.last, space(last) { rest.removeLast() }
    return String(rest)
  }
}
