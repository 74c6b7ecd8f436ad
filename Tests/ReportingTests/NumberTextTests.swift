import ResultStore
import Testing
import Verdicts

@testable import Reporting

@Suite("numbers") struct NumberTextTests {
  @Test("counts") func counts() {
    let texts = [0, 7, 999, 1000, -1234, 1_234_567, .min].map(NumberText.count)
    #expect(
      texts == ["0", "7", "999", "1,000", "-1,234", "1,234,567", "-9,223,372,036,854,775,808"])
    #expect(
      [999, 1000, 1500, 20_000, 3_400_000, .max].map(NumberText.short)
        == ["999", "1k", "1.5k", "20k", "3.4M", "9223372T"])
  }

  @Test("a share is whole only when it is") func shares() {
    #expect(NumberText.share(10, of: 10) == "100 %")
    #expect(NumberText.share(999_999, of: 1_000_000) == "99.99 %")
    #expect(NumberText.share(1, of: 3) == "33.33 %")
    #expect(NumberText.share(Int.max - 1, of: .max) == "99.99 %")
    #expect(NumberText.share(0, of: 0) == "–")
    #expect(NumberText.share(5, of: 4) == "–")
    #expect(NumberText.share(5, of: 100) == "5.00 %")
  }

  @Test("errors have a sign") func errors() {
    #expect(NumberText.error(TallyCounts()) == "–")
    #expect(NumberText.error(Sample.counts(cases: 2)) == "0")
    #expect(NumberText.error(Sample.counts(cases: 2) { $0.lowestError = -3 }) == "-3")
    #expect(NumberText.error(Sample.counts(cases: 2) { $0.highestError = 1234 }) == "+1,234")
  }

  @Test("durations") func durations() {
    #expect(
      [-5, 45, 200, 7500].map(NumberText.duration)
        == ["0 s", "45 s", "3 min 20 s", "2 h 05 min"])
  }

  @Test("outcomes other than passing") func outcomes() {
    let counts = Sample.counts(cases: 9, mismatches: 2) {
      $0.outcomes[.acceptedInvalid] = 4
      $0.tolerated = 3
    }
    #expect(NumberText.outcomes(counts) == "mismatch 2, acceptedInvalid 4, of these tolerated 3")
  }

  @Test("long texts are cut") func cut() {
    #expect(NumberText.cut("abc", 3) == "abc")
    #expect(NumberText.cut("abcde", 3) == "abc… (2 more characters)")
    #expect(NumberText.cut("éé", 2) == "éé")
  }
}
