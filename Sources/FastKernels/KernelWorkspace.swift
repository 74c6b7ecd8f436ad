import Glibc

/// Scratch memory that grows as needed and is kept between calls; one for each thread.
package struct KernelWorkspace: ~Copyable {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0

  /// An empty workspace; the first call allocates.
  package init() {}

  deinit { free(base) }

  /// At least `byteCount` bytes, aligned to 64, of unspecified contents.
  mutating func reserve(_ byteCount: Int) throws(KernelRefusal) -> UnsafeMutableRawPointer {
    if let base, capacity >= byteCount { return base }
    // Far beyond what any layer that fits a machine's memory needs.
    guard byteCount <= 1 << 34 else {
      throw .unsupported("a layer that needs \(byteCount) bytes of scratch memory")
    }
    free(base)
    base = nil
    capacity = 0
    // Half as much again, so that slowly growing layers do not allocate every time.
    let size = max(byteCount &+ byteCount / 2, 1 << 16)
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, size) == 0, let memory else {
      throw .unsupported("a layer that needs \(byteCount) bytes of scratch memory")
    }
    base = memory
    capacity = size
    return memory
  }
}

// The memory belongs to this value alone, and the value cannot be copied.
extension KernelWorkspace: @unchecked Sendable {}

/// Cuts arrays out of one piece of memory; first counts their sizes, then gives addresses.
struct Arena {
  private var offset = 0
  /// The bytes that the arrays taken so far occupy.
  var byteCount: Int { offset }

  /// Takes `count` elements of `type`, aligned to 64 bytes; returns their offset.
  mutating func take<Element>(_ count: Int, of type: Element.Type) -> Int {
    let start = offset
    offset = (start &+ count &* MemoryLayout<Element>.stride &+ 63) & ~63
    return start
  }
}
