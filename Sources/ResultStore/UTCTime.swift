import Glibc

/// A point in time, to the second, in UTC, as the database writes it: `2031-02-03T04:05:06Z`.
///
/// Always 20 characters, so that text order is time order and SQL can compare the columns.
/// The conversion is the proleptic Gregorian calendar's; leap seconds do not exist in it (POSIX).
package struct UTCTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Seconds since 1970-01-01T00:00:00Z, limited to the years 0000 … 9999.
  package let secondsSince1970: Int

  /// The given moment; anything outside the years 0000 … 9999 becomes the nearest end.
  package init(secondsSince1970: Int) {
    self.secondsSince1970 = min(max(secondsSince1970, -62_167_219_200), 253_402_300_799)
  }

  /// The clock's present time.
  package static func now() -> UTCTime { UTCTime(secondsSince1970: time(nil)) }

  /// Reads exactly the form that ``description`` writes; nil for anything else.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    let pattern = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
    guard bytes.count == pattern.count else { return nil }
    var fields = [0, 0, 0, 0, 0, 0]
    var field = 0
    for (byte, expected) in zip(bytes, pattern) {
      if expected == UInt8(ascii: "d") {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        fields[field] = fields[field] * 10 + Int(byte) - 48
      } else {
        guard byte == expected else { return nil }
        field += 1
        if field == fields.count { break }
      }
    }
    guard (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24,
      fields[4] < 60, fields[5] < 60
    else { return nil }
    let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
    secondsSince1970 = ((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5]
    // 31 February reads as 3 March; refuse what does not come back as written.
    guard description == text else { return nil }
  }

  /// `2031-02-03T04:05:06Z`.
  package var description: String {
    let days = Self.floorDivide(secondsSince1970, 86_400)
    let second = secondsSince1970 - days * 86_400
    let (year, month, day) = Self.date(days: days)
    return Self.digits(year, 4) + "-" + Self.digits(month, 2) + "-" + Self.digits(day, 2) + "T"
      + Self.digits(second / 3600, 2) + ":" + Self.digits(second / 60 % 60, 2) + ":"
      + Self.digits(second % 60, 2) + "Z"
  }

  /// The day alone: `2031-02-03`.
  package var day: String { String(description.prefix(10)) }

  package static func < (left: UTCTime, right: UTCTime) -> Bool {
    left.secondsSince1970 < right.secondsSince1970
  }

  private static func digits(_ value: Int, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  // Years begin in March here, so that the leap day is a year's last and months have fixed offsets.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    return marchYear * 365 + floorDivide(marchYear, 4) - floorDivide(marchYear, 100)
      + floorDivide(marchYear, 400) + (monthFromMarch * 153 + 2) / 5 + day - 1 - 719_468
  }

  private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let sinceMarchZero = days + 719_468
    let era = floorDivide(sinceMarchZero, 146_097)
    let dayOfEra = sinceMarchZero - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (dayOfYear * 5 + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (monthFromMarch * 153 + 2) / 5 + 1)
  }
}
