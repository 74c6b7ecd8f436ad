extension Schema {
  // Released: never edit, append a migration instead.
  static let causeTables = """
    CREATE TABLE cause (
      implementation INTEGER NOT NULL REFERENCES implementation (id) ON DELETE CASCADE,
      position INTEGER NOT NULL CHECK (position >= 0),
      conclusion TEXT NOT NULL CHECK (conclusion IN ('explains', 'nearest', 'unexplained')),
      cause TEXT NOT NULL,
      explained INTEGER NOT NULL CHECK (explained BETWEEN 0 AND wrong),
      wrong INTEGER NOT NULL CHECK (wrong >= 0),
      contradicted INTEGER NOT NULL CHECK (contradicted BETWEEN 0 AND right_outputs),
      right_outputs INTEGER NOT NULL CHECK (right_outputs >= 0),
      PRIMARY KEY (implementation, position)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW causes AS
    SELECT run.id AS run, run.uuid AS uuid, run.started AS started,
      implementation.name AS implementation, position, conclusion, cause, explained, wrong,
      contradicted, right_outputs
    FROM cause
    JOIN implementation ON implementation.id = cause.implementation
    JOIN run ON run.id = implementation.run;
    """
}
