import AdapterProtocol
import Glibc

/// Bytes that a program has written, as lines.
struct StreamBuffer {
  private var bytes: [UInt8] = []
  private var start = 0
  private var scanned = 0

  /// Bytes of a line that has no end yet.
  var unfinished: Int { bytes.count - start }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    (start, scanned) = (0, 0)
  }

  /// Reads what is there, up to a piece.
  ///
  /// - Returns: what `read` returned.
  mutating func fill(from descriptor: Int32, piece: Int = 1 << 16) -> Int {
    if start == bytes.count {
      removeAll()
    } else if start > piece {
      bytes.removeFirst(start)
      (start, scanned) = (0, scanned - start)
    }
    let count = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: piece))
    let got = bytes.withUnsafeMutableBytes {
      read(descriptor, $0.baseAddress.map { $0 + count }, piece)
    }
    let code = errno
    bytes.removeLast(piece - max(0, got))
    errno = code
    return got
  }

  /// The next whole line without its line feed, while `body` runs; `nil` where none is finished.
  mutating func nextLine<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T? {
    let found = bytes.withUnsafeBufferPointer { buffer -> Int? in
      guard let base = buffer.baseAddress,
        let place = memchr(base + scanned, 0x0A, buffer.count - scanned)
      else { return nil }
      return UnsafeRawPointer(place) - UnsafeRawPointer(base)
    }
    guard let found else {
      scanned = bytes.count
      return nil
    }
    let result = bytes.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[start..<found]))
    }
    (start, scanned) = (found + 1, found + 1)
    return result
  }

  /// The beginning of the unfinished line, for a message.
  var unfinishedHead: String { Shown.text(bytes[start...].prefix(120)) }
}

/// The end of what a program wrote to its standard error.
struct ErrorTail {
  private var bytes: [UInt8] = []
  private var piece: [UInt8] = []
  private static let kept = 8_192

  /// - Returns: what `read` returned.
  mutating func fill(from descriptor: Int32) -> Int {
    if piece.isEmpty { piece = [UInt8](repeating: 0, count: 1 << 16) }
    let got = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if got > 0 { bytes += piece[..<got] }
    if bytes.count > 4 * Self.kept { bytes.removeFirst(bytes.count - Self.kept) }
    return got
  }

  /// The last lines, on one line; empty where nothing was written.
  var text: String {
    let lines = bytes.suffix(Self.kept).split(separator: 0x0A).suffix(3).map {
      Shown.text($0.prefix(300))
    }
    return lines.isEmpty ? "" : "; its standard error ends: \(lines.joined(separator: " | "))"
  }
}
