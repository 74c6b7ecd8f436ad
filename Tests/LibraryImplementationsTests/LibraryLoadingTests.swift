import Glibc
import Implementations
import LibraryImplementations
import QuantizedLayers
import TestCases
import Testing
import Verdicts

@Suite(.enabled(if: Compiler.c != nil, "there is no C compiler"))
struct LibraryLoadingTests {
  private func failure(_ path: String) -> String {
    do throws(StartError) {
      try LibraryImplementation(name: "mine", path: path).prepare()
      return ""
    } catch {
      return error.description
    }
  }

  private static let sound = """
    #include "qverify.h"
    #ifndef VERSION
    #define VERSION QVERIFY_ABI_VERSION
    #endif
    uint32_t qverify_abi_version(void) { return VERSION; }
    int32_t qverify_fully_connected(
        const qverify_fully_connected_args *args, char *message, size_t capacity) {
      (void)args; (void)message; (void)capacity;
      return QVERIFY_UNSUPPORTED;
    }

    """

  @Test func theDescriptionOfTheExampleIsRead() throws {
    let library = LibraryImplementation(name: "mine", path: try Libraries.example.get())
    #expect(library.unavailable == nil)
    try library.prepare()
    #expect(library.name == "mine")
    #expect(library.kind == "library")
    #expect(library.version == "example 1.0")
    let claim = try #require(library.claims.first)
    #expect(library.claims.count == 1)
    #expect(claim.types?.map(\.description) == ["int8,int8,int8"])
    #expect(claim.bias == [.none, .accumulator])
    #expect(claim.profile == "litert-reference")
  }

  @Test func givenClaimsReplaceThoseOfTheLibrary() throws {
    let claims = [Claim(profile: "tflm")]
    let library = LibraryImplementation(
      name: "mine", path: try Libraries.example.get(), claims: claims)
    try library.prepare()
    #expect(library.claims == claims)
    #expect(library.version == "example 1.0")
  }

  @Test func aLibraryWithoutDescriptionClaimsEverything() throws {
    let path = try Libraries.compiled("plain", text: Self.sound)
    let library = LibraryImplementation(name: "mine", path: path)
    try library.prepare()
    #expect(library.claims == [Claim()])
    #expect(library.version.isEmpty)
    let session = try library.start()
    #expect(
      session.answer([Layers.request(Layers.layer(rows: 1))]) == [.unsupported("")])
    session.close()
  }

  @Test func whatIsNoLibraryIsRefusedInOneLine() throws {
    let prefix = "implementation mine cannot be started: "
    #expect(
      failure("/no/such/libmine.so") == prefix + "/no/such/libmine.so: No such file or directory")
    #expect(failure("/usr") == prefix + "/usr is not a file")
    let text = try Libraries.file("text.so", "not a library, though long enough to be read as one")
    #expect(failure(text).contains("text.so: "), "\(failure(text))")
    #expect(failure(try Libraries.file("empty.so", "")).contains("empty.so: "))
  }

  @Test func missingFunctionsAreNamed() throws {
    let empty = try Libraries.compiled("empty", text: "int nothing;\n")
    #expect(failure(empty).hasSuffix("libempty.so: it has no function qverify_abi_version"))
    let half = try Libraries.compiled(
      "half", text: "unsigned qverify_abi_version(void) { return 1; }\n")
    #expect(failure(half).hasSuffix("it has no function qverify_fully_connected"))
    let lost = try Libraries.compiled(
      "lost",
      text: Self.sound + "void there_is_no_such(void);\n"
        + "void use(void) { there_is_no_such(); }\n")
    #expect(failure(lost).contains("undefined symbol: there_is_no_such"), "\(failure(lost))")
  }

  @Test func anotherVersionIsRefused() throws {
    let old = try Libraries.compiled("old", text: Self.sound, options: ["-DVERSION=9"])
    #expect(
      failure(old).hasSuffix(
        "it was written for version 9 of the interface; this program has version 1"))
  }

  @Test(arguments: [
    ("*(volatile int *)16 = 1;", "while it was loaded: it wrote through a null pointer, at 0x10"),
    ("fprintf(stderr, \"no licence\\n\"); exit(4);", "exit status 4; it wrote: no licence"),
    ("abort();", "while it was loaded: it aborted (SIGABRT)"),
    ("pthread_exit(0);", "it ended the thread that called it"),
  ])
  func aConstructorThatFailsIsNamed(_ statement: String, _ expected: String) throws {
    let headers = "#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
    let path = try Libraries.compiled(
      "constructor\(expected.utf8.count)",
      text: headers + Self.sound
        + "__attribute__((constructor)) static void begin(void) { \(statement) }\n")
    #expect(failure(path).contains(expected), "\(failure(path))")
  }

  @Test func aDescriptionThatIsWrongIsNamed() throws {
    func described(_ name: String, _ statements: String) throws -> String {
      failure(
        try Libraries.compiled(
          name,
          text: Self.sound
            + "int32_t qverify_describe(qverify_description *d) { \(statements) }\n"))
    }
    #expect(
      try described("claims", "d->claims = \"[{\\\"operator\\\":\\\"convolve\\\"}]\"; return 0;")
        .hasSuffix(
          "qverify_describe: claims[0].operator: 'convolve' is not one of fullyConnected"))
    #expect(
      try described("code", "(void)d; return 3;").hasSuffix("qverify_describe returned 3"))
    #expect(
      try described("pointer", "d->name = (const char *)8; return 0;").contains(
        "while it was loaded: it read through a null pointer, at 0x8"))
  }

  @Test func aProcessThatIsNotAskedAnyMoreIsGone() throws {
    let path = try Libraries.compiled("gone", text: Self.sound)
    let session = try LibraryImplementation(name: "mine", path: path).start()
    let children = { childProcesses().filter { $0.contains("libgone.so") }.count }
    #expect(children() == 1)
    _ = session.answer([Layers.request(Layers.layer(rows: 1))])
    session.close()
    #expect(children() == 0)
  }

  @Test func theHeaderIsUnderstoodByOlderAndOtherCompilers() throws {
    let source = try Libraries.file("header.c", "#include \"qverify.h\"\nint present;\n")
    let strict = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    let folder = ["-I", Libraries.header, source]
    for standard in ["-std=c89", "-std=c99", "-std=c11"] {
      try #require(Compiler.c).run([standard, "-Wno-long-long"] + strict + folder)
    }
    for standard in ["-std=c++98", "-std=c++17"] {
      guard let compiler = Compiler.cPlusPlus else { break }
      try compiler.run([standard, "-Wno-long-long", "-x", "c++"] + strict + folder)
    }
  }

  @Test(.enabled(if: Compiler.cPlusPlus != nil, "there is no C++ compiler"))
  func anExceptionOfCPlusPlusIsShown() throws {
    let source = try Libraries.file(
      "throwing.cc",
      """
      #include "qverify.h"
      #include <stdexcept>
      uint32_t qverify_abi_version(void) { return 1; }
      int32_t qverify_fully_connected(
          const qverify_fully_connected_args *, char *, size_t) {
        throw std::runtime_error("no such table");
      }

      """)
    let path = Libraries.folder(of: source) + "/libthrowing.so"
    try #require(Compiler.cPlusPlus).run(
      ["-shared", "-fPIC", "-I", Libraries.header, "-o", path, source])
    let session = try LibraryImplementation(name: "mine", path: path).start()
    defer { session.close() }
    let answer = session.answer([Layers.request(Layers.layer(rows: 1))])[0]
    #expect(answer.outcome == .crash)
    #expect(answer.failure.contains("aborted (SIGABRT)"), "\(answer)")
    #expect(answer.failure.contains("no such table"), "\(answer)")
  }
}

/// The command lines of this process's children.
private func childProcesses() -> [String] {
  guard let folder = opendir("/proc") else { return [] }
  defer { closedir(folder) }
  var lines: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    guard let number = Int32(name), let status = text("/proc/\(number)/stat") else { continue }
    // After the name in parentheses: state, parent.
    let fields = status[(status.lastIndex(of: ")") ?? status.startIndex)...].split(separator: " ")
    guard fields.count > 2, Int32(fields[2]) == getpid() else { continue }
    lines.append(text("/proc/\(number)/cmdline") ?? "")
  }
  return lines
}

private func text(_ path: String) -> String? {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var buffer = [UInt8](repeating: 0, count: 4_096)
  let count = read(file, &buffer, buffer.count)
  return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
}
