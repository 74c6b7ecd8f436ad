import ResultStore
import Testing

@testable import Reporting

@Suite("trends") struct TrendTests {
  private func plots(_ summaries: [RunSummary], current: Int64 = 1) -> [XMLCheck] {
    let trends = Trend.all(summaries, first: ["mine"], current: RunID(rawValue: current))
    return trends.flatMap { trend in
      TrendPlot.Measure.allCases.map { XMLCheck(TrendPlot(measure: $0, trend: trend).svg) }
    }
  }

  @Test("one run, some, very many", arguments: [1, 2, 30, 121, 500])
  func sizes(runs: Int) {
    let summaries = (0..<runs).map { Sample.summary(run: Int64($0), failed: $0 % 50 == 49 ? 7 : 0) }
    for plot in plots(summaries, current: Int64(runs - 1)) {
      #expect(plot.error == nil)
      #expect(plot.elements.first?.name == "svg")
      let circles = plot.elements.filter { $0.name == "circle" }
      // Each dot has a title of its own, besides that of the whole.
      #expect(plot.count("title") >= circles.count + 1)
      if runs <= 120 { #expect(circles.count == runs) } else { #expect(circles.count < 120) }
      for circle in circles {
        let (x, y) = (circle.attributes["cx"] ?? "", circle.attributes["cy"] ?? "")
        #expect((44...292).contains(Double(x) ?? -1))
        #expect((10...100).contains(Double(y) ?? -1))
      }
      #expect(plot.count("path") == 1)
    }
  }

  @Test("changes are marked") func changes() {
    let failed = [0, 2, 2, 0]
    let summaries = failed.enumerated().map { Sample.summary(run: Int64($0), failed: $1) }
    let trend = Trend.all(summaries, first: [], current: RunID(rawValue: 3))[0]
    #expect(trend.points.map(\.change) == [nil, .worse, nil, .better])
    #expect(trend.points.map(\.isCurrent) == [false, false, false, true])
    for plot in plots(summaries) {
      let lines = plot.elements.filter { $0.attributes["class"]?.hasPrefix("change") == true }
      #expect(lines.map { $0.attributes["class"] } == ["change worse", "change better"])
      let fails = plot.elements.filter { $0.attributes["class"] == "dot fails" }
      #expect(fails.count == 2)
    }
  }

  @Test("runs that say nothing leave a gap") func gaps() {
    let summaries = [
      Sample.summary(run: 0),
      Sample.summary(run: 1, cases: 0, outputs: 0, verdict: .nothingJudged),
      Sample.summary(run: 2),
    ]
    let plots = plots(summaries)
    let paths = plots.map { plot in
      plot.elements.first { $0.name == "path" }?.attributes["d"]?.count { $0 == "M" }
    }
    #expect(paths == [2, 1, 1, 2])
  }

  @Test("implementations share one axis of time") func shared() {
    let summaries = [
      Sample.summary(run: 0, implementation: "b"), Sample.summary(run: 1, implementation: "a"),
      Sample.summary(run: 1), Sample.summary(run: 2, implementation: "b"),
    ]
    let trends = Trend.all(summaries, first: ["mine", "absent"], current: RunID(rawValue: 1))
    #expect(trends.map(\.implementation) == ["mine", "a", "b"])
    #expect(trends.map { $0.points.map(\.place) } == [[1], [1], [0, 2]])
    #expect(trends.allSatisfy { $0.runs == 3 })
  }

  @Test(
    "the ends of the axes",
    arguments: [
      (0.0, 1), (1, 1), (1.5, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 20), (81, 100),
      (1e18, 1_000_000_000_000_000_000), (9.3e18, Int.max), (.infinity, Int.max),
    ])
  func roundNumbers(value: Double, top: Int) {
    #expect(PlotAxis.roundNumber(atLeast: value) == top)
  }

  @Test("shares near 1 keep their distance from it") func shareAxis() {
    func lowest(_ values: [Double]) -> Double {
      PlotAxis(.passShare, values: values).lowest
    }
    #expect(lowest([]) == 0.9)
    #expect(lowest([1, 1]) == 0.9)
    #expect(lowest([0.9995]) == 0.999)
    #expect(lowest([0.995, 1]) == 0.99)
    #expect(lowest([0.7]) == 0.5)
    #expect(lowest([0.1]) == 0)
  }
}
