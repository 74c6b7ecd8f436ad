import CaseGeneration
import Foundation
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

/// A case of every part, written by hand: `{"id":…,` goes before it.
let handWritten = """
  "operator":"fullyConnected","profile":"tflm","attributes":{"activation":"relu6"},"inputs":\
  {"input":{"type":"int8","shape":[1,2],"scale":0.5,"zeroPoint":-128,"data":"AQI="},"weights":\
  {"type":"int8","shape":[1,2],"scale":0.25,"zeroPoint":0,"data":"f4A="},"bias":\
  {"type":"int32","shape":[1],"data":"6AMAAA=="}},"output":\
  {"type":"int8","shape":[1,1],"scale":0.4000000059604645,"zeroPoint":7}}
  """

/// The layer of ``handWritten``.
func handMade() -> RawLayer {
  RawLayer(
    operation: "fullyConnected", activation: .relu6,
    input: RawTensor(
      type: .int8, shape: [1, 2], scales: [0.5], zeroPoints: [-128], data: [1, 2]),
    weights: RawTensor(
      type: .int8, shape: [1, 2], scales: [0.25], zeroPoints: [0], data: [127, 0x80]),
    bias: RawTensor(
      type: .int32, shape: [1], scales: [], zeroPoints: [], data: [0xE8, 3, 0, 0]),
    output: RawTensor(
      type: .int8, shape: [1, 1], scales: [Double(Float(0.4))], zeroPoints: [7]))
}

func readLine(_ text: String) throws(LineFormatError) -> VectorLine {
  try readLine(Array(text.utf8))
}

func readLine(_ bytes: [UInt8]) throws(LineFormatError) -> VectorLine {
  try bytes.withUnsafeBufferPointer { buffer throws(LineFormatError) in
    try CaseReader().read(buffer)
  }
}

/// The case of a line that must hold one.
func readCase(_ text: String) throws -> ReadCase {
  guard case .testCase(let read) = try readLine(text) else {
    throw LineFormatError("no case: \(text.prefix(60))")
  }
  return read
}

/// The case of ``handWritten`` after one replacement in its text.
func readCase(replacing old: String, with new: String) throws -> ReadCase {
  let text = "{\"id\":\"a\"," + handWritten
  try #require(text.contains(old), "\(old) is not in the line")
  return try readCase(text.replacingOccurrences(of: old, with: new))
}

/// Generated cases, small ones for the most part.
func generated(_ count: Int, seed: UInt64 = 1, classes: [String] = []) throws -> [TestCase] {
  let generator = try CaseGenerator(seed: seed, selection: Selection(kind: .all, classes: classes))
  return (0..<UInt64(count)).map { generator.testCase($0) }
}

/// A file that goes when it is let go.
final class TemporaryFile {
  let path = NSTemporaryDirectory() + "/cases-\(UUID().uuidString).jsonl"

  init(_ bytes: some Sequence<UInt8>) throws {
    try Data(Array(bytes)).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The ids of a file's cases.
///
/// - Throws: ``VectorFileError``
func ids(of bytes: some Sequence<UInt8>) throws -> [String] {
  let file = try TemporaryFile(bytes)
  let reader = try VectorFileReader(path: file.path)
  var ids: [String] = []
  while let read = try reader.next() {
    if case .given(let id) = read.testCase.origin { ids.append(id) }
  }
  return ids
}

/// Why a file was refused; `nil` where it was not.
func refusal(of bytes: some Sequence<UInt8>) throws -> VectorFileError? {
  do {
    _ = try ids(of: bytes)
    return nil
  } catch let error as VectorFileError {
    return error
  }
}
