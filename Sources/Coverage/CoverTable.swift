/// Which combinations of bins have been met: a bit each, over all groups.
///
/// One per thread; adding to it allocates nothing and searches nothing.
package struct CoverTable: Sendable {
  private struct Term: Sendable {
    let point: Int
    let stride: Int
  }

  private struct Layout: Sendable {
    let offset: Int
    let terms: [Term]
  }

  private let layerGroups: [Layout]
  private let channelGroups: [Layout]
  private let outputGroups: [Layout]
  /// Crosses of outputs with their channel.
  private let channelOutputGroups: [Layout]
  package private(set) var words: [UInt64]

  package init() {
    var layouts: [CoverPoint.Scope: [Layout]] = [:]
    var crosses: [Layout] = []
    var offset = 0
    for group in CoverGroup.all {
      var stride = group.size
      let terms = group.points.map { point in
        stride /= point.bins.count
        return Term(point: point.rawValue, stride: stride)
      }
      let layout = Layout(offset: offset, terms: terms)
      if group.scope == .output, group.points.contains(where: { $0.scope == .channel }) {
        crosses.append(layout)
      } else {
        layouts[group.scope, default: []].append(layout)
      }
      offset += group.size
    }
    channelOutputGroups = crosses
    layerGroups = layouts[.layer] ?? []
    channelGroups = layouts[.channel] ?? []
    outputGroups = layouts[.output] ?? []
    words = Array(repeating: 0, count: (offset + 63) / 64)
  }

  /// Whether a combination has been met, by its place among all of all groups.
  package subscript(place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }

  /// Notes the groups of one scope; `bins` has a bin for every point.
  mutating func note(_ scope: CoverPoint.Scope, _ bins: UnsafePointer<Int>) {
    switch scope {
    case .layer: CoverTable.note(layerGroups, bins, &words)
    case .channel: CoverTable.note(channelGroups, bins, &words)
    case .output: CoverTable.note(outputGroups, bins, &words)
    }
  }

  /// Notes the crosses of outputs with their channel.
  mutating func noteChannelOutputs(_ bins: UnsafePointer<Int>) {
    CoverTable.note(channelOutputGroups, bins, &words)
  }

  @inline(__always)
  private static func note(
    _ groups: [Layout], _ bins: UnsafePointer<Int>, _ words: inout [UInt64]
  ) {
    for group in groups {
      var place = group.offset
      for term in group.terms { place &+= bins[term.point] &* term.stride }
      words[place >> 6] |= 1 << UInt64(place & 63)
    }
  }

  /// Adds what another table has met.
  package mutating func formUnion(_ other: CoverTable) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  package mutating func removeAll() {
    for index in words.indices { words[index] = 0 }
  }

  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
}
