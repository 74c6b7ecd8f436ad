extension Schema {
  // Released: never edit, append a migration instead.
  static let coverageAndVacuity = """
    ALTER TABLE tally ADD COLUMN vacuous INTEGER NOT NULL DEFAULT 0
      CHECK (vacuous BETWEEN 0 AND cases);

    CREATE TABLE cover_group (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      name TEXT NOT NULL CHECK (name <> ''),
      position INTEGER NOT NULL CHECK (position >= 0),
      bins INTEGER NOT NULL CHECK (bins >= 0),
      covered INTEGER NOT NULL CHECK (covered BETWEEN 0 AND bins),
      met TEXT NOT NULL CHECK (length(met) = bins AND met NOT GLOB '*[^01]*'),
      holes TEXT NOT NULL,
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;

    CREATE VIEW coverage AS
    SELECT run.id AS run, run.uuid AS uuid, run.started AS started, position,
      name AS cover_group, bins, covered,
      CASE WHEN bins > 0 THEN covered * 1.0 / bins END AS share, holes
    FROM cover_group JOIN run ON run.id = cover_group.run;

    CREATE VIEW vacuity AS
    SELECT run.id AS run, run.uuid AS uuid, run.started AS started,
      implementation.name AS implementation, class, sum(cases) AS cases,
      sum(vacuous) AS vacuous,
      CASE WHEN sum(cases) > 0 THEN sum(vacuous) * 1.0 / sum(cases) END AS share
    FROM tally
    JOIN implementation ON implementation.id = tally.implementation
    JOIN run ON run.id = implementation.run
    GROUP BY implementation.id, class;
    """
}
