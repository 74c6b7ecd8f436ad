import ChildProcesses
import Glibc
import Testing

struct ChildProcessTests {
  private func run(_ script: String, _ change: (inout ProcessDescription) -> Void = { _ in }) throws
    -> (Termination?, String)
  {
    let capture = try CapturedStream()
    var description = ProcessDescription(
      executable: "sh", arguments: ["-c", script],
      descriptors: [nil, capture.writeDescriptor, capture.writeDescriptor])
    change(&description)
    let child = try ChildProcess(description)
    capture.closeWriteEnd()
    let status = child.wait(seconds: 60)
    while !capture.isAtEnd {
      var request = pollfd(fd: capture.readDescriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&request, 1, 1_000)
      capture.drain()
    }
    return (status, capture.text)
  }

  @Test func theExitStatusComesBack() throws {
    #expect(try run("exit 7").0 == .exited(7))
    #expect(try run("kill -9 $$").0 == .signaled(SIGKILL))
    #expect(Termination.signaled(SIGSEGV).description == "signal 11 (SIGSEGV)")
  }

  @Test func standardInputIsEmptyAndOutputIsCaptured() throws {
    #expect(try run("cat; echo out; echo err >&2").1 == "out\nerr")
  }

  @Test func environmentAndFolderAreGiven() throws {
    let (_, text) = try run("echo $COLOUR; pwd") {
      $0.environment = ["COLOUR=green", "PATH=/usr/bin:/bin"]
      $0.workingFolder = "/usr"
    }
    #expect(text == "green\n/usr")
  }

  @Test func addressSpaceIsLimitedAndCoreFilesAreOff() throws {
    let (_, text) = try run("ulimit -v; ulimit -c") { $0.memoryLimitBytes = 256 << 20 }
    #expect(text == "262144\n0")
  }

  @Test func furtherDescriptorsArePassedAndNoOthers() throws {
    let channel = try Channel.pipe()
    let other = open("/dev/null", O_RDONLY)
    defer { close(other) }
    let (_, text) = try run("echo hello >&3; ls /proc/self/fd | sort -n | tr '\\n' ' '") {
      $0.descriptors.append(channel.second.number)
    }
    // The last one is the folder that ls reads.
    #expect(text == "0 1 2 3 4")
    var bytes = [UInt8](repeating: 0, count: 6)
    #expect(read(channel.first.number, &bytes, 6) == 6)
    #expect(String(decoding: bytes, as: UTF8.self) == "hello\n")
  }

  @Test func descriptorsMayTradePlaces() throws {
    let (one, two) = (try CapturedStream(), try CapturedStream())
    let child = try ChildProcess(
      ProcessDescription(
        executable: "/bin/sh", arguments: ["-c", "echo one >&4; echo two >&3"],
        descriptors: [nil, nil, nil, two.writeDescriptor, one.writeDescriptor]))
    #expect(child.wait(seconds: 60) == .exited(0))
    one.drain()
    two.drain()
    #expect([one.text, two.text] == ["one", "two"])
  }

  @Test func whatCannotBeStartedSaysWhy() throws {
    #expect(throws: SpawnError("'/no/such' cannot be executed: No such file or directory")) {
      _ = try ChildProcess(ProcessDescription(executable: "/no/such"))
    }
    #expect(throws: SpawnError("'/etc/passwd' cannot be executed: Permission denied")) {
      _ = try ChildProcess(ProcessDescription(executable: "/etc/passwd"))
    }
    #expect(throws: SpawnError("folder '/no/such' cannot be entered: No such file or directory")) {
      _ = try ChildProcess(ProcessDescription(executable: "true", workingFolder: "/no/such"))
    }
    #expect(throws: SpawnError("'a\0b' or its arguments contain a NUL")) {
      _ = try ChildProcess(ProcessDescription(executable: "a\0b"))
    }
  }

  @Test func waitingEndsAtItsDeadlineAndKillingEndsTheGroup() throws {
    let capture = try CapturedStream()
    // The grandchild holds the pipe open as long as it lives.
    let child = try ChildProcess(
      ProcessDescription(
        executable: "sh", arguments: ["-c", "sleep 1000 & sleep 1000"],
        descriptors: [nil, capture.writeDescriptor, nil]))
    capture.closeWriteEnd()
    #expect(child.wait(seconds: 0) == nil)
    #expect(child.wait(seconds: 0.05) == nil)
    child.kill()
    #expect(child.wait(seconds: 60) == .signaled(SIGKILL))
    var request = pollfd(fd: capture.readDescriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&request, 1, 60_000) == 1)
    capture.drain()
    #expect(capture.isAtEnd)
  }

  @Test func whatAProgramLeavesBehindEndsWithIt() throws {
    let (status, _) = try run("sleep 1000 & exit 3")
    // The capture came to its end, so nobody holds its other side.
    #expect(status == .exited(3))
  }

  @Test func aForgottenProcessIsEnded() throws {
    var child: ChildProcess? = try ChildProcess(
      ProcessDescription(executable: "sleep", arguments: ["1000"]))
    let identifier = try #require(child?.identifier)
    #expect(kill(identifier, 0) == 0)
    child = nil
    #expect(kill(identifier, 0) == -1 && errno == ESRCH)
  }

  @Test func aFloodIsKeptInPart() throws {
    let (_, text) = try run("echo begin; sleep 0; yes | head -c 50000; echo end")
    #expect(text.hasPrefix("begin\ny\n"))
    #expect(text.hasSuffix("y\nend"))
    #expect(text.contains("… "))
    #expect(text.utf8.count < 5_000)
  }

  @Test func manyThreadsStartProcessesAtOnce() async throws {
    await withTaskGroup(of: Termination?.self) { group in
      for number in 0..<16 {
        group.addTask {
          let child = try? ChildProcess(
            ProcessDescription(executable: "sh", arguments: ["-c", "exit \(number)"]))
          return child?.wait(seconds: 60)
        }
      }
      var codes: Set<Termination?> = []
      for await status in group { codes.insert(status) }
      #expect(codes == Set((0..<16).map { Termination.exited($0) }))
    }
  }
}
