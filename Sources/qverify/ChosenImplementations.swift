import CommandImplementations
import Configuration
import Foundation
import Implementations
import LibraryImplementations
import RecordedAnswers
import TestCases

/// `--impl NAME[,NAME…]`: implementations that are built in or named by the configuration file.
struct ChosenImplementations {
  /// In the order given; each is prepared: its claims are known.
  let all: [any Implementation]

  /// - Parameters:
  ///   - list: names, separated by commas.
  ///   - config: `--config`; `nil` for `qverify.yaml` in the working folder, where there is one.
  ///   - vectors: the files of cases that recorded answers are held against.
  /// - Throws: a ``Failure`` naming what is known, or why one cannot be started here.
  init(_ list: String, config: String?, vectors: [String] = []) throws {
    let names = list.split(separator: ",").map(String.init)
    guard !names.isEmpty else { throw Failure(.usage, "--impl names no implementation") }
    guard Set(names).count == names.count else {
      throw Failure(.usage, "--impl names an implementation twice: \(list)")
    }
    let isAllBuiltIn = names.allSatisfy { BuiltInImplementations.named($0) != nil }
    let file = isAllBuiltIn && config == nil ? nil : try NamedImplementations.file(config)
    all = try names.map { name in
      let found = try ChosenImplementations.find(name, file, vectors)
      do throws(StartError) {
        try found.prepare()
      } catch {
        throw Failure(.notStarted, error.description)
      }
      return found
    }
  }

  private static func find(
    _ name: String, _ file: ConfigurationFile?, _ vectors: [String]
  ) throws -> any Implementation {
    if let builtIn = BuiltInImplementations.named(name) { return builtIn }
    guard let file, let entry = file.entry(name) else {
      var known = BuiltInImplementations.all.map { $0.name }.joined(separator: ", ")
      if let file {
        known +=
          "; and of \(file.path): \(file.entries.map(\.name).joined(separator: ", "))"
      } else {
        known += "; \(NamedImplementations.usualFile), which would name others, is not here"
      }
      throw Failure(.usage, "--impl must be among \(known); but is '\(name)'")
    }
    return try NamedImplementations.implementation(entry, file, vectors)
  }
}

/// The implementations of a configuration file.
enum NamedImplementations {
  static let usualFile = "qverify.yaml"

  /// The file that is asked for, or the usual one where it is there.
  ///
  /// - Throws: a ``Failure`` for a file that cannot be used.
  static func file(_ path: String?) throws -> ConfigurationFile? {
    if path == nil, !FileManager.default.fileExists(atPath: usualFile) { return nil }
    do throws(ConfigurationError) {
      return try ConfigurationFile(
        path: path ?? usualFile, reserved: Set(BuiltInImplementations.all.map { $0.name }))
    } catch {
      throw Failure(.usage, error.description)
    }
  }

  /// What an entry of the file names.
  ///
  /// - Throws: a ``Failure`` where its answers do not fit the cases.
  static func implementation(
    _ entry: ConfigurationFile.Entry, _ file: ConfigurationFile, _ vectors: [String]
  ) throws -> any Implementation {
    let limits = entry.limits
    switch entry.kind {
    case .command(let run, let environment):
      return CommandImplementation(
        CommandConfiguration(
          name: entry.name, run: run, environment: environment,
          folder: file.folder == "." ? nil : file.folder, claims: entry.claims,
          secondsPerCase: limits.seconds ?? CommandConfiguration.defaultSeconds,
          memoryMiB: limits.memoryMiB,
          restarts: limits.restarts ?? CommandConfiguration.defaultRestarts))
    case .library(let path):
      let usual = LibraryLimits()
      return LibraryImplementation(
        name: entry.name, path: file.resolved(path), claims: entry.claims,
        limits: LibraryLimits(
          secondsPerCase: limits.seconds ?? usual.secondsPerCase,
          memoryMiB: limits.memoryMiB ?? usual.memoryMiB,
          restarts: limits.restarts ?? usual.restarts))
    case .answers(let path):
      return try recorded(entry.name, file.resolved(path), vectors, entry.claims)
    }
  }

  /// A file of answers, held against the cases.
  ///
  /// - Throws: a ``Failure`` where it does not fit them.
  static func recorded(
    _ name: String, _ path: String, _ vectors: [String], _ claims: [Claim]? = nil
  ) throws -> any Implementation {
    guard !vectors.isEmpty, !vectors.contains("-") else {
      throw Failure(
        .usage, "answers recorded in \(path) need the file of their cases: --vectors FILE")
    }
    do {
      return try RecordedAnswers(name: name, path: path, vectors: vectors, claims: claims)
    } catch let error as AnswerFileError {
      throw Failure(.usage, error.description)
    } catch let error as VectorFileError {
      throw Failure(.usage, error.description)
    }
  }
}
