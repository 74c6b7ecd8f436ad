import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

@Test func scratch() throws {
  for c in CaseClass.all {
    var fall: [String: Int] = [:]
    var n = 0
    for t in try cases(of: c.name, count: 600) {
      let raw = t.layer
      n += 1
      if raw.input.shape == [1, 1] && raw.weights.shape == [1, 1] && raw.input.scales == [1]
        && raw.weights.scales == [1] && raw.output.scales == [1]
        && raw.input.integers == raw.input.zeroPoints
      {
        fall[(t.profile ?? "") + " " + raw.types.description, default: 0] += 1
      }
    }
    if !fall.isEmpty { print("FALL", c.name, fall.values.reduce(0, +), "of", n, fall) }
  }
}
