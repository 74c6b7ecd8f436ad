import ProfileFiles
import Profiles
import QuantizedArithmetic
import Testing

struct ProfileFileTests {
  /// Kernels for parts of a layer have no words in a file.
  private static let plain = Profiles.all.filter { profile in
    profile.rules.allSatisfy { $0.arithmetic.variants.isEmpty } && !profile.generalBias
  }

  @Test(arguments: plain.map(\.name))
  func aProfileIsReadAsItWasWritten(_ name: String) throws {
    let profile = try #require(Profiles.named(name))
    #expect(try ProfileFile.profile(Array(ProfileFile.text(profile).utf8)) == profile)
  }

  /// Every part of every arithmetic: the text of a choice makes that choice.
  @Test func everyChoiceIsMadeByItsText() {
    for profile in Profiles.all {
      for rule in profile.rules {
        for (part, choice) in rule.arithmetic.choices {
          #expect(part.choices.contains(choice), "\(part) \(choice)")
          var arithmetic = rule.arithmetic
          #expect(part.set(choice, in: &arithmetic))
          #expect(arithmetic == rule.arithmetic, "\(profile.name) \(part) \(choice)")
        }
      }
    }
  }

  @Test(arguments: [
    ("{}", "'profile' must be a name"),
    (#"{"profile":"a b","rules":[]}"#, "'profile' must be a name"),
    (#"{"profile":"mine","rules":[]}"#, "'rules' must not be empty"),
    (#"{"profile":"mine","colour":1}"#, "unknown key"),
    (
      #"{"profile":"mine","rules":[{"types":"int8,int8","arithmetic":{"requantization":"exact"}}]}"#,
      "rules[0].types: 'int8,int8' is not input,weights,output"
    ),
    (
      #"{"profile":"mine","rules":[{"types":"int8,int8,int8","arithmetic":{"rounding":"up"}}]}"#,
      "must have a requantization"
    ),
    (
      #"{"profile":"mine","rules":[{"types":"int8,int8,int8","arithmetic":{"requantization":"exact","multiplier":"bits31"}}]}"#,
      "the requantization has no such part"
    ),
    (
      #"{"profile":"mine","rules":[{"types":"int8,int8,int8","arithmetic":{"requantization":"float64","rounding":"sideways"}}]}"#,
      "'sideways' is not one of down, up"
    ),
    (#"{"profile":"mine","profile":"yours"}"#, "profile"),
  ])
  func aFileThatIsNoProfileIsRefusedWithTheReason(_ text: String, _ reason: String) {
    do {
      _ = try ProfileFile.profile(Array(text.utf8))
      Issue.record("it was read")
    } catch {
      #expect(error.description.contains(reason), "\(error)")
    }
  }

  /// What a file may combine computes something for every multiplier: an output within the bounds.
  @Test func wideResultsOfEveryMultiplierStayWithinTheBounds() throws {
    var arithmetic = try #require(Profiles.named("tflm")?.rules.first?.arithmetic)
    for (part, choice) in [
      (ArithmeticPart.firstRounding, "none"), (.leftShift, "folded"), (.result, "isWide"),
    ] { #expect(part.set(choice, in: &arithmetic)) }
    for exponent in -200...200 {
      let parameters = ChannelParameters(
        input: try Scale(Double(sign: .plus, exponent: exponent, significand: 1.75)),
        weights: try Scale(1), output: try Scale(1), outputZeroPoint: -128, isPerChannel: false)
      let requantizer = Requantizer(parameters, arithmetic, range: -128...127, type: .int8)
      for accumulator in [Int128(Int32.min), -1, 0, 1, Int128(Int32.max)] {
        #expect((-128...127).contains(requantizer.output(accumulator: accumulator)))
      }
    }
  }
}
