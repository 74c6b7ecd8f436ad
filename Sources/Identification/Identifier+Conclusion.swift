import CaseGeneration
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verdicts

/// What is said in the end, and what it is held against before.
extension Identifier {
  /// Holds what is left against generated cases.
  func verified() -> Identification {
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

  func none() -> Identification {
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

  func made(_ conclusion: Identification.Conclusion, verified: Int) -> Identification {
    Identification(
      subject: subject, conclusion: conclusion, steps: steps, cases: asked, verified: verified,
      outputs: history.reduce(0) { $0 + $1.answer.count }, limits: lowerLimit..<upperLimit,
      needsNormalScales: needsNormalScales, exceptions: exceptions)
  }
}
