import Dispatch
import Glibc

/// A line on standard error that is drawn again as work goes on; on a terminal only.
struct Progress {
  private let total: Int?
  private let unit: String
  private let isShown = isatty(2) == 1
  private let begun = DispatchTime.now()
  private var drawn = DispatchTime.now()
  private var done = 0

  /// Begins to count; `total` is `nil` where it is not known.
  init(total: Int?, unit: String) {
    self.total = total
    self.unit = unit
  }

  mutating func advance(_ count: Int, note: String = "") {
    done += count
    let now = DispatchTime.now()
    guard isShown, now.uptimeNanoseconds &- drawn.uptimeNanoseconds > 100_000_000 else { return }
    drawn = now
    let seconds = Double(now.uptimeNanoseconds &- begun.uptimeNanoseconds) / 1e9
    let rate = Double(done) / max(seconds, 0.001)
    var text = "\r\u{1B}[K\(grouped(done))"
    if let total, total > 0 {
      text += " of \(grouped(total)) \(unit) (\(min(100, done * 100 / total)) %)"
      let left = Double(max(0, total - done)) / max(rate, 0.001)
      text += ", \(grouped(Int(rate))) a second, \(Int(min(left, 1e9))) s left"
    } else {
      text += " \(unit), \(grouped(Int(rate))) a second"
    }
    if !note.isEmpty { text += ", \(note)" }
    draw(text)
  }

  func finish() {
    if isShown { draw("\r\u{1B}[K") }
  }
}

/// Writes to standard error without a line feed.
private func draw(_ text: String) {
  Array(text.utf8).withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
}

/// `1234567` as `1,234,567`.
func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}
