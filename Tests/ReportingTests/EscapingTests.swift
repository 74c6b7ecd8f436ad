import Foundation
import ResultStore
import Testing
import Verdicts

@testable import Reporting

@Suite("escaping") struct EscapingTests {
  static let hostile = "<script>alert(1)</script> & \"x\" 'y' |`z`| [a](b) *c* _d_\n# e"

  @Test("XML") func xml() {
    #expect(
      Markup.xml("<a href=\"b\" c='d'>&amp;</a>")
        == "&lt;a href=&quot;b&quot; c=&#39;d&#39;&gt;&amp;amp;&lt;/a&gt;")
    // A quote with a combining mark is one character of Swift's, and still a quote to a browser.
    #expect(Markup.xml("\"\u{301}onclick='\u{301}") == "&quot;\u{301}onclick=&#39;\u{301}")
    #expect(Markup.xml("<\u{338}b") == "&lt;\u{338}b")
    #expect(
      Markup.xml("a\u{0}\u{1B}[31m\u{202E}\u{FFFE}\tb\n")
        == "a⟨U+0000⟩⟨U+001B⟩[31m⟨U+202E⟩⟨U+FFFE⟩\tb\n")
    #expect(Markup.xml("\r\n") == "⟨U+000D⟩\n")
    #expect(Markup.xml("一文 🦀 é") == "一文 🦀 é")
  }

  @Test("Markdown") func markdown() {
    #expect(Markup.markdown("a|b") == "a\\|b")
    #expect(
      Markup.markdown("`c` *d* _e_ ~f~ [g](h) \\ #i !j $k$ @l")
        == "\\`c\\` \\*d\\* \\_e\\_ \\~f\\~ \\[g\\](h) \\\\ \\#i \\!j \\$k\\$ \\@l")
    #expect(Markup.markdown("<b>&amp;") == "&lt;b&gt;&amp;amp;")
    #expect(Markup.markdown("one\ntwo\r\nthree\tfour") == "one two  three four")
  }

  @Test(
    "a fence that the text cannot close", arguments: ["plain", "a ``` b", "`````", "a\n```\nb"])
  func fence(text: String) {
    let lines = Markup.fence(text).split(separator: "\n", omittingEmptySubsequences: false)
    let fence = String(lines[0])
    #expect(fence.allSatisfy { $0 == "`" } && fence.count >= 3)
    #expect(lines.last == lines[0])
    #expect(!text.contains(fence))
    #expect(lines.dropFirst().dropLast().joined(separator: "\n") == text)
  }

  @Test("the templates escape", arguments: ReportFormats.all.map(\.name))
  func templates(format: String) throws {
    let hostile = Self.hostile
    var failure = Sample.failure(hostile, text: hostile)
    failure.caseID = hostile
    failure.classes = [hostile]
    failure.exact = hostile
    failure.operatorName = hostile
    failure.types = hostile
    failure.profile = hostile
    failure.repeatCommand = hostile
    let run = Sample.run {
      $0.commandLine = hostile
      $0.selection = hostile
      $0.seed = hostile
      $0.conformance = hostile
      $0.toolVersion = hostile
      $0.labels = [hostile: hostile]
      $0.environment = [hostile: hostile]
      $0.vectors = [.init(name: hostile, sha256: "ab")]
    }
    let snapshot = Sample.snapshot(
      run: run, implementations: [hostile],
      tallies: [Sample.tally(hostile, hostile, hostile, Sample.counts(cases: 5, mismatches: 1))],
      failures: [failure], trend: [Sample.summary(run: 1, implementation: hostile, failed: 1)],
      judgements: [.init(check: hostile, checked: 1, disagreements: 1)])
    let writer = try #require(ReportFormats.all.first { $0.name == format })
    let text = try writer.render(ReportModel(snapshot))
    if format == "html" {
      let page = XMLCheck(text)
      #expect(page.error == nil)
      #expect(page.count("script") == 0)
      #expect(page.elements.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
      #expect(page.text.components(separatedBy: "<script>alert(1)</script>").count > 20)
    } else {
      // Outside the fenced commands nothing of it is left as it was.
      var fenced = false
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("```") { fenced.toggle() }
        guard !fenced else { continue }
        #expect(!line.contains("<script"))
        #expect(!line.contains("[a](b)"))
        if line.hasPrefix("|") {
          let bars = line.replacing("\\|", with: "").count { $0 == "|" }
          #expect([3, 4, 8, 10, 11].contains(bars), "\(line)")
        }
      }
    }
  }
}
