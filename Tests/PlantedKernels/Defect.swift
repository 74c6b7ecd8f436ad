import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases

/// A kernel with one thing wrong, which claims a profile that it does not compute.
struct Defect: Implementation {
  let name: String
  let profile: Profile
  let kernel: PlainKernel

  /// `spoil` changes one choice of the kernel that computes `profile`, one of
  /// ``PlainKernel/byProfile``.
  init(_ name: String, _ profile: String, _ spoil: (inout PlainKernel) -> Void) {
    self.name = name
    let known = PlainKernel.byProfile.first { $0.name == profile }
    var kernel = known?.kernel ?? .tflm
    spoil(&kernel)
    self.kernel = kernel
    // An unknown name claims nothing that the kernel computes, and the test fails.
    self.profile =
      Profiles.named(profile)
      ?? Profile(name: profile, summary: "", source: "", rules: [])
  }

  var version: String { "1" }
  var kind: String { "builtIn" }
  var summary: String { name }
  var claims: [Claim] { [Claim(profile: profile)] }
  var unavailable: String? { nil }
  var label: String { "\(profile.name): \(name)" }

  func start() -> any Session { PlainSession(kernel) }
}

private final class PlainSession: Session {
  private let kernel: PlainKernel
  /// What the last case left in the output buffer.
  private var previous: [Int64] = []

  init(_ kernel: PlainKernel) { self.kernel = kernel }

  func answer(_ requests: [Request]) -> [Answer] { requests.map { answer($0.layer) } }

  private func answer(_ raw: RawLayer) -> Answer {
    do {
      _ = try raw.validated()
    } catch {
      return kernel.accepts(error, raw) ? .output([]) : .refused(error.description)
    }
    if kernel.refuses(raw) { return .refused("not supported by design") }
    let outputs = kernel.outputs(raw, previous: previous)
    previous = outputs
    return .output(ElementBytes.bytes(outputs, as: raw.output.type))
  }
}
