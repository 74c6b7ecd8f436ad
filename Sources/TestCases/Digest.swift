import Crypto

/// SHA-256 of bytes at hand, as 64 lower-case hexadecimal digits.
package enum Digest {
  package static func sha256(_ bytes: [UInt8]) -> String {
    var hasher = SHA256()
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return Hexadecimal.text(hasher.finalize())
  }
}
