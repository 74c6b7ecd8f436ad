extension Schema {
  // Released: never edit, append a migration instead. STRICT makes a column's type a promise, and
  // the CHECKs state what the Swift types cannot say to another program that writes here.
  static let firstTables = """
    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      uuid TEXT NOT NULL UNIQUE
        CHECK (length(uuid) = 36 AND uuid NOT GLOB '*[^-0-9a-f]*'),
      started TEXT NOT NULL CHECK (started GLOB
        '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z'),
      finished TEXT CHECK (finished GLOB
        '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z'),
      status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'interrupted', 'failed')),
      command_line TEXT NOT NULL,
      tool_version TEXT NOT NULL CHECK (tool_version <> ''),
      generator_version INTEGER NOT NULL CHECK (generator_version >= 0),
      seed TEXT NOT NULL,
      selection TEXT NOT NULL,
      planned_cases INTEGER CHECK (planned_cases >= 0),
      conformance TEXT CHECK (conformance <> ''),
      judges_disagree INTEGER NOT NULL DEFAULT 0 CHECK (judges_disagree >= 0),
      exit_status INTEGER CHECK (exit_status BETWEEN 0 AND 255),
      CHECK ((status = 'running') = (finished IS NULL)),
      CHECK ((status = 'running') = (exit_status IS NULL))
    ) STRICT;
    CREATE INDEX run_by_time ON run (started, id);

    CREATE TABLE run_vectors (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      position INTEGER NOT NULL CHECK (position >= 0),
      name TEXT NOT NULL CHECK (name <> ''),
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
      PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE label (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      key TEXT NOT NULL CHECK (key <> ''),
      value TEXT NOT NULL,
      PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE environment (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      key TEXT NOT NULL CHECK (key <> ''),
      value TEXT NOT NULL,
      PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE implementation (
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      name TEXT NOT NULL CHECK (name <> ''),
      version TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind <> ''),
      path TEXT NOT NULL,
      claims TEXT NOT NULL,
      profile_result TEXT CHECK (profile_result IN ('bitExact', 'notBitExact', 'notClaimed')),
      accuracy_class TEXT CHECK (accuracy_class <> ''),
      UNIQUE (run, name)
    ) STRICT;

    CREATE TABLE finished_range (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      first_index INTEGER NOT NULL CHECK (first_index >= 0),
      count INTEGER NOT NULL CHECK (count > 0 AND first_index <= 9223372036854775807 - count),
      PRIMARY KEY (run, first_index)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tally (
      implementation INTEGER NOT NULL REFERENCES implementation (id) ON DELETE CASCADE,
      operator TEXT NOT NULL CHECK (operator <> ''),
      types TEXT NOT NULL CHECK (types <> ''),
      profile TEXT NOT NULL,
      class TEXT NOT NULL,
      cases INTEGER NOT NULL CHECK (cases >= 0),
      pass INTEGER NOT NULL CHECK (pass >= 0),
      mismatch INTEGER NOT NULL CHECK (mismatch >= 0),
      accepted_invalid INTEGER NOT NULL CHECK (accepted_invalid >= 0),
      refused_valid INTEGER NOT NULL CHECK (refused_valid >= 0),
      error INTEGER NOT NULL CHECK (error >= 0),
      unsupported INTEGER NOT NULL CHECK (unsupported >= 0),
      crash INTEGER NOT NULL CHECK (crash >= 0),
      timeout INTEGER NOT NULL CHECK (timeout >= 0),
      protocol_error INTEGER NOT NULL CHECK (protocol_error >= 0),
      memory_error INTEGER NOT NULL CHECK (memory_error >= 0),
      nondeterministic INTEGER NOT NULL CHECK (nondeterministic >= 0),
      missing INTEGER NOT NULL CHECK (missing >= 0),
      extra INTEGER NOT NULL CHECK (extra >= 0),
      duplicate INTEGER NOT NULL CHECK (duplicate >= 0),
      not_reached INTEGER NOT NULL CHECK (not_reached >= 0),
      waived INTEGER NOT NULL CHECK (waived >= 0),
      tolerated INTEGER NOT NULL CHECK (tolerated BETWEEN 0 AND accepted_invalid),
      outputs INTEGER NOT NULL CHECK (outputs >= 0),
      mismatched_outputs INTEGER NOT NULL CHECK (mismatched_outputs BETWEEN 0 AND outputs),
      departed_outputs INTEGER NOT NULL CHECK (departed_outputs BETWEEN 0 AND outputs),
      not_even INTEGER NOT NULL CHECK (not_even BETWEEN 0 AND outputs - departed_outputs),
      not_away INTEGER NOT NULL CHECK (not_away BETWEEN 0 AND outputs - departed_outputs),
      not_up INTEGER NOT NULL CHECK (not_up BETWEEN 0 AND outputs - departed_outputs),
      not_nearest INTEGER NOT NULL CHECK (not_nearest BETWEEN 0 AND outputs - departed_outputs),
      not_faithful INTEGER NOT NULL CHECK (not_faithful BETWEEN 0 AND not_nearest),
      lowest_error INTEGER NOT NULL CHECK (lowest_error <= 0),
      highest_error INTEGER NOT NULL CHECK (highest_error >= 0),
      largest_difference INTEGER NOT NULL CHECK (largest_difference >= 0),
      PRIMARY KEY (implementation, operator, types, profile, class),
      CHECK (pass + mismatch + accepted_invalid + refused_valid + error + unsupported + crash
        + timeout + protocol_error + memory_error + nondeterministic + missing + not_reached
        + waived <= cases)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE judgement (
      run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      name TEXT NOT NULL CHECK (name <> ''),
      checked INTEGER NOT NULL CHECK (checked >= 0),
      disagreements INTEGER NOT NULL CHECK (disagreements BETWEEN 0 AND checked),
      PRIMARY KEY (run, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE failure (
      id INTEGER PRIMARY KEY,
      implementation INTEGER NOT NULL REFERENCES implementation (id) ON DELETE CASCADE,
      case_id TEXT NOT NULL,
      case_index INTEGER CHECK (case_index >= 0),
      operator TEXT NOT NULL,
      types TEXT NOT NULL,
      profile TEXT NOT NULL,
      classes TEXT NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('pass', 'mismatch', 'acceptedInvalid',
        'refusedValid', 'error', 'unsupported', 'crash', 'timeout', 'protocolError',
        'memoryError', 'nondeterministic', 'missing', 'extra', 'duplicate', 'notReached',
        'waived')),
      element_index INTEGER CHECK (element_index >= 0),
      expected INTEGER,
      got INTEGER,
      exact TEXT,
      differing_elements INTEGER NOT NULL CHECK (differing_elements >= 0),
      compared_elements INTEGER NOT NULL CHECK (compared_elements >= differing_elements),
      message TEXT NOT NULL,
      case_line TEXT NOT NULL,
      answer TEXT NOT NULL,
      repeat_command TEXT NOT NULL
    ) STRICT;
    CREATE INDEX failure_by_case_index ON failure (implementation, case_index, id);
    CREATE INDEX failure_by_case_id ON failure (case_id);
    """
}
