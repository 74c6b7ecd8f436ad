import Mustache

/// Fills a template of this module's own.
enum Rendering {
  /// - Parameters:
  ///   - template: Mustache text that begins with its way of escaping.
  ///   - name: of the format, for the error.
  ///   - values: texts, flags and lists of the same.
  /// - Returns: the filled template.
  /// - Throws: ``ReportError`` when Mustache cannot read the template.
  static func fill(
    _ template: String, name: String, _ values: [String: Any]
  ) throws(ReportError) -> String {
    _ = Markup.registered
    do {
      return try MustacheTemplate(string: template).render(values)
    } catch {
      throw ReportError(template: name, detail: "\(error)")
    }
  }

  /// A text for a section that is left out when there is none.
  static func optional(_ text: String) -> Any { text.isEmpty ? false : text as Any }
}

extension Rendering {
  /// The first holes of a group of coverage, and how many more there are.
  static func holes(_ group: CoverageReport.Group, _ limit: Int) -> String {
    let more =
      group.holesOmitted > 0 ? "; and \(NumberText.count(group.holesOmitted)) more" : ""
    return group.holes.map { NumberText.cut($0, limit) }.joined(separator: "; ") + more
  }
}
