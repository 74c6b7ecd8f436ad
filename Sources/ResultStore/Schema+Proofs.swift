extension Schema {
  // Released: never edit, append a migration instead.
  static let proofTables = """
    CREATE TABLE proof (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      uuid TEXT NOT NULL UNIQUE
        CHECK (length(uuid) = 36 AND uuid NOT GLOB '*[^-0-9a-f]*'),
      made TEXT NOT NULL CHECK (made GLOB
        '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z'),
      command_line TEXT NOT NULL,
      tool_version TEXT NOT NULL CHECK (tool_version <> ''),
      kind TEXT NOT NULL CHECK (kind IN
        ('statement', 'comparison', 'implementation', 'smallDomain')),
      subject TEXT NOT NULL CHECK (subject <> ''),
      claim TEXT NOT NULL CHECK (claim <> ''),
      holds INTEGER NOT NULL CHECK (holds IN (0, 1)),
      certificate TEXT NOT NULL CHECK (certificate <> '')
    ) STRICT;
    CREATE INDEX proof_by_time ON proof (made, id);

    CREATE VIEW proofs AS
    SELECT id AS proof, uuid, made, tool_version, kind, subject, claim, holds, certificate,
      command_line AS repeat_command
    FROM proof;
    """
}
