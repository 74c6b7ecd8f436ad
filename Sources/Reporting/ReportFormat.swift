/// A way to write a report.
///
/// The same model gives the same text, on every machine: no clock, no locale, no order of hashing.
package protocol ReportFormat: Sendable {
  /// What `--format` takes.
  var name: String { get }
  /// Without the dot.
  var fileExtension: String { get }
  /// How large the report may grow when nobody says otherwise.
  var defaultLimits: ReportLimits { get }
  /// The whole report.
  ///
  /// - Throws: ``ReportError``, only when a template of the format's own is broken.
  func render(_ model: ReportModel) throws(ReportError) -> String
}

/// The formats there are; `--format` and its help follow this list.
package enum ReportFormats {
  package static let all: [any ReportFormat] = [HTMLReport(), MarkdownReport()]
}

/// A template that cannot be read: a defect of qverify.
package struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
  package let template: String
  package let detail: String

  package var description: String {
    "the template of the \(template) report is broken: \(detail); expected one that Mustache reads"
  }
}
