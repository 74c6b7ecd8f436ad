import Glibc

/// Splits a file or a stream into lines, reading in big pieces; a line is not copied unless the
/// end of a piece cuts it.
///
/// A line is delivered as soon as its line feed has been read, so that it also serves a pipe
/// whose other end waits for an answer. Memory is one piece, or twice the longest line.
package final class LineReader {
  /// One line, as it lies in the reader's memory.
  package struct Line {
    /// With its line feed, if it has one; valid until the next call of the reader.
    package let raw: UnsafeBufferPointer<UInt8>
    /// False only for a last line that the end of the file cuts off: it may be incomplete.
    package let endsWithNewline: Bool
    /// Counted from 1.
    package let number: Int
    /// Where its first byte stands, counted from 0 at the start of the stream.
    package let offset: Int

    /// Without its line feed; valid until the next call of the reader.
    package var bytes: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: raw.dropLast(endsWithNewline ? 1 : 0))
    }
  }

  /// The longest line of version 1 of the format, in bytes.
  package static let defaultMaximumLength = 256 << 20

  /// Is given every byte of the stream, in order: those of a line when the next one is asked for.
  ///
  /// So while a line is looked at, exactly the bytes before it have been given.
  package var observer: ((UnsafeRawBufferPointer) -> Void)?

  private let source: Descriptor
  private let closes: Bool
  private let maximumLength: Int
  private let piece: Int
  private var memory: UnsafeMutablePointer<UInt8>?
  private var capacity = 0
  /// What was read and not yet delivered lies from `start` up to `end`, without a line feed up
  /// to `scanned`.
  private var (start, scanned, end) = (0, 0, 0)
  private var reachedEnd = false
  private var linesBefore = 0
  private var offset = 0
  /// Bytes before `start` that the observer has still to be given.
  private var unobserved = 0

  /// Opens a file, or whatever can be read under that name.
  ///
  /// - Parameters:
  ///   - path: as the system takes it.
  ///   - maximumLength: of a line, in bytes, without its line feed.
  ///   - piece: how much is read at a time, in bytes, at least 1.
  /// - Throws: ``LineError/system(action:path:code:)``, for a directory as well.
  package convenience init(
    path: String, maximumLength: Int = defaultMaximumLength, piece: Int = 1 << 18
  ) throws(LineError) {
    let source = try Descriptor.open(path, O_RDONLY)
    self.init(source, closes: true, maximumLength, piece)
    if source.kind == S_IFDIR {
      throw LineError.system(action: "read", path: path, code: EISDIR)
    }
  }

  /// Reads from an open file descriptor, which stays open and the caller's.
  ///
  /// - Parameters:
  ///   - descriptor: where to read from; 0 is standard input.
  ///   - name: what messages call it.
  ///   - maximumLength: of a line, in bytes, without its line feed.
  ///   - piece: how much is read at a time, in bytes, at least 1.
  package convenience init(
    descriptor: Int32, name: String, maximumLength: Int = defaultMaximumLength,
    piece: Int = 1 << 18
  ) {
    self.init(
      Descriptor(number: descriptor, path: name), closes: false, maximumLength, piece)
  }

  private init(_ source: Descriptor, closes: Bool, _ maximumLength: Int, _ piece: Int) {
    self.source = source
    self.closes = closes
    // Bounds that no file reaches keep all sums below far from overflow.
    self.maximumLength = min(max(maximumLength, 0), 1 << 60)
    self.piece = min(max(piece, 1), 1 << 30)
  }

  deinit {
    free(memory)
    if closes { close(source.number) }
  }

  /// The next line, or `nil` after the last.
  ///
  /// - Throws: ``LineError``; after that no further line can be had.
  package func next() throws(LineError) -> Line? {
    observe()
    while true {
      if let memory, let found = memchr(memory + scanned, Int32(ASCII.newline), end &- scanned) {
        let length = UnsafeRawPointer(found) - UnsafeRawPointer(memory + start)
        guard length <= maximumLength else { throw tooLong }
        return deliver(length &+ 1, endsWithNewline: true)
      }
      scanned = end
      guard end &- start <= maximumLength else { throw tooLong }
      if reachedEnd {
        return start == end ? nil : deliver(end &- start, endsWithNewline: false)
      }
      try fill()
    }
  }

  private var tooLong: LineError {
    .lineTooLong(
      path: source.path, number: linesBefore &+ 1, offset: offset, limit: maximumLength)
  }

  private func observe() {
    if unobserved > 0, let memory, let observer {
      observer(UnsafeRawBufferPointer(start: memory + start - unobserved, count: unobserved))
    }
    unobserved = 0
  }

  private func deliver(_ length: Int, endsWithNewline: Bool) -> Line {
    let first = memory.map { UnsafePointer($0 + start) }
    let line = Line(
      raw: UnsafeBufferPointer(start: first, count: length), endsWithNewline: endsWithNewline,
      number: linesBefore &+ 1, offset: offset)
    start &+= length
    scanned = start
    unobserved = length
    linesBefore &+= 1
    offset &+= length
    return line
  }

  /// Reads one more piece, or notes that there is none.
  private func fill() throws(LineError) {
    if start > 0, capacity &- end < piece, let memory {
      // What is left of a line moves to the front, once a piece at most.
      memmove(memory, memory + start, end &- start)
      (start, scanned, end) = (0, scanned &- start, end &- start)
    }
    if capacity &- end < max(piece / 2, 1) { try grow() }
    guard let memory else { return }
    let got = try source.read(memory + end, capacity &- end)
    if got == 0 { reachedEnd = true }
    end &+= got
  }

  private func grow() throws(LineError) {
    // A line that is too long is found out before twice its limit is asked for.
    let wanted = min(max(capacity &* 2, piece), maximumLength &+ piece &+ 1)
    let larger = max(wanted, end &+ piece)
    guard let grown = realloc(memory, larger) else {
      throw LineError.system(action: "read", path: source.path, code: ENOMEM)
    }
    memory = grown.assumingMemoryBound(to: UInt8.self)
    capacity = larger
  }
}
