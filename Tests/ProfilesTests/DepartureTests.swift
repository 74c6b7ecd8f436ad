import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct DepartureTests {
  @Test(arguments: ["tflm", "litert-reference", "litert-xnnpack", "ort", "exact-even"])
  func anAccumulatorDepartsExactlyWhereItLeavesInt32(name: String) throws {
    var random = SplitMix64(seed: 51)
    var departed = 0
    for _ in 0..<draws(2_000) {
      var maker = LayerMaker.random(TypeTriple(.int8), &random)
      maker.weightZeroPoints = [0]
      maker.outputScale = 0x1p24 * Double(Float(maker.inputScale * maker.weightScales[0]))
      maker.biasType = .int32
      maker.bias = (0..<maker.channels).map { _ in
        let inward = random.integer(in: 0...40_000)
        return random.below(2) == 0 ? Int64(Int32.max) - inward : Int64(Int32.min) + inward
      }
      let found = try outputs(name, maker)
      for row in 0..<maker.rows {
        for channel in 0..<maker.channels {
          let index = row * maker.channels + channel
          let total = maker.sum(row, channel) + maker.bias[channel]
          let fits = Int32(exactly: total) != nil
          let departs = found.departures[index].contains(.accumulator)
          if name == "exact-even" {
            #expect(!departs && found.accumulators[index] == total)
          } else {
            #expect(departs != fits)
            #expect(found.accumulators[index] == Int64(Int32(truncatingIfNeeded: total)))
            departed += departs ? 1 : 0
          }
        }
      }
    }
    #expect(departed > 0 || name == "exact-even")
  }

  @Test func aLeftShiftDepartsExactlyWhereBitsAreLost() throws {
    for shift in 1...10 {
      let scale = Double(sign: .plus, exponent: shift - 1, significand: 1)
      for accumulator in [
        1, -1, 1 << (31 - shift), -(1 << (31 - shift)), (1 << (31 - shift)) - 1,
        -(1 << (31 - shift)) - 1,
      ] as [Int64] {
        // Multiplier 2^(shift − 1) = 0.5 · 2^shift: the accumulator is shifted by `shift`.
        let isLost = Int32(exactly: accumulator << Int64(shift)) == nil
        for name in ["tflm", "litert-builtin", "cmsis-nn"] {
          let found = try outputs(name, LayerMaker(accumulator, scale, 1, 1))
          #expect(
            found.departures[0].contains(.leftShift) == isLost, "\(name) \(accumulator) << \(shift)"
          )
        }
        let folded = try outputs("single-rounding", LayerMaker(accumulator, scale, 1, 1))
        #expect(!folded.departures[0].contains(.leftShift))
      }
    }
  }

  @Test func aConversionDepartsWhereTheResultLeavesInt32() throws {
    for (accumulator, departs) in [
      (Int64(1) << 30, true), ((1 << 30) - 1, false), (-(1 << 30), false),
    ] {
      let maker = LayerMaker(accumulator, 2, 1, 1)
      let found = try outputs("litert-reference", maker)
      #expect(found.departures[0].contains(.conversion) == departs)
      let single = try outputs("single-rounding", maker)
      #expect(single.departures[0].contains(.conversion) == departs)
      #expect(single.values == [accumulator > 0 ? 127 : -128])
    }
    // Below, −2^31 is both what the conversion gives and where saturation would end.
    let below = try outputs("litert-reference", LayerMaker(-(1 << 30) - 1, 2, 1, 1))
    #expect(below.departures == [[]] && below.values == [-128])
  }

  @Test func addingTheZeroPointDepartsWhereItWraps() throws {
    let wraps = LayerMaker(Int64(Int32.min), 1, 1, 1, zeroPoint: -1)
    #expect(try outputs("litert-reference", wraps).departures == [.zeroPointAddition])
    #expect(try outputs("litert-xnnpack", wraps).departures == [.zeroPointAddition])
    // Saturated to 16 bits first, nothing wraps.
    #expect(try outputs("litert-xnnpack-avx2", wraps).departures == [[]])
    let fits = LayerMaker(Int64(Int32.min) + 1, 1, 1, 1, zeroPoint: -1)
    #expect(try outputs("litert-reference", fits).departures == [[]])
  }

  @Test func sixtyFourBitAccumulatorsDepartBeyond48Bits() throws {
    let wide = TypeTriple(input: .int16, weights: .int8, output: .int16)
    for (accumulator, departs) in [
      ((Int64(1) << 47) - 1, false), (1 << 47, true), (-(1 << 47), false), (-(1 << 47) - 1, true),
      (.max, true), (.min, true),
    ] {
      var maker = LayerMaker(wide)
      (maker.biasType, maker.bias, maker.outputScale) = (.int64, [accumulator], 0x1p31)
      let found = try outputs("tflm-int16", maker)
      #expect(found.departures[0].contains(.accumulator) == departs, "\(accumulator)")
      #expect(found.accumulators == [accumulator])
    }
    // 2^47 times 15 bits still fits 64: the right answer all the same.
    var maker = LayerMaker(wide)
    (maker.biasType, maker.bias, maker.outputScale) = (.int64, [1 << 47], 0x1p31)
    #expect(try outputs("tflm-int16", maker).values == [32_767])
  }

  @Test func aResultBeyondInt32DependsOnTheMachine() throws {
    // 2^31 − 1 times 3: x86 gives the other end, Arm the nearer one.
    let maker = LayerMaker(Int64(Int32.max), 3, 1, 1)
    #expect(try outputs("litert-reference", maker).values == [-128])
    let arm = try outputs("litert-reference-arm64", maker)
    #expect(arm.values == [127] && arm.departures == [[]])
    let wraps = LayerMaker(Int64(Int32.max), 3, 1, 1, zeroPoint: 1)
    let found = try outputs("litert-reference-arm64", wraps)
    #expect(found.values == [-128] && found.departures == [.zeroPointAddition])
  }

  @Test func everyDepartureHasAName() {
    let all: [Departure] = [
      .accumulator, .pairSaturation, .zeroPointIgnored, .leftShift, .conversion, .zeroPointAddition,
    ]
    #expect(Set(all.flatMap(\.names)).count == all.count)
    #expect(Departure(all).names.count == all.count && Departure().names.isEmpty)
  }
}
