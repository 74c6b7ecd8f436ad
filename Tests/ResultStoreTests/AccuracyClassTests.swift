import ResultStore
import Testing
import Verdicts

@Suite("accuracy classes") struct AccuracyClassTests {
  private func counts(_ change: (inout TallyCounts) -> Void) -> TallyCounts {
    var counts = TallyCounts()
    counts.outputs = 100
    change(&counts)
    return counts
  }

  @Test("strongest first") func order() {
    let all = AccuracyClass(counts { _ in }, outputType: "int8")
    #expect(all == .correctlyRounded([.even, .away, .up]))
    #expect(all?.text == "correctlyRounded(even)")
    #expect(all?.note == "ties away and up fit as well: no output tells them apart")

    let away = AccuracyClass(counts { ($0.notEven, $0.notUp) = (1, 1) }, outputType: "int8")
    #expect(away?.text == "correctlyRounded(away)")
    #expect(away?.note == "")

    let nearest = counts { ($0.notEven, $0.notUp, $0.notAway) = (1, 1, 1) }
    #expect(AccuracyClass(nearest, outputType: "int8") == .nearest)

    var faithful = nearest
    (faithful.notNearest, faithful.lowestError) = (1, -1)
    #expect(AccuracyClass(faithful, outputType: "int8") == .faithful)

    var within = faithful
    (within.notFaithful, within.lowestError, within.highestError) = (1, -3, 2)
    #expect(AccuracyClass(within, outputType: "int8") == .within(3))
    #expect(within.largestSignedError == -3)

    within.lowestError = -255
    #expect(AccuracyClass(within, outputType: "int8") == .unbounded)
    #expect(AccuracyClass(within, outputType: "int8")?.text == "none")
    #expect(AccuracyClass(within, outputType: "int16") == .within(255))
  }

  @Test("nothing graded, no class") func none() {
    #expect(AccuracyClass(TallyCounts(), outputType: "int8") == nil)
    let departed = counts { $0.departedOutputs = 100 }
    #expect(AccuracyClass(departed, outputType: "int8") == nil)
    #expect(AccuracyClass([Tally]()) == nil)
  }

  @Test("over several tallies the weakest holds") func several() {
    let good = Tally(Sample.key(), counts { ($0.notAway, $0.notUp) = (1, 1) })
    let other = Tally(Sample.key("tie"), counts { $0.notEven = 1 })
    #expect(AccuracyClass([good]) == .correctlyRounded([.even]))
    #expect(AccuracyClass([good, other]) == .nearest)
    let wild = Tally(
      Sample.key("wild", types: "int8,int8,int4"),
      counts {
        ($0.notEven, $0.notAway, $0.notUp, $0.notNearest, $0.notFaithful) = (1, 1, 1, 1, 1)
        $0.highestError = 15
      })
    #expect(AccuracyClass([good, wild]) == .unbounded)
  }

  @Test("sums stay in range") func saturation() {
    var sum = counts { ($0.cases, $0.lowestError) = (.max, .min) }
    sum += sum
    #expect(sum.cases == .max)
    #expect(sum.largestError == .max)
  }

  @Test("an allowed acceptance of nonsense is not a failure") func tolerated() {
    let result = counts {
      $0.outcomes[.acceptedInvalid] = 5
      $0.tolerated = 3
      $0.outcomes[.pass] = 2
      $0.outcomes[.unsupported] = 4
    }
    #expect(result.failed == 2)
    #expect(result.judged == 7)
  }
}
