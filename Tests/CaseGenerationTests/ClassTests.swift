import BigInt
import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

/// That the classes are what they say.
@Suite struct ClassTests {
  @Test(arguments: ["knifeEdge.bias", "knifeEdge.products", "knifeEdge.channels"])
  func knifeEdgesLieOnBothSidesOfAStep(name: String) throws {
    var (pairs, steps) = (0, 0)
    for testCase in try cases(of: name, count: draws(200, debug: 4)) {
      let computed = try Computed(testCase)
      let outputs = computed.outputs
      for channel in 0..<computed.layer.channels where outputs.departures[channel].isEmpty {
        let accumulator = outputs.accumulators[channel]
        var departure = Departure()
        let below = computed.reference.output(
          accumulator: accumulator - 1, channel: channel, departure: &departure)
        let above = computed.reference.output(
          accumulator: accumulator + 1, channel: channel, departure: &departure)
        guard departure.isEmpty else { continue }
        pairs += 1
        // Either this accumulator is the first of its output or the next one's output is higher.
        let value = outputs.values[channel]
        if below < value || above > value { steps += 1 }
      }
    }
    #expect(pairs > 100)
    // Products cannot reach every accumulator.
    #expect(steps * 100 >= pairs * (name == "knifeEdge.products" ? 80 : 97), "\(steps) of \(pairs)")
  }

  @Test(arguments: ["knifeEdge.bias"])
  func knifeEdgesOf8BitsMeetNearlyEveryStep(name: String) throws {
    var full = 0
    // Some layers have one channel, and one accumulator of all.
    let all = try cases(of: name, count: draws(200, debug: 4)).filter {
      $0.layer.output.type != .int16 && $0.layer.weights.shape[0] > 1
    }
    for testCase in all {
      let outputs = Set(try Computed(testCase).outputs.values)
      if outputs.count >= 250 { full += 1 }
    }
    #expect(all.count > 5 && full * 10 >= all.count * 8, "\(full) of \(all.count)")
  }

  @Test(arguments: ["multiplier.powerOfTwo", "multiplier.fewBits"])
  func tieClassesHoldTies(name: String) throws {
    var (withTies, count) = (0, 0)
    for testCase in try cases(of: name, count: draws(400, debug: 4)) {
      let computed = try Computed(testCase)
      guard computed.layer.biasScheme != .general, computed.layer.channels > 1 else { continue }
      let positions = computed.outputs.accumulators.enumerated().map {
        computed.position($1, $0 % computed.layer.channels)
      }
      count += 1
      // D = 1 has no ties.
      let isWhole = positions.allSatisfy { $0.fraction == .zero }
      if isWhole || positions.contains(where: { $0.fraction == .half }) { withTies += 1 }
    }
    #expect(withTies * 100 >= count * 95, "\(withTies) of \(count)")
  }

  @Test func accumulatorsReachTheEndsOfInt32() throws {
    for testCase in try cases(of: "accumulator.ends", count: draws(100, debug: 4)) {
      // There the saturation of pairs moves the accumulators away again.
      guard testCase.profile != "ort-avx2", testCase.layer.weights.shape[0] > 1 else { continue }
      let totals = try Computed(testCase).outputs.accumulators
      #expect(totals.contains(Int64(Int32.min)) && totals.contains(Int64(Int32.max)))
    }
  }

  @Test(arguments: ["hardScale.bias", "hardScale.products"])
  func hardScalesComeCloserToTiesThanRandomOnes(name: String) throws {
    /// The least distance of an accumulator's value from a tie, over the channels.
    func distance(_ computed: Computed, _ accumulators: [Int64]) -> Double {
      let layer = computed.layer
      let ratio = ScaleRatio(
        layer.inputScale, times: layer.weights.scale(0), over: layer.outputScale)
      return accumulators.map { accumulator in
        let doubled = ratio.rational * Rational(accumulator) * Rational(2)
        let remainder = doubled.numerator % doubled.denominator
        // An even part has half-way odd neighbours: the distance of 2y from the next odd integer.
        let whole = doubled.numerator / doubled.denominator
        let fraction = (Rational(remainder, over: doubled.denominator)).magnitude.approximation
        return whole % 2 == 0 ? 1 - fraction : fraction
      }.filter { $0 > 0 }.min() ?? 1
    }
    var (hard, random): ([Double], [Double]) = ([], [])
    var generator = SplitMix64(seed: 9)
    for testCase in try cases(of: name, count: draws(120, debug: 4)) {
      let computed = try Computed(testCase)
      let accumulators = computed.outputs.accumulators
      let reach = accumulators.map { Int64($0.magnitude) }.max() ?? 1
      hard.append(distance(computed, accumulators))
      random.append(
        distance(
          computed, accumulators.map { _ in generator.integer(in: (0 - reach)...max(reach, 1)) }))
    }
    hard.sort()
    random.sort()
    #expect(hard[hard.count / 2] * 20 < random[random.count / 2])
  }

  @Test func nearTiesAreNoneAndNotSeenInDoublePrecision() throws {
    var (wrong, singles, near) = (0, 0, 0)
    let all = try cases(of: "hardScale.nearTie", count: draws(160, debug: 4))
    for testCase in all {
      let computed = try Computed(testCase)
      let layer = computed.layer
      let (si, sw, so) = (
        layer.inputScale.value, layer.weights.scale(0).value, layer.outputScale.value
      )
      if [si, sw, so].allSatisfy({ Double(Float($0)) == $0 }) { singles += 1 }
      let ratio = ScaleRatio(
        layer.inputScale, times: layer.weights.scale(0), over: layer.outputScale)
      var (isNear, isWrong) = (false, false)
      for accumulator in computed.outputs.accumulators {
        let doubled = ratio.rational * Rational(accumulator) * Rational(2)
        let value = Double(accumulator) * si * sw / so
        let halves = (2 * value).rounded()
        guard halves.truncatingRemainder(dividingBy: 2) != 0 else { continue }
        let miss = (doubled - Rational(Int64(halves))).magnitude
        guard miss.numerator != 0 else { continue }
        if miss.approximation <= halves.magnitude * 0x1p-50 { isNear = true }
        // Double precision sees a tie, and goes to the even one; the exact value is on one side.
        let isAbove = (doubled - Rational(Int64(halves))).numerator > 0
        let exact = (halves / 2).rounded(isAbove ? .up : .down)
        if value.rounded(.toNearestOrEven) != exact, isNear { isWrong = true }
      }
      if isNear { near += 1 }
      if isWrong { wrong += 1 }
    }
    // Some layers have one channel, and a neighbour's accumulator.
    #expect(near * 10 > all.count * (all.count > 100 ? 9 : 8), "\(near) of \(all.count)")
    #expect(
      wrong * 4 > all.count && singles * 4 > all.count, "\(wrong), \(singles) of \(all.count)")
  }

  @Test func zeroPointsTakeBothEnds() throws {
    var seen: Set<[Bool]> = []
    for testCase in try cases(of: "zeroPoint.extremes", count: draws(400, debug: 2)) {
      let raw = testCase.layer
      func isHigh(_ tensor: RawTensor) -> Bool {
        tensor.zeroPoints[0] == tensor.type.range.upperBound
      }
      seen.insert([isHigh(raw.input), isHigh(raw.weights), isHigh(raw.output)])
    }
    #expect(seen.count == 8)
  }

  @Test func doubleScalesAreNoBinary32Numbers() throws {
    for testCase in try cases(of: "scale.double", count: 40) {
      let scales =
        testCase.layer.input.scales + testCase.layer.weights.scales + testCase.layer.output.scales
      // The output's always; of the others some are left as runtimes store them.
      #expect(scales.contains { Double(Float($0)) != $0 })
    }
  }

  @Test func otherScalesAreBinary32Numbers() throws {
    let generator = try CaseGenerator(seed: 11, selection: Selection())
    for index in UInt64(0)..<UInt64(draws(2_000, debug: 8)) {
      let testCase = generator.testCase(index)
      let hasWide = ["scale.double", "hardScale.nearTie"].contains(testCase.mainClass)
      guard !hasWide, testCase.refuse == nil else { continue }
      let raw = testCase.layer
      let scales =
        raw.input.scales + raw.weights.scales + raw.output.scales + (raw.bias?.scales ?? [])
      if !scales.allSatisfy({ Double(Float($0)) == $0 }) {
        Issue.record("case \(index) of \(testCase.mainClass): \(scales)")
      }
    }
  }
}
