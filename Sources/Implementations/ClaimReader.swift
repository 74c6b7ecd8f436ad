package import JSONLines
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// Why a text is not a list of claims: which claim, which key, what was found, what is known.
package struct ClaimError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Reads claims as the line format has them, wherever they come from: a hello line, a library's
/// description of itself, a configuration.
///
///     [{"operator":"fullyConnected","types":["int8,int8,int8"],"profile":"tflm"}]
///
/// Only `operator` must be there. Unknown keys and values are errors: a claim that is understood in
/// part would be judged by what it does not say.
package struct ClaimReader {
  package init() {}

  /// The claims of a JSON text that holds a list of them and nothing else.
  ///
  /// - Throws: ``ClaimError``
  package func read(json: [UInt8]) throws(ClaimError) -> [Claim] {
    try JSONReader.read(json) { reader throws(ClaimError) in
      let claims = try read(&reader)
      do { try reader.finish() } catch { throw ClaimError("claims: \(error)") }
      return claims
    }
  }

  /// The claims in the list that stands next in `reader`.
  ///
  /// - Throws: ``ClaimError``
  package func read(_ reader: inout JSONReader) throws(ClaimError) -> [Claim] {
    do {
      var claims: [Claim] = []
      try reader.beginArray()
      while try reader.nextElement() {
        claims.append(try readClaim(&reader, "claims[\(claims.count)]"))
      }
      guard !claims.isEmpty else { throw ClaimError("claims: the list is empty") }
      return claims
    } catch let error as ClaimError {
      throw error
    } catch {
      throw ClaimError("claims: \(error)")
    }
  }

  private func readClaim(_ reader: inout JSONReader, _ place: String) throws -> Claim {
    var claim = Claim()
    var keys = JSONKeySet()
    var operation: String?
    guard try reader.peek() == .object else {
      throw ClaimError("\(place) must be an object, as {\"operator\":\"fullyConnected\"}")
    }
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      let value = ClaimValue(place: "\(place).\(key.string)")
      switch key {
      case "operator":
        operation = try value.one(&reader, of: Operators.all.map { $0.name }) { $0 }
      case "types": claim.types = try value.types(&reader)
      case "weights":
        claim.weights = try value.list(&reader, of: Claim.Granularity.allCases.map(\.rawValue)) {
          Claim.Granularity(rawValue: $0)
        }
      case "weightZeroPoint": claim.weightZeroPoint = try value.bool(&reader)
      case "bias":
        claim.bias = try value.list(&reader, of: BiasScheme.allCases.map(\.rawValue)) {
          BiasScheme(rawValue: $0)
        }
      case "activations":
        claim.activations = try value.list(&reader, of: Activation.names) { $0 }
      case "maxElements": claim.maxElements = try value.count(&reader)
      case "profile":
        claim.profile = try value.one(&reader, of: Profiles.all.map(\.name)) { $0 }
      case "conformance": claim.conformance = try value.conformance(&reader)
      case "refusals":
        claim.refusals = try value.one(&reader, of: Claim.Refusals.allCases.map(\.rawValue)) {
          Claim.Refusals(rawValue: $0)
        }
      default:
        throw ClaimError(
          "\(place): unknown key \(key); known are \(Self.keys.joined(separator: ", "))")
      }
    }
    guard let operation else { throw ClaimError("\(place) has no operator") }
    claim.operation = operation
    guard claim.profile == nil || claim.conformance == nil else {
      throw ClaimError("\(place) must name profile or conformance, not both")
    }
    return claim
  }

  private static let keys = [
    "operator", "types", "weights", "weightZeroPoint", "bias", "activations", "maxElements",
    "profile", "conformance", "refusals",
  ]
}

extension Activation {
  /// The names that a claim may list.
  fileprivate static let names: [String] =
    [Activation.none, .relu, .relu6, .clamp(0, 0)].map(\.name)
}

/// One value of a claim, and its place for messages.
private struct ClaimValue {
  let place: String

  /// A word, one of `known`, in which `make` finds what it stands for.
  func one<Value>(
    _ reader: inout JSONReader, of known: [String], _ make: (String) -> Value?
  ) throws -> Value {
    guard try reader.peek() == .string else { throw failure("must be a string") }
    let word = try reader.readString()
    guard known.contains(word), let value = make(word) else {
      throw failure("'\(Self.shown(word))' is not one of \(known.joined(separator: ", "))")
    }
    return value
  }

  /// A list of such words.
  func list<Value>(
    _ reader: inout JSONReader, of known: [String], _ make: (String) -> Value?
  ) throws -> [Value] {
    try list(&reader) { try one(&$0, of: known, make) }
  }

  func types(_ reader: inout JSONReader) throws -> [TypeTriple] {
    try list(&reader) { reader in
      guard try reader.peek() == .string else { throw failure("must be a list of strings") }
      let word = try reader.readString()
      guard let triple = TypeTriple(word),
        [triple.input, triple.weights, triple.output].allSatisfy(ElementType.quantized.contains)
      else {
        let known = ElementType.quantized.map(\.rawValue).joined(separator: ", ")
        throw failure(
          "'\(Self.shown(word))' is not input,weights,output, each one of \(known)")
      }
      return triple
    }
  }

  func bool(_ reader: inout JSONReader) throws -> Bool {
    guard try reader.peek() == .bool else { throw failure("must be true or false") }
    return try reader.readBool()
  }

  func count(_ reader: inout JSONReader) throws -> Int {
    guard try reader.peek() == .number, let value = Int(exactly: try reader.readInt64()), value > 0
    else { throw failure("must be an integer of at least 1") }
    return value
  }

  func conformance(_ reader: inout JSONReader) throws -> Conformance {
    guard try reader.peek() == .string else { throw failure("must be a string") }
    let word = try reader.readString()
    guard let conformance = Conformance(word), conformance != .profile else {
      throw failure(
        "'\(Self.shown(word))' is not one of correctlyRounded(even|away|up), nearest, faithful, "
          + "within(N)")
    }
    return conformance
  }

  private func list<Value>(
    _ reader: inout JSONReader, _ element: (inout JSONReader) throws -> Value
  ) throws -> [Value] {
    guard try reader.peek() == .array else { throw failure("must be a list") }
    var values: [Value] = []
    try reader.beginArray()
    while try reader.nextElement() { values.append(try element(&reader)) }
    // An empty list would claim nothing at all, which nobody means.
    guard !values.isEmpty else { throw failure("must not be empty") }
    return values
  }

  private func failure(_ text: String) -> ClaimError {
    ClaimError(text.hasPrefix("'") ? "\(place): \(text)" : "\(place) \(text)")
  }

  /// A word from outside, cut for a message.
  private static func shown(_ word: String) -> String {
    word.count > 40 ? "\(word.prefix(40))…" : word
  }
}
