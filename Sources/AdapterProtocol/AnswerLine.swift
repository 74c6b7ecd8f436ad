package import Implementations
package import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// What an implementation says of itself in its first line.
package struct AdapterHello: Sendable {
  package var name: String
  package var version: String
  /// `nil` where the line has none: everything is claimed, and held to be nearest.
  package var claims: [Claim]?

  package init(name: String = "", version: String = "", claims: [Claim]? = nil) {
    self.name = name
    self.version = version
    self.claims = claims
  }
}

/// The last line of a stream of answers.
package struct AnswerEnd: Hashable, Sendable {
  package var answers: Int?
  /// The checksum of the cases that were answered, as their own last line says it.
  package var sha256: String?

  package init(answers: Int? = nil, sha256: String? = nil) {
    self.answers = answers
    self.sha256 = sha256
  }
}

/// Elements of a tensor as they stand in a line.
package enum ElementPayload: Hashable, Sendable {
  /// From base64: little-endian, row by row.
  case bytes([UInt8])
  /// From a JSON list.
  case integers([Int64])
}

/// One answer to one case, as it stands in a line.
package struct AnswerLine: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case output(ElementPayload)
    case refused(String)
    case unsupported(String)
    case error(String)
  }

  package var id: String
  package var content: Content
  /// What the line says of its accumulators, for diagnosis.
  package var accumulator: ElementPayload?

  package init(id: String, content: Content, accumulator: ElementPayload? = nil) {
    self.id = id
    self.content = content
    self.accumulator = accumulator
  }

  /// The accumulators of so many outputs, of 32 or 64 bits; `nil` where there are none, or not as many.
  package func accumulators(outputs: Int) -> [Int64]? {
    switch accumulator {
    case nil: return nil
    case .integers(let integers): return integers.count == outputs ? integers : nil
    case .bytes(let bytes):
      guard outputs > 0, outputs <= bytes.count else { return nil }
      switch (bytes.count / outputs, bytes.count % outputs) {
      case (4, 0): return ElementBytes.integers(bytes, as: .int32)
      case (8, 0): return ElementBytes.integers(bytes, as: .int64)
      default: return nil
      }
    }
  }

  /// The answer to a case whose outputs have this type. Its size is not looked at.
  package func answer(outputType: ElementType) -> Answer {
    switch content {
    case .output(.bytes(let bytes)): return .output(bytes)
    case .output(.integers(let integers)):
      if let place = integers.firstIndex(where: { !outputType.range.contains($0) }) {
        return .failed(
          .protocolError,
          "output [\(place)] must be in \(outputType.range.lowerBound)..."
            + "\(outputType.range.upperBound) of \(outputType.rawValue), but is \(integers[place])")
      }
      return .output(ElementBytes.bytes(integers, as: outputType))
    case .refused(let reason): return .refused(Shown.words(reason))
    case .unsupported(let reason): return .unsupported(Shown.words(reason))
    case .error(let message): return .failed(.error, Shown.words(message))
    }
  }
}

/// One line from an implementation.
package enum AdapterLine: Sendable {
  case hello(AdapterHello)
  case answer(AnswerLine)
  case end(AnswerEnd)
}
