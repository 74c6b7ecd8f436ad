/// The files that `init-adapter` writes; they are part of the program.
package enum AdapterTemplates {
  package struct File: Sendable {
    package let name: String
    package let bytes: [UInt8]
  }

  /// - Parameter language: `c` or `python`.
  package static func files(_ language: String) -> [File] {
    switch language {
    case "python":
      [
        File(name: "qverify_adapter.py", bytes: PackageResources.qverify_adapter_py),
        File(name: "mine.py", bytes: PackageResources.mine_py),
        File(name: "qverify.yaml", bytes: Array(pythonConfiguration.utf8)),
      ]
    default: []
    }
  }

  private static let pythonConfiguration = """
    implementations:
      mine:
        kind: command
        run: [python3, mine.py]   # started in this file's folder
        limits: {seconds: 5}      # one case

    """
}
