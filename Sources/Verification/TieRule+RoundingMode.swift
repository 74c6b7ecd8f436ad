package import QuantizedArithmetic
package import Verdicts

extension TieRule {
  package var roundingMode: RoundingMode {
    switch self {
    case .even: .toNearestOrEven
    case .away: .toNearestOrAway
    case .up: .toNearestOrUp
    }
  }
}
