import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension Element {
  /// What the profile expects, and what an implementation gave.
  func addComparison(
    _ compared: ComparedOutput, expected: Int64?, _ profile: Profile, _ text: inout Lines
  ) {
    text.heading("COMPARED", "what \(profile.name) expects, and what came")
    if let accumulator = compared.accumulator {
      var outputs = ReferenceOutputs()
      (try? profile.reference(for: layer))?.run(operands, into: &outputs)
      let index = row * layer.channels + channel
      let own = outputs.accumulators.indices.contains(index) ? outputs.accumulators[index] : nil
      text.row("accumulator: expected", own.map { NumberText.signed($0) } ?? "none")
      text.row(
        "accumulator: got", NumberText.signed(accumulator),
        own == nil ? "" : own == accumulator ? "the same" : "ANOTHER")
    }
    let accepted = compared.accepted.map {
      $0.lowerBound == $0.upperBound
        ? "" : "\(NumberText.signed($0.lowerBound))...\(NumberText.signed($0.upperBound)) conforms"
    }
    text.row("expected", expected.map { NumberText.signed($0) } ?? "none", accepted ?? "")
    switch compared.got {
    case .words(let words): text.row("got", words)
    case .output(let value):
      text.row("got", NumberText.signed(value), difference(value, expected))
    }
  }

  private func difference(_ value: Int64, _ expected: Int64?) -> String {
    guard let expected else { return "" }
    guard value != expected else { return "the same" }
    let steps = value - expected
    return "\(steps > 0 ? "+" : "−")\(steps.magnitude) from the expected one"
  }
}
