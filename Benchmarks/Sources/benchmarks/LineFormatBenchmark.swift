import CaseGeneration
import Foundation
import QuantizedArithmetic
import QuantizedLayers
import TestCases

/// Lines of cases, written and read, beside Foundation's coders on the same content.
enum LineFormatBenchmark {
  private struct Tensor: Codable {
    var type: String
    var shape: [Int]
    var scale: Double?
    var zeroPoint: Int?
    var data: Data?
  }

  private struct Inputs: Codable {
    var input: Tensor
    var weights: Tensor
    var bias: Tensor?
  }

  private struct Line: Codable {
    var id: String
    var `operator`: String
    var classes: [String]
    var profile: String?
    var attributes: [String: String]
    var inputs: Inputs
    var output: Tensor
  }

  static func run() throws -> [String] {
    let cases = try sample()
    var writer = CaseWriter()
    let lines = cases.map { writer.write($0) }
    let coded = cases.map { document($0) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let documents = try coded.map { try encoder.encode($0) }
    let mean = lines.reduce(0) { $0 + $1.count } / lines.count

    let write = try Stopwatch.medians {
      for testCase in cases { _ = writer.write(testCase) }
    } _: {
      for line in coded { _ = try encoder.encode(line) }
    }
    let reader = CaseReader()
    let decoder = JSONDecoder()
    let read = try Stopwatch.medians {
      for line in lines {
        try line.withUnsafeBufferPointer { bytes in
          _ = try reader.read(UnsafeBufferPointer(rebasing: bytes.dropLast()))
        }
      }
    } _: {
      for document in documents { _ = try decoder.decode(Line.self, from: document) }
    }
    let count = Double(lines.count)
    return [
      "lines of \(mean) bytes on one core",
      "write \(Int(count / write.first)) lines a second with the id's SHA-256,"
        + " \(rounded(write.second / write.first)) times JSONEncoder (asked for: 5)",
      "read \(Int(count / read.first)) lines a second,"
        + " \(rounded(read.second / read.first)) times JSONDecoder (asked for: 5)",
    ]
  }

  /// Per-tensor cases whose lines are 500 to 900 bytes long.
  private static func sample() throws -> [TestCase] {
    let generator = try CaseGenerator(seed: 5, selection: Selection(kind: .random))
    var writer = CaseWriter()
    var cases: [TestCase] = []
    var index: UInt64 = 0
    while cases.count < 4_000 {
      let testCase = generator.testCase(index)
      index += 1
      guard testCase.layer.weights.scales.count == 1 else { continue }
      if (500...900).contains(writer.write(testCase).count) { cases.append(testCase) }
    }
    return cases
  }

  private static func document(_ testCase: TestCase) -> Line {
    func tensor(_ raw: RawTensor) -> Tensor {
      Tensor(
        type: raw.type.rawValue, shape: raw.shape, scale: raw.scales.first,
        zeroPoint: raw.zeroPoints.first.map { Int($0) }, data: Data(raw.data))
    }
    let layer = testCase.layer
    return Line(
      id: "7-0000012-5f0c91ab", operator: layer.operation, classes: testCase.classes,
      profile: testCase.profile, attributes: ["activation": layer.activation.name],
      inputs: Inputs(
        input: tensor(layer.input), weights: tensor(layer.weights),
        bias: layer.bias.map { tensor($0) }),
      output: tensor(layer.output))
  }
}
