import ResultStore
import Testing

@testable import Reporting

@Suite("the Markdown report") struct MarkdownReportTests {
  @Test("no runs") func empty() throws {
    #expect(
      try MarkdownReport().render(.empty())
        == "# No runs yet\n\nThis database holds no run. `qverify check` stores one.\n")
  }

  @Test("a small run, whole") func snapshot() throws {
    #expect(try MarkdownReport().render(ReportModel(Sample.snapshot())) == Self.small)
  }

  private static let small = """
    # ❌ mine does not conform; 1 other does not fail

    100 cases put to 2 implementations, in 2 classes and 1 combination of types: fullyConnected 80, conv2d 20.
    3 cases fail; of 1,000 outputs compared, 3 differ from what was expected.
    The judges agree: 1 check of each other, 1,200 comparisons, no difference.

    | implementation | verdict | profile | accuracy | cases | failing | outputs | mismatched | departed | largest error |
    | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | mine 2.1 | ❌ fails | not bit-exact | faithful | 50 | 3 | 500 | 3 | 0 | +1 |
    | kernels 2.1 | ✅ conforms | bit-exact | correctlyRounded(even) | 50 | 0 | 500 | 0 | 0 | 0 |

    ## Failures

    | case | implementation | outcome | operator, types, profile | output | expected | got | exact | differing |
    | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
    | 7-0000012-5f0c91ab | mine | mismatch | fullyConnected int8,int8,int8 tflm | 3 | -119 | -118 | -239/2 | 1 of 12 |

    2 stored failures more in the database.

    To repeat the first of them:

    ```sh
    qverify check --only 7-0000012-5f0c91ab
    ```

    ## mine

    | operator | types | profile | cases | failing | other than passed | outputs | mismatched | largest error | accuracy |
    | --- | --- | --- | ---: | ---: | --- | ---: | ---: | ---: | --- |
    | fullyConnected | int8,int8,int8 | tflm | 30 | 3 | mismatch 3 | 300 | 3 | +1 | faithful |
    | conv2d | int8,int8,int8 | tflm | 20 | 0 |  | 200 | 0 | 0 | correctlyRounded(even) |

    ## kernels

    | operator | types | profile | cases | failing | other than passed | outputs | mismatched | largest error | accuracy |
    | --- | --- | --- | ---: | ---: | --- | ---: | ---: | ---: | --- |
    | fullyConnected | int8,int8,int8 | tflm | 50 | 0 |  | 500 | 0 | 0 | correctlyRounded(even) |

    ## The judges’ checks of each other

    | check | comparisons | disagreements |
    | --- | ---: | ---: |
    | forms equal | 1,200 | 0 |

    ## Trend

    | started | implementation | verdict | cases | failing | mismatched outputs | largest error |
    | --- | --- | --- | ---: | ---: | ---: | ---: |
    | 2030-03-18T17:46:40Z | mine | fails (worse than before) | 100 | 3 | 3 | 1 |
    | 2030-03-17T17:46:40Z | mine | conforms | 100 | 0 | 0 | 0 |
    | 2030-03-18T17:46:40Z | kernels | conforms | 100 | 0 | 0 | 0 |
    | 2030-03-17T17:46:40Z | kernels | conforms | 100 | 0 | 0 | 0 |

    ## Repeating this run

    ```sh
    qverify check --impl kernels,mine --seed 7
    ```

    | | |
    | --- | --- |
    | run | 5f0c91ab-0000-4000-8000-000000000001 |
    | started | 2030-03-17T17:46:40Z |
    | status | finished |
    | qverify | 1.0.0, generator version 1 |
    | seed | 7 |
    | selection | --cases all |
    | label branch | main |
    | cores | 2 |
    | os | Linux |

    """

  @Test("many implementations stay below a CI summary's limit") func size() throws {
    let names = (0..<30).map { "implementation number \($0)" }
    let tallies = names.flatMap { name in
      (0..<200).map { Sample.tally(name, "op\($0)", "c", Sample.counts(cases: 3, mismatches: 1)) }
    }
    let trend = names.flatMap { name in
      (0..<200).map { Sample.summary(run: Int64($0), implementation: name) }
    }
    let snapshot = Sample.snapshot(
      implementations: names, tallies: tallies,
      failures: (0..<500).map { Sample.failure(names[$0 % 30]) }, trend: trend)
    let text = try MarkdownReport().render(ReportModel(snapshot, limits: .brief))
    #expect(text.utf8.count < 1_048_576 / 2)
    #expect(text.contains("4,000") == false)
    #expect(text.contains("200 rows of counts more in the database."))
  }
}
