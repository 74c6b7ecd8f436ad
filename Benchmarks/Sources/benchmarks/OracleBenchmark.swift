import CaseGeneration
import Oracles
import QuantizedLayers
import TestCases

/// The exact oracle beside the float64 one, both over the same small layers.
enum OracleBenchmark {
  static func run() throws -> [String] {
    let generator = try CaseGenerator(seed: 3, selection: Selection(kind: .random))
    var layers: [(layer: Layer, operands: Operands)] = []
    for index in UInt64(0)..<4_000 {
      guard let layer = try? generator.testCase(index).layer.validated() else { continue }
      var operands = Operands()
      FullyConnected.lower(layer, into: &operands)
      layers.append((layer, operands))
    }
    var values = ExactValues()
    var workspace = Float64Workspace()
    var check = FormCheck()
    let times = Stopwatch.medians {
      for (layer, operands) in layers { ExactOracle(layer).run(operands, into: &values) }
    } _: {
      for (layer, operands) in layers {
        // The exact values of another layer would not do: they are needed for the comparison.
        ExactOracle(layer).run(operands, into: &values)
        Float64Oracle(layer).check(operands, against: values, workspace: &workspace, into: &check)
      }
    }
    let float = times.second - times.first
    return [
      "exact oracle \(rounded(times.first / Double(layers.count) * 1e6)) µs a layer, float64 oracle"
        + " (five forms, compared) \(rounded(float / Double(layers.count) * 1e6)) µs",
      "ratio exact to float64: \(rounded(times.first / float)) (asked for: below 2)",
    ]
  }
}
