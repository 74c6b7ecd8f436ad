/// Writes compact JSON (RFC 8259), usually one line after another, into bytes that it owns.
///
/// Commas and colons come by themselves; what is allowed where is the caller's care: a value
/// after every key, an end for every begin. The same calls give the same bytes, always.
///
///     var line = JSONWriter()
///     line.beginObject()
///     line.key("shape")
///     line.beginArray()
///     line.integer(2)
///     line.integer(3)
///     line.endArray()
///     line.endObject()
///     line.newline()          // {"shape":[2,3]} and a line feed
///
/// After ``removeAll()`` the memory is used again, so that a loop over lines allocates nothing.
package struct JSONWriter: Sendable {
  @usableFromInline var storage: [UInt8]
  /// Whether a comma must come before the next key or value.
  ///
  /// One flag is enough for all levels: it is clear after a beginning or a key, and set after
  /// every value, also a container's end.
  @usableFromInline var needsComma = false

  /// An empty writer with room for `capacity` bytes, which grows as needed.
  package init(capacity: Int = 0) {
    storage = []
    storage.reserveCapacity(max(capacity, 0))
  }

  /// What was written since the last ``removeAll()``; not copied unless kept while writing on.
  @inlinable package var bytes: [UInt8] { storage }

  /// Forgets what was written and keeps the memory.
  @inlinable
  package mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Writes `{`.
  @inlinable package mutating func beginObject() { begin(ASCII.openBrace) }
  /// Writes `}`.
  @inlinable package mutating func endObject() { end(ASCII.closeBrace) }
  /// Writes `[`.
  @inlinable package mutating func beginArray() { begin(ASCII.openBracket) }
  /// Writes `]`.
  @inlinable package mutating func endArray() { end(ASCII.closeBracket) }

  /// Writes a key as it is: `name` must be ASCII that needs no escapes.
  @inlinable
  package mutating func key(_ name: StaticString) {
    name.withUTF8Buffer { text in
      let comma = needsComma
      extend(by: text.count &+ 4) { target in
        var next = comma ? put(ASCII.comma, target) : target
        next = put(ASCII.quote, next)
        if let source = text.baseAddress { next.update(from: source, count: text.count) }
        next += text.count
        return put(ASCII.colon, put(ASCII.quote, next)) - target
      }
    }
    needsComma = false
  }

  /// Writes a key with the escapes that it needs.
  package mutating func key(escaping name: String) {
    string(name)
    storage.append(ASCII.colon)
    needsComma = false
  }

  /// Writes `true` or `false`.
  package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

  /// Writes `null`.
  package mutating func null() { word("null") }

  /// Writes bytes as they are, after a comma where one is due.
  ///
  /// They must be valid JSON: a value, or whole members of an object, or elements of an array,
  /// with commas between them.
  package mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    separate()
    storage.append(contentsOf: bytes)
  }

  /// Writes bytes as they are, after a comma where one is due.
  ///
  /// They must be valid JSON: a value, or whole members of an object, or elements of an array,
  /// with commas between them.
  package mutating func raw(_ bytes: [UInt8]) {
    separate()
    storage.append(contentsOf: bytes)
  }

  /// Ends the line with a line feed; the next value is the first of its line.
  @inlinable
  package mutating func newline() {
    storage.append(ASCII.newline)
    needsComma = false
  }
}

extension JSONWriter {
  /// Appends what `fill` writes to the address that it is given, at most `limit` bytes; it
  /// returns how many.
  @inlinable @inline(__always)
  mutating func extend(by limit: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Int) {
    storage.append(addingCapacity: limit) { span in
      span.withUnsafeMutableBufferPointer { buffer, count in
        if let base = buffer.baseAddress { count &+= fill(base + count) }
      }
    }
  }

  /// Writes the comma before a value where one is due, and notes that one is due after it.
  @inlinable @inline(__always)
  mutating func separate() {
    if needsComma { storage.append(ASCII.comma) }
    needsComma = true
  }

  @inlinable @inline(__always)
  mutating func begin(_ opening: UInt8) {
    separate()
    storage.append(opening)
    needsComma = false
  }

  @inlinable @inline(__always)
  mutating func end(_ closing: UInt8) {
    storage.append(closing)
    needsComma = true
  }

  mutating func word(_ text: StaticString) {
    separate()
    text.withUTF8Buffer { storage.append(contentsOf: $0) }
  }
}

/// Writes one byte; returns where to go on.
@inlinable @inline(__always)
func put(
  _ byte: UInt8, _ next: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  next.pointee = byte
  return next + 1
}
