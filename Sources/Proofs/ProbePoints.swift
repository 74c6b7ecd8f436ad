import Profiles
import QuantizedLayers

/// The accumulators that decide what a monotone requantization is.
package struct ProbePoints: Sendable {
  /// Both sides of every step, every tie between two outputs, the ends of the domain and of every
  /// monotone piece; in order.
  package let edges: [Int64]
  /// Others between them, where a function with these steps does not change; in order.
  package let between: [Int64]
  package let domain: ClosedRange<Int64>
  package let steps: Int
  package let ties: Int

  /// In order, none of them twice.
  package var all: [Int64] { (edges + between).sorted() }

  /// More than these are not delivered one by one.
  static let most = 1 << 22

  /// - Parameters:
  ///   - functions: the requantizations of the kernels that the profile has for the layers in question.
  ///   - jobs: threads, where one has to be swept.
  /// - Throws: ``ProofError`` where there are too many points.
  package init(
    _ functions: [RequantizationFunction], jobs: Int
  ) throws(ProofError) {
    var edges: Set<Int64> = []
    var between: Set<Int64> = []
    var (steps, ties) = (0, 0)
    guard let domain = functions.first?.domain else { throw ProofError("no requantization") }
    for function in functions {
      let truth = TrueFunctions(function)
      let found = try FunctionSteps(
        function, near: truth[TrueSteps.Tie.up], sweeps: false, jobs: jobs)
      let runs = found.outputs.runs
      guard runs.count < ProbePoints.most / 8 else {
        throw ProofError("\(function.profile.name) has \(runs.count) steps here: too many to probe")
      }
      steps += runs.count - 1
      for run in runs.dropFirst() { edges.formUnion([run.start - 1, run.start]) }
      for piece in MonotonePieces(function).pieces {
        edges.formUnion([piece.range.lowerBound, piece.range.upperBound])
      }
      for tie in StepFunction.differences(truth[TrueSteps.Tie.down], truth[TrueSteps.Tie.up]) {
        ties += 1
        edges.formUnion([tie.range.lowerBound, tie.range.upperBound])
      }
      ProbePoints.probes(found.outputs, into: &between)
    }
    edges.formUnion([domain.lowerBound, domain.upperBound])
    self.edges = edges.filter { domain.contains($0) }.sorted()
    self.between = between.subtracting(edges).filter { domain.contains($0) }.sorted()
    (self.domain, self.steps, self.ties) = (domain, steps, ties)
  }

  /// Inside every run, and beside every power of two.
  private static func probes(_ function: StepFunction, into places: inout Set<Int64>) {
    let share = function.runs.count > 4_096 ? 1 : 3
    for (number, run) in function.runs.enumerated() {
      let end =
        number + 1 < function.runs.count ? function.runs[number + 1].start - 1 : function.end
      let width = UInt64(end - run.start) + 1
      for place in 1...share {
        // Multiples of the golden ratio: as evenly spread as so few places can be.
        let fraction = UInt64(number &* 4 &+ place) &* 0x9E37_79B9_7F4A_7C15
        places.insert(run.start + Int64(fraction.multipliedFullWidth(by: width).high))
      }
    }
    for exponent in 0..<48 {
      let power = Int64(1) << exponent
      places.formUnion([power - 1, power, power + 1, 1 - power, 0 - power, -1 - power])
    }
  }
}
