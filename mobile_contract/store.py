"""The phone's one SQLite file: outbox, mirror and cursors live together so that one transaction can move them all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STORE_VERSION = 1

_SCHEMA = """
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    change_id TEXT NOT NULL UNIQUE,
    county_code TEXT NOT NULL,
    record_id TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    item TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at REAL NOT NULL DEFAULT 0,
    outcome TEXT
) STRICT;
CREATE INDEX change_of_record ON change (record_id, seq);
CREATE INDEX change_unsettled ON change (seq) WHERE state IN ('queued', 'sent_unknown', 'held');
CREATE TABLE county_cursor (
    county_code TEXT PRIMARY KEY,
    cursor TEXT,
    generation INTEGER NOT NULL DEFAULT 1,
    rebuilding INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE mirror (
    county_code TEXT NOT NULL,
    record_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (county_code, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mirror_by_record ON mirror (record_id);
"""


def open_store(path: Path) -> sqlite3.Connection:
    """Open the store at `path`, creating it on first use; RuntimeError where a newer release wrote it.

    `synchronous=FULL` is what makes "kept" true: a change survives a flat battery in the moment after the tap.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    with transaction(connection):
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
    if version > STORE_VERSION:
        connection.close()
        raise RuntimeError(f"{path} was written by a newer release (store version {version})")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one write transaction: all of it is kept, or nothing is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """Return a stored setting, or None."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def store_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a setting, replacing an earlier value."""
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
