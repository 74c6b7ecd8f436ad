import QuantizedArithmetic
import QuantizedLayers
import Shrinking
import TestCases
import Testing

/// Layers to begin with, larger than any predicate needs.
private enum Given {
  static func layer(rows: Int = 3, depth: Int = 20, channels: Int = 9) -> RawLayer {
    func tensor(_ shape: [Int], _ scale: Double, _ zeroPoint: Int64) -> RawTensor {
      let count = shape.reduce(1, *)
      return RawTensor(
        type: .int8, shape: shape, scales: [scale], zeroPoints: [zeroPoint],
        data: ElementBytes.bytes((0..<count).map { Int64($0 * 7 % 101) - 50 }, as: .int8))
    }
    var output = tensor([rows, channels], 0.75, -3)
    output.data = []
    return RawLayer(
      operation: FullyConnected.name, activation: .relu, input: tensor([rows, depth], 0.3, 5),
      weights: RawTensor(
        type: .int8, shape: [channels, depth], scales: (0..<channels).map { 0.1 + Double($0) / 16 },
        zeroPoints: [0], data: tensor([channels, depth], 1, 0).data),
      bias: RawTensor(
        type: .int32, shape: [channels], scales: [], zeroPoints: [],
        data: ElementBytes.bytes((0..<Int64(channels)).map { $0 * 1_000 - 77 }, as: .int32)),
      output: output)
  }

  static func testCase(_ layer: RawLayer, profile: String = "exact-even") -> TestCase {
    TestCase(origin: .given(id: "given"), classes: ["given"], profile: profile, layer: layer)
  }
}

struct ShrinkerTests {
  @Test func whatEveryCaseDoesEndsAtTheLeastLayer() throws {
    let shrunk = try Shrinker().shrink(Given.testCase(Given.layer())) { _ in true }
    let layer = shrunk.testCase.layer
    #expect(layer.input.shape == [1, 1] && layer.weights.shape == [1, 1])
    #expect(layer.bias == nil && layer.activation == .none)
    #expect([layer.input, layer.weights, layer.output].allSatisfy { $0.scales == [1] })
    #expect([layer.input, layer.weights, layer.output].allSatisfy { $0.zeroPoints == [0] })
    #expect(layer.input.integers == [0] && layer.weights.integers == [0])
    #expect(shrunk.remains.isEmpty && shrunk.stopped == nil)
  }

  @Test func whatAPredicateNeedsStays() throws {
    let shrunk = try Shrinker().shrink(Given.testCase(Given.layer())) { testCase in
      let layer = testCase.layer
      return layer.weights.shape[0] >= 9 && layer.input.shape[1] >= 3
        && (layer.bias?.integers.contains { $0 >= 100 } ?? false)
    }
    let layer = shrunk.testCase.layer
    #expect(layer.input.shape == [1, 3] && layer.weights.shape == [9, 3])
    #expect(layer.bias?.integers.sorted() == [0, 0, 0, 0, 0, 0, 0, 0, 100])
    #expect(shrunk.remains.contains { $0.hasPrefix("N stays 9: none of the ") })
    #expect(shrunk.remains.contains { $0.hasPrefix("K stays 3: none of the ") })
    #expect(!shrunk.remains.contains { $0.hasPrefix("M stays") })
  }

  /// Several passes try the same cases, which are asked once and counted once.
  @Test func noMoreCasesAreSaidToBeTriedThanWereAsked() throws {
    let shrunk = try Shrinker().shrink(Given.testCase(Given.layer())) { testCase in
      let layer = testCase.layer
      return layer.input.scales == [0.3] && layer.output.scales == [0.75]
    }
    #expect(shrunk.remains.contains { $0.hasPrefix("the scales stay no powers of two") })
    for line in shrunk.remains {
      let count = line.firstMatch(of: /none of the (\d+) cases/).flatMap { Int($0.1) } ?? 0
      #expect(count <= shrunk.questions, "\(line), of \(shrunk.questions) questions")
    }
  }

  @Test func theSameQuestionsLeadToTheSameCase() throws {
    func shrunk() throws -> Shrunk {
      try Shrinker().shrink(Given.testCase(Given.layer())) { testCase in
        testCase.layer.input.integers.contains { $0 > 20 } && testCase.layer.weights.shape[0] > 1
      }
    }
    let (one, other) = (try shrunk(), try shrunk())
    #expect(one.testCase == other.testCase && one.questions == other.questions)
  }

  @Test func layersStayLegalAndInsideTheProfile() throws {
    // tflm needs int8 weights with a zero point of 0 and binary32 scales.
    let start = Given.testCase(Given.layer(), profile: "tflm")
    var asked = 0
    _ = try Shrinker().shrinkTogether(
      start,
      whileEach: { cases in
        for testCase in cases {
          asked += 1
          let layer = try testCase.layer.validated()
          #expect(layer.weights.zeroPoints.allSatisfy { $0 == 0 })
          #expect(layer.types == TypeTriple(.int8) && testCase.profile == "tflm")
        }
        return cases.map { ($0.layer.bias?.integers.last ?? 0) > 500 }
      })
    #expect(asked > 100)
  }

  @Test func aFaultIsKept() throws {
    var layer = Given.layer()
    layer.output.scales = [-1]
    var start = Given.testCase(layer)
    start.refuse = .scaleNegative
    let shrunk = try Shrinker(limits: ShrinkLimits(seeksNumbers: false)).shrink(start) { _ in true }
    #expect(throws: LayerError.parameter(.output, .scaleIsNegative(-1))) {
      try shrunk.testCase.layer.validated()
    }
    #expect(shrunk.testCase.layer.input.shape == [1, 1])
  }

  @Test func accumulatorsAreKeptWhenProductsGo() throws {
    // Fails where the accumulator is that of channel 4 of row 0, in whatever layer.
    func accumulators(_ raw: RawLayer) throws -> [Int64] {
      let layer = try raw.validated()
      var operands = Operands()
      FullyConnected.lower(layer, into: &operands)
      return (0..<layer.outputCount).map { index in
        let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
        return (0..<layer.depth).reduce(operands.bias[channel]) { sum, k in
          let x = Int64(operands.input[row * layer.depth + k]) - layer.inputZeroPoint
          let w = Int64(operands.weights[channel * layer.depth + k])
          return sum + x * (w - layer.weights.zeroPoint(channel))
        }
      }
    }
    let start = Given.layer(rows: 1)
    let wanted = try accumulators(start)[4]
    let shrunk = try Shrinker().shrink(Given.testCase(start), focus: 4) { testCase in
      try accumulators(testCase.layer).contains(wanted)
    }
    #expect(shrunk.testCase.layer.input.shape == [1, 1])
    #expect(shrunk.testCase.layer.weights.shape == [1, 1])
    #expect(shrunk.testCase.layer.bias?.integers == [wanted])
    #expect(shrunk.testCase.layer.input.integers == [0])
  }

  @Test func limitsEndTheSearchAndAreNamed() throws {
    let few = try Shrinker(limits: ShrinkLimits(questions: 7)).shrink(
      Given.testCase(Given.layer())
    ) { $0.layer.weights.shape[0] >= 9 }
    #expect(few.questions == 7 && few.stopped == "the limit of 7 questions")
    #expect(few.remains.isEmpty)
    let steps = try Shrinker(limits: ShrinkLimits(batch: 1, steps: 2, seeksNumbers: false)).shrink(
      Given.testCase(Given.layer())
    ) { $0.layer.weights.shape[0] >= 4 }
    #expect(steps.steps == 2 && steps.stopped != nil)
    let stopped = try Shrinker().shrink(Given.testCase(Given.layer())) { _ in
      throw ShrinkStop("quarantine")
    }
    #expect(stopped.stopped == "quarantine" && stopped.testCase.layer == Given.layer())
  }

  @Test func onlyWhatIsAdmittedIsAsked() throws {
    let shrinker = Shrinker { $0.layer.bias != nil }
    let shrunk = try shrinker.shrink(Given.testCase(Given.layer())) { testCase in
      #expect(testCase.layer.bias != nil)
      return true
    }
    #expect(shrunk.testCase.layer.bias?.integers == [0])
  }
}
