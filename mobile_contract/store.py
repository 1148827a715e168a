"""The phone's one SQLite file: outbox, mirror and cursors live together so that one transaction can move them all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.marks import ZERO_MARK

STORE_VERSION = 3

_FIRST = """
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

_SECOND = f"""
CREATE TABLE followed (
    county_code TEXT PRIMARY KEY,
    cursor TEXT,
    records INTEGER NOT NULL DEFAULT 0,
    mark_sum TEXT NOT NULL DEFAULT '{ZERO_MARK}',
    recovery TEXT NOT NULL DEFAULT 'none' CHECK (recovery IN ('none', 'due', 'listing', 'fetching')),
    listed_after TEXT,
    resume_cursor TEXT
) STRICT;
INSERT INTO followed (county_code, records, recovery) SELECT county_code, (
    SELECT count(*) FROM mirror WHERE mirror.county_code = county_cursor.county_code), 'due' FROM county_cursor;
DROP TABLE county_cursor;
ALTER TABLE mirror DROP COLUMN generation;
ALTER TABLE mirror ADD COLUMN mark TEXT NOT NULL DEFAULT '{ZERO_MARK}';
UPDATE mirror SET body = json_set(body, '$.mark', mark);
CREATE TABLE listed (
    county_code TEXT NOT NULL,
    record_id TEXT NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (county_code, record_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE receipt (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE server_key (
    key_id TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE pack (
    county_code TEXT NOT NULL,
    name TEXT NOT NULL,
    etag TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (county_code, name)
) STRICT;
CREATE TABLE photo (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    county_code TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'uploading', 'complete', 'refused')),
    upload_url TEXT,
    refusal TEXT,
    UNIQUE (county_code, sha256)
) STRICT
"""

_THIRD = """
CREATE TABLE pack_file (
    county_code TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    media_type TEXT NOT NULL,
    url TEXT NOT NULL,
    size INTEGER,
    kept_version TEXT,
    etag TEXT NOT NULL DEFAULT '',
    begun_version TEXT,
    begun_url TEXT,
    begun_etag TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (county_code, name)
) STRICT
"""

_STEPS = (_FIRST, _SECOND, _THIRD)
"""What brings a store from each version to the next; unsent work goes through all of them untouched. The first kept no
marks: its records are shown as they are and pulled once more, which brings them."""

BUSY_TIMEOUT_S = 30


class StoreFullError(Exception):
    """The device has no room left. What was being kept is not kept, not even half; all that was kept before is."""

    zh = "本机存储空间已满，这一次没有存下；此前存下的都还在。请腾出空间后再试。"
    en = "This device is full: nothing of this was kept. All that was kept before is still there. Free some space."

    def __init__(self) -> None:
        super().__init__(f"{self.zh}\n{self.en}")


def open_store(path: Path) -> sqlite3.Connection:
    """Open the store at `path`, creating it on first use and bringing an older one up to date in one transaction.

    `synchronous=FULL` is what makes "kept" true: a change survives a flat battery in the moment after the tap.
    Raises RuntimeError where a newer release wrote it, StoreFullError on a full device.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    try:
        with _full_told():
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")  # what was erased is not left in free pages
        with transaction(connection):
            _bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one write transaction: all of it is kept, or nothing is. Raises StoreFullError."""
    with _full_told():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def setting(connection: sqlite3.Connection, name: str) -> str | None:
    """Return a stored setting, or None."""
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def store_setting(connection: sqlite3.Connection, name: str, value: str | None) -> None:
    """Keep a setting, replacing an earlier value; None forgets it."""
    if value is None:
        connection.execute("DELETE FROM setting WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


@contextmanager
def _full_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise StoreFullError from error
        raise


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == STORE_VERSION:
        return
    if version > STORE_VERSION:
        raise RuntimeError(f"the file was written by a newer release (store version {version})")
    for step in _STEPS[version:]:
        for statement in step.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
