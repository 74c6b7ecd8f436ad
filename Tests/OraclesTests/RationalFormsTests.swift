import BigInt
import Oracles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct RationalFormsTests {
  private func forms(_ maker: LayerMaker, _ row: Int = 0, _ channel: Int = 0) throws
    -> RationalForms
  {
    let layer = try maker.layer()
    return RationalForms(layer, layer.operands, row: row, channel: channel)
  }

  @Test(arguments: LayerMaker.allTypes)
  func allFormsAreEqualAsRationalNumbers(types: TypeTriple) throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<draws(60) {
      var maker = LayerMaker.random(types, &random, bits: random.pick([1, 24, 53]))
      let isGeneral = random.below(2) == 0
      if isGeneral {
        maker.addGeneralBias(.int32, bits: 31, exponents: -30...30, &random)
      } else {
        maker.addBias(.int32, bits: 31, &random)
      }
      for row in 0..<maker.rows {
        for channel in 0..<maker.channels {
          let forms = try forms(maker, row, channel)
          let expected = maker.exact(row, channel) + Rational(maker.outputZeroPoint)
          #expect(forms.values.map(\.form) == (isGeneral ? [.f1, .f2, .f3] : Form.allCases))
          #expect(forms.values.allSatisfy { $0.value == expected } && forms.disagreeing.isEmpty)
        }
      }
    }
  }

  @Test func theMisprintedLineIsRightOnlyWherePIs1OrZoIs0() throws {
    var random = SplitMix64(seed: 22)
    for _ in 0..<draws(300) {
      var maker = LayerMaker.random(TypeTriple(.int8), &random, bits: random.pick([1, 24]))
      switch random.below(3) {
      case 0: maker.outputZeroPoint = 0
      case 1:
        // Si·Sw·Sb = So, with Sb = Si·Sw.
        (maker.inputScale, maker.weightScales) = (0x1p-3, [0x1p-2])
        maker.outputScale = 0x1p-10
      default: break
      }
      let forms = try forms(maker)
      let coincides = forms.commonFactor == Rational(1) || maker.outputZeroPoint == 0
      #expect((forms.f3x == forms.values[0].value) == coincides)
    }
  }

  @Test func theMisprintDiffersByTheFactorOfTheZeroPoint() throws {
    // P = 1/4, Zo = 3: the true form ends in + 3, the misprint in + 3 · 4.
    var maker = LayerMaker(accumulators: [10])
    (maker.input, maker.weights) = ([0], [0])
    (maker.inputScale, maker.weightScales, maker.outputScale) = (0.5, [1], 1)
    maker.outputZeroPoint = 3
    let forms = try forms(maker)
    #expect(forms.commonFactor == Rational(1, over: 4))
    #expect(forms.values[0].value == Rational(8))
    #expect(forms.f3x == Rational(17))
  }

  @Test func extremeScalesAreStillEqual() throws {
    let ends = [0x1p-1074, 0x1p-149, 1, 0x1.fffffffffffffp1023]
    var random = SplitMix64(seed: 23)
    for input in ends {
      for weights in ends {
        for output in ends {
          var maker = LayerMaker.random(TypeTriple(.int16), &random)
          (maker.inputScale, maker.weightScales, maker.outputScale) = (input, [weights], output)
          #expect(try forms(maker).disagreeing.isEmpty)
        }
      }
    }
  }
}
