/// What became of a batch.
package enum CommitOutcome: Hashable, Sendable {
  case stored
  /// All its cases had been stored before, so nothing was added.
  case alreadyStored
}
