"""Databases of tests, washed after use: deleting what a test wrote takes a tenth of the time that a new copy takes.

Only a database that looks after washing as it did when it was new is used again. One whose schema, rights or reference
data a test has touched is dropped: every session ends first, so that the database has counted all that it wrote.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.embedded import Cluster, ClusterError, create_database_from_template, drop_database, run_script

USES = 50
"""After so many tests a new copy is made: deleted rows stay in the files until a vacuum."""

HEADS = "ledger_head"
"""The one table of the ledgers that has rows in a new database."""

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"

FIND_EMPTY = rf"""
SELECT format('SELECT %L WHERE NOT EXISTS (SELECT FROM %I)', relname, relname)
FROM ({TABLES} ORDER BY relname) AS one \gexec
"""

LOOK = rf"""
SELECT format('SELECT %L, count(*) FROM %I', relname, relname)
FROM ({TABLES} AND relname IN ({{empty}}) ORDER BY relname) AS one \gexec
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables
WHERE schemaname = 'public' AND relname NOT IN ('{HEADS}', {{empty}}) ORDER BY relname;
SELECT format('SELECT last_value, is_called FROM %s', seqrelid::regclass) FROM pg_sequence ORDER BY seqrelid \gexec
SELECT count(*) FROM {HEADS};
SELECT md5(string_agg(one::text, ',' ORDER BY one::text)) FROM (
    SELECT (oid, relname, relfilenode, relacl::text)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT (attrelid, attname, atttypid, attnotnull, attisdropped)::text FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v'))
    UNION ALL SELECT (oid, conname, convalidated)::text FROM pg_constraint
    UNION ALL SELECT (oid, tgname, tgenabled)::text FROM pg_trigger
    UNION ALL SELECT (oid, proname)::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT setconfig::text FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS one (one);
"""

WASH = rf"""
\o /dev/null
SET lock_timeout = '2s';
SET session_replication_role = replica;
SELECT format('SELECT pg_terminate_backend(%s, 2000)', pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' \gexec
BEGIN;
SELECT format('DELETE FROM %I', relname) FROM ({TABLES}) AS one WHERE relname IN ({{empty}}) \gexec
CREATE TEMP TABLE kept (LIKE {HEADS}) ON COMMIT DROP;
COPY kept FROM stdin;
{{heads}}\.
DELETE FROM {HEADS} AS head USING kept
WHERE head.county_code = kept.county_code AND (head.*)::text <> (kept.*)::text;
DELETE FROM {HEADS} WHERE county_code NOT IN (SELECT county_code FROM kept);
INSERT INTO {HEADS} SELECT * FROM kept ON CONFLICT DO NOTHING;
SELECT setval(seqrelid, seqstart, false) FROM pg_sequence;
COMMIT;
\o
"""


@dataclass
class Laundry:
    """The databases of one worker: at most one that is clean waits for the next test."""

    cluster: Cluster
    template: str
    clean: str | None = None
    uses: int = 0
    empty: str = ""
    """The tables that have no rows in a new database, as SQL."""
    new: str | None = None
    heads: str = ""
    """What a new database looks like, and its rows of `HEADS`."""

    @contextmanager
    def borrow(self) -> Iterator[str]:
        """Give the name of a database that nobody has used, or that looks so."""
        name, self.clean = self.clean or self._copy(), None
        yield name
        self.uses += 1
        if self.uses < USES and self._wash(name):
            self.clean = name
        else:
            drop_database(self.cluster, name)

    def close(self) -> None:
        """Drop what waits."""
        if self.clean is not None:
            drop_database(self.cluster, self.clean)

    def _copy(self) -> str:
        name, self.uses = f"test_{uuid.uuid4().hex[:16]}", 0
        create_database_from_template(self.cluster, name, self.template)
        if self.new is None:
            tables = run_script(self.cluster, FIND_EMPTY, name).split()
            self.empty = ", ".join(f"'{table}'" for table in tables)
            self.new = run_script(self.cluster, LOOK.format(empty=self.empty), name)
            self.heads = run_script(self.cluster, f"COPY {HEADS} TO stdout;", name)
        return name

    def _wash(self, name: str) -> bool:
        """Delete what a test wrote; return whether the database looks new again."""
        if self.new is None:
            return False
        script = (WASH + LOOK).format(heads=self.heads, empty=self.empty)
        try:
            return run_script(self.cluster, script, name) == self.new
        except ClusterError:
            return False
