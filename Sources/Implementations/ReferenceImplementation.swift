import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// A profile's integer reference, put under test as an implementation of the profile's name.
struct ReferenceImplementation: Implementation {
  static let all: [any Implementation] = Profiles.all.map { ReferenceImplementation(profile: $0) }

  let profile: Profile

  var name: String { profile.name }
  var version: String { "1" }
  var kind: String { "builtIn" }
  var summary: String { "the integer reference: \(profile.summary)" }
  var claims: [Claim] { [Claim(profile: profile)] }
  var unavailable: String? { nil }

  func start() throws(StartError) -> any Session { ReferenceSession(profile) }
}

private final class ReferenceSession: Session {
  private let profile: Profile
  private var operands = Operands()
  private var outputs = ReferenceOutputs()

  init(_ profile: Profile) { self.profile = profile }

  func answer(_ requests: [Request]) -> [Answer] { requests.map { answer($0) } }

  private func answer(_ request: Request) -> Answer {
    let layer: Layer
    do { layer = try request.layer.validated() } catch { return .refused(error.description) }
    do {
      let reference = try profile.reference(for: layer)
      (try? Operators.named(request.layer.operation))?.lower(layer, into: &operands)
      reference.run(operands, into: &outputs)
      return .output(outputs.bytes(as: layer.output.type))
    } catch {
      return .unsupported(error.description)
    }
  }
}
