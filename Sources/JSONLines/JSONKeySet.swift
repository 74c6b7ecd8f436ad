/// The keys that an object has had so far: finds a duplicate of any key, known or not.
///
/// For a fixed set of known keys a bit mask is cheaper; this is for all the others. A few keys
/// are compared one by one, many through a hash table, so that an object of a million keys does
/// not take a million comparisons each. Keys are compared as decoded: `"\u0061"` equals `"a"`.
///
/// It borrows the reader's bytes: call ``removeAll()`` before they go.
package struct JSONKeySet {
  private var few: [JSONText] = []
  private var many: Set<JSONText> = []
  private static let fewLimit = 16

  /// An empty set.
  package init() {}

  /// Notes `key`.
  ///
  /// - Throws: the error of ``JSONError/init(duplicate:)`` if it was there already.
  package mutating func insert(_ key: JSONText) throws(JSONError) {
    if many.isEmpty {
      for earlier in few where earlier == key { throw JSONError(duplicate: key) }
      few.append(key)
      if few.count > Self.fewLimit { many = Set(few) }
    } else if !many.insert(key).inserted {
      throw JSONError(duplicate: key)
    }
  }

  /// Forgets all keys and keeps the memory, for the next object.
  package mutating func removeAll() {
    few.removeAll(keepingCapacity: true)
    many.removeAll(keepingCapacity: true)
  }
}
