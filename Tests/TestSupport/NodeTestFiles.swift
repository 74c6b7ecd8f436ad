import Foundation

/// Bytes of the protocol buffer wire format, written here and read by the code under test.
package enum Wire {
  package static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  package static func number(_ field: Int, _ value: Int64) -> [UInt8] {
    varint(UInt64(field) << 3) + varint(UInt64(bitPattern: value))
  }

  package static func bytes(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(UInt64(field) << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  package static func text(_ field: Int, _ text: String) -> [UInt8] {
    bytes(field, Array(text.utf8))
  }

  package static func packed(_ field: Int, _ values: [Int64]) -> [UInt8] {
    bytes(field, values.flatMap { varint(UInt64(bitPattern: $0)) })
  }

  /// A `TensorProto` of `data_type` code `type`.
  package static func tensor(_ type: Int64, _ shape: [Int64], raw: [UInt8]) -> [UInt8] {
    shape.flatMap { number(1, $0) } + number(2, type) + bytes(9, raw)
  }

  package static func floats(_ shape: [Int64], _ values: [Float]) -> [UInt8] {
    tensor(1, shape, raw: values.flatMap { little($0.bitPattern) })
  }

  package static func little(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  /// A `ModelProto` of one node whose inputs and output are those of the graph.
  package static func model(
    _ operation: String, inputs: [String], attributes: [(String, Int64)] = [], domain: String = "",
    initializers: [[UInt8]] = [], graphInputs: [String]? = nil, nodes: Int = 1
  ) -> [UInt8] {
    let node =
      inputs.flatMap { text(1, $0) } + text(2, "y") + text(4, operation)
      + attributes.flatMap { bytes(5, text(1, $0.0) + number(3, $0.1) + number(20, 2)) }
      + (domain.isEmpty ? [] : text(7, domain))
    let graph =
      (0..<nodes).flatMap { _ in bytes(1, node) } + text(2, "test")
      + initializers.flatMap { bytes(5, $0) }
      + (graphInputs ?? inputs.filter { !$0.isEmpty }).flatMap { bytes(11, text(1, $0)) }
      + bytes(12, text(1, "y"))
    return number(1, 13) + bytes(7, graph) + bytes(8, text(1, "") + number(2, 28))
  }
}

/// Node test data in a folder of its own, removed with the last reference.
package final class NodeTestFiles: Sendable {
  package let path: String

  package init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("qverify-node-tests-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes `bytes` to `name`, making the folders on the way; returns the whole path.
  @discardableResult
  package func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// Writes the folder of a test with one data set.
  package func add(
    _ name: String, model: [UInt8], inputs: [[UInt8]], output: [UInt8]
  ) throws {
    try write(model, name + "/model.onnx")
    for (place, input) in inputs.enumerated() {
      try write(input, "\(name)/test_data_set_0/input_\(place).pb")
    }
    try write(output, "\(name)/test_data_set_0/output_0.pb")
  }

  /// QuantizeLinear of 3, 5, −7 by the scale 2: 1.5, 2.5 and −3.5 become 2, 2 and −4, at the zero
  /// point 10.
  package func addQuantizeLinear(
    _ name: String = "test_small", output: [UInt8] = [12, 12, 6]
  ) throws {
    try add(
      name, model: Wire.model("QuantizeLinear", inputs: ["x", "s", "z"]),
      inputs: [
        Wire.floats([3], [3, 5, -7]), Wire.floats([], [2]), Wire.tensor(2, [], raw: [10]),
      ], output: Wire.tensor(2, [3], raw: output))
  }

  /// One that no reference covers: float8.
  package func addUnsupported(_ name: String) throws {
    try add(
      name, model: Wire.model("QuantizeLinear", inputs: ["x", "s", "z"]),
      inputs: [Wire.floats([1], [3]), Wire.floats([], [2]), Wire.tensor(17, [], raw: [0])],
      output: Wire.tensor(17, [1], raw: [0x3C]))
  }
}

/// The official node tests, where they can be had.
package enum OfficialNodeTests {
  package static let missing: String =
    "neither QVERIFY_ONNX_NODE_DATA nor the onnx package in .runtimes (make runtimes) is there"

  /// A folder of `test_*`; `nil` where there is none.
  package static let folder: String? = {
    if let named = ProcessInfo.processInfo.environment["QVERIFY_ONNX_NODE_DATA"] { return named }
    let root = [1, 2, 3].reduce(#filePath) { path, _ in (path as NSString).deletingLastPathComponent
    }
    let python = root + "/.runtimes/bin/python3"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    let folder = FileManager.default.temporaryDirectory.path + "/qverify-onnx-\(UUID().uuidString)"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [root + "/Vectors/onnx/node_tests.py", folder]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? folder : nil
  }()
}
