import ArgumentParser
import Dispatch
import Foundation
import Glibc
import Profiles
import Proofs
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

struct ProveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "States what a requantization does for every accumulator.",
    discussion: """
      For given scales, zero point and types: on how many of all 2^32 accumulators a profile differs \
      from the true value, rounded to nearest under each tie rule, on which, and by how much. Not by \
      sampling: where a function is monotone its steps say everything, and they are found by halving. \
      --exhaustive asks at every accumulator instead.

      EXAMPLES
        qverify prove --profile tflm --input-scale 0.5 --weight-scale 0.25 --output-scale 1
        qverify prove --profile litert-builtin --multiplier 1073741824 --shift -3
        qverify prove --profile ort --input-scale 0.02 --weight-scale 0.013 --output-scale 0.05 \
      --types uint8,int8,uint8 --output-zero-point 128 --exhaustive
      """)

  @Option(help: ArgumentHelp("The arithmetic, as in 'qverify list profiles'.", valueName: "name"))
  var profile: String

  @Option(help: ArgumentHelp("Si.", valueName: "scale"))
  var inputScale: Double?

  @Option(help: ArgumentHelp("Sw.", valueName: "scale"))
  var weightScale: Double?

  @Option(help: ArgumentHelp("So.", valueName: "scale"))
  var outputScale: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "In place of scales: 31 bits, 2^30 to 2^31 − 1; D is multiplier·2^(shift − 31).",
      valueName: "integer"))
  var multiplier: Int64?

  @Option(parsing: .unconditional, help: ArgumentHelp("With --multiplier.", valueName: "integer"))
  var shift: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("Zo (0).", valueName: "integer"))
  var outputZeroPoint: Int64 = 0

  @Option(help: ArgumentHelp("Types of input, weights and output.", valueName: "list"))
  var types = "int8,int8,int8"

  @Option(help: ArgumentHelp("none, relu, relu6, or a clamp as LO..HI.", valueName: "name"))
  var activation = "none"

  @Flag(help: "Ask at every accumulator, on all cores.")
  var exhaustive = false

  @Option(help: ArgumentHelp("Threads; all cores if left out.", valueName: "n"))
  var jobs: Int?

  @Flag(help: "As JSON.")
  var json = false

  func validate() throws {
    guard Profiles.named(profile) != nil else {
      let known = Profiles.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile must be one of \(known), but is '\(profile)'")
    }
    guard TypeTriple(types) != nil else {
      throw ValidationError("--types must be input,weights,output, but is '\(types)'")
    }
    let scales = [inputScale, weightScale, outputScale].compactMap { $0 }
    guard (multiplier == nil) == (shift == nil), (multiplier == nil) == (scales.count == 3),
      multiplier == nil || scales.isEmpty
    else {
      throw ValidationError(
        "name --input-scale, --weight-scale and --output-scale, or --multiplier and --shift")
    }
    if let multiplier, !(1 << 30...(1 << 31) - 1).contains(multiplier) {
      throw ValidationError("--multiplier must be 2^30 to 2^31 − 1, but is \(multiplier)")
    }
    if let shift, !(-200...30).contains(shift) {
      throw ValidationError("--shift must be −200 to 30, but is \(shift)")
    }
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs must be 1 to 1024, but is \(jobs)")
    }
  }

  func run() throws {
    let layer: Layer
    let raw = try raw()
    do throws(LayerError) {
      layer = try raw.validated()
    } catch {
      throw Failure(.usage, error.description)
    }
    guard let profile = Profiles.named(profile) else { return }
    let function: RequantizationFunction
    do throws(OutsideDomain) {
      function = try RequantizationFunction(profile, layer)
    } catch {
      throw Failure(.usage, error.description)
    }
    let threads = jobs ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let begun = DispatchTime.now().uptimeNanoseconds
    let proof = RequantizationProof(function, sweeps: exhaustive, jobs: threads)
    let nanoseconds = DispatchTime.now().uptimeNanoseconds - begun
    let text = ProofText(proof, function)
    print(json ? text.json : text.lines(milliseconds: Double(nanoseconds) / 1e6))
  }

  private func raw() throws -> RawLayer {
    guard let types = TypeTriple(types) else { throw ValidationError("--types") }
    var scales = [inputScale ?? 1, weightScale ?? 1, outputScale ?? 1]
    if let multiplier, let shift {
      scales = [Double(sign: .plus, exponent: shift - 31, significand: Double(multiplier)), 1, 1]
    }
    func zero(_ type: ElementType) -> [UInt8] { ElementBytes.bytes([Int64(0)], as: type) }
    return RawLayer(
      operation: FullyConnected.name, activation: try parsedActivation(),
      input: RawTensor(
        type: types.input, shape: [1, 1], scales: [scales[0]], zeroPoints: [0],
        data: zero(types.input)),
      weights: RawTensor(
        type: types.weights, shape: [1, 1], scales: [scales[1]], zeroPoints: [0],
        data: zero(types.weights)), bias: nil,
      output: RawTensor(
        type: types.output, shape: [1, 1], scales: [scales[2]], zeroPoints: [outputZeroPoint]))
  }

  private func parsedActivation() throws -> Activation {
    switch activation {
    case "none": return .none
    case "relu": return .relu
    case "relu6": return .relu6
    default:
      let bounds = activation.components(separatedBy: "..").map { Int64($0) }
      guard bounds.count == 2, let low = bounds[0], let high = bounds[1] else {
        throw ValidationError(
          "--activation must be none, relu, relu6 or LO..HI, but is '\(activation)'")
      }
      return .clamp(low, high)
    }
  }
}
