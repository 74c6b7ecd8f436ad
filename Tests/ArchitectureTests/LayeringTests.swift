import Foundation
import Testing

/// Modules that come with the toolchain: any target may import them unless a test forbids it.
private let toolchain: Set = [
  "Swift", "Glibc", "Foundation", "FoundationEssentials", "Synchronization", "Dispatch",
]

@Suite struct LayeringTests {
  let sources: PackageSources

  init() throws { sources = try PackageSources() }

  @Test func everyImportIsADeclaredDependency() throws {
    for target in sources.targets {
      let imports = try sources.imports(of: target.name)
      for (module, files) in imports where !target.dependencies.union(toolchain).contains(module) {
        Issue.record(
          "\(target.name) imports \(module) undeclared, in \(files.joined(separator: ", "))")
      }
    }
  }

  @Test func importsAreFound() throws {
    // The other tests say nothing where no import is seen.
    #expect(try sources.imports(of: "Profiles").keys.contains("QuantizedLayers"))
    #expect(try sources.imports(of: "QuantizedArithmetic").keys.contains("BigInt"))
    #expect(try sources.imports(of: "FastKernels").keys.contains("CFastKernels"))
    let profiles = try #require(sources.targets.first { $0.name == "Profiles" })
    #expect(profiles.dependencies.contains("BigInt"))
    let store = try #require(sources.targets.first { $0.name == "ResultStore" })
    #expect(store.dependencies.isSuperset(of: ["Verdicts", "GRDB", "GRDBSQLite"]))
    #expect(!store.dependencies.contains("GRDB.swift"))
  }

  @Test func theArithmeticStandsOnBigIntegersAlone() throws {
    #expect(
      Set(try sources.imports(of: "QuantizedArithmetic").keys).isSubset(of: ["BigInt", "Glibc"]))
  }

  /// So that no mistake of the reference can be one of the kernels as well.
  @Test func kernelsShareNoCodeWithTheJudges() throws {
    let own: Set = ["FastKernels", "CFastKernels", "BigInt"]
    #expect(
      Set(try sources.imports(of: "FastKernels").keys).subtracting(toolchain).isSubset(of: own))
    let headers = Set(try sources.files(of: "CFastKernels", ["h"]).map(\.lastPathComponent))
    for include in try sources.includes(of: "CFastKernels") where include.hasPrefix("\"") {
      let name = include.dropFirst().dropLast().split(separator: "/").last.map(String.init)
      #expect(headers.contains(name ?? ""), "CFastKernels includes \(include)")
    }
  }

  @Test func oracleAndReferenceDoNotKnowEachOther() throws {
    let judges: Set = ["Profiles", "FastKernels", "CaseGeneration", "Implementations"]
    #expect(Set(try sources.imports(of: "Oracles").keys).isDisjoint(with: judges))
    let others: Set = ["Oracles", "FastKernels", "CaseGeneration", "Implementations"]
    #expect(Set(try sources.imports(of: "Profiles").keys).isDisjoint(with: others))
  }

  @Test(arguments: [
    ("GRDB", ["ResultStore"]), ("GRDBSQLite", ["ResultStore"]), ("ArgumentParser", ["qverify"]),
    ("Mustache", ["Reporting"]), ("CFastKernels", ["FastKernels"]), ("Crypto", ["TestCases"]),
    ("CLibraryHost", ["LibraryImplementations"]), ("CChildProcesses", ["ChildProcesses"]),
  ])
  func aModuleIsImportedWhereItBelongs(module: String, allowed: [String]) throws {
    let importing = try sources.targets.filter {
      try sources.imports(of: $0.name).keys.contains(module)
    }
    #expect(Set(importing.map(\.name)).isSubset(of: allowed))
  }

  @Test func nothingImportsTheCommandLine() throws {
    for target in sources.targets { #expect(!target.dependencies.contains("qverify")) }
  }
}
