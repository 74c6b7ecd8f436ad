import CLibraryHost
import ChildProcesses
import Glibc
import Implementations
import Synchronization

/// The part of the program that loads a library under test: this same program, started again.
package enum LibraryHost {
  private static let isThisProgram = Atomic<Bool>(false)

  /// Becomes the host of a library where the arguments say so, and does not return then. To be
  /// called before anything else: no Swift runs beside a library that may damage it.
  package static func enterIfAsked() {
    library_host_main(CommandLine.argc, CommandLine.unsafeArgv)
    isThisProgram.store(true, ordering: .relaxed)
  }

  /// The program to start: this one, whatever has become of its file, or `qverify` beside a test
  /// runner. `nil` where there is none.
  static var executable: String? {
    let this = "/proc/self/exe"
    if isThisProgram.load(ordering: .relaxed) { return this }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(this, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = path.lastIndex(of: "/") else { return nil }
    let sibling = path[...slash] + "qverify"
    return access(String(sibling), X_OK) == 0 ? String(sibling) : nil
  }
}

/// A memory that this process and a library's share, and that can grow.
final class SharedMemory {
  let descriptor: OwnedDescriptor
  private(set) var bytes: UnsafeMutableRawBufferPointer

  /// - Throws: ``SpawnError`` where there is no memory.
  init(bytes count: Int) throws(SpawnError) {
    let number = library_host_make_memory(UInt64(count))
    guard number >= 0 else { throw Self.failure() }
    descriptor = OwnedDescriptor(number)
    bytes = try Self.map(number, count)
  }

  deinit { munmap(bytes.baseAddress, bytes.count) }

  /// Makes room for `count` bytes; what it held stays.
  ///
  /// - Throws: ``SpawnError`` where there is no memory.
  func grow(to count: Int) throws(SpawnError) {
    guard count > bytes.count else { return }
    let rounded = count > Int.max / 2 ? count : max(count, bytes.count * 2)
    guard ftruncate(descriptor.number, rounded) == 0 else { throw Self.failure() }
    let grown = try Self.map(descriptor.number, rounded)
    munmap(bytes.baseAddress, bytes.count)
    bytes = grown
  }

  private static func map(
    _ descriptor: Int32, _ count: Int
  ) throws(SpawnError) -> UnsafeMutableRawBufferPointer {
    guard
      let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      start != MAP_FAILED
    else { throw failure() }
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  private static func failure() -> SpawnError {
    SpawnError("no memory can be shared: \(String(cString: strerror(errno)))")
  }
}
