"""Bring a database to the newest schema, as its owner; also the way to write a new version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

LOCK_TIMEOUT = "5s"
MIGRATION_LOCK = 0x51696E67
"""An advisory lock, so that several processes starting at once migrate once."""


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine) -> None:
    """Apply all versions that the database lacks, in one transaction."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        await connection.execute(text("SELECT set_config('lock_timeout', :value, true)"), {"value": LOCK_TIMEOUT})
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
