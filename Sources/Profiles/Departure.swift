/// Where an arithmetic left the mathematics for one output: bounds against the true value are not
/// claimed there.
package struct Departure: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The sum left the accumulator's width.
  package static let accumulator = Departure(rawValue: 1)
  /// The sum of a pair of products was saturated to 16 bits.
  package static let pairSaturation = Departure(rawValue: 2)
  /// A zero point of the weights was ignored.
  package static let zeroPointIgnored = Departure(rawValue: 4)
  /// The left shift lost bits or saturated.
  package static let leftShift = Departure(rawValue: 8)
  /// The value left the range of the conversion to an integer, or of its result.
  package static let conversion = Departure(rawValue: 16)
  /// The addition of the zero point wrapped or saturated.
  package static let zeroPointAddition = Departure(rawValue: 32)

  /// The sum of a pair of products wrapped in 16 bits.
  package static let pairWrapping = Departure(rawValue: 64)

  /// The bias was cut or left out.
  package static let bias = Departure(rawValue: 128)

  /// The names of what happened, for messages.
  package var names: [String] {
    var names: [String] = []
    if contains(.accumulator) { names.append("accumulator overflow") }
    if contains(.pairSaturation) { names.append("16-bit pair saturation") }
    if contains(.pairWrapping) { names.append("16-bit pair overflow") }
    if contains(.zeroPointIgnored) { names.append("weights' zero point ignored") }
    if contains(.bias) { names.append("bias not added whole") }
    if contains(.leftShift) { names.append("left shift overflow") }
    if contains(.conversion) { names.append("conversion overflow") }
    if contains(.zeroPointAddition) { names.append("zero point addition overflow") }
    return names
  }
}
