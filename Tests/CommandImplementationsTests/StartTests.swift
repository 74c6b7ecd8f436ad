import CommandImplementations
import Implementations
import Testing

/// What keeps a program from being judged at all is said in one line, with the reason.
@Suite(.enabled(if: Python.path != nil, "python3 is not here"))
struct StartTests {
  struct BadStart: CustomTestStringConvertible {
    let python: String
    let message: String
    var testDescription: String { python }
  }

  static let all = [
    BadStart(python: "os._exit(3)", message: "before its hello line it ended with exit status 3"),
    BadStart(
      python: "raise ImportError('no runtime')", message: "ImportError: no runtime"),
    BadStart(python: "time.sleep(60)", message: "it said no hello: no line within 0.5 s"),
    BadStart(python: "os.close(1); time.sleep(60)", message: "it closed its standard output"),
    BadStart(python: "while True: write('x' * 65536)", message: "a line of more than"),
    BadStart(python: "while True: write('x' * 65536, 2)", message: "no line within 0.5 s"),
    BadStart(
      python: "print('Runtime 2.0, welcome', flush=True); hello()",
      message: "Runtime 2.0, welcome (standard output must hold nothing but lines of the format)"),
    BadStart(python: "hello(format=2)", message: "format must be 1, but is 2"),
    BadStart(python: "hello(format='1')", message: "malformed"),
    BadStart(python: "write('{\"hello\":{}}\\n')", message: "hello has no format"),
    BadStart(python: "write('{\"hello\":1}\\n')", message: "malformed"),
    BadStart(python: "write('{\"id\":\"x\",\"output\":[]}\\n')", message: "it is an answer"),
    BadStart(python: "write('{\"end\":{}}\\n')", message: "it is an end line"),
    BadStart(python: "hello(claims=[])", message: "claims: the list is empty"),
    BadStart(python: "hello(claims={})", message: "claims"),
    BadStart(
      python: "hello(claims=[{'operator':'fullyConnected','profile':'mine'}])",
      message: "claims[0].profile: 'mine' is not one of"),
    BadStart(
      python: "hello(claims=[{'operator':'fullyConnected','types':['int8']}])",
      message: "claims[0].types: 'int8' is not input,weights,output"),
    BadStart(
      python: "hello(claims=[{'operator':'fullyConnected','tipes':[]}])",
      message: "claims[0]: unknown key \"tipes\""),
  ]

  @Test(arguments: all)
  func isSaidInOneLine(_ bad: BadStart) throws {
    let error = #expect(throws: StartError.self) {
      try Trial(bad.python, helloLimit: bad.message.contains("within") ? 0.5 : 10)
    }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("implementation test cannot be started: "))
    #expect(text.contains(bad.message), "\(text)")
    #expect(!text.contains { $0.isNewline }, "\(text)")
  }

  @Test(arguments: [
    (["/no/such/program"], "cannot be executed: No such file"), (["/"], "cannot be executed"),
    (["no-such-program-anywhere"], "cannot be executed"), ([], "run is empty"),
  ])
  func aProgramThatIsNotThereIsNamed(_ run: [String], message: String) throws {
    let implementation = CommandImplementation(CommandConfiguration(name: "test", run: run))
    let error = #expect(throws: StartError.self) { try implementation.prepare() }
    #expect(try #require(error).reason.contains(message), "\(String(describing: error))")
  }
}
