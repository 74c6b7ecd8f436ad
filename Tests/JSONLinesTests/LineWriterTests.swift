import Foundation
import JSONLines
import Testing

@Suite struct LineWriterTests {
  @Test(arguments: [0, 1, 3, 10, 1 << 18]) func everythingArrivesInOrder(capacity: Int) throws {
    let folder = try Folder()
    let writer = try LineWriter(path: folder.path + "/out", capacity: capacity)
    var expected: [UInt8] = []
    for count in 0..<40 {
      let bytes = [UInt8](repeating: UInt8(count), count: count)
      try writer.write(bytes)
      expected += bytes
      if count == 20 { try writer.flush() }
    }
    try writer.finish()
    try writer.finish()
    let closed = LineError.system(action: "write", path: folder.path + "/out", code: EBADF)
    #expect(throws: closed) { try writer.write([1]) }
    #expect(throws: closed) { try writer.flush() }
    #expect(try folder.contents("out") == expected)
    #expect(try folder.names == ["out"])
  }

  @Test func aFileHasItsNameOnlyAtTheEnd() throws {
    let folder = try Folder()
    let path = try folder.file("out", [1, 2, 3])
    #expect(chmod(path, 0o640) == 0)
    do {
      let writer = try LineWriter(path: path)
      try writer.write([4])
      try writer.flush()
      #expect(try folder.contents("out") == [1, 2, 3])
      #expect(try folder.names.count == 2)
    }
    #expect(try folder.names == ["out"], "let go without an end")
    let writer = try LineWriter(path: path)
    let other = try LineWriter(path: path)
    try writer.write([4])
    try writer.finish()
    other.discard()
    #expect(try folder.contents("out") == [4])
    #expect(try folder.names == ["out"])
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func aSymbolicLinkStays() throws {
    let folder = try Folder()
    _ = try folder.file("file", [1])
    #expect(symlink("file", folder.path + "/link") == 0)
    let writer = try LineWriter(path: folder.path + "/link")
    try writer.write([2])
    try writer.finish()
    #expect(try folder.contents("file") == [2])
    #expect(try folder.names == ["file", "link"])
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link") == "file")
  }

  @Test func aFullDiskIsATypedError() throws {
    let writer = try LineWriter(path: "/dev/full", capacity: 10)
    let full = LineError.system(action: "write", path: "/dev/full", code: ENOSPC)
    try writer.write([1, 2, 3])
    #expect(throws: full) { try writer.write([UInt8](repeating: 0, count: 10)) }
    #expect(throws: full) { try writer.write([1]) }
    #expect(throws: full) { try writer.finish() }
    let late = try LineWriter(path: "/dev/full")
    try late.write([1])
    #expect(throws: full) { try late.finish() }
  }

  /// Without care, SIGPIPE would end the process of the tests.
  @Test func aReaderThatHasGoneIsATypedError() throws {
    let pipe = try Pipe()
    pipe.closeReading()
    let writer = LineWriter(descriptor: pipe.writing, name: "standard output")
    try writer.write([1])
    #expect(throws: LineError.system(action: "write", path: "standard output", code: EPIPE)) {
      try writer.flush()
    }
    var pending = sigset_t()
    sigpending(&pending)
    #expect(sigismember(&pending, SIGPIPE) == 0)
  }

  @Test func whatCannotBeWrittenIsATypedError() throws {
    let folder = try Folder()
    let missing = folder.path + "/none/out"
    #expect(throws: LineError.system(action: "open", path: missing, code: ENOENT)) {
      _ = try LineWriter(path: missing)
    }
    #expect(throws: LineError.system(action: "open", path: folder.path, code: EISDIR)) {
      _ = try LineWriter(path: folder.path)
    }
    #expect(throws: LineError.system(action: "open", path: "", code: ENOENT)) {
      _ = try LineWriter(path: "")
    }
    #expect(throws: LineError.system(action: "open", path: "a\0b", code: EINVAL)) {
      _ = try LineWriter(path: "a\0b")
    }
  }

  @Test func aFileThatCannotGetItsNameIsRemoved() throws {
    let folder = try Folder()
    let path = folder.path + "/out"
    let writer = try LineWriter(path: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: LineError.self) { try writer.finish() }
    #expect(try folder.names == ["out"])
  }

  @Test func streamsAreLeftOpen() throws {
    let pipe = try Pipe()
    let writer = LineWriter(descriptor: pipe.writing, name: "pipe")
    try writer.write(Array("a\n".utf8))
    try writer.finish()
    #expect(write(pipe.writing, "b\n", 2) == 2)
    let reader = LineReader(descriptor: pipe.reading, name: "pipe")
    #expect(try reader.next()?.bytes.first == 0x61)
    #expect(try reader.next()?.bytes.first == 0x62)
  }

  @Test func aNamedPipeIsWrittenToDirectly() throws {
    let folder = try Folder()
    let path = folder.path + "/fifo"
    #expect(mkfifo(path, 0o600) == 0)
    let reading = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reading) }
    let writer = try LineWriter(path: path)
    try writer.write(Array("x\n".utf8))
    try writer.finish()
    #expect(try LineReader(descriptor: reading, name: path).next()?.bytes.count == 1)
    #expect(try folder.names == ["fifo"])
  }
}
