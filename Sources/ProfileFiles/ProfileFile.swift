import JSONLines
package import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Why a text is not a profile: where, what was found, what is known.
package struct ProfileFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// A profile as JSON: its rules, each an arithmetic written as a choice for every part.
///
///     {"profile":"mine","summary":"…","rules":[{"types":"int8,int8,int8","bias":["none","int32"],
///      "conditions":["binary32Scales"],"arithmetic":{"accumulator":"int32Wrapping", …}}],
///      "activations":["none","clamp"]}
///
/// Unknown keys and choices are errors. A part that is left out has the usual choice.
package enum ProfileFile {
  /// The text of a profile; without kernels for parts of a layer, which have no words here.
  package static func text(_ profile: Profile) -> String {
    var writer = JSONWriter(capacity: 1_024)
    writer.beginObject()
    writer.key("profile")
    writer.string(profile.name)
    writer.key("summary")
    writer.string(profile.summary)
    writer.key("source")
    writer.string(profile.source)
    writer.key("activations")
    strings(profile.activations, &writer)
    writer.key("rules")
    writer.beginArray()
    for rule in profile.rules { write(rule, &writer) }
    writer.endArray()
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }

  private static func write(_ rule: ProfileRule, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("types")
    writer.string(rule.types.description)
    writer.key("bias")
    strings(rule.biasTypes.map { $0?.rawValue ?? "none" }, &writer)
    writer.key("conditions")
    strings(rule.conditions.map(\.rawValue), &writer)
    writer.key("arithmetic")
    writer.beginObject()
    for (part, choice) in rule.arithmetic.choices {
      writer.key(escaping: part.rawValue)
      writer.string(choice)
    }
    writer.endObject()
    writer.endObject()
  }

  private static func strings(_ values: [String], _ writer: inout JSONWriter) {
    writer.beginArray()
    for value in values { writer.string(value) }
    writer.endArray()
  }

  /// The profile of a JSON text.
  ///
  /// - Throws: ``ProfileFileError``
  package static func profile(_ json: [UInt8]) throws(ProfileFileError) -> Profile {
    try JSONReader.read(json) { reader throws(ProfileFileError) in
      do {
        let profile = try read(&reader)
        try reader.finish()
        return profile
      } catch let error as ProfileFileError {
        throw error
      } catch {
        throw ProfileFileError("\(error)")
      }
    }
  }

  private static func read(_ reader: inout JSONReader) throws -> Profile {
    var keys = JSONKeySet()
    var (name, summary, source) = (String?.none, "", "")
    var activations = ["none", "relu", "relu6", "clamp"]
    var rules: [ProfileRule] = []
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "profile": name = try reader.readString()
      case "summary": summary = try reader.readString()
      case "source": source = try reader.readString()
      case "activations":
        activations = try list(&reader, "activations", of: ["none", "relu", "relu6", "clamp"])
      case "rules":
        try reader.beginArray()
        while try reader.nextElement() { rules.append(try rule(&reader, "rules[\(rules.count)]")) }
      default:
        throw ProfileFileError(
          "unknown key \(key); known are profile, summary, source, activations, rules")
      }
    }
    guard let name, isName(name) else {
      throw ProfileFileError("'profile' must be a name of letters, digits, '-', '_' and '.'")
    }
    guard !rules.isEmpty else { throw ProfileFileError("'rules' must not be empty") }
    return Profile(
      name: name, summary: summary, source: source, rules: rules, activations: activations)
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.count <= 64
      && name.utf8.allSatisfy {
        ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 45
          || $0 == 95 || $0 == 46
      }
  }

  private static func rule(_ reader: inout JSONReader, _ place: String) throws -> ProfileRule {
    var keys = JSONKeySet()
    var types: TypeTriple?
    var bias: [ElementType?] = [nil, .int32]
    var conditions: [DomainCondition] = []
    var arithmetic: Arithmetic?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "types":
        let text = try reader.readString()
        guard let triple = TypeTriple(text),
          [triple.input, triple.weights, triple.output].allSatisfy(ElementType.quantized.contains)
        else {
          throw ProfileFileError(
            "\(place).types: '\(text.prefix(40))' is not input,weights,output, each int8, uint8 or"
              + " int16")
        }
        types = triple
      case "bias":
        bias = try list(&reader, "\(place).bias", of: ["none", "int32", "int64"]).map {
          ElementType(rawValue: $0)
        }
      case "conditions":
        conditions = try list(
          &reader, "\(place).conditions", of: DomainCondition.allCases.map(\.rawValue),
          mayBeEmpty: true
        ).compactMap { DomainCondition(rawValue: $0) }
      case "arithmetic": arithmetic = try self.arithmetic(&reader, "\(place).arithmetic")
      default:
        throw ProfileFileError(
          "\(place): unknown key \(key); known are types, bias, conditions, arithmetic")
      }
    }
    guard let types, let arithmetic else {
      throw ProfileFileError("\(place) must have types and arithmetic")
    }
    return ProfileRule(types, bias: bias, arithmetic, where: conditions)
  }

  private static func arithmetic(
    _ reader: inout JSONReader, _ place: String
  ) throws -> Arithmetic {
    var choices: [ArithmeticPart: String] = [:]
    try reader.beginObject()
    while let key = try reader.nextKey() {
      guard let part = ArithmeticPart(rawValue: key.string) else {
        let known = ArithmeticPart.allCases.map(\.rawValue).joined(separator: ", ")
        throw ProfileFileError("\(place): unknown part \(key); known are \(known)")
      }
      guard choices[part] == nil else { throw ProfileFileError("\(place): \(key) stands twice") }
      choices[part] = try reader.readString()
    }
    guard choices[.requantization] != nil else {
      throw ProfileFileError("\(place) must have a requantization")
    }
    var arithmetic = Arithmetic(
      accumulator: .int32Wrapping, effectiveScale: .binary64,
      requantization: .exact(.toNearestOrEven), activationBounds: .roundedQuotient)
    // The kind of requantization first: the other parts are its own.
    for part in [.requantization] + ArithmeticPart.allCases.filter({ $0 != .requantization }) {
      guard let choice = choices[part] else { continue }
      guard part.set(choice, in: &arithmetic) else {
        throw ProfileFileError(
          part.choices.contains(choice)
            ? "\(place).\(part.rawValue): the requantization has no such part"
            : "\(place).\(part.rawValue): '\(choice.prefix(40))' is not one of"
              + " \(part.choices.joined(separator: ", "))")
      }
    }
    return arithmetic
  }

  private static func list(
    _ reader: inout JSONReader, _ place: String, of known: [String], mayBeEmpty: Bool = false
  ) throws -> [String] {
    var values: [String] = []
    try reader.beginArray()
    while try reader.nextElement() {
      let word = try reader.readString()
      guard known.contains(word) else {
        throw ProfileFileError(
          "\(place): '\(word.prefix(40))' is not one of \(known.joined(separator: ", "))")
      }
      values.append(word)
    }
    guard mayBeEmpty || !values.isEmpty else {
      throw ProfileFileError("\(place) must not be empty")
    }
    return values
  }
}
