import Implementations
import QuantizedLayers
import Testing
import Verdicts

struct ClaimReaderTests {
  private func claims(_ text: String) throws(ClaimError) -> [Claim] {
    try ClaimReader().read(json: Array(text.utf8))
  }

  @Test func everyKeyIsUnderstood() throws {
    let claims = try claims(
      """
      [{"operator":"fullyConnected","types":["int8,int8,int8","uint8,int8,uint8"],
        "weights":["perTensor","perChannel"],"weightZeroPoint":true,
        "bias":["none","accumulator","general"],"activations":["none","relu","relu6","clamp"],
        "maxElements":65536,"profile":"ort","refusals":"asProfile"}]
      """)
    let claim = try #require(claims.first)
    #expect(claims.count == 1)
    #expect(claim.operation == "fullyConnected")
    #expect(claim.types?.map(\.description) == ["int8,int8,int8", "uint8,int8,uint8"])
    #expect(claim.weights == [.perTensor, .perChannel])
    #expect(claim.weightZeroPoint == true)
    #expect(claim.bias == [.none, .accumulator, .general])
    #expect(claim.activations == ["none", "relu", "relu6", "clamp"])
    #expect(claim.maxElements == 65_536)
    #expect(claim.profile == "ort")
    #expect(claim.conformance == nil)
    #expect(claim.refusals == .asProfile)
  }

  @Test func whatIsAbsentClaimsEverythingOfItsKind() throws {
    let claim = try #require(try claims("[{\"operator\":\"fullyConnected\"}]").first)
    #expect(claim == Claim())
    #expect(claim.types == nil && claim.bias == nil && claim.maxElements == nil)
    #expect(claim.refusals == .strict)
  }

  @Test func severalEntriesStayInOrder() throws {
    let claims = try claims(
      """
      [{"operator":"fullyConnected","profile":"tflm"},
       {"operator":"fullyConnected","conformance":"within(1)"}]
      """)
    #expect(claims.map(\.profile) == ["tflm", nil])
    #expect(claims.map(\.conformance) == [nil, .within(1)])
  }

  @Test(arguments: [
    ("{}", "expected an array"),
    ("[]", "the list is empty"),
    ("[1]", "claims[0] must be an object"),
    ("[{}]", "claims[0] has no operator"),
    ("[{\"operator\":\"conv\"}]", "claims[0].operator: 'conv' is not one of fullyConnected"),
    ("[{\"operator\":1}]", "claims[0].operator must be a string"),
    (
      "[{\"operator\":\"fullyConnected\",\"type\":[]}]",
      "claims[0]: unknown key \"type\"; known are operator, types"
    ),
    (
      "[{\"operator\":\"fullyConnected\"},{\"operator\":\"fullyConnected\",\"types\":[\"int8\"]}]",
      "claims[1].types: 'int8' is not input,weights,output, each one of int8, uint8, int16"
    ),
    (
      "[{\"operator\":\"fullyConnected\",\"types\":[\"int8,int8,int32\"]}]",
      "'int8,int8,int32' is not input,weights,output"
    ),
    ("[{\"operator\":\"fullyConnected\",\"types\":\"int8,int8,int8\"}]", "types must be a list"),
    ("[{\"operator\":\"fullyConnected\",\"bias\":[]}]", "claims[0].bias must not be empty"),
    (
      "[{\"operator\":\"fullyConnected\",\"weights\":[\"perAxis\"]}]",
      "'perAxis' is not one of perTensor, perChannel"
    ),
    (
      "[{\"operator\":\"fullyConnected\",\"activations\":[\"gelu\"]}]",
      "'gelu' is not one of none, relu, relu6, clamp"
    ),
    ("[{\"operator\":\"fullyConnected\",\"weightZeroPoint\":1}]", "must be true or false"),
    ("[{\"operator\":\"fullyConnected\",\"maxElements\":0}]", "an integer of at least 1"),
    ("[{\"operator\":\"fullyConnected\",\"maxElements\":-4}]", "an integer of at least 1"),
    ("[{\"operator\":\"fullyConnected\",\"maxElements\":1.5}]", "an integer without fraction"),
    ("[{\"operator\":\"fullyConnected\",\"profile\":\"tflite\"}]", "'tflite' is not one of"),
    ("[{\"operator\":\"fullyConnected\",\"conformance\":\"best\"}]", "'best' is not one of"),
    ("[{\"operator\":\"fullyConnected\",\"conformance\":\"profile\"}]", "'profile' is not one of"),
    ("[{\"operator\":\"fullyConnected\",\"refusals\":\"lax\"}]", "not one of strict, asProfile"),
    (
      "[{\"operator\":\"fullyConnected\",\"profile\":\"tflm\",\"conformance\":\"nearest\"}]",
      "profile or conformance, not both"
    ),
    ("[{\"operator\":\"fullyConnected\",\"operator\":\"fullyConnected\"}]", "every key once"),
    ("[{\"operator\":\"fullyConnected\"}] x", "expected end of line"),
    ("[{\"operator\":\"fullyConnected\"", "expected ',' or '}'"),
    ("", "expected an array"),
  ])
  func whatIsWrongIsNamed(_ text: String, _ expected: String) {
    do {
      let read = try claims(text)
      Issue.record("\(text) was read as \(read)")
    } catch {
      #expect(error.description.contains(expected), "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }
}
