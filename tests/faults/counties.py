"""Counties whose rows can be put aside and put back: every run begins with the same, and a backup can be restored.

In real life a whole database is restored. Put back one county at a time, all runs share a database; to a phone it is
the same, for it knows a ledger by its county only.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MORNING = "morning"
"""The rows of a county as every run finds them."""

BACKUP = "backup"
"""The rows of a county when it was last backed up."""

READ_COUNTIES = """
    SELECT county.code, array_agg(township.code ORDER BY township.code) AS townships
    FROM region_version AS county
    JOIN region_version AS township ON township.parent_code = county.code AND township.level = 'township'
    WHERE county.level = 'county' AND county.in_scope AND county.valid_to IS NULL AND township.valid_to IS NULL
    GROUP BY county.code HAVING count(*) >= 2 ORDER BY county.code LIMIT :how_many
"""

PREPARE = f"""
    CREATE SCHEMA {MORNING};
    CREATE SCHEMA {BACKUP};

    CREATE FUNCTION county_tables() RETURNS SETOF name LANGUAGE sql AS $$
        SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'county_code'
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND has_table_privilege('qingtian_service', pg_class.oid, 'INSERT, UPDATE')
    $$;

    CREATE PROCEDURE move_county(county text, source text, target text) LANGUAGE plpgsql AS $$
    DECLARE one name;
    BEGIN
        FOR one IN SELECT county_tables() LOOP
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I.%I (LIKE public.%I)', target, one, one);
            EXECUTE format('DELETE FROM %I.%I WHERE county_code = $1', target, one) USING county;
            EXECUTE format('INSERT INTO %I.%I SELECT * FROM %I.%I WHERE county_code = $1', target, one, source, one)
            USING county;
        END LOOP;
    END $$;
"""
"""Whatever table knows its county and is written by the service is one of them, also one that is added later."""

COPY_COUNTY = "CALL move_county(:county_code, :source, :target)"


@dataclass(frozen=True)
class County:
    """A county and two of its townships."""

    code: str
    townships: tuple[str, str]


async def two_counties(connection: AsyncConnection) -> list[County]:
    """Return two counties, and prepare for copies of them."""
    rows = await connection.execute(text(READ_COUNTIES), {"how_many": 2})
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute(PREPARE)
    return [County(row.code, (row.townships[0], row.townships[1])) for row in rows]


async def copy_county(connection: AsyncConnection, county: County, source: str, target: str) -> None:
    """Put the county's rows of one schema in place of those of another."""
    values = {"county_code": county.code, "source": source, "target": target}
    await connection.execute(text(COPY_COUNTY), values)
