"""Alembic's entry: runs the versions over the connection that `backend.migrate` opened as the owner."""

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

from schemas.tables import metadata

POSTGIS_TABLES = frozenset({"spatial_ref_sys"})


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave PostGIS's own tables alone."""
    return not (kind == "table" and name in POSTGIS_TABLES)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
