/// Base64 with the standard alphabet and padding (RFC 4648, section 4), between raw buffers.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The two characters of each 12 bits, the first in the lower byte.
  ///
  /// Written once, then only read; never freed.
  private nonisolated(unsafe) static let pairs: UnsafePointer<UInt16> = {
    let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 4096)
    for bits in 0..<4096 {
      let pair = UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8
      table[bits] = pair.littleEndian
    }
    return UnsafePointer(table)
  }()

  /// What a decoding table holds for bytes outside the alphabet: above the 24 bits of a group.
  private static let invalid: UInt32 = 1 << 24

  /// The 6 bits of each character, moved to where they lie in a group of 24: 256 entries for
  /// the first character of a group, then for the second, third and fourth.
  ///
  /// Written once, then only read; never freed.
  private nonisolated(unsafe) static let sextets: UnsafePointer<UInt32> = {
    let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 1024)
    table.initialize(repeating: invalid, count: 1024)
    for (bits, character) in alphabet.enumerated() {
      for place in 0..<4 {
        table[place * 256 + Int(character)] = UInt32(bits) << UInt32(18 - 6 * place)
      }
    }
    return UnsafePointer(table)
  }()

  /// How many characters `count` bytes take, which is less than 2^61 for all that fits memory.
  @inline(__always)
  static func encodedCount(_ count: Int) -> Int { (count &+ 2) / 3 &* 4 }

  /// Writes the ``encodedCount(_:)`` characters of `source`.
  static func encode(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    let pairs = Self.pairs
    var (input, output) = (0, 0)
    // Six bytes a turn, loaded as eight: a turn needs two more that are not used.
    while source.count &- input >= 8 {
      let word = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: input, as: UInt64.self))
      let low = UInt32(pairs[Int(word &>> 52)]) | UInt32(pairs[Int(word &>> 40 & 0xFFF)]) &<< 16
      let high =
        UInt32(pairs[Int(word &>> 28 & 0xFFF)]) | UInt32(pairs[Int(word &>> 16 & 0xFFF)]) &<< 16
      target.storeBytes(
        of: UInt64(low) | UInt64(high) &<< 32, toByteOffset: output, as: UInt64.self)
      input &+= 6
      output &+= 8
    }
    while input < source.count {
      let left = source.count &- input
      let first = UInt32(source[input]) &<< 16
      let second = left > 1 ? UInt32(source[input &+ 1]) &<< 8 : 0
      let group = first | second | (left > 2 ? UInt32(source[input &+ 2]) : 0)
      target.storeBytes(of: pairs[Int(group &>> 12)], toByteOffset: output, as: UInt16.self)
      target.storeBytes(
        of: pairs[Int(group & 0xFFF)], toByteOffset: output &+ 2, as: UInt16.self)
      let padding = UInt8(ascii: "=")
      if left < 3 { target.storeBytes(of: padding, toByteOffset: output &+ 3, as: UInt8.self) }
      if left < 2 { target.storeBytes(of: padding, toByteOffset: output &+ 2, as: UInt8.self) }
      input &+= 3
      output &+= 4
    }
  }

  /// Replaces the contents of `output` by the bytes that `source` stands for.
  ///
  /// - Returns: `nil` if all is well, or the place of the first character that is wrong, which
  ///   is `source.count` where the length is no multiple of 4. `output` then means nothing.
  static func decode(_ source: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> Int? {
    guard source.count & 3 == 0 else { return source.count }
    guard source.count > 0 else {
      output.removeAll(keepingCapacity: true)
      return nil
    }
    let padding = UInt8(ascii: "=")
    let (beforeLast, last) = (source[source.count &- 2], source[source.count &- 1])
    let missing = last != padding ? 0 : beforeLast != padding ? 1 : 2
    resize(&output, to: source.count / 4 &* 3 &- missing)
    let whole = missing == 0 ? source.count : source.count &- 4
    return output.withUnsafeMutableBytes { target in
      if let wrong = decodeGroups(source, whole, to: target) { return wrong }
      return missing == 0 ? nil : decodeLast(source, whole, missing, to: target)
    }
  }

  /// The groups without padding, which are the first `count` characters.
  private static func decodeGroups(
    _ source: UnsafeBufferPointer<UInt8>, _ count: Int, to target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let sextets = Self.sextets
    let characters = UnsafeRawBufferPointer(source)
    var (input, output) = (0, 0)
    // Eight characters give six bytes, stored as eight: the two more must lie inside as well.
    while count &- input >= 8, target.count &- output >= 8 {
      let word = UInt64(
        littleEndian: characters.loadUnaligned(fromByteOffset: input, as: UInt64.self))
      let first = group(sextets, UInt32(truncatingIfNeeded: word))
      let second = group(sextets, UInt32(truncatingIfNeeded: word &>> 32))
      if (first | second) & invalid != 0 { break }
      let bytes = UInt64(first) &<< 40 | UInt64(second) &<< 16
      target.storeBytes(of: bytes.bigEndian, toByteOffset: output, as: UInt64.self)
      input &+= 8
      output &+= 6
    }
    while input < count {
      let word = UInt32(
        littleEndian: characters.loadUnaligned(fromByteOffset: input, as: UInt32.self))
      let bytes = group(sextets, word)
      if bytes & invalid != 0 { return firstInvalid(source, from: input) }
      target[output] = UInt8(truncatingIfNeeded: bytes &>> 16)
      target[output &+ 1] = UInt8(truncatingIfNeeded: bytes &>> 8)
      target[output &+ 2] = UInt8(truncatingIfNeeded: bytes)
      input &+= 4
      output &+= 3
    }
    return nil
  }

  /// The group at `start` with `missing` (1 or 2) padding characters.
  private static func decodeLast(
    _ source: UnsafeBufferPointer<UInt8>, _ start: Int, _ missing: Int,
    to target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let third = missing == 1 ? source[start &+ 2] : UInt8(ascii: "A")
    let characters = (source[start], source[start &+ 1], third)
    let word = UInt32(characters.0) | UInt32(characters.1) &<< 8 | UInt32(characters.2) &<< 16
    let bytes = group(sextets, word | UInt32(UInt8(ascii: "A")) &<< 24)
    if bytes & invalid != 0 { return firstInvalid(source, from: start) }
    // The bits after the last byte belong to the last character before the padding.
    if bytes & (missing == 1 ? 0xFF : 0xFFFF) != 0 { return start &+ 3 &- missing }
    target[target.count &- 3 &+ missing] = UInt8(truncatingIfNeeded: bytes &>> 16)
    if missing == 1 { target[target.count &- 1] = UInt8(truncatingIfNeeded: bytes &>> 8) }
    return nil
  }

  /// The 24 bits of four characters, the first in the lowest byte; ``invalid`` set if one is.
  @inline(__always)
  private static func group(_ sextets: UnsafePointer<UInt32>, _ word: UInt32) -> UInt32 {
    sextets[Int(word & 0xFF)] | sextets[256 &+ Int(word &>> 8 & 0xFF)]
      | sextets[512 &+ Int(word &>> 16 & 0xFF)] | sextets[768 &+ Int(word &>> 24)]
  }

  private static func firstInvalid(_ source: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    source[start...].firstIndex { sextets[Int($0)] == invalid } ?? start
  }

  /// Makes `bytes` that long without clearing what it keeps.
  private static func resize(_ bytes: inout [UInt8], to count: Int) {
    if bytes.count > count {
      bytes.removeLast(bytes.count &- count)
    } else if bytes.count < count {
      bytes.append(contentsOf: repeatElement(0, count: count &- bytes.count))
    }
  }
}
