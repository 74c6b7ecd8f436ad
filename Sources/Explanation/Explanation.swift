import Oracles
package import Profiles
import QuantizedArithmetic
package import QuantizedLayers

/// What came in place of an output that is explained, to stand beside it.
package struct ComparedOutput: Hashable, Sendable {
  /// The output, or what came instead in words.
  package enum Got: Hashable, Sendable {
    case output(Int64)
    case words(String)
  }

  package let got: Got
  /// What conforms, where that is not the profile's output alone.
  package let accepted: ClosedRange<Int64>?
  /// The implementation's own accumulator, where it hands it out.
  package let accumulator: Int64?

  package init(got: Got, accepted: ClosedRange<Int64>? = nil, accumulator: Int64? = nil) {
    (self.got, self.accepted, self.accumulator) = (got, accepted, accumulator)
  }
}

/// One configuration and one of its outputs, carried through the forms of the derivation and the
/// steps of a profile with every intermediate number.
package struct Explanation: Sendable {
  /// Text of at most 100 columns, unless every digit was asked for.
  package let lines: [String]
  /// What the profile computed; `nil` where the configuration is invalid, or outside its domain.
  package let result: Int64?

  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    case outputIndex(Int, count: Int)

    package var description: String {
      switch self {
      case .outputIndex(let index, let count):
        "the output index must be in 0...\(count - 1), but is \(index)"
      }
    }
  }

  /// Explains output `outputIndex`, which is `row · channels + channel`.
  ///
  /// - Parameters:
  ///   - raw: the configuration, legal or not.
  ///   - profile: whose steps are shown.
  ///   - title: what the configuration is called in the first line.
  ///   - outputIndex: which of its outputs.
  ///   - isFull: whether large integers are written with every digit.
  ///   - stepsOnly: whether the forms of the derivation are left out.
  ///   - compared: what an implementation gave, for the end.
  ///
  /// - Throws: ``Failure`` where the layer has no such output. A configuration that is no layer is
  ///   explained, not thrown.
  package init(
    _ raw: RawLayer, profile: Profile, title: String, outputIndex: Int = 0, isFull: Bool = false,
    stepsOnly: Bool = false, compared: ComparedOutput? = nil
  ) throws(Failure) {
    var text = Lines(wraps: !isFull)
    let layer: Layer
    let operation: any Operator.Type
    do {
      layer = try raw.validated()
      operation = try Operators.named(raw.operation)
    } catch {
      text.add("\(title): not a layer", indent: 0)
      text.heading("RULE")
      text.add("broken   \(error.fault?.rawValue ?? "type")")
      text.add("because  \(error)")
      text.add("A configuration like this has to be refused: there is nothing to compute.")
      (lines, result) = (text.lines, nil)
      return
    }
    guard (0..<layer.outputCount).contains(outputIndex) else {
      throw .outputIndex(outputIndex, count: layer.outputCount)
    }
    var operands = Operands()
    operation.lower(layer, into: &operands)
    let element = Element(
      layer, operands, row: outputIndex / layer.channels, channel: outputIndex % layer.channels,
      NumberText(isFull: isFull))
    text.add(
      "\(title): output \(outputIndex) (row \(element.row), channel \(element.channel)),"
        + " profile \(profile.name)", indent: 0)
    element.addParameters(&text)
    element.addTerms(&text)
    element.addOffsets(&text)
    if stepsOnly {
      element.addBias(&text)
    } else {
      element.addForms(&text)
      element.addMisprint(&text)
    }
    element.addRounding(&text)
    result = element.addProfile(profile, &text)
    if let compared { element.addComparison(compared, expected: result, profile, &text) }
    lines = text.lines
  }
}

/// One output of a layer with the exact values that its explanation needs.
struct Element {
  let layer: Layer
  let operands: Operands
  let row: Int
  let channel: Int
  let forms: RationalForms
  let number: NumberText
  /// `Σ (qi − Zi)(qw − Zw)`
  let sum: Int64
  /// `Qb − Zb`
  let biasTerm: Rational

  init(_ layer: Layer, _ operands: Operands, row: Int, channel: Int, _ number: NumberText) {
    self.layer = layer
    self.operands = operands
    self.row = row
    self.channel = channel
    self.number = number
    forms = RationalForms(layer, operands, row: row, channel: channel)
    biasTerm =
      Rational(operands.bias[channel]) - Rational(layer.generalBias?.zeroPoint(channel) ?? 0)
    var sum: Int64 = 0
    for k in 0..<layer.depth {
      let x = Int64(operands.input[row * layer.depth + k]) - layer.inputZeroPoint
      let w = Int64(operands.weights[channel * layer.depth + k]) - layer.weights.zeroPoint(channel)
      sum += x * w
    }
    self.sum = sum
  }

  var weightsZeroPoint: Int64 { layer.weights.zeroPoint(channel) }
  var inputScale: Rational { Rational(exactly: layer.inputScale.value) }
  var weightsScale: Rational { Rational(exactly: layer.weights.scale(channel).value) }
  var outputScale: Rational { Rational(exactly: layer.outputScale.value) }
  /// Without a bias and in accumulator units exactly Si·Sw.
  var biasScale: Rational {
    layer.generalBias.map { Rational(exactly: $0.scale(channel).value) }
      ?? inputScale * weightsScale
  }
  /// `y + Zo`
  var shifted: Rational { forms.values[0].value }
  /// The exact value that is rounded.
  var exact: Rational { shifted - Rational(layer.outputZeroPoint) }

  func input(_ k: Int) -> Int64 { Int64(operands.input[row * layer.depth + k]) }
  func weight(_ k: Int) -> Int64 { Int64(operands.weights[channel * layer.depth + k]) }
}
