/// The files that `init-adapter` writes; they are part of the program.
package enum AdapterTemplates {
  package struct File: Sendable {
    package let name: String
    package let bytes: [UInt8]

    fileprivate init(_ name: String, _ bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// A shared library: the public header, a kernel, how both are compiled, and the configuration.
  package static let c: [File] = [
    File("qverify.h", PackageResources.qverify_h), File("mine.c", PackageResources.mine_c),
    File("Makefile", Array(makefile.utf8)), File("qverify.yaml", Array(libraryConfiguration.utf8)),
  ]

  /// A program: the helper, a kernel on top of it, and the configuration.
  package static let python: [File] = [
    File("qverify_adapter.py", PackageResources.qverify_adapter_py),
    File("mine.py", PackageResources.mine_py),
    File("qverify.yaml", Array(commandConfiguration.utf8)),
  ]

  private static let makefile = """
    CFLAGS ?= -O2 -Wall

    libmine.so: mine.c qverify.h
    \t$(CC) $(CFLAGS) -shared -fPIC -o $@ mine.c -lm

    """

  private static let libraryConfiguration = """
    implementations:
      mine:
        kind: library
        library: libmine.so                    # relative to this file
        limits: {seconds: 5, memoryMiB: 4096}  # one call; the whole process

    """

  private static let commandConfiguration = """
    implementations:
      mine:
        kind: command
        run: [python3, mine.py]   # started in this file's folder
        limits: {seconds: 5}      # one case

    """
}
