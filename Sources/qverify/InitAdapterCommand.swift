import AdapterTemplates
import ArgumentParser
import Foundation

struct InitAdapterCommand: ParsableCommand {
  enum Language: String, CaseIterable, ExpressibleByArgument {
    case c
    case python
  }

  static let configuration = CommandConfiguration(
    commandName: "init-adapter",
    abstract: "Writes a working adapter to start from.",
    discussion: """
      The folder gets a complete small implementation of fully connected layers, the file that it \
      is built on, and a qverify.yaml that names it 'mine'. It passes smoke as written; put your \
      kernel in its place.

      EXAMPLES
        qverify init-adapter python adapter && cd adapter && qverify smoke --impl mine
        qverify init-adapter c adapter && cd adapter && make && qverify smoke --impl mine
      """)

  @Argument(help: "c: a shared library; python: a program that speaks the line format.")
  var language: Language

  @Argument(help: "The folder, which is made.")
  var folder: String

  func run() throws {
    let files = language == .c ? AdapterTemplates.c : AdapterTemplates.python
    let manager = FileManager.default
    for file in files where manager.fileExists(atPath: "\(folder)/\(file.name)") {
      throw Failure(.usage, "\(folder)/\(file.name) is there already; nothing was written")
    }
    do {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for file in files {
        try Data(file.bytes).write(
          to: URL(fileURLWithPath: "\(folder)/\(file.name)"), options: .withoutOverwriting)
      }
    } catch {
      throw Failure(.usage, "\(folder) cannot be written: \(error.localizedDescription)")
    }
    print("\(folder): \(files.map(\.name).joined(separator: ", "))")
    print("next: cd \(folder)\(language == .c ? " && make" : "") && qverify smoke --impl mine")
  }
}
