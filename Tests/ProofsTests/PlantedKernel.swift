import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verdicts

/// A profile's reference with a defect of one's choice.
struct PlantedKernel: Implementation {
  /// One output, as the defect sees it.
  struct Place {
    let layer: Layer
    let row: Int
    let channel: Int
    let accumulator: Int64
  }

  let profile: Profile
  /// What is added to an output.
  let defect: @Sendable (Place) -> Int64

  var name: String { "planted" }
  var version: String { "1" }
  var kind: String { "builtIn" }
  var summary: String { "" }
  var claims: [Claim] { [Claim(profile: profile)] }
  var unavailable: String? { nil }

  func start() throws(StartError) -> any Session { PlantedSession(self) }
}

private final class PlantedSession: Session {
  private let kernel: PlantedKernel
  private var operands = Operands()
  private var outputs = ReferenceOutputs()

  init(_ kernel: PlantedKernel) { self.kernel = kernel }

  func answer(_ requests: [Request]) -> [Answer] {
    requests.map { request in
      guard let layer = try? request.layer.validated(),
        let reference = try? kernel.profile.reference(for: layer)
      else { return .unsupported("outside the domain") }
      FullyConnected.lower(layer, into: &operands)
      reference.run(operands, into: &outputs)
      for index in outputs.values.indices {
        let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
        let place = PlantedKernel.Place(
          layer: layer, row: row, channel: channel, accumulator: outputs.accumulators[index])
        outputs.values[index] += Int32(truncatingIfNeeded: kernel.defect(place))
      }
      return .output(outputs.bytes(as: layer.output.type))
    }
  }
}
