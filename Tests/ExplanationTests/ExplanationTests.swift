import CaseGeneration
import Explanation
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@Suite("An explanation of one output")
struct ExplanationTests {
  /// By hand: 1·3 = 3 in units of 0.5·0.25 = 1/8, so y = 3/8, nearest to 0. With two roundings:
  /// M = 2^30·2^(−2−31); the high half of 3·2^30·2 is 3/2, a tie, rounded up to 2; 2/4 is a tie
  /// again, away from zero: 1.
  @Test(
    "Three eighths become 1 with two roundings, and 0 with one",
    arguments: [("tflm", 1), ("exact-even", 0), ("litert-reference", 0)] as [(String, Int64)])
  func threeEighths(_ profile: String, _ expected: Int64) throws {
    let explanation = try explain(single([1], [3], scales: (0.5, 0.25, 1)), profile)
    #expect(explanation.result == expected)
    let words = explanation.lines.filter { $0.contains("divided by So: y") }
    #expect(words.count == 1)
    #expect(words.first?.hasSuffix("3/8") == true)
  }

  /// The same, every intermediate integer of it.
  @Test("The two roundings are shown with the numbers between them")
  func stepsOfTwoRoundings() throws {
    let text = try explain(single([1], [3], scales: (0.5, 0.25, 1)), "tflm").lines
    let product = try #require(text.first { $0.contains("3 · 1073741824") })
    #expect(product.contains("3221225472"))
    let high = try #require(text.first { $0.contains("high half, >> 31") })
    #expect(high.contains(" 2 ") && high.contains("1.5"))
    let right = try #require(text.first { $0.contains("right shift by 2") })
    #expect(right.contains(" 1 ") && right.contains("0.5"))
  }

  /// By hand: Σ = (1−2)(4−1) + (5−2)(−2−1) = −3 − 9 = −12. Raw: 1·4 + 5·(−2) = −6; Σqi = 6,
  /// Σqw = 2; −6 − 1·6 − 2·2 + 2·2·1 = −12.
  @Test("The four sums of expanded offsets are shown and meet the sum of the terms")
  func offsets() throws {
    let raw = single([1, 5], [4, -2], scales: (1, 1, 1), zeroPoints: (2, 1, 0))
    let text = try explain(raw, "exact-even").lines
    func value(_ label: String) -> Substring? {
      text.first { $0.hasPrefix("  " + label) }?.split(separator: " ").last
    }
    #expect(value("  Σ qi·qw") == "−6")
    #expect(value("− Zw·Σ qi") == "−6")
    #expect(value("− Zi·Σ qw") == "−4")
    #expect(value("+ K·Zi·Zw") == "4")
    #expect(text.contains { $0.contains("−12   equal to the sum of the terms") })
  }

  /// By hand, with no bias Sb = Si·Sw = 1 and P = 1·1·1/2 = 1/2. F2 = 1·2·(1/2) + 1 = 2. F3x =
  /// (1/2)·2/1 + 0 + 2·1 = 3.
  @Test("The misprinted line is told from F2 with both numbers")
  func misprint() throws {
    let raw = single([1], [2], scales: (1, 1, 2), zeroPoints: (0, 0, 1))
    let text = try explain(raw, "exact-even").lines
    #expect(text.contains { $0.hasPrefix("  P = ") && $0.hasSuffix("1/2") })
    #expect(text.contains { $0.hasPrefix("  F3x ") && $0.hasSuffix(" 3") })
    #expect(text.contains { $0.hasPrefix("  F2 ") && $0.hasSuffix(" 2") })
    #expect(text.contains { $0.contains("F3x ≠ F2") })
  }

  @Test("Where the misprint is harmless, the reason is given")
  func harmlessMisprint() throws {
    let zero = try explain(single([1], [2], scales: (1, 1, 2)), "exact-even").lines
    #expect(zero.contains { $0.hasSuffix("since Zo = 0.") })
    let one = single([1], [2], scales: (1, 1, 1), zeroPoints: (0, 0, 5))
    #expect(try explain(one, "exact-even").lines.contains { $0.hasSuffix("since P = 1.") })
    let both = try explain(single([1], [2], scales: (1, 1, 1)), "exact-even").lines
    #expect(both.contains { $0.hasSuffix("since P = 1 and Zo = 0.") })
  }

  @Test("An invalid configuration is explained by its rule, value and bounds")
  func invalid() throws {
    let raw = single([1], [2], scales: (1, 1, 1), zeroPoints: (0, 0, 128))
    let explanation = try explain(raw, "exact-even")
    #expect(explanation.result == nil)
    let text = explanation.lines.joined(separator: "\n")
    #expect(text.contains("zeroPoint.range"))
    #expect(text.contains("-128") && text.contains("127") && text.contains("128"))
  }

  @Test("An output that does not exist is an error with its bounds")
  func outputIndex() {
    for index in [-1, 1, .max] {
      #expect(throws: Explanation.Failure.outputIndex(index, count: 1)) {
        try explain(single([1], [2], scales: (1, 1, 1)), "exact-even", index: index)
      }
    }
  }

  @Test("A layer outside a profile's domain is still explained up to F5")
  func outsideDomain() throws {
    let explanation = try explain(single([1], [2], scales: (0.1, 1, 1)), "tflm")
    #expect(explanation.result == nil)
    #expect(explanation.lines.contains { $0.contains("outside the domain of tflm") })
    #expect(explanation.lines.contains { $0.contains("F1 = F2 = F3 = F4 = F5, exactly") })
  }
}
