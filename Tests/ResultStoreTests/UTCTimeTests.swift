import Foundation
import ResultStore
import Testing

@Suite("UTC times") struct UTCTimeTests {
  @Test(
    "known moments",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59Z"), (1_900_000_000, "2030-03-17T17:46:40Z"),
      (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_167_219_200, "0000-01-01T00:00:00Z"),
    ])
  func known(seconds: Int, text: String) throws {
    #expect(UTCTime(secondsSince1970: seconds).description == text)
    #expect(UTCTime(text)?.secondsSince1970 == seconds)
  }

  @Test("agrees with Foundation over four centuries")
  func foundation() throws {
    let formatter = ISO8601DateFormatter()
    for step in 0..<1500 {
      let seconds = step * 8_640_077 - 3_000_000_000
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(UTCTime(secondsSince1970: seconds).description == expected)
      #expect(UTCTime(expected)?.secondsSince1970 == seconds)
    }
  }

  @Test(
    "other texts are refused",
    arguments: [
      "", "2031-02-03", "2031-02-30T00:00:00Z", "2031-13-01T00:00:00Z", "2031-02-03 04:05:06Z",
      "2031-02-03T24:00:00Z", "2031-02-03T04:05:06+", "٢031-02-03T04:05:0Z",
      "2031-02-03T04:05:06ZZ",
    ])
  func refused(text: String) { #expect(UTCTime(text) == nil) }

  @Test("years beyond four digits are cut off")
  func limits() {
    #expect(UTCTime(secondsSince1970: .max).description == "9999-12-31T23:59:59Z")
    #expect(UTCTime(secondsSince1970: .min).description == "0000-01-01T00:00:00Z")
  }
}
