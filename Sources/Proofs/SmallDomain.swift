import Profiles
package import QuantizedArithmetic
import QuantizedLayers

/// A statement about every input of a small domain, each of them computed.
package struct SmallDomain: Hashable, Codable, Sendable {
  package enum Kind: String, Hashable, Codable, Sendable {
    /// quantize(dequantize(q)) = q.
    case lossless
    /// From one scale and zero point to another, of one type.
    case rescale
    /// The sum of two tensors of one type.
    case add
  }

  /// One way of computing it, held against the exact value.
  package struct Evaluation: Hashable, Codable, Sendable {
    package var name: String
    /// Inputs, or pairs of them, for which it gives another output.
    package var wrong: Int
    /// The first of them.
    package var first: String?

    package init(_ name: String) { (self.name, wrong, first) = (name, 0, nil) }

    mutating func note(_ input: @autoclosure () -> String, _ got: Int64, _ expected: Int64) {
      guard got != expected else { return }
      if wrong == 0 { first = "\(input()): \(got) in place of \(expected)" }
      wrong += 1
    }
  }

  package var kind: Kind
  package var type: String
  /// Of the input or the two inputs and, but for lossless, of the output.
  package var scales: [Double]
  package var zeroPoints: [Int64]
  package var inputs: Int
  /// The first is exact rational arithmetic.
  package var evaluations: [Evaluation]

  package var what: String {
    "\(kind.rawValue) \(type), scales \(scales.map { "\($0)" }.joined(separator: ", ")), zero points"
      + " \(zeroPoints.map(String.init).joined(separator: ", "))"
  }

  /// Whether the statement holds in exact arithmetic.
  package var holds: Bool { evaluations.first?.wrong == 0 }

  /// - Throws: ``ProofError`` where a parameter is not legal.
  package init(
    _ kind: Kind, _ type: ElementType, scales: [Double], zeroPoints: [Int64]
  ) throws(ProofError) {
    let count = kind == .lossless ? 1 : kind == .rescale ? 2 : 3
    guard ElementType.quantized.contains(type), scales.count == count, zeroPoints.count == count
    else { throw ProofError("\(kind.rawValue) needs \(count) scales and zero points") }
    guard kind != .add || type.byteCount == 1 else {
      throw ProofError("pairs of inputs are exhausted for types of 8 bits only")
    }
    var parsed: [Scale] = []
    for scale in scales {
      do { parsed.append(try Scale(scale)) } catch { throw ProofError(error.description) }
    }
    for zeroPoint in zeroPoints where !type.range.contains(zeroPoint) {
      throw ProofError(QuantizationError.zeroPointOutOfRange(zeroPoint, type).description)
    }
    self.kind = kind
    self.type = type.rawValue
    self.scales = scales
    self.zeroPoints = zeroPoints
    let work = SmallDomainWork(type: type, scales: parsed, zeroPoints: zeroPoints)
    switch kind {
    case .lossless: evaluations = work.lossless()
    case .rescale: evaluations = work.rescale()
    case .add: evaluations = work.add()
    }
    let values = Int(type.range.count)
    inputs = kind == .add ? values * values : values
  }

  /// The same, computed again; `nil` where the parameters are not legal.
  func again() -> SmallDomain? {
    guard let type = ElementType(rawValue: type) else { return nil }
    return try? SmallDomain(kind, type, scales: scales, zeroPoints: zeroPoints)
  }

  /// The statement in words.
  package var claim: String {
    let exact = holds ? "holds" : "does not hold"
    let subject =
      switch kind {
      case .lossless: "quantize(dequantize(q)) = q for every q"
      case .rescale: "one rounding of the true quotient, for every input"
      case .add: "the derived form = dequantize, add, quantize, for every pair of inputs"
      }
    let others = evaluations.dropFirst().map { evaluation in
      evaluation.wrong == 0
        ? "\(evaluation.name): no difference"
        : "\(evaluation.name): \(evaluation.wrong) differ, first \(evaluation.first ?? "")"
    }
    return "\(what): \(subject) \(exact) in exact arithmetic (\(inputs) inputs); "
      + others.joined(separator: "; ")
  }
}

/// The loops of a ``SmallDomain``.
struct SmallDomainWork {
  let type: ElementType
  let scales: [Scale]
  let zeroPoints: [Int64]

  /// To nearest even, the zero point added, within the type; what is not a number becomes the least.
  private func quantized(_ value: Double, _ zeroPoint: Int64) -> Int64 {
    guard !value.isNaN else { return type.range.lowerBound }
    let rounded = min(max(value.rounded(.toNearestOrEven), -0x1p40), 0x1p40)
    return clamped(Int64(rounded) + zeroPoint)
  }

  private func clamped(_ value: Int64) -> Int64 {
    min(max(value, type.range.lowerBound), type.range.upperBound)
  }

  private func quantized(_ value: Rational, _ zeroPoint: Int64) -> Int64 {
    clamped(value.position.rounded(.toNearestOrEven) + zeroPoint)
  }

  // MARK: Lossless conversion

  func lossless() -> [SmallDomain.Evaluation] {
    let (scale, zeroPoint) = (scales[0].value, zeroPoints[0])
    let exactScale = Rational(exactly: scale)
    let narrow = Float(scale)
    var exact = SmallDomain.Evaluation("exact")
    var others = ["float64", "float64 by 1/S", "float32", "float32 by 1/S"].map {
      SmallDomain.Evaluation($0)
    }
    for q in type.range {
      let real = exactScale * Rational(q - zeroPoint)
      exact.note("q = \(q)", quantized(real / exactScale, zeroPoint), q)
      let wide = scale * Double(q - zeroPoint)
      let short = narrow * Float(q - zeroPoint)
      let values = [
        wide / scale, wide * (1 / scale), Double(short / narrow), Double(short * (1 / narrow)),
      ]
      for (place, value) in values.enumerated() {
        others[place].note("q = \(q)", quantized(value, zeroPoint), q)
      }
    }
    return [exact] + others
  }

  // MARK: Requantization

  func rescale() -> [SmallDomain.Evaluation] {
    let ratio = ScaleRatio(scales[0], over: scales[1])
    let (first, second) = (scales[0].value, scales[1].value)
    let quotient = Rational(exactly: first) / Rational(exactly: second)
    var exact = SmallDomain.Evaluation("exact")
    var others = ["float64", "float32", "float32, D first"].map { SmallDomain.Evaluation($0) }
    var profiles = named()
    for q in type.range {
      let centred = q - zeroPoints[0]
      // By integer division and as a rational number: two ways to the same position.
      let expected = quantized(quotient * Rational(centred), zeroPoints[1])
      let position = ratio.position(times: Int128(centred))
      exact.note(
        "q = \(q)", clamped(position.rounded(.toNearestOrEven) + zeroPoints[1]), expected)
      let (real, narrow) = (first * Double(centred), Float(first) * Float(centred))
      let values = [
        real / second, Double(narrow / Float(second)),
        Double(Float(centred) * (Float(first) / Float(second))),
      ]
      for (place, value) in values.enumerated() {
        others[place].note("q = \(q)", quantized(value, zeroPoints[1]), expected)
      }
      for place in profiles.indices {
        let got = profiles[place].function.output(centred)
        profiles[place].evaluation.note("q = \(q)", got, expected)
      }
    }
    return [exact] + others + profiles.map(\.evaluation)
  }

  /// The requantizations of the named profiles that define these parameters.
  private func named() -> [(function: RequantizationFunction, evaluation: SmallDomain.Evaluation)] {
    let configuration = ProofConfiguration(
      types: TypeTriple(type).description, inputScale: scales[0].value,
      outputScale: scales[1].value, outputZeroPoint: zeroPoints[1])
    return Profiles.all.compactMap { profile in
      guard let function = try? configuration.function(profile) else { return nil }
      return (function, SmallDomain.Evaluation(profile.name))
    }
  }

  // MARK: Addition

  /// The derived form is `(S1/S3)·(q1 − Z1) + (S2/S3)·(q2 − Z2)`, of integers and two constants.
  func add() -> [SmallDomain.Evaluation] {
    let exactScales = scales.map { Rational(exactly: $0.value) }
    let (one, other) = (exactScales[0] / exactScales[2], exactScales[1] / exactScales[2])
    let wide = scales.map(\.value)
    let narrow = wide.map { Float($0) }
    var exact = SmallDomain.Evaluation("exact")
    var others = ["float64", "float32"].map { SmallDomain.Evaluation($0) }
    for left in type.range {
      let a = left - zeroPoints[0]
      let (term, real) = (one * Rational(a), exactScales[0] * Rational(a))
      for right in type.range {
        let b = right - zeroPoints[1]
        let dequantized = (real + exactScales[1] * Rational(b)) / exactScales[2]
        let expected = quantized(dequantized, zeroPoints[2])
        let derived = quantized(term + other * Rational(b), zeroPoints[2])
        exact.note("q1 = \(left), q2 = \(right)", derived, expected)
        let values = [
          (wide[0] * Double(a) + wide[1] * Double(b)) / wide[2],
          Double((narrow[0] * Float(a) + narrow[1] * Float(b)) / narrow[2]),
        ]
        for (place, value) in values.enumerated() {
          others[place].note(
            "q1 = \(left), q2 = \(right)", quantized(value, zeroPoints[2]), expected)
        }
      }
    }
    return [exact] + others
  }
}
