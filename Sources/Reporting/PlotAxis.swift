/// The upright axis of a plot: which values its ends stand for, and what is written beside it.
struct PlotAxis {
  let lowest: Double
  let highest: Double
  let ticks: [Tick]

  struct Tick {
    let value: Double
    let label: String
  }

  /// An axis that holds all the values.
  ///
  /// Counts begin at 0; shares end at 100 %, and begin near the smallest, since the interesting
  /// ones are all close to the top.
  init(_ measure: TrendPlot.Measure, values: [Double]) {
    if case .passShare = measure {
      let smallest = values.min() ?? 1
      let starts = [(0.999, "99.9 %"), (0.99, "99 %"), (0.9, "90 %"), (0.5, "50 %"), (0, "0 %")]
      // All whole: 90 % rather than the closest, lest a straight line look like a narrow escape.
      let start = smallest >= 1 ? starts[2] : starts.first { $0.0 <= smallest } ?? (0, "0 %")
      (lowest, highest) = (start.0, 1)
      ticks = [Tick(value: start.0, label: start.1), Tick(value: 1, label: "100 %")]
    } else {
      let top = Self.roundNumber(atLeast: values.max() ?? 0)
      (lowest, highest) = (0, Double(top))
      let middle = top % 2 == 0 ? [top / 2] : []
      ticks = ([0] + middle + [top]).map {
        Tick(value: Double($0), label: NumberText.short($0))
      }
    }
  }

  /// The value's place between the ends, 0 … 1.
  func part(_ value: Double) -> Double {
    guard highest > lowest, value.isFinite else { return 0 }
    return min(max((value - lowest) / (highest - lowest), 0), 1)
  }

  /// The smallest of 1, 2, 4, 6, 8, 10, 20, 40, … that is not less; 1 for nothing.
  static func roundNumber(atLeast value: Double) -> Int {
    guard value > 1 else { return 1 }
    var power = 1
    while true {
      for factor in [1, 2, 4, 6, 8] where Double(power) * Double(factor) >= value {
        return power.multipliedReportingOverflow(by: factor).overflow ? .max : power * factor
      }
      let (next, overflow) = power.multipliedReportingOverflow(by: 10)
      if overflow { return .max }
      power = next
    }
  }
}
