package import Profiles
package import QuantizedArithmetic
import QuantizedLayers

/// Which cases a run is made of: with a seed and an index, all that a case depends on.
package struct Selection: Hashable, Sendable {
  /// The kinds of cases that `--cases` names.
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    case edge
    case random
    case invalid
    case all
  }

  /// A change of what is generated for the same arguments raises this.
  package static let generatorVersion = 5

  package var operation: String
  package var profiles: [Profile]
  package var inputTypes: [ElementType]
  package var weightTypes: [ElementType]
  package var outputTypes: [ElementType]
  package var kind: Kind
  /// What the profiles are narrowed to, as text; empty where they are whole.
  package var claims: String
  /// Only classes of these names, or whose names begin with one of them and a dot; empty: all.
  package var classes: [String]

  package init(
    operation: String = FullyConnected.name, profiles: [Profile] = Profiles.all,
    inputTypes: [ElementType] = ElementType.quantized,
    weightTypes: [ElementType] = ElementType.quantized,
    outputTypes: [ElementType] = ElementType.quantized, kind: Kind = .all, classes: [String] = [],
    claims: String = ""
  ) {
    self.operation = operation
    self.profiles = profiles
    self.inputTypes = inputTypes
    self.weightTypes = weightTypes
    self.outputTypes = outputTypes
    self.kind = kind
    self.classes = classes
    self.claims = claims
  }

  /// The options that choose cases, in one canonical form; what is not narrowed is left out.
  package var canonical: String {
    var parts = ["--operator \(operation)", "--cases \(kind.rawValue)"]
    func add(_ option: String, _ types: [ElementType]) {
      guard types != ElementType.quantized else { return }
      parts.append("\(option) \(types.map(\.rawValue).joined(separator: ","))")
    }
    add("--input-type", inputTypes)
    add("--weight-type", weightTypes)
    add("--output-type", outputTypes)
    if profiles.map(\.name) != Profiles.all.map(\.name) {
      parts.append("--profile \(profiles.map(\.name).joined(separator: ","))")
    }
    if !claims.isEmpty { parts.append("--claims '\(claims)'") }
    if !classes.isEmpty { parts.append("--class \(classes.joined(separator: ","))") }
    return parts.joined(separator: " ")
  }

  /// The profiles with what they define of the types asked for; profiles without any are left out.
  package var profilesWithRules: [(profile: Profile, rules: [ProfileRule])] {
    profiles.compactMap { profile in
      let rules = profile.rules.filter {
        inputTypes.contains($0.types.input) && weightTypes.contains($0.types.weights)
          && outputTypes.contains($0.types.output)
      }
      return rules.isEmpty ? nil : (profile, rules)
    }
  }
}

/// Why no case can be made of a selection.
package enum SelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  case nothingDefined(String)
  case noClass([String])

  package var description: String {
    switch self {
    case .nothingDefined(let selection):
      "no profile defines a layer of the types asked for: \(selection)"
    case .noClass(let names):
      "no class of cases is named \(names.joined(separator: ", ")) among those asked for"
    }
  }
}
