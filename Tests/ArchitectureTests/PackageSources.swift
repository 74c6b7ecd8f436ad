import Foundation
import Testing

/// The package's manifest and sources, as text.
struct PackageSources {
  /// A target of the manifest and the modules that it may import.
  struct Target {
    let name: String
    let dependencies: Set<String>
  }

  let targets: [Target]
  private let root: URL

  init() throws {
    // Tests/ArchitectureTests/PackageSources.swift
    root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    targets = PackageSources.targets(in: manifest)
    try #require(targets.count > 10, "the manifest was not understood")
  }

  /// Targets that are neither tests nor helpers of tests, from `.target(name: "X", dependencies: …)`.
  private static func targets(in manifest: String) -> [Target] {
    let starts = manifest.ranges(of: /\.(executableTarget|target|testTarget)\(/)
    return starts.indices.compactMap { index in
      let end = index + 1 < starts.count ? starts[index + 1].lowerBound : manifest.endIndex
      let text = manifest[starts[index].lowerBound..<end]
      guard !text.hasPrefix(".testTarget"), !text.contains("path: \"Tests/"),
        let name = text.firstMatch(of: /name: "(\w+)"/)?.1
      else { return nil }
      return Target(name: String(name), dependencies: dependencies(in: text))
    }
  }

  /// Quoted names of targets, names of products, and the one that has a constant.
  private static func dependencies(in text: Substring) -> Set<String> {
    guard let start = text.firstRange(of: "dependencies: [") else { return [] }
    let list = text[start.upperBound...].prefix { $0 != "]" }
    let withoutPackages = list.replacing(/package: "[^"]+"/, with: "")
    var names = Set(withoutPackages.matches(of: /"(\w+)"/).map { String($0.1) })
    if list.contains("bigInt") { names.insert("BigInt") }
    return names
  }

  /// Every module that a target's Swift files import, with the files that do.
  func imports(of target: String) throws -> [String: [String]] {
    var imports: [String: [String]] = [:]
    for file in try files(of: target, ["swift"]) {
      let text = try String(contentsOf: file, encoding: .utf8)
      // The expression takes its time on lines that it does not match: most are told by this word.
      for line in text.split(separator: "\n") where line.contains("import") {
        // With access levels and attributes before it, and a kind and a member after it.
        guard
          let match = line.firstMatch(
            of: /^\s*(?:@\w+(?:\(\w+\))?\s+|\w+\s+)*?import\s+(?:struct |class |enum |func )?(\w+)/)
        else { continue }
        imports[String(match.1), default: []].append(file.lastPathComponent)
      }
    }
    return imports
  }

  /// What the C files of a target include, as it is written between the quotes or brackets.
  func includes(of target: String) throws -> Set<String> {
    var includes: Set<String> = []
    for file in try files(of: target, ["c", "h"]) {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /#\s*include\s+(["<][^">]+[">])/) {
        includes.insert(String(match.1))
      }
    }
    return includes
  }

  func files(of target: String, _ extensions: Set<String>) throws -> [URL] {
    let folder = root.appending(path: "Sources/\(target)")
    let all = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var files: [URL] = []
    while let next = all.nextObject() {
      if let file = next as? URL, extensions.contains(file.pathExtension) { files.append(file) }
    }
    return files
  }
}
