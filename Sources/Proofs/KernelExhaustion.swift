import Dispatch
package import Implementations
package import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases
import Verdicts

/// Runs an implementation on every accumulator, through the bias: layers of one row, one product of 0
/// and 65,536 channels.
package struct KernelExhaustion: Sendable {
  package static let channels = 1 << 16

  package let domain: ClosedRange<Int64>
  private let profile: Profile
  private let raw: RawLayer
  private let function: RequantizationFunction
  private let type: ElementType

  /// - Throws: ``ProofError`` where the profile does not define the layers, or its accumulators are
  ///   wider than 32 bits.
  package init(
    _ profile: Profile, _ configuration: ProofConfiguration
  ) throws(ProofError) {
    self.profile = profile
    var configuration = configuration
    if configuration.bias == "none" { configuration.bias = "int32" }
    let function = try configuration.function(profile, channels: KernelExhaustion.channels)
    guard function.domain.upperBound == Int64(Int32.max) else {
      throw ProofError("accumulators of \(profile.name) are wider than 32 bits here")
    }
    domain = function.domain
    raw = try configuration.raw(channels: KernelExhaustion.channels, bias: .int32)
    type = function.layer.output.type
    self.function = function
  }

  package var layers: Int { Int(Int64(domain.count) >> 16) }

  /// `layers` are all of them where left out: layer n begins at the n-th 65,536 accumulators.
  ///
  /// - Returns: how many layers were answered in full, how many outputs were wrong, and the first.
  /// - Throws: ``StartError``
  package func run(
    _ implementation: any Implementation, layers numbers: Range<Int>? = nil, jobs: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(StartError) -> KernelProbing.Result {
    let total = Mutex<KernelProbing.Result>(KernelProbing.Result())
    let failed = Mutex<StartError?>(nil)
    let numbers = numbers ?? 0..<layers
    let next = Atomic<Int>(numbers.lowerBound)
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      let session: any Session
      do throws(StartError) {
        session = try implementation.start()
      } catch {
        failed.withLock { $0 = error }
        return
      }
      var result = KernelProbing.Result()
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < numbers.upperBound else { break }
        ask(session, number, &result)
        progress(1)
        // Nothing can be certified any more: enough has been seen.
        if result.unanswered > 0 { next.store(numbers.upperBound, ordering: .relaxed) }
      }
      session.close()
      total.withLock { $0.merge(result) }
    }
    if let error = failed.withLock({ $0 }) { throw error }
    return total.withLock { $0 }
  }

  private func ask(_ session: any Session, _ number: Int, _ result: inout KernelProbing.Result) {
    let start = domain.lowerBound + Int64(number) << 16
    var raw = raw
    raw.bias?.data = KernelExhaustion.bias(from: start)
    let request = Request(
      TestCase(
        origin: .given(id: "all-\(number)"), classes: ["prove"], profile: profile.name, layer: raw))
    result.layers += 1
    guard let answer = session.answer([request]).first else { return }
    let expected = expected(from: start)
    if case .output(let bytes) = answer, bytes.count == expected.count {
      result.outputs += KernelExhaustion.channels
      guard bytes != expected else { return }
      let got = ElementBytes.integers(bytes, as: type)
      let right = ElementBytes.integers(expected, as: type)
      for channel in got.indices where got[channel] != right[channel] {
        result.wrong += 1
        note(
          number, &result,
          .init(
            row: 0, channel: channel, accumulator: start + Int64(channel),
            expected: right[channel], got: got[channel]), "")
      }
      return
    }
    result.unanswered += 1
    let message: String =
      switch answer {
      case .output(let bytes): "\(bytes.count) bytes of output"
      case .refused(let reason): "refused: \(reason)"
      case .unsupported(let reason): "unsupported: \(reason)"
      case .failed(let outcome, let message): "\(outcome.rawValue): \(message)"
      }
    note(number, &result, nil, message)
  }

  private func note(
    _ number: Int, _ result: inout KernelProbing.Result, _ output: KernelProbing.Failure.Output?,
    _ message: String
  ) {
    guard number < result.failure?.layer ?? .max else { return }
    result.failure = KernelProbing.Failure(
      layer: number, carrier: .bias, rows: 1, depth: 1, channels: KernelExhaustion.channels,
      output: output, message: message)
  }

  private static func bias(from start: Int64) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 4 * channels) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      for channel in 0..<channels {
        let value = Int32(truncatingIfNeeded: start &+ Int64(channel))
        raw.storeBytes(of: value.littleEndian, toByteOffset: 4 * channel, as: Int32.self)
      }
      count = 4 * channels
    }
  }

  /// The profile's outputs of 65,536 accumulators.
  private func expected(from start: Int64) -> [UInt8] {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: KernelExhaustion.channels) { outcomes in
      function.fill(outcomes, from: start)
      if type.byteCount == 1 { return outcomes.map { UInt8(truncatingIfNeeded: $0 >> 1) } }
      return ElementBytes.bytes(outcomes.lazy.map { $0 >> 1 }, as: type)
    }
  }
}
