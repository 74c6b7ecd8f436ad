import Foundation
import JSONLines
import Testing

@Suite struct LineReaderTests {
  /// All ways in which pieces can cut lines.
  @Test(arguments: [
    "", "\n", "a", "a\n", "\n\n", "a\nb", "a\r\nbb\n\nccc\n", "\n\na",
    "0123456789\nabc\n0123456789",
  ]) func linesAreThoseOfASplit(text: String) throws {
    let folder = try Folder()
    let bytes = Array(text.utf8)
    let path = try folder.file("lines", bytes)
    var expected = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    if expected.last == [] { expected.removeLast() }
    for piece in Array(1...17) + [1 << 18] {
      let reader = try LineReader(path: path, piece: piece)
      var observed: [UInt8] = []
      reader.observer = { observed += $0 }
      var lines: [[UInt8]] = []
      var before: [UInt8] = []
      while let line = try reader.next() {
        #expect(observed == before)
        #expect(line.offset == before.count)
        lines.append(Array(line.bytes))
        before += line.raw
        #expect(line.number == lines.count)
        #expect(line.endsWithNewline == (before.last == 10))
      }
      #expect(lines == expected)
      #expect(before == bytes && observed == bytes)
      #expect(try reader.next() == nil)
    }
  }

  @Test func randomLinesSurviveAllPieces() throws {
    let folder = try Folder()
    var generator = Generator(seed: 9)
    var bytes: [UInt8] = []
    for _ in 0..<300 {
      let length = generator.below(generator.below(10) == 0 ? 5000 : 100)
      bytes += (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) | 0x20 } + [10]
    }
    let path = try folder.file("lines", bytes)
    for piece in [1, 7, 64, 1000, 4096, 1 << 20] {
      let reader = try LineReader(path: path, maximumLength: 5000, piece: piece)
      var seen: [UInt8] = []
      while let line = try reader.next() { seen += line.raw }
      #expect(seen == bytes)
    }
  }

  @Test func tooLongALineIsAnError() throws {
    let folder = try Folder()
    let path = try folder.file("lines", Array("1234\n12345\n123456\n1".utf8))
    for piece in [1, 3, 6, 100] {
      let reader = try LineReader(path: path, maximumLength: 5, piece: piece)
      #expect(try reader.next()?.bytes.count == 4)
      #expect(try reader.next()?.bytes.count == 5)
      let expected = LineError.lineTooLong(path: path, number: 3, offset: 11, limit: 5)
      #expect(throws: expected) { try reader.next() }
      #expect(throws: expected) { try reader.next() }
      #expect(expected.description == "\(path): line 3 (from byte 11) is longer than 5 bytes")
    }
    let last = try LineReader(path: try folder.file("last", Array("123456".utf8)), maximumLength: 5)
    #expect(throws: LineError.self) { try last.next() }
  }

  /// Endless input without a line feed must not take endless memory.
  @Test func anEndlessLineIsAnError() throws {
    let reader = try LineReader(path: "/dev/zero", maximumLength: 1 << 20)
    #expect(throws: LineError.lineTooLong(path: "/dev/zero", number: 1, offset: 0, limit: 1 << 20))
    {
      try reader.next()
    }
  }

  @Test func whatCannotBeReadIsATypedError() throws {
    let folder = try Folder()
    let missing = folder.path + "/none"
    #expect(throws: LineError.system(action: "open", path: missing, code: ENOENT)) {
      _ = try LineReader(path: missing)
    }
    #expect(throws: LineError.system(action: "read", path: folder.path, code: EISDIR)) {
      _ = try LineReader(path: folder.path)
    }
    #expect(throws: LineError.system(action: "open", path: "a\0b", code: EINVAL)) {
      _ = try LineReader(path: "a\0b")
    }
    #expect(
      LineError.system(action: "open", path: "x", code: ENOENT).description
        == "cannot open x: No such file or directory")
    let closed = LineReader(descriptor: -1, name: "standard input")
    #expect(throws: LineError.system(action: "read", path: "standard input", code: EBADF)) {
      try closed.next()
    }
  }

  @Test func aLineOfAPipeComesBeforeTheNextIsWritten() throws {
    let pipe = try Pipe()
    let reader = LineReader(descriptor: pipe.reading, name: "pipe")
    for text in ["one\n", "two\nthree\n", "four"] {
      #expect(write(pipe.writing, text, text.utf8.count) == text.utf8.count)
      if text == "four" { pipe.closeWriting() }
      for expected in text.split(separator: "\n") {
        let line = try #require(try reader.next())
        #expect(String(decoding: line.bytes, as: UTF8.self) == expected)
        #expect(line.endsWithNewline == (expected != "four"))
      }
    }
    #expect(try reader.next() == nil)
  }

  /// A handler without SA_RESTART: the system's call ends with EINTR.
  @Test(.timeLimit(.minutes(1))) func aSignalDoesNotEndReading() throws {
    let pipe = try Pipe()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGUSR1, &action, nil)
    // Threads of a pool block such signals.
    var (signals, before) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let (main, writing) = (pthread_self(), pipe.writing)
    Thread.detachNewThread {
      for _ in 0..<5 {
        usleep(10_000)
        pthread_kill(main, SIGUSR1)
      }
      usleep(10_000)
      _ = write(writing, "x\n", 2)
    }
    let reader = LineReader(descriptor: pipe.reading, name: "pipe")
    #expect(try reader.next()?.bytes.count == 1)
  }

  @Test(.timeLimit(.minutes(1))) func aDescriptorThatDoesNotBlockIsWaitedFor() throws {
    let pipe = try Pipe()
    _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
    let writing = pipe.writing
    Thread.detachNewThread {
      usleep(20_000)
      _ = write(writing, "x\n", 2)
    }
    let reader = LineReader(descriptor: pipe.reading, name: "pipe")
    #expect(try reader.next()?.bytes.count == 1)
  }
}
