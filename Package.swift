// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

// Kernels without optimisation are a hundred times slower; the tests would be too.
let cSettings: [CSetting] = [
  .treatAllWarnings(as: .error), .enableWarning("all"),
  .unsafeFlags(["-O2"], .when(configuration: .debug)),
]

// Lets tests see what is internal in release builds too, with the same objects as the program.
let testable: [SwiftSetting] =
  swiftSettings + [.unsafeFlags(["-enable-testing"], .when(configuration: .release))]

let bigInt: Target.Dependency = .product(name: "BigInt", package: "BigInt")

// Targets stand in the order of the data: configuration, case, implementation, verdict, store, report.
let package = Package(
  name: "qverify",

  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // Numbers and layers: the configuration.
    .target(name: "QuantizedArithmetic", dependencies: [bigInt], swiftSettings: swiftSettings),
    .target(
      name: "QuantizedLayers", dependencies: ["QuantizedArithmetic"], swiftSettings: swiftSettings),
    // What is right: a profile's integer reference, and the oracles.
    .target(
      name: "Profiles", dependencies: ["QuantizedArithmetic", "QuantizedLayers", bigInt],
      swiftSettings: swiftSettings),
    .target(
      name: "Oracles", dependencies: ["QuantizedArithmetic", "QuantizedLayers", bigInt],
      swiftSettings: swiftSettings),
    // Computations with one choice changed: wrong kernels, causes, questions.
    .target(
      name: "Hypotheses", dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles"],
      swiftSettings: swiftSettings),
    // Whether a layer's outputs depend on its data at all.
    .target(
      name: "Sensitivity", dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles"],
      swiftSettings: swiftSettings),
    // What a set of cases has met, and what it could.
    .target(
      name: "Coverage",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles"],
      swiftSettings: swiftSettings),
    // Cases, as values and as text.
    .target(name: "JSONLines", swiftSettings: swiftSettings),
    .target(
      name: "TestCases",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "JSONLines",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: swiftSettings),
    .target(
      name: "CaseGeneration",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "Coverage",
        "Sensitivity", "TestCases",
      ],
      swiftSettings: swiftSettings),
    // Other programs: started, limited, watched, ended.
    .target(name: "CChildProcesses", cSettings: cSettings),
    .target(
      name: "ChildProcesses", dependencies: ["CChildProcesses"], swiftSettings: swiftSettings),
    // Implementations under test. CQverify is the header that libraries are written from.
    .target(name: "CQverify", cSettings: cSettings),
    .target(name: "CLibraryHost", dependencies: ["CQverify"], cSettings: cSettings),
    .target(name: "CFastKernels", cSettings: cSettings),
    .target(
      name: "FastKernels", dependencies: ["CFastKernels", bigInt], swiftSettings: swiftSettings),
    .target(
      name: "Implementations",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "JSONLines", "TestCases",
        "FastKernels", "Verdicts",
      ], swiftSettings: swiftSettings),
    .target(
      name: "LibraryImplementations",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "TestCases", "Implementations", "Verdicts",
        "ChildProcesses", "CLibraryHost",
      ], swiftSettings: swiftSettings),
    .target(
      name: "AdapterProtocol",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "JSONLines", "TestCases", "Implementations",
        "Verdicts",
      ], swiftSettings: swiftSettings),
    .target(
      name: "CommandImplementations",
      dependencies: [
        "ChildProcesses",
        "QuantizedArithmetic", "QuantizedLayers", "TestCases", "Implementations",
        "AdapterProtocol", "Verdicts",
      ], swiftSettings: swiftSettings),
    .target(
      name: "RecordedAnswers",
      dependencies: [
        "QuantizedLayers", "JSONLines", "TestCases", "Implementations", "AdapterProtocol",
        "Verdicts",
      ], swiftSettings: swiftSettings),
    .target(
      name: "Configuration",
      dependencies: [
        "Implementations", .product(name: "Yams", package: "Yams"),
      ], swiftSettings: swiftSettings),
    .target(
      name: "AdapterTemplates",
      resources: [
        .embedInCode("Files/qverify_adapter.py"), .embedInCode("Files/mine.py"),
        .embedInCode("Files/qverify.h"), .embedInCode("Files/mine.c"),
      ], swiftSettings: swiftSettings),
    // Verdicts: what is said of an answer, and how it is reached.
    .target(name: "Verdicts", swiftSettings: swiftSettings),
    .target(
      name: "FailurePatterns", dependencies: ["QuantizedArithmetic", "QuantizedLayers"],
      swiftSettings: swiftSettings),
    .target(
      name: "Verification",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "Sensitivity", "Coverage",
        "TestCases", "CaseGeneration", "Implementations", "Verdicts", "FailurePatterns",
      ], swiftSettings: swiftSettings),
    .target(
      name: "ProfileFiles",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles", "JSONLines"],
      swiftSettings: swiftSettings),
    // Which arithmetic a black box performs.
    .target(
      name: "Identification",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases", "CaseGeneration",
        "Implementations", "Verdicts",
      ], swiftSettings: swiftSettings),
    // Why an answer is wrong.
    .target(
      name: "Diagnosis",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Hypotheses", "TestCases",
        "CaseGeneration", "Implementations", "Verification",
      ], swiftSettings: swiftSettings),
    // How strong cases are: the bank run as wrong kernels.
    .target(
      name: "MutationScore",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Hypotheses", "TestCases",
        "CaseGeneration",
      ], swiftSettings: testable),
    // A failing case made smaller.
    .target(
      name: "Shrinking",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases"],
      swiftSettings: swiftSettings),
    // A failing case as programs that stand alone.
    .target(
      name: "Reproducers",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "JSONLines", "TestCases"],
      resources: [.embedInCode("Files/reproduce.c"), .embedInCode("Files/reproduce.py")],
      swiftSettings: swiftSettings),
    // What others publish: the references held against official vectors.
    .target(
      name: "ONNXVectors", dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles"],
      swiftSettings: swiftSettings),
    // One output, step by step, as text.
    .target(
      name: "Explanation",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "CaseGeneration", bigInt,
      ], swiftSettings: swiftSettings),
    // Statements about all accumulators.
    .target(
      name: "Proofs",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "TestCases",
        "CaseGeneration", "Implementations", "Verdicts",
      ],
      swiftSettings: testable),
    // Store and report.
    .target(
      name: "ResultStore",
      dependencies: [
        "Verdicts", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ], swiftSettings: testable),
    .target(
      name: "Reporting",
      dependencies: [
        "Verdicts", "ResultStore", .product(name: "Mustache", package: "swift-mustache"),
      ], swiftSettings: testable),
    // The command line, which joins the others and decides nothing numeric.
    .executableTarget(
      name: "qverify",
      dependencies: [
        "Diagnosis", "Hypotheses", "Identification", "MutationScore", "ProfileFiles",
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "Coverage", "JSONLines",
        "TestCases", "CaseGeneration", "FastKernels", "Implementations", "LibraryImplementations",
        "CommandImplementations", "RecordedAnswers", "Configuration", "AdapterTemplates",
        "Verdicts", "FailurePatterns", "Verification", "Shrinking", "Reproducers", "ResultStore",
        "Reporting", "Explanation", "Proofs", "ONNXVectors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftSettings),
    // Speed, as ratios in one run: `make benchmarks`.
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "TestCases",
        "Coverage", "CaseGeneration", "FastKernels", "Implementations", "LibraryImplementations",
        "CommandImplementations", "Verdicts", "Verification", "ResultStore", "Proofs",
      ], path: "Benchmarks/Sources/benchmarks", swiftSettings: swiftSettings),

    // Random numbers and layers for tests.
    .target(
      name: "TestSupport", dependencies: ["QuantizedArithmetic", "QuantizedLayers"],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    // Kernels with one thing wrong, for tests of what finds, shrinks and names it.
    .target(
      name: "PlantedKernels",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Hypotheses", "TestCases",
        "Implementations",
      ], path: "Tests/PlantedKernels", swiftSettings: testable),
    .testTarget(name: "ArchitectureTests", swiftSettings: swiftSettings),
    .testTarget(
      name: "QuantizedArithmeticTests",
      dependencies: ["QuantizedArithmetic", "TestSupport", bigInt],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "QuantizedLayersTests",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ProfilesTests",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestSupport", bigInt],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "OraclesTests",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "Oracles", "TestSupport", bigInt],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "SensitivityTests",
      dependencies: [
        "Sensitivity", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases",
        "CaseGeneration", "TestSupport",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "CoverageTests",
      dependencies: [
        "Coverage", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "TestCases",
        "CaseGeneration", "Verdicts", "Verification", "TestSupport", bigInt,
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "TestCasesTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases", "CaseGeneration",
        "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "CaseGenerationTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases", "CaseGeneration",
        "TestSupport", bigInt,
      ], swiftSettings: swiftSettings),
    .testTarget(name: "JSONLinesTests", dependencies: ["JSONLines"], swiftSettings: swiftSettings),
    .testTarget(
      name: "FastKernelsTests", dependencies: ["FastKernels", bigInt], exclude: ["Emulated"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ProofsTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Proofs", "Verdicts", "TestCases",
        "CaseGeneration", "Implementations", "TestSupport",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ExplanationTests",
      dependencies: [
        "Explanation", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "TestCases",
        "CaseGeneration",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "MutationScoreTests",
      dependencies: [
        "MutationScore", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Hypotheses",
        "TestCases", "CaseGeneration", "JSONLines", "Proofs",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ResultStoreTests",
      dependencies: ["ResultStore", "Verdicts", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "qverify", "Verdicts", "ResultStore", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "HypothesesTests",
      dependencies: [
        "Hypotheses", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases",
        "CaseGeneration", "Implementations", "PlantedKernels",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: [
        "Diagnosis", "Hypotheses", "QuantizedArithmetic", "QuantizedLayers", "Profiles",
        "TestCases", "CaseGeneration", "Implementations", "Verdicts", "Verification",
        "PlantedKernels", "TestSupport",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "IdentificationTests",
      dependencies: [
        "Identification", "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases",
        "Implementations", "PlantedKernels",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ProfileFilesTests", dependencies: ["ProfileFiles", "Profiles", "QuantizedArithmetic"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "ResultStore", "Verdicts"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ChildProcessesTests", dependencies: ["ChildProcesses"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ImplementationsTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases", "CaseGeneration",
        "Implementations", "Verdicts", "TestSupport",
      ], swiftSettings: swiftSettings),
    // The command line is built with it: it is what calls a library in its child process.
    .testTarget(
      name: "LibraryImplementationsTests",
      dependencies: [
        "qverify", "Implementations", "LibraryImplementations", "ChildProcesses", "Profiles",
        "QuantizedArithmetic", "QuantizedLayers", "TestCases", "CaseGeneration", "Verdicts",
        "Verification",
      ], exclude: ["Fixtures"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ONNXVectorsTests",
      dependencies: ["ONNXVectors", "QuantizedArithmetic", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "AdapterProtocolTests",
      dependencies: [
        "QuantizedArithmetic", "AdapterProtocol", "Implementations", "TestCases", "Verdicts",
        "TestSupport",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandImplementationsTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "TestCases", "Implementations",
        "CommandImplementations", "Verdicts", "Verification",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "RecordedAnswersTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "TestCases", "Implementations",
        "RecordedAnswers", "Verdicts",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: ["Configuration", "Implementations", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "VerificationTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "Oracles", "TestCases",
        "CaseGeneration", "Implementations", "Verdicts", "Verification", "PlantedKernels",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ShrinkingTests",
      dependencies: [
        "QuantizedArithmetic", "QuantizedLayers", "Profiles", "TestCases", "CaseGeneration",
        "Implementations", "Verdicts", "Verification", "Shrinking", "PlantedKernels",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "FailurePatternsTests",
      dependencies: ["QuantizedArithmetic", "QuantizedLayers", "FailurePatterns"],
      swiftSettings: swiftSettings),
  ]
)
