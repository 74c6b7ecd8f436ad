import CaseGeneration
package import Implementations
package import Profiles
import QuantizedArithmetic
package import QuantizedLayers
import TestCases
import Verdicts

/// Finds out which arithmetic an implementation performs, by asking as few questions as it can.
///
/// The candidates are the named profiles and, stage by stage, every combination of the choices that the
/// stage is about. A stage draws questions, asks those on which the candidates that are left differ, and
/// keeps the candidates that predict every output of the answer. What is left at the end is held
/// against generated cases of every class.
package final class Identifier {
  private let subject: Subject
  private var maker: QuestionMaker
  private let ask: ([RawLayer]) -> [Answer]
  private let budget: Int
  private let claims: [Claim]
  private var candidates: [Candidate]
  /// The best of those that were ruled out last, for the message that none fits.
  private var lost: (candidates: [Candidate], question: Question, answer: [Int32])?
  private var history: [(question: Question, answer: [Int32])] = []
  private var steps: [Identification.Step] = []
  /// Choices that a stage left open, by part.
  private var open: [ArithmeticPart: [String]] = [:]
  /// Of each profile, questions that were answered though it does not define them, and the reverse.
  private var outside: [String: Int] = [:]
  private var refusedInside: [String: Int] = [:]
  /// Multipliers from which on, and below which, no candidate predicts what was answered.
  private var upperLimit = Double.infinity
  private var lowerLimit = 0.0
  /// Whether no candidate predicts what was answered where scales are at the ends of binary32.
  private var needsNormalScales = false
  private var exceptions: [String] = []
  private var asked = 0
  private var unanswered = 0
  private var lastRefusal = ""

  /// - Parameters:
  ///   - subject: types and bias.
  ///   - claims: what the implementation claims to compute.
  ///   - budget: cases at most.
  ///   - ask: gives the answers to layers, in their order.
  package init(
    _ subject: Subject, claims: [Claim], budget: Int, ask: @escaping ([RawLayer]) -> [Answer]
  ) {
    self.subject = subject
    self.claims = claims
    self.budget = budget
    self.ask = ask
    maker = QuestionMaker(subject: subject)
    candidates = Identifier.start(subject)
  }

  private static func start(_ subject: Subject) -> [Candidate] {
    Profiles.all.compactMap { profile in
      profile.rules.first {
        $0.types == subject.types && $0.biasTypes.contains(subject.biasType)
      }.map { Candidate(profile: profile.name, $0.arithmetic) }
    } + CandidateSpace.requantizations(subject.types, isWide: subject.isWide)
  }

  package func identification() -> Identification {
    let stages: [(parts: [ArithmeticPart], draws: Int, make: (Int) -> Question?)] = [
      ([], 48, { self.maker.requantization($0) }),
      (
        [.zeroPointAddition, .clampOrder], 16,
        {
          self.subject.allowsActivationZeroPoints
            ? self.maker.requantization($0, zeroPoint: true) : nil
        }
      ),
      (
        [.leftShift, .result, .conversion, .floatClamp, .zeroPointAddition], 24,
        { self.maker.overflow($0) }
      ),
      ([.multiplier], 16, { self.maker.extremes($0) }),
      (self.accumulatorParts, 35, { self.maker.sums($0) }),
      ([.weightsZeroPoint], 8, { self.maker.weightsZeroPoints($0) }),
      ([.activationBounds], 16, { self.maker.activations($0) }),
    ]
    for stage in stages {
      run(stage.parts, stage.draws, stage.make)
      if candidates.isEmpty, history.count <= 3, !maker.avoidsBias, subject.biasType != nil {
        // Perhaps it is the bias that is wrong: once more without it.
        let first = lost
        maker.avoidsBias = true
        candidates = Identifier.start(subject)
        history.removeAll()
        run(stage.parts, stage.draws, stage.make)
        if candidates.isEmpty { lost = first }
      }
      if candidates.isEmpty { return none() }
      if history.isEmpty { return made(.unanswered(lastRefusal), verified: 0) }
    }
    return verified()
  }

  private var accumulatorParts: [ArithmeticPart] {
    subject.biasType == nil ? [.accumulator] : [.accumulator, .bias]
  }

  // MARK: Stages

  private func run(_ parts: [ArithmeticPart], _ draws: Int, _ make: (Int) -> Question?) {
    guard asked < budget else { return }
    // With one profile left and nothing beside it, further choices are not needed to name it; they are
    // to find that it is another.
    candidates = consistent(CandidateSpace.expanded(candidates, parts))
    var number = 0
    unanswered = 0
    while number < draws, asked < budget * 3 / 4, !candidates.isEmpty,
      unanswered < Identifier.patience
    {
      guard let (question, next) = bestQuestion(from: number, draws, make) else { break }
      number = next
      put(question)
    }
    collapse(parts)
  }

  /// Questions of a stage that go unanswered before the next stage begins.
  private static let patience = 8
  /// Combinations that are carried on of those that a stage could not tell apart.
  private static let representatives = 12

  /// Carries on with a few of the combinations that nothing in the stage told apart; what they differ
  /// in is remembered as open.
  private func collapse(_ parts: [ArithmeticPart]) {
    let unnamed = candidates.filter { $0.profile == nil }
    guard unnamed.count > 1 else { return }
    for part in ArithmeticPart.allCases {
      var choices: [String] = []
      for candidate in unnamed {
        guard let choice = part.choice(of: candidate.arithmetic), !choices.contains(choice) else {
          continue
        }
        choices.append(choice)
      }
      open[part] = choices.count > 1 ? choices : nil
    }
    let named = candidates.filter { $0.profile != nil }
    let known = Set(named.map(\.arithmetic))
    let sorted = unnamed.enumerated().sorted { left, right in
      let (a, b) = (left.element.arithmetic.oddity, right.element.arithmetic.oddity)
      let (isA, isB) = (
        known.contains(left.element.arithmetic), known.contains(right.element.arithmetic)
      )
      return isA != isB ? isA : a != b ? a < b : left.offset < right.offset
    }.map(\.element)
    candidates = named + sorted.prefix(Identifier.representatives)
  }

  /// The candidates that also fit what has been answered already.
  private func consistent(_ list: [Candidate]) -> [Candidate] {
    list.filter { candidate in
      history.allSatisfy { item in
        !isWithinLimits(item.question)
          || candidate.outputs(item.question).map { $0 == item.answer } ?? true
      }
    }
  }

  /// Of the next few questions that tell candidates apart, the one that tells most.
  private func bestQuestion(
    from start: Int, _ draws: Int, _ make: (Int) -> Question?
  ) -> (Question, next: Int)? {
    var best: (question: Question, groups: Int)?
    var (number, seen) = (start, 0)
    let most = candidates.count > 500 ? 1 : 4
    while number < draws, seen < most {
      defer { number += 1 }
      guard let question = make(number) else { continue }
      let groups = groups(question)
      guard groups > 1 else { continue }
      seen += 1
      if groups > best?.groups ?? 1 { best = (question, groups) }
    }
    return best.map { ($0.question, number) }
  }

  /// How many different answers the candidates would give.
  private func groups(_ question: Question) -> Int {
    var seen: Set<[Int32]> = []
    for candidate in candidates {
      if let outputs = candidate.outputs(question) { seen.insert(outputs) }
    }
    return seen.count
  }

  private func put(_ question: Question) {
    asked += 1
    let before = candidates.count
    let answer = ask([question.layer.raw]).first ?? .failed(.protocolError, "no answer")
    let text: String
    if let values = values(answer, question.layer) {
      let left = matching(question, values)
      if left.isEmpty { lost = (candidates, question, values) }
      note(question, isAnswered: true)
      candidates = left
      history.append((question, values))
      text = "\(values.count) outputs"
    } else {
      note(question, isAnswered: false)
      unanswered += 1
      lastRefusal = answer.reason
      text = answer.reason
    }
    steps.append(
      Identification.Step(
        number: asked, purpose: question.purpose, answer: text, before: before,
        after: candidates.count, names: names))
  }

  private func values(_ answer: Answer, _ layer: Layer) -> [Int32]? {
    guard case .output(let bytes) = answer,
      bytes.count == layer.outputCount * layer.output.type.byteCount
    else { return nil }
    return ElementBytes.integers(bytes, as: layer.output.type).map {
      Int32(truncatingIfNeeded: $0)
    }
  }

  /// The candidates that predict an answer, or say nothing of it.
  ///
  /// Where D lies at the ends of what multipliers are made for, or scales at the ends of binary32, and
  /// none predicts it, all are kept, and the result is restricted to what lies between.
  private func matching(_ question: Question, _ values: [Int32]) -> [Candidate] {
    guard isWithinLimits(question) else { return candidates }
    var (left, isPredicted) = ([Candidate](), false)
    for candidate in candidates {
      let outputs = candidate.outputs(question)
      if outputs == values { isPredicted = true }
      if outputs == nil || outputs == values { left.append(candidate) }
    }
    guard !isPredicted, restrict(to: question) else { return left }
    exceptions.append(question.purpose)
    return candidates
  }

  /// Restricts the result to what is less extreme than a question.
  ///
  /// - Returns: false where nothing about the question is extreme.
  private func restrict(to question: Question) -> Bool {
    let multiplier = question.multiplier
    if question.hasExtremeScales {
      needsNormalScales = true
    } else if multiplier >= 128 {
      upperLimit = multiplier
    } else if multiplier < 0x1p-28 {
      lowerLimit = multiplier.nextUp
    } else {
      return false
    }
    return true
  }

  private func isWithinLimits(_ question: Question) -> Bool {
    question.multiplier < upperLimit && question.multiplier >= lowerLimit
      && !(needsNormalScales && question.hasExtremeScales)
  }

  private func note(_ question: Question, isAnswered: Bool) {
    for name in names {
      let isDefined = (try? Profiles.named(name)?.reference(for: question.layer)) != nil
      if isAnswered, !isDefined { outside[name, default: 0] += 1 }
      if !isAnswered, isDefined { refusedInside[name, default: 0] += 1 }
    }
  }

  private var names: [String] { candidates.compactMap(\.profile) }

  /// The profiles that are left, those first whose domain is most like what was answered.
  private var rankedNames: [[String]] {
    let groups = Dictionary(grouping: names) {
      (outside[$0] ?? 0) * 10_000 + (refusedInside[$0] ?? 0)
    }
    return groups.keys.sorted().compactMap { groups[$0] }
  }

  // MARK: The end

  /// Holds what is left against generated cases.
  private func verified() -> Identification {
    let cases = verificationCases(min(budget - asked, 400))
    var count = 0
    for batch in cases.chunks(of: 32) {
      let answers = ask(batch.map(\.layer.raw))
      asked += batch.count
      for (question, answer) in zip(batch, answers) {
        guard let values = values(answer, question.layer) else {
          note(question, isAnswered: false)
          continue
        }
        note(question, isAnswered: true)
        let left = matching(question, values)
        if left.isEmpty {
          lost = (candidates, question, values)
          return none()
        }
        candidates = left
        history.append((question, values))
        if isWithinLimits(question) { count += 1 }
      }
    }
    return concluded(count)
  }

  /// Generated cases of the subject, as a profile that is left has them, narrowed to the claims.
  private func verificationCases(_ count: Int) -> [Question] {
    let known = names.first.flatMap { Profiles.named($0) }
    let profile =
      known
      ?? Profile(
        name: "identified", summary: "", source: "",
        rules: [
          ProfileRule(
            subject.types, bias: [subject.biasType],
            candidates.first?.arithmetic ?? Candidate.fallback,
            where: [.binary32Scales, .shiftBelow8])
        ], activations: subject.activations)
    var broad = claims
    for index in broad.indices { broad[index].profile = profile.name }
    let narrowed = profile.narrowed(to: broad) ?? profile
    let selection = Selection(
      profiles: [narrowed], inputTypes: [subject.types.input],
      weightTypes: [subject.types.weights], outputTypes: [subject.types.output], kind: .all)
    guard let generator = try? CaseGenerator(seed: 11, selection: selection) else { return [] }
    var questions: [Question] = []
    var index: UInt64 = 0
    while questions.count < count, index < UInt64(8 * count) {
      let testCase = generator.testCase(index)
      index += 1
      guard testCase.refuse == nil, testCase.layer.bias?.type == subject.biasType,
        testCase.layer.bias?.scales.isEmpty ?? true, covers(testCase.layer),
        let question = Question(testCase.mainClass, testCase.layer)
      else { continue }
      questions.append(question)
    }
    return questions
  }

  private func covers(_ layer: RawLayer) -> Bool { claims.contains { $0.covers(layer) } }

  private func concluded(_ verified: Int) -> Identification {
    let ranked = rankedNames
    let unnamed = candidates.first { $0.profile == nil }
    if let first = ranked.first {
      // What was answered beyond a profile's domain is not by its steps, but all is by these choices.
      let extending = unnamed == nil ? first : first.filter(extends)
      guard extending.isEmpty, let unnamed else {
        let others = first.filter { !extending.contains($0) } + ranked.dropFirst().flatMap { $0 }
        return made(.named(extending, also: others), verified: verified)
      }
      return made(
        .described(unnamed.arithmetic, open: openChoices, within: first), verified: verified)
    }
    guard let unnamed else { return none() }
    return made(.described(unnamed.arithmetic, open: openChoices, within: []), verified: verified)
  }

  /// Whether the steps of a profile also give what was answered beyond its domain.
  private func extends(_ name: String) -> Bool {
    guard outside[name] ?? 0 > 0, let candidate = candidates.first(where: { $0.profile == name })
    else { return true }
    return !consistent([Candidate(profile: nil, candidate.arithmetic)]).isEmpty
  }

  /// The parts of which several choices are left.
  private var openChoices: [(part: ArithmeticPart, choices: [String])] {
    ArithmeticPart.allCases.compactMap { part in open[part].map { (part, $0) } }
  }

  private func none() -> Identification {
    guard let lost else { return made(.none(nearest: "nothing", failure: ""), verified: 0) }
    let best = lost.candidates.min { left, right in
      misses(left, lost.question, lost.answer) < misses(right, lost.question, lost.answer)
    }
    let name = best.map { $0.profile ?? $0.arithmetic.summary } ?? "nothing"
    return made(
      .none(nearest: name, failure: failure(best, lost.question, lost.answer)), verified: 0)
  }

  private func misses(_ candidate: Candidate, _ question: Question, _ answer: [Int32]) -> Int {
    guard let outputs = candidate.outputs(question) else { return .max }
    return zip(outputs, answer).count { $0 != $1 }
  }

  private func failure(
    _ candidate: Candidate?, _ question: Question, _ answer: [Int32]
  ) -> String {
    guard let outputs = candidate?.outputs(question),
      let place = outputs.indices.first(where: { outputs[$0] != answer[$0] })
    else { return question.purpose }
    let count = zip(outputs, answer).count { $0 != $1 }
    let (row, channel) = place.quotientAndRemainder(dividingBy: question.layer.channels)
    let accumulator =
      question.accumulators.map { ", accumulator \($0[channel])" } ?? ""
    return "\(question.purpose): \(count) of \(answer.count) outputs differ; the first, of row"
      + " \(row), channel \(channel)\(accumulator), is \(answer[place]) in place of \(outputs[place])"
  }

  private func made(_ conclusion: Identification.Conclusion, verified: Int) -> Identification {
    Identification(
      subject: subject, conclusion: conclusion, steps: steps, cases: asked, verified: verified,
      outputs: history.reduce(0) { $0 + $1.answer.count }, limits: lowerLimit..<upperLimit,
      needsNormalScales: needsNormalScales, exceptions: exceptions)
  }
}

extension Candidate {
  static let fallback = Arithmetic(
    accumulator: .int32Wrapping, effectiveScale: .binary64,
    requantization: .float64(.toNearestOrEven), activationBounds: .roundedQuotient)
}

extension Arithmetic {
  /// How far the choices are from the usual ones: of what is the same in effect, the plainest is kept.
  var oddity: Int {
    var sum = 0
    if accumulator != .int32Wrapping, accumulator != .int64Wrapping { sum += 1 }
    if zeroPointAddition != .wrapping32 { sum += 1 }
    if clampOrder != .last { sum += 2 }
    if bias != .added { sum += 4 }
    if weightsZeroPoint != .used { sum += 1 }
    if accumulatorPrecision != .whole { sum += 2 }
    if effectiveScale != .binary64, effectiveScale != .binary32, effectiveScale != .exact {
      sum += 1
    }
    if conversion != .lowestBeyond { sum += 1 }
    if let rule = fixedPoint {
      if rule.multiplier != .bits31 { sum += 1 }
      if rule.carries || rule.leastRightShift > 0 { sum += 1 }
      if rule.result != .wraps { sum += 1 }
    }
    return sum
  }

  /// The choices that matter most, in a line.
  package var summary: String {
    let parts: [ArithmeticPart] = [
      .requantization, .effectiveScale, .multiplier, .firstRounding, .rounding, .accumulator,
    ]
    return parts.compactMap { part in part.choice(of: self).map { "\(part.rawValue) \($0)" } }
      .joined(separator: ", ")
  }
}

extension Answer {
  /// What came in place of an output.
  var reason: String {
    switch self {
    case .output(let bytes): "an output of \(bytes.count) bytes, which is not its size"
    case .refused(let reason): "refused: \(reason)"
    case .unsupported(let reason): "unsupported: \(reason)"
    case .failed(let outcome, let message): "\(outcome.rawValue): \(message)"
    }
  }
}

extension Array {
  func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

extension Subject {
  /// What may be asked by some claims of one arithmetic: every combination of types and bias.
  package static func all(_ claims: [Claim]) -> [Subject] {
    var subjects: [Subject] = []
    for claim in claims {
      let types =
        claim.types
        ?? ElementType.quantized.flatMap { input in
          ElementType.quantized.flatMap { weights in
            ElementType.quantized.map { TypeTriple(input: input, weights: weights, output: $0) }
          }
        }
      for triple in types {
        let hasBias = claim.bias?.contains(.accumulator) ?? true
        let biases: [ElementType?] =
          !hasBias ? [nil] : triple.input == .int16 ? [.int32, .int64] : [.int32]
        for bias in biases {
          let subject = Subject(
            types: triple, biasType: bias,
            allowsActivationZeroPoints: triple.input != .int16,
            allowsWeightsZeroPoint: claim.weightZeroPoint ?? true,
            allowsPerChannel: claim.weights?.contains(.perChannel) ?? true,
            activations: claim.activations ?? ["none", "relu", "relu6", "clamp"])
          if !subjects.contains(where: { $0.types == triple && $0.biasType == bias }) {
            subjects.append(subject)
          }
        }
      }
    }
    return subjects
  }
}
