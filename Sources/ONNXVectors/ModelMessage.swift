/// What a model with one node says: operator, names, attributes.
package struct ModelMessage: Sendable {
  package struct Node: Sendable {
    /// `op_type`, e.g. `QuantizeLinear`.
    package internal(set) var operation = ""
    /// Empty for ONNX's own operators.
    package internal(set) var domain = ""
    /// Names; empty where an optional input is left out.
    package internal(set) var inputs: [String] = []
    package internal(set) var outputs: [String] = []
    /// Attributes that are integers; no operator judged here has others.
    package internal(set) var attributes: [String: Int64] = [:]
  }

  package private(set) var nodes: [Node] = []
  /// Of the graph, in the order of the files `input_0.pb`, `input_1.pb`, …
  package private(set) var inputs: [String] = []
  package private(set) var outputs: [String] = []
  /// Tensors that the model holds itself.
  package private(set) var constants: [String: TensorMessage] = [:]

  /// - Throws: ``WireError`` with the byte that is wrong.
  package init(_ file: [UInt8]) throws(WireError) {
    var reader = WireReader(file)
    var hasGraph = false
    while let field = try reader.next() {
      guard field.number == 7 else { continue }
      guard !hasGraph else {
        throw WireError(offset: field.offset, reason: "the model has two graphs")
      }
      hasGraph = true
      try readGraph(try field.message(in: file))
    }
    guard hasGraph else { throw WireError(offset: file.count, reason: "the model has no graph") }
  }

  /// The node, where it is the only one and of ONNX's own operators.
  package var onlyNode: Node? {
    guard nodes.count == 1, let node = nodes.first else { return nil }
    return node.domain.isEmpty || node.domain == "ai.onnx" ? node : nil
  }

  private mutating func readGraph(_ message: WireReader) throws(WireError) {
    var reader = message
    let file = reader.file
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try Self.node(try field.message(in: file)))
      case 5:
        // Models of other operators hold types of all kinds; only their names are looked at.
        let tensor = try TensorMessage(file, in: try field.range())
        constants[tensor.name] = tensor
      case 11: inputs.append(try Self.name(try field.message(in: file)))
      case 12: outputs.append(try Self.name(try field.message(in: file)))
      default: continue
      }
    }
  }

  private static func node(_ message: WireReader) throws(WireError) -> Node {
    var (reader, node) = (message, Node())
    let file = reader.file
    while let field = try reader.next() {
      switch field.number {
      case 1: node.inputs.append(try field.string(in: file))
      case 2: node.outputs.append(try field.string(in: file))
      case 4: node.operation = try field.string(in: file)
      case 5:
        if let (name, value) = try attribute(try field.message(in: file)) {
          node.attributes[name] = value
        }
      case 7: node.domain = try field.string(in: file)
      default: continue
      }
    }
    return node
  }

  private static func attribute(_ message: WireReader) throws(WireError) -> (String, Int64)? {
    var (reader, name, value, isInteger) = (message, "", Int64?.none, false)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.string(in: reader.file)
      case 3: value = try field.integer()
      case 20: isInteger = try field.integer() == 2
      default: continue
      }
    }
    // Some writers leave out a 0.
    return (value ?? (isInteger ? 0 : nil)).map { (name, $0) }
  }

  /// Of a `ValueInfoProto`.
  private static func name(_ message: WireReader) throws(WireError) -> String {
    var (reader, name) = (message, "")
    while let field = try reader.next() {
      if field.number == 1 { name = try field.string(in: reader.file) }
    }
    return name
  }
}
