package import FailurePatterns
import Oracles
import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseJudge {
  /// The outputs that came for the case that was examined last, as far as there are any.
  ///
  /// - Returns: `nil` where the case is not one that is computed.
  package func observed(
    _ truth: Truth, _ expected: ExpectedOutputs, _ bytes: [UInt8]
  ) -> ObservedCase? {
    guard case .valid(let layer, let profile, _) = truth else { return nil }
    let got = ElementBytes.integers(bytes, as: layer.output.type)
    let range = profile.outputRange
    let outputs = (0..<min(got.count, layer.outputCount)).map { index -> ObservedOutput in
      let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
      let bias = layer.generalBias == nil ? operands.bias[channel] : 0
      let total = exact.sums[index].addingReportingOverflow(bias)
      let position = exact.positions[index]
      return ObservedOutput(
        row: row, channel: channel, expected: expected.values[index], got: got[index],
        isWrong: !expected.accepted[index].contains(got[index]),
        accumulator: total.overflow ? nil : total.partialValue,
        position: position,
        isSaturated: position.floor + layer.outputZeroPoint < range.lowerBound
          || position.ceiling + layer.outputZeroPoint > range.upperBound)
    }
    return ObservedCase(layer: layer, outputs: outputs)
  }
}
