import Explanation
import Oracles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@Suite("The check of the derivation")
struct DerivationTests {
  @Test("Two hundred configurations hold, with every kind among them")
  func holds() {
    let check = DerivationCheck(count: 200, seed: 5)
    #expect(check.holds)
    #expect(check.configurations == 200)
    for form in [Form.f1, .f2, .f3] {
      #expect(check.forms[form] == DerivationCheck.Count(applied: 200, equal: 200))
    }
    // F4 and F5 need a bias in accumulator units or none.
    let folded = (check.biasSchemes[.none] ?? 0) + (check.biasSchemes[.accumulator] ?? 0)
    for form in [Form.f4, .f5] {
      #expect(check.forms[form] == DerivationCheck.Count(applied: folded, equal: folded))
    }
    #expect(check.biasSchemes.count == 3 && check.perChannel > 20)
    #expect(check.commonFactorIsOne > 20 && check.zeroPointIsZero > 20 && check.both > 0)
    // Inclusion and exclusion: it coincides exactly where P = 1 or Zo = 0.
    let coinciding = check.commonFactorIsOne + check.zeroPointIsZero - check.both
    #expect(check.misprintDiffers == 200 - coinciding)
    #expect(check.firstCounterExample != nil)
    for line in check.lines { #expect(line.count <= 100, "\(line)") }
  }

  @Test("The first counter-example is one by the conditions on P and Zo")
  func firstCounterExample() throws {
    let first = try #require(DerivationCheck(count: 50, seed: 3).firstCounterExample)
    #expect(first.forms.commonFactor != Rational(1))
    #expect(first.layer.outputZeroPoint != 0)
    #expect(first.forms.f3x != first.forms.values[1].value)
  }

  /// The definitions again, in the few operations that one product without bias leaves:
  /// F2 = q·w·(Si·Sw/So) + Zo; P = (Si·Sw)²/So; F3x = q·w·Si·Sw/So + Zo/P.
  @Test("The counter-example by hand is right in both of its numbers")
  func smallCounterExample() throws {
    let small = try #require(SmallCounterExample.find())
    let product = small.inputScale * small.weightScale
    let common = product * product / small.outputScale
    let y = Double(small.input * small.weight) * product / small.outputScale
    let zeroPoint = Double(small.outputZeroPoint)
    // Small integers and powers of two: every operation here is exact.
    #expect(small.commonFactor == Rational(exactly: common))
    #expect(small.right == Rational(exactly: y + zeroPoint))
    #expect(small.misprinted == Rational(exactly: y + zeroPoint / common))
    #expect(small.right != small.misprinted)
  }
}
