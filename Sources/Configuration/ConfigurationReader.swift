import Foundation
import Implementations
import Yams

extension ConfigurationFile {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - reserved: names that no implementation may have: those of the built-in ones.
  /// - Throws: ``ConfigurationError``
  package init(path: String, reserved: Set<String>) throws(ConfigurationError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError(path, line: nil, "cannot be read")
    }
    guard data.count <= 1 << 20 else {
      throw ConfigurationError(path, line: nil, "has more than 1 MiB")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ConfigurationError(path, line: nil, "is not UTF-8")
    }
    let reader = ConfigurationReader(path: path, reserved: reserved)
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      throw reader.failure(error)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.joined(separator: "/")
    self.init(
      path: path, folder: folder.isEmpty ? (parts.isEmpty ? "." : "/") : folder,
      entries: try reader.entries(root))
  }
}

/// Walks through the nodes of a configuration file, which know their lines.
private struct ConfigurationReader {
  let path: String
  let reserved: Set<String>

  func entries(_ root: Node?) throws(ConfigurationError) -> [ConfigurationFile.Entry] {
    guard let root else { throw ConfigurationError(path, line: nil, "has no implementations") }
    let top = try members(root, "the file", known: ["implementations"])
    guard let list = top["implementations"] else {
      throw failure(root, "must have the key implementations")
    }
    guard case .mapping(let mapping) = list else {
      throw failure(list, "implementations must be a mapping of names")
    }
    guard !mapping.isEmpty else { throw failure(list, "the file names no implementation") }
    var entries: [ConfigurationFile.Entry] = []
    for (key, value) in mapping {
      let name = try string(key, "the name of an implementation")
      guard !reserved.contains(name) else {
        throw failure(key, "\(name) is the name of a built-in implementation")
      }
      guard name.wholeMatch(of: /[A-Za-z0-9_.+-]{1,64}/) != nil else {
        throw failure(
          key, "a name must be 1 to 64 letters, digits and . _ + -, but is '\(name)'")
      }
      entries.append(try entry(name, value))
    }
    return entries
  }

  private func entry(
    _ name: String, _ node: Node
  ) throws(ConfigurationError) -> ConfigurationFile.Entry {
    guard case .mapping(let mapping) = node, let kindNode = mapping["kind"] else {
      throw failure(node, "\(name) must have a kind: library, command or answers")
    }
    let kind = try string(kindNode, "kind of \(name)")
    var entry: ConfigurationFile.Entry
    let members: [String: Node]
    switch kind {
    case "library":
      members = try self.members(node, name, known: ["kind", "library", "claims", "limits"])
      entry = .init(
        name: name, kind: .library(path: try path(members["library"], "library of \(name)", node))
      )
    case "command":
      members = try self.members(
        node, name, known: ["kind", "run", "environment", "claims", "limits"])
      let run = try strings(members["run"], "run of \(name)", node)
      guard run.first?.isEmpty == false else {
        throw failure(members["run"], "run of \(name) must name a program")
      }
      entry = .init(
        name: name,
        kind: .command(run: run, environment: try environment(members["environment"], name)))
    case "answers":
      members = try self.members(node, name, known: ["kind", "file", "claims"])
      entry = .init(
        name: name, kind: .answers(file: try path(members["file"], "file of \(name)", node)))
    default:
      throw failure(
        kindNode, "kind of \(name) must be library, command or answers, but is '\(kind)'")
    }
    if let claims = members["claims"] { entry.claims = try self.claims(claims, name) }
    if let limits = members["limits"] { entry.limits = try self.limits(limits, name) }
    return entry
  }

  private func environment(
    _ node: Node?, _ name: String
  ) throws(ConfigurationError) -> [String: String] {
    guard let node else { return [:] }
    guard case .mapping(let mapping) = node else {
      throw failure(node, "environment of \(name) must be a mapping of variables")
    }
    var variables: [String: String] = [:]
    for (key, value) in mapping {
      let variable = try string(key, "a variable of \(name)")
      guard !variable.isEmpty, !variable.contains("="), !variable.utf8.contains(0) else {
        throw failure(key, "'\(variable)' cannot be the name of a variable")
      }
      variables[variable] = try string(value, "\(variable) of \(name)")
    }
    return variables
  }

  private func limits(
    _ node: Node, _ name: String
  ) throws(ConfigurationError) -> ConfigurationFile.Limits {
    let members = try self.members(
      node, "limits of \(name)", known: ["seconds", "memoryMiB", "restarts"])
    var limits = ConfigurationFile.Limits()
    if let node = members["seconds"] {
      guard let seconds = node.float, seconds > 0, seconds <= 86_400 else {
        throw failure(node, "seconds of \(name) must be more than 0 and at most 86400")
      }
      limits.seconds = seconds
    }
    if let node = members["memoryMiB"] {
      guard let memory = node.int, (16...(1 << 30)).contains(memory) else {
        throw failure(node, "memoryMiB of \(name) must be a whole number from 16")
      }
      limits.memoryMiB = memory
    }
    if let node = members["restarts"] {
      guard let restarts = node.int, (0...1_000_000).contains(restarts) else {
        throw failure(node, "restarts of \(name) must be a whole number from 0 to 1000000")
      }
      limits.restarts = restarts
    }
    return limits
  }

  /// Claims have one reader, that of the line format.
  private func claims(_ node: Node, _ name: String) throws(ConfigurationError) -> [Claim] {
    do throws(ClaimError) {
      return try ClaimReader().read(json: Array(json(node).utf8))
    } catch {
      throw failure(node, "claims of \(name): \(error)")
    }
  }

  private func json(_ node: Node) -> String {
    switch node {
    case .mapping(let mapping):
      let members = mapping.map { "\(quoted($0.key.string ?? "")):\(json($0.value))" }
      return "{\(members.joined(separator: ","))}"
    case .sequence(let sequence):
      return "[\(sequence.map { json($0) }.joined(separator: ","))]"
    case .scalar(let scalar):
      if scalar.style == .plain {
        if let value = node.bool { return value ? "true" : "false" }
        if let value = node.int { return String(value) }
        if node.null != nil { return "null" }
      }
      return quoted(scalar.string)
    case .alias: return "null"
    }
  }

  private func quoted(_ text: String) -> String {
    let data = try? JSONSerialization.data(
      withJSONObject: text, options: [.fragmentsAllowed, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  // MARK: Nodes

  private func members(
    _ node: Node, _ what: String, known: [String]
  ) throws(ConfigurationError) -> [String: Node] {
    guard case .mapping(let mapping) = node else {
      throw failure(node, "\(what) must be a mapping with \(known.joined(separator: ", "))")
    }
    var members: [String: Node] = [:]
    for (key, value) in mapping {
      let name = try string(key, "a key of \(what)")
      guard known.contains(name) else {
        throw failure(
          key, "\(what) has no key '\(name)'; it may have \(known.joined(separator: ", "))")
      }
      members[name] = value
    }
    return members
  }

  private func string(
    _ node: Node?, _ what: String, _ parent: Node? = nil
  ) throws(ConfigurationError) -> String {
    guard let node else { throw failure(parent, "\(what) is missing") }
    guard case .scalar(let scalar) = node, !scalar.string.utf8.contains(0) else {
      throw failure(node, "\(what) must be text")
    }
    return scalar.string
  }

  private func path(
    _ node: Node?, _ what: String, _ parent: Node
  ) throws(ConfigurationError) -> String {
    let path = try string(node, what, parent)
    guard !path.isEmpty else { throw failure(node, "\(what) must not be empty") }
    return path
  }

  private func strings(
    _ node: Node?, _ what: String, _ parent: Node
  ) throws(ConfigurationError) -> [String] {
    guard let node else { throw failure(parent, "\(what) is missing") }
    guard case .sequence(let sequence) = node else {
      throw failure(node, "\(what) must be a list: the program and its arguments")
    }
    var strings: [String] = []
    for element in sequence { strings.append(try string(element, "an element of \(what)")) }
    return strings
  }

  private func failure(_ node: Node?, _ reason: String) -> ConfigurationError {
    ConfigurationError(path, line: node?.mark?.line, reason)
  }

  /// What the YAML parser found, on one line.
  func failure(_ error: any Error) -> ConfigurationError {
    guard let error = error as? YamlError else {
      return ConfigurationError(path, line: nil, "\(error)")
    }
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ConfigurationError(path, line: mark.line, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.map { "\($0)" }.joined(separator: ", ")
      return ConfigurationError(path, line: context.mark.line, "a key occurs twice: \(keys)")
    default:
      let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      return ConfigurationError(path, line: nil, text)
    }
  }
}
