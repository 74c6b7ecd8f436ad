import ArgumentParser
import Glibc
import Profiles
import Proofs

struct ProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "States what a requantization does for every accumulator.",
    discussion: """
      For given scales, zero point and types: on how many of all 2^32 accumulators a profile differs \
      from the true value, rounded to nearest under each tie rule, on which, and by how much. Not by \
      sampling: where a function is monotone its steps say everything, and they are found by search \
      near those of the true value. What has too many pieces is asked at every accumulator, as all is \
      with --exhaustive, and the statement says so.

      --impl certifies a kernel: both sides of every step and every tie are delivered to it through \
      real layers, through the bias and through the products, in every lane. Every run is stored, and \
      --certificate writes what --verify checks again.

      EXAMPLES
        qverify prove --profile tflm --input-scale 0.5 --weight-scale 0.25 --output-scale 1
        qverify prove --profile litert-builtin --multiplier 1073741824 --shift -3
        qverify prove --profile ort --input-scale 0.02 --weight-scale 0.013 --output-scale 0.05 \
      --types uint8,int8,uint8 --output-zero-point 128 --exhaustive
        qverify prove --profile tflm --against cmsis-nn --scales 100 --seed 7
        qverify prove --impl kernels --profile tflm --input-scale 0.02 --weight-scale 0.01 \
      --output-scale 0.3 --certificate kernels.json
        qverify prove --verify kernels.json
        qverify prove --lossless --all-types --scale 0.1

      EXIT STATUS
        0  the statement was made, the claim holds, or the certificate does
        1  a kernel or a certificate does not hold
        2  bad usage, or a file that is damaged or edited
        3  the implementation could not be started
      """)

  @Option(help: ArgumentHelp("The arithmetic, as in 'qverify list profiles'.", valueName: "name"))
  var profile: String?

  @Option(help: ArgumentHelp("Another one, to compare the first with.", valueName: "name"))
  var against: String?

  @OptionGroup var parameters: ProofParameters

  @OptionGroup var small: SmallDomainOptions

  @OptionGroup var kernel: KernelProofOptions

  @Flag(help: "Ask at every accumulator, on all cores.")
  var exhaustive = false

  @Option(help: ArgumentHelp("Threads; all cores if left out.", valueName: "n"))
  var jobs: Int?

  @Flag(help: "As JSON.")
  var json = false

  @OptionGroup var filing: ProofFiling

  var threads: Int { jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  func validate() throws {
    for (option, name) in [("--profile", profile), ("--against", against)] {
      guard let name, Profiles.named(name) == nil else { continue }
      let known = Profiles.all.map(\.name).joined(separator: ", ")
      throw ValidationError("\(option) must be one of \(known), but is '\(name)'")
    }
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs must be 1 to 1024, but is \(jobs)")
    }
    let tasks = [
      ("--verify", filing.verify != nil), ("--lossless, --rescale or --add", small.kind != nil),
      ("--against", against != nil), ("--impl", kernel.implementation != nil),
    ].filter(\.1).map(\.0)
    guard tasks.count <= 1 else {
      throw ValidationError("\(tasks.joined(separator: " and ")) exclude each other")
    }
    if kernel.probe != nil {
      guard kernel.implementation != nil, !exhaustive, parameters.scales == nil else {
        throw ValidationError("--probe is for one configuration of --impl")
      }
    }
    if filing.verify != nil {
      guard profile == nil, !parameters.isGiven else {
        throw ValidationError("--verify excludes --profile and scales: they are in the certificate")
      }
    } else if small.kind != nil {
      try small.validate(parameters)
    } else {
      guard profile != nil || kernel.implementation != nil else {
        throw ValidationError("name a --profile")
      }
      try parameters.validateScales()
    }
  }

  func run() throws {
    do {
      let status = try status()
      if status != .conforms { throw Failure(status) }
    } catch let error as ProofError {
      throw Failure(.usage, error.description)
    }
  }

  private func status() throws -> ExitStatus {
    if let file = filing.verify { return try CertificateVerification(file, self).run() }
    if let kind = small.kind { return try SmallDomainRun(kind, self).run() }
    if let name = kernel.implementation { return try KernelProofRun(name, self).run() }
    guard let first = profile.flatMap({ Profiles.named($0) }) else { return .usage }
    guard let against, let second = Profiles.named(against) else {
      return try StatementRun(first, self).run()
    }
    return try ComparisonRun(first, second, self).run()
  }
}

/// What becomes of a proof.
struct ProofFiling: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write what was proved to this file, for --verify.", valueName: "file"))
  var certificate: String?

  @Option(
    help: ArgumentHelp("Check a certificate again, in place of a new proof.", valueName: "file"))
  var verify: String?

  @Option(help: ArgumentHelp("Database of results.", valueName: "file"))
  var database = defaultDatabase

  @Flag(help: "Store nothing.")
  var noStore = false
}
