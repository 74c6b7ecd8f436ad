import Dispatch
package import Implementations
package import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
package import TestCases
import Verdicts

/// Asks an implementation for what its profile would answer at every point of a ``ProbePoints``, in
/// every lane.
package struct KernelProbing: Sendable {
  /// The first output that was not as expected, in the order of the layers.
  package struct Failure: Hashable, Sendable {
    package let layer: Int
    package let carrier: ProbeLayer.Carrier
    package let rows: Int
    package let depth: Int
    package let channels: Int
    /// `nil` where there was no output at all.
    package let output: Output?
    /// What was answered instead of outputs; empty otherwise.
    package let message: String

    package struct Output: Hashable, Sendable {
      package let row: Int
      package let channel: Int
      package let accumulator: Int64
      package let expected: Int64
      package let got: Int64
    }
  }

  /// What came of it.
  package struct Result: Hashable, Sendable {
    package var layers = 0
    package var outputs = 0
    package var wrong = 0
    package var failure: Failure?
    /// Layers that could not be computed, of those asked.
    package var unanswered = 0

    mutating func merge(_ other: Result) {
      layers += other.layers
      outputs += other.outputs
      wrong += other.wrong
      unanswered += other.unanswered
      if let theirs = other.failure, theirs.layer < failure?.layer ?? .max { failure = theirs }
    }
  }

  package let profile: Profile
  package let points: ProbePoints
  package let layers: ProbeLayers
  private let all: [Int64]

  /// - Throws: ``ProofError`` where the profile does not define the parameters, or has too many steps.
  package init(
    _ profile: Profile, _ configuration: ProofConfiguration, jobs: Int
  ) throws(ProofError) {
    self.profile = profile
    points = try ProbePoints(
      KernelProbing.functions(profile, configuration), jobs: jobs)
    all = points.all
    layers = try ProbeLayers(configuration, profile, points: all)
  }

  /// The requantizations that a profile's kernels have for layers of the shapes that are used.
  static func functions(
    _ profile: Profile, _ configuration: ProofConfiguration
  ) throws(ProofError) -> [RequantizationFunction] {
    var functions = [try configuration.function(profile)]
    for (rows, depth, channels) in [(1, 8, 4), (8, 8, 8)] {
      let other = try configuration.function(
        profile, rows: rows, depth: depth, channels: channels)
      if functions.allSatisfy({
        $0.requantization != other.requantization
          || $0.arithmetic.accumulator != other.arithmetic.accumulator
      }) {
        functions.append(other)
      }
    }
    return functions
  }

  /// - Parameters:
  ///   - implementation: prepared.
  ///   - only: one layer, or `nil` for all.
  ///   - jobs: threads, each with a session of its own.
  ///   - progress: told how many layers are done, from several threads.
  /// - Returns: counts, and the first output that was wrong.
  /// - Throws: ``StartError``
  package func run(
    _ implementation: any Implementation, only: Int? = nil, jobs: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(StartError) -> Result {
    let numbers = only.map { $0..<($0 + 1) } ?? 0..<layers.count
    let total = Mutex<Result>(Result())
    let failed = Mutex<StartError?>(nil)
    let next = Atomic<Int>(numbers.lowerBound)
    let threads = min(max(1, jobs), max(1, numbers.count))
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let session: any Session
      do throws(StartError) {
        session = try implementation.start()
      } catch {
        failed.withLock { $0 = error }
        return
      }
      var worker = Worker(probing: self, session: session)
      while true {
        let first = next.add(Worker.layers, ordering: .relaxed).oldValue
        guard first < numbers.upperBound else { break }
        let end = min(first + Worker.layers, numbers.upperBound)
        worker.ask(first..<end)
        progress(end - first)
      }
      session.close()
      total.withLock { $0.merge(worker.result) }
    }
    if let error = failed.withLock({ $0 }) { throw error }
    return total.withLock { $0 }
  }

  /// One layer's case.
  package func testCase(_ layer: ProbeLayer) -> TestCase {
    TestCase(
      origin: .given(id: "probe-\(layer.number)"), classes: ["prove"], profile: profile.name,
      layer: layer.raw)
  }

  /// The work of one thread.
  private struct Worker {
    static let layers = 16
    let probing: KernelProbing
    let session: any Session
    var result = Result()
    private var operands = Operands()
    private var outputs = ReferenceOutputs()
    private var window: [ProbeLayer] = []
    private var bytes = 0

    init(probing: KernelProbing, session: any Session) {
      self.probing = probing
      self.session = session
    }

    mutating func ask(_ numbers: Range<Int>) {
      for number in numbers {
        guard let layer = try? probing.layers.layer(number) else { continue }
        let size =
          512 + (layer.raw.input.data.count + layer.raw.weights.data.count) / 3 * 4
          + (layer.raw.bias?.data.count ?? 0) / 3 * 4
        if !window.isEmpty,
          bytes + size > RequestWindow.bytes || window.count >= RequestWindow.cases
        {
          flush()
        }
        window.append(layer)
        bytes += size
      }
      flush()
    }

    private mutating func flush() {
      let asked = window
      window.removeAll(keepingCapacity: true)
      bytes = 0
      let answers = session.answer(asked.map { Request(probing.testCase($0)) })
      for (layer, answer) in zip(asked, answers) { judge(layer, answer) }
    }

    private mutating func judge(_ layer: ProbeLayer, _ answer: Answer) {
      result.layers += 1
      guard let valid = try? layer.raw.validated(), compute(layer.raw, valid) else {
        return fail(layer, nil, "the profile does not define the layer")
      }
      let type = valid.output.type
      switch answer {
      case .output(let bytes) where bytes.count == outputs.values.count * type.byteCount:
        compare(layer, valid, bytes)
      case .output(let bytes):
        fail(layer, nil, "\(bytes.count) bytes of output")
      case .refused(let reason): fail(layer, nil, "refused: \(reason)")
      case .unsupported(let reason): fail(layer, nil, "unsupported: \(reason)")
      case .failed(let outcome, let message): fail(layer, nil, "\(outcome.rawValue): \(message)")
      }
    }

    /// What the profile answers. Its rows are alike, and where all are left to one kernel the first is
    /// computed for all.
    private mutating func compute(_ raw: RawLayer, _ valid: Layer) -> Bool {
      guard let arithmetic = try? probing.profile.arithmetic(for: valid) else { return false }
      var (computed, layer) = (raw, valid)
      if arithmetic.variants.isEmpty, valid.rows > 1 {
        computed.input.shape[0] = 1
        computed.output.shape[0] = 1
        computed.input.data.removeLast(raw.input.data.count / valid.rows * (valid.rows - 1))
        guard let one = try? computed.validated() else { return false }
        layer = one
      }
      guard let reference = try? probing.profile.reference(for: layer) else { return false }
      (try? Operators.named(raw.operation))?.lower(layer, into: &operands)
      reference.run(operands, into: &outputs)
      let (values, accumulators) = (outputs.values, outputs.accumulators)
      for _ in layer.rows..<valid.rows {
        outputs.values += values
        outputs.accumulators += accumulators
      }
      return true
    }

    private mutating func compare(_ layer: ProbeLayer, _ valid: Layer, _ bytes: [UInt8]) {
      let type = valid.output.type
      result.outputs += outputs.values.count
      guard bytes != outputs.bytes(as: type) else { return }
      let got = ElementBytes.integers(bytes, as: type)
      for (index, value) in got.enumerated() where value != Int64(outputs.values[index]) {
        result.wrong += 1
        let (row, channel) = index.quotientAndRemainder(dividingBy: valid.channels)
        let output = Failure.Output(
          row: row, channel: channel, accumulator: outputs.accumulators[index],
          expected: Int64(outputs.values[index]), got: value)
        note(layer, output, "")
      }
    }

    private mutating func fail(_ layer: ProbeLayer, _ output: Failure.Output?, _ message: String) {
      result.unanswered += 1
      note(layer, output, message)
    }

    private mutating func note(
      _ layer: ProbeLayer, _ output: Failure.Output?, _ message: String
    ) {
      guard layer.number < result.failure?.layer ?? .max else { return }
      let (input, weights) = (layer.raw.input.shape, layer.raw.weights.shape)
      result.failure = Failure(
        layer: layer.number, carrier: layer.carrier, rows: input.first ?? 0,
        depth: input.last ?? 0, channels: weights.first ?? 0, output: output, message: message)
    }
  }
}
