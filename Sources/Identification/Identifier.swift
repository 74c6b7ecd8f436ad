import CaseGeneration
package import Implementations
import Profiles
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
  let subject: Subject
  var maker: QuestionMaker
  let ask: ([RawLayer]) -> [Answer]
  let budget: Int
  let claims: [Claim]
  var candidates: [Candidate]
  /// The best of those that were ruled out last, for the message that none fits.
  var lost: (candidates: [Candidate], question: Question, answer: [Int32])?
  var history: [(question: Question, answer: [Int32])] = []
  var steps: [Identification.Step] = []
  /// Choices that a stage left open, by part.
  var open: [ArithmeticPart: [String]] = [:]
  /// Of each profile, questions that were answered though it does not define them, and the reverse.
  var outside: [String: Int] = [:]
  var refusedInside: [String: Int] = [:]
  /// Multipliers from which on, and below which, no candidate predicts what was answered.
  var upperLimit = Double.infinity
  var lowerLimit = 0.0
  /// Whether no candidate predicts what was answered where scales are at the ends of binary32.
  var needsNormalScales = false
  var exceptions: [String] = []
  var asked = 0
  var unanswered = 0
  var lastRefusal = ""

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

  static func start(_ subject: Subject) -> [Candidate] {
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

  var accumulatorParts: [ArithmeticPart] {
    subject.biasType == nil ? [.accumulator] : [.accumulator, .bias]
  }

  // MARK: Stages

  func run(_ parts: [ArithmeticPart], _ draws: Int, _ make: (Int) -> Question?) {
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
  func collapse(_ parts: [ArithmeticPart]) {
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
  func consistent(_ list: [Candidate]) -> [Candidate] {
    list.filter { candidate in
      history.allSatisfy { item in
        !isWithinLimits(item.question)
          || candidate.outputs(item.question).map { $0 == item.answer } ?? true
      }
    }
  }

  /// Of the next few questions that tell candidates apart, the one that tells most.
  func bestQuestion(
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
  func groups(_ question: Question) -> Int {
    var seen: Set<[Int32]> = []
    for candidate in candidates {
      if let outputs = candidate.outputs(question) { seen.insert(outputs) }
    }
    return seen.count
  }

  func put(_ question: Question) {
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

  func values(_ answer: Answer, _ layer: Layer) -> [Int32]? {
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
  func matching(_ question: Question, _ values: [Int32]) -> [Candidate] {
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
  func restrict(to question: Question) -> Bool {
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

  func isWithinLimits(_ question: Question) -> Bool {
    question.multiplier < upperLimit && question.multiplier >= lowerLimit
      && !(needsNormalScales && question.hasExtremeScales)
  }

  func note(_ question: Question, isAnswered: Bool) {
    for name in names {
      let isDefined = (try? Profiles.named(name)?.reference(for: question.layer)) != nil
      if isAnswered, !isDefined { outside[name, default: 0] += 1 }
      if !isAnswered, isDefined { refusedInside[name, default: 0] += 1 }
    }
  }

  var names: [String] { candidates.compactMap(\.profile) }

  /// The profiles that are left, those first whose domain is most like what was answered.
  var rankedNames: [[String]] {
    let groups = Dictionary(grouping: names) {
      (outside[$0] ?? 0) * 10_000 + (refusedInside[$0] ?? 0)
    }
    return groups.keys.sorted().compactMap { groups[$0] }
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
