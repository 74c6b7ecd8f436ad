import AdapterTemplates
import Foundation
import Reproducers

/// Where the programs that show a failure are written.
struct ReproducerFolder {
  private let path: String

  init(_ path: String) { self.path = path }

  /// A case's id as the name of a folder.
  static func name(_ id: String) -> String {
    let plain = id.unicodeScalars.prefix(120).map { scalar -> Character in
      let isPlain =
        scalar.isASCII
        && (scalar.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains(scalar))
      return isPlain ? Character(scalar) : "-"
    }
    let name = String(plain)
    return name.isEmpty || name.hasPrefix(".") ? "case" + name : name
  }

  /// Writes the files; older ones of the same names are replaced.
  ///
  /// - Returns: their names.
  /// - Throws: a ``Failure`` where that cannot be.
  func write(_ reproduction: Reproduction) throws -> [String] {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for file in reproduction.files {
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(file.name)"))
      }
      var names = reproduction.files.map(\.name)
      if reproduction.withoutC == nil,
        let header = AdapterTemplates.c.first(where: { $0.name == "qverify.h" })
      {
        try Data(header.bytes).write(to: URL(fileURLWithPath: "\(path)/\(header.name)"))
        names.insert(header.name, at: 1)
      }
      return names
    } catch {
      throw Failure(.usage, "\(path): the reproducers cannot be written: \(Self.reason(error))")
    }
  }

  private static func reason(_ error: any Error) -> String {
    error.localizedDescription.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
