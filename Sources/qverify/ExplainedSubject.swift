import QuantizedArithmetic
import QuantizedLayers
import TestCases

/// The configuration that `explain` is asked about.
struct ExplainedSubject {
  let title: String
  let layer: RawLayer
  let profile: String?
  /// Where the case is a stored failure.
  let failing: FailingCase?

  /// - Throws: a ``Failure`` where a file or the database cannot be read, or has no such case.
  init(_ command: ExplainCommand) throws {
    guard let source = command.source else {
      failing = nil
      if command.flags.isGiven {
        (title, layer, profile) = ("given layer", try command.flags.layer(), nil)
      } else {
        (title, layer, profile) = ("worked example", ExplainedSubject.example, "tflm")
      }
      return
    }
    let found: FailingCase
    if FailingCase.isStored(source) {
      guard command.caseID == nil else {
        throw Failure(.usage, "--case needs a file of cases, but \(source) names a case")
      }
      found = try FailingCase(
        stored: source, implementation: command.implementation, database: command.database)
      failing = found.record == nil ? nil : found
    } else {
      found = try FailingCase(file: source, id: command.caseID)
      failing = nil
    }
    (title, layer, profile) = (
      "case \(found.id)", found.testCase.layer, found.testCase.profile
    )
  }

  static func find(_ id: String?, in path: String) throws -> ReadCase {
    do throws(VectorFileError) {
      let reader = try VectorFileReader(path: path)
      while let read = try reader.next() {
        if id == nil || identifier(read.testCase) == id { return read }
      }
    } catch {
      throw Failure(.usage, error.description)
    }
    throw Failure(.usage, "\(path): " + (id.map { "no case has the id \($0)" } ?? "no case"))
  }

  static func identifier(_ testCase: TestCase) -> String {
    if case .given(let id) = testCase.origin { return id }
    var writer = CaseWriter()
    return writer.identifier(of: testCase)
  }

  /// y = 20/8 = 2.5, a tie: TensorFlow Lite Micro gives 0, ties to even would give −1.
  private static let example = RawLayer(
    operation: FullyConnected.name, activation: .none,
    input: RawTensor(
      type: .int8, shape: [1, 3], scales: [0.5], zeroPoints: [2],
      data: ElementBytes.bytes([6, -1, 4], as: .int8)),
    weights: RawTensor(
      type: .int8, shape: [1, 3], scales: [0.25], zeroPoints: [1],
      data: ElementBytes.bytes([4, -1, 3], as: .int8)),
    bias: RawTensor(
      type: .int32, shape: [1], scales: [], zeroPoints: [],
      data: ElementBytes.bytes([-2], as: .int32)),
    output: RawTensor(type: .int8, shape: [1, 1], scales: [1], zeroPoints: [-3]))
}
