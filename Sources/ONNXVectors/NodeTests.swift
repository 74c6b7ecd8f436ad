/// Every test of the judged operators in some folders of node test data.
package struct NodeTests: Sendable {
  /// In the order of folders and names.
  package private(set) var tests: [NodeTest] = []
  /// Folders with models of other operators, or of several nodes.
  package private(set) var otherFolders = 0

  /// - Parameter folders: each holds the folders `test_*`, or is one of them.
  /// - Throws: ``VectorError``, for a folder without such a test too.
  package init(_ folders: [String]) throws(VectorError) {
    for folder in folders {
      let found = try NodeTests.testFolders(folder)
      let before = tests.count
      for path in found {
        if let test = try NodeTest(path) { tests.append(test) } else { otherFolders += 1 }
      }
      guard tests.count > before else { throw .noTests(path: folder) }
    }
  }

  private static func testFolders(_ folder: String) throws(VectorError) -> [String] {
    let names = try TestFiles.names(folder)
    if names.contains("model.onnx") { return [folder] }
    return names.map { folder + "/" + $0 }.filter { TestFiles.exists($0 + "/model.onnx") }
  }

  /// What one reference of one operator amounts to.
  package struct Row: Hashable, Sendable {
    package let operation: Operation
    package let reference: String
    package var folders = 0
    package var tensors = 0
    package var elements = 0
    package var differing = 0
  }

  /// One for each operator that there are tests of, and each of its references.
  package var rows: [Row] {
    Operation.allCases.filter { operation in tests.contains { $0.operation == operation } }
      .flatMap { operation in
        operation.references.map { row(operation, $0) }
      }
  }

  private func row(_ operation: Operation, _ reference: String) -> Row {
    var row = Row(operation: operation, reference: reference)
    for test in tests where test.operation == operation {
      for comparison in test.comparisons where comparison.reference == reference {
        row.folders += 1
        row.tensors += test.tensors
        row.elements += comparison.elements
        row.differing += comparison.differing
      }
    }
    return row
  }

  /// Folder and reason.
  package var unsupported: [(test: NodeTest, reason: String)] {
    tests.compactMap { test in
      guard case .unsupported(let reason) = test.outcome else { return nil }
      return (test, reason)
    }
  }

  /// Elements of the official outputs, each counted once.
  package var elements: Int { tests.reduce(0) { $0 + ($1.comparisons.map(\.elements).max() ?? 0) } }

  /// Comparisons in which a reference and a vector differ.
  package var differing: Int { rows.reduce(0) { $0 + $1.differing } }
}
