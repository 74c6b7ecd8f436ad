import ResultStore

/// One number of one implementation over its runs, as a stand-alone SVG element.
///
/// Equal steps along the axis of time, since runs come in bursts: a nightly run is as wide as one
/// of many in an afternoon. Colours come from the page's style sheet.
struct TrendPlot {
  /// What is drawn.
  enum Measure: CaseIterable {
    case passShare, failing, cases, worstError

    var title: String {
      switch self {
      case .passShare: "Pass share"
      case .failing: "Failing cases"
      case .cases: "Cases"
      case .worstError: "Largest error"
      }
    }

    var unit: String {
      switch self {
      case .passShare: "of cases judged"
      case .failing, .cases: "per run"
      case .worstError: "output steps"
      }
    }

    /// Nil where the run says nothing of it.
    func value(_ summary: RunSummary) -> Double? {
      switch self {
      case .passShare: summary.passShare
      case .failing: Double(summary.failed)
      case .cases: Double(summary.cases)
      case .worstError: summary.outputs > summary.departedOutputs ? Double(summary.worstError) : nil
      }
    }

    func text(_ summary: RunSummary) -> String {
      switch self {
      case .passShare: NumberText.share(summary.judged - summary.failed, of: summary.judged)
      case .failing: NumberText.plural(summary.failed, "failing case", "failing cases")
      case .cases: NumberText.plural(summary.cases, "case", "cases")
      case .worstError: NumberText.plural(summary.worstError, "step", "steps")
      }
    }
  }

  let measure: Measure
  let trend: Trend

  // In units of the view box.
  private static let (width, height) = (300.0, 128.0)
  private static let (left, right, top, bottom) = (44.0, 292.0, 10.0, 100.0)
  /// Up to so many runs every point is drawn; beyond it only those where something happens.
  static let allPointsUpTo = 120

  /// The element, well-formed as XML.
  var svg: String {
    let axis = PlotAxis(measure, values: trend.points.compactMap { measure.value($0.summary) })
    let name = "\(trend.implementation): \(measure.title), \(measure.unit), \(summaryText)"
    var text = """
      <svg\(isDense ? " class=\"dense\"" : "") viewBox="0 0 300 128" role="img" aria-label="\(Markup.xml(name))">\
      <title>\(Markup.xml(name))</title>
      """
    for tick in axis.ticks {
      let y = Self.decimal(y(tick.value, axis))
      text += "<line class=\"grid\" x1=\"44\" x2=\"292\" y1=\"\(y)\" y2=\"\(y)\"/>"
      text += "<text class=\"tick\" x=\"40\" y=\"\(y)\" dy=\"3.5\" text-anchor=\"end\">"
      text += "\(Markup.xml(tick.label))</text>"
    }
    text += timeAxis
    for point in trend.points { text += marks(point) }
    text += line(axis)
    text += dots(axis)
    return text + "</svg>"
  }

  private var summaryText: String {
    guard let last = trend.points.last else { return "no runs" }
    return "\(NumberText.plural(trend.points.count, "run", "runs")), last "
      + measure.text(last.summary)
  }

  private var timeAxis: String {
    var text = "<line class=\"axis\" x1=\"44\" x2=\"292\" y1=\"100\" y2=\"100\"/>"
    if trend.runs > 1 {
      text += "<text class=\"tick\" x=\"44\" y=\"112\">\(Markup.xml(trend.days.first))</text>"
      text += "<text class=\"tick\" x=\"292\" y=\"112\" text-anchor=\"end\">"
      text += "\(Markup.xml(trend.days.last))</text>"
    } else {
      text += "<text class=\"tick\" x=\"168\" y=\"112\" text-anchor=\"middle\">"
      text += "\(Markup.xml(trend.days.last))</text>"
    }
    let label = trend.runs > 1 ? "\(NumberText.count(trend.runs)) runs in order of time" : "1 run"
    return text + "<text class=\"label\" x=\"168\" y=\"124\" text-anchor=\"middle\">\(label)</text>"
  }

  // The run reported on as a band, changes of the verdict as upright lines.
  private func marks(_ point: Trend.Point) -> String {
    let x = Self.decimal(x(point.place))
    var text = ""
    if point.isCurrent, trend.runs > 1 {
      text += "<line class=\"here\" x1=\"\(x)\" x2=\"\(x)\" y1=\"10\" y2=\"100\">"
      text += "<title>the run of this report</title></line>"
    }
    if let change = point.change {
      text +=
        "<line class=\"change \(change.rawValue)\" x1=\"\(x)\" x2=\"\(x)\" y1=\"10\" y2=\"100\"/>"
    }
    return text
  }

  // Broken where a run says nothing.
  private func line(_ axis: PlotAxis) -> String {
    var (text, path) = ("", "")
    var joined = false
    for point in trend.points {
      guard let value = measure.value(point.summary) else {
        joined = false
        continue
      }
      path += joined ? "L" : "M"
      path += "\(Self.decimal(x(point.place))) \(Self.decimal(y(value, axis)))"
      joined = true
    }
    if !path.isEmpty { text = "<path class=\"line\" d=\"\(path)\"/>" }
    return text
  }

  private func dots(_ axis: PlotAxis) -> String {
    let points = trend.points
    var text = ""
    for (index, point) in points.enumerated() {
      guard let value = measure.value(point.summary) else { continue }
      if isDense, point.change == nil, !point.isCurrent, index > 0,
        index < points.count - 1, measure.value(points[index - 1].summary) == value,
        measure.value(points[index + 1].summary) == value
      {
        continue
      }
      let fails = point.summary.verdict == .fails || point.summary.verdict == .judgesDisagree
      let title =
        "\(point.summary.started), run \(point.summary.run), \(point.summary.implementationVersion): "
        + "\(measure.text(point.summary)); \(point.summary.verdict.rawValue)"
        + (point.change.map { ", \($0.rawValue) than before" } ?? "")
      let place = "cx=\"\(Self.decimal(x(point.place)))\" cy=\"\(Self.decimal(y(value, axis)))\""
      text += "<circle class=\"\(fails ? "dot fails" : "dot")\" \(place) "
      text += "r=\"\(radius(point))\"><title>\(Markup.xml(title))</title></circle>"
    }
    return text
  }

  private var isDense: Bool { trend.runs > Self.allPointsUpTo }

  private func radius(_ point: Trend.Point) -> String {
    if isDense { return point.change == nil ? "1.2" : "2.5" }
    return point.change != nil ? "4" : trend.runs <= 30 ? "3" : "2"
  }

  private func x(_ place: Int) -> Double {
    guard trend.runs > 1 else { return (Self.left + Self.right) / 2 }
    // A little inside, so that the first dot does not lie on the axis.
    let (from, to) = (Self.left + 6, Self.right - 6)
    return from + (to - from) * Double(place) / Double(trend.runs - 1)
  }

  private func y(_ value: Double, _ axis: PlotAxis) -> Double {
    Self.bottom - (Self.bottom - Self.top) * axis.part(value)
  }

  /// One decimal, the same on every machine.
  static func decimal(_ value: Double) -> String {
    let tenths = Int((min(max(value, -100_000), 100_000) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, tenth) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return tenth == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(tenth)"
  }
}
