import Dispatch
import Glibc
import Synchronization

/// A line on standard error that is drawn again as work goes on; on a terminal only.
struct Progress {
  private var total: Int?
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

  /// Sets a total that was not known at first.
  mutating func expect(_ total: Int) { self.total = total }

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

/// A progress line of the accumulators that a proof has dealt with, for several threads.
final class ProofLine: Sendable {
  private let line = Mutex(Progress(total: nil, unit: "accumulators"))

  /// What a proof tells of its progress.
  func advance(_ more: Int, _ total: Int) {
    line.withLock {
      $0.expect(total)
      $0.advance(more)
    }
  }

  func finish() { line.withLock { $0.finish() } }

  /// Runs some work with a line of its own.
  static func during<Result>(_ work: (_ line: ProofLine) throws -> Result) rethrows -> Result {
    let line = ProofLine()
    defer { line.finish() }
    return try work(line)
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
