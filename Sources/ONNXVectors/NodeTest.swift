/// How one reference and the expected outputs of a test compare.
package struct Comparison: Hashable, Sendable {
  package let reference: String
  package internal(set) var elements = 0
  package internal(set) var differing = 0
  /// Where they differ first, in words.
  package internal(set) var first: String?

  init(_ reference: String) { self.reference = reference }
}

/// A folder of node test data, judged: `model.onnx` and, in each `test_data_set_*`, the inputs and
/// outputs of its node.
package struct NodeTest: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case compared([Comparison])
    case unsupported(reason: String)
  }

  /// Of the folder.
  package let name: String
  package let operation: Operation
  package let outcome: Outcome
  package let dataSets: Int
  /// Inputs and outputs read; 0 where the test is unsupported.
  package let tensors: Int

  package var comparisons: [Comparison] {
    if case .compared(let comparisons) = outcome { comparisons } else { [] }
  }

  /// Reads and judges a folder.
  ///
  /// - Returns: `nil` for a model of another operator, or of several nodes.
  /// - Throws: ``VectorError`` naming the file, and the byte where it is one.
  package init?(_ folder: String) throws(VectorError) {
    let path = folder + "/model.onnx"
    let model = try NodeTest.read(path) { (bytes) throws(WireError) in try ModelMessage(bytes) }
    guard let node = model.onlyNode, let operation = Operation(rawValue: node.operation) else {
      return nil
    }
    guard node.outputs.count == 1, model.outputs == node.outputs else {
      throw .inconsistent(path: path, reason: "the model's output is not that of its only node")
    }
    guard operation.inputs.required...operation.inputs.names.count ~= node.inputs.count else {
      throw .inconsistent(
        path: path, reason: "\(operation.rawValue) has \(node.inputs.count) inputs")
    }
    name = NodeTest.lastName(folder)
    self.operation = operation
    let sets = try TestFiles.names(folder).filter { $0.hasPrefix("test_data_set_") }
    guard !sets.isEmpty else {
      throw .inconsistent(path: folder, reason: "it holds no folder test_data_set_0")
    }
    dataSets = sets.count
    do throws(VectorError) {
      (outcome, tensors) = try NodeTest.judged(
        sets.map { folder + "/" + $0 }, operation, node, model)
    } catch .unsupported(let reason) {
      (outcome, tensors) = (.unsupported(reason: reason), 0)
    }
  }

  private static func judged(
    _ sets: [String], _ operation: Operation, _ node: ModelMessage.Node, _ model: ModelMessage
  ) throws(VectorError) -> (Outcome, tensors: Int) {
    var comparisons = operation.references.map { Comparison($0) }
    var tensors = 0
    for set in sets {
      let call = try NodeCall(operation, node, model, folder: set)
      tensors += call.inputs.count { $0 != nil } + 1
      do throws(Obstacle) {
        try compare(call, into: &comparisons, sets.count == 1 ? "" : lastName(set) + " ")
      } catch {
        switch error {
        case .inconsistent(let reason): throw .inconsistent(path: set, reason: reason)
        case .unsupported(let reason): throw .unsupported(reason: reason)
        }
      }
    }
    return (.compared(comparisons.filter { $0.elements > 0 }), tensors)
  }

  private static func compare(
    _ call: NodeCall, into comparisons: inout [Comparison], _ prefix: String
  ) throws(Obstacle) {
    for answer in try call.answers() {
      guard let place = comparisons.firstIndex(where: { $0.reference == answer.reference })
      else { continue }
      comparisons[place].elements += call.output.values.count
      for (index, expected) in call.output.values.enumerated() {
        let value = answer.values[index]
        // By value: 0 and −0 are one number. A NaN is never equal.
        guard value != expected else { continue }
        comparisons[place].differing += 1
        if comparisons[place].first == nil {
          comparisons[place].first =
            "\(prefix)output [\(index)] is \(text(expected)) in the vector, \(text(value)) by"
            + " \(answer.reference)"
        }
      }
    }
  }

  private static func text(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? "\(value)"
  }

  private static func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map { String($0) } ?? path
  }
}

extension NodeCall {
  /// Reads the tensors of a data set.
  init(
    _ operation: Operation, _ node: ModelMessage.Node, _ model: ModelMessage, folder: String
  ) throws(VectorError) {
    var inputs: [Tensor?] = []
    for (name, role) in zip(node.inputs, operation.inputs.names) {
      if name.isEmpty {
        inputs.append(nil)
      } else if let place = model.inputs.firstIndex(of: name) {
        let path = "\(folder)/input_\(place).pb"
        let message = try NodeTest.read(path) { (file) throws(WireError) in try TensorMessage(file)
        }
        inputs.append(try NodeCall.tensor(message, role, path))
      } else if let constant = model.constants[name] {
        inputs.append(try NodeCall.tensor(constant, role, folder + "/../model.onnx"))
      } else {
        throw .inconsistent(path: folder, reason: "the model has no tensor '\(name)' for \(role)")
      }
    }
    let path = folder + "/output_0.pb"
    let message = try NodeTest.read(path) { (file) throws(WireError) in try TensorMessage(file) }
    let output = try NodeCall.tensor(message, "the output", path)
    self.init(operation, attributes: node.attributes, inputs: inputs, output: output)
  }

  private static func tensor(
    _ message: TensorMessage, _ role: String, _ path: String
  ) throws(VectorError) -> Tensor {
    do throws(WireError) {
      if let tensor = try message.decoded() { return tensor }
    } catch {
      throw .malformed(path: path, offset: error.offset, reason: error.reason)
    }
    throw .unsupported(reason: "\(role) is \(message.typeName)")
  }
}

extension NodeTest {
  /// Reads a file by `parse`, whose errors get its name.
  fileprivate static func read<Message>(
    _ path: String, _ parse: ([UInt8]) throws(WireError) -> Message
  ) throws(VectorError) -> Message {
    let bytes = try TestFiles.bytes(path)
    do throws(WireError) {
      return try parse(bytes)
    } catch {
      throw .malformed(path: path, offset: error.offset, reason: error.reason)
    }
  }
}
