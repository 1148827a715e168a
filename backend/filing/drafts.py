"""The draft of a county statement: what follows from the accepted reports, beside what the statement says."""

from backend.filing.following import differences, draft_payload, draft_values
from backend.filing.freeze import Basis, read_basis
from backend.filing.store import FilingKey
from backend.rollup.summaries import name_of
from schemas.filing import StatementDraft
from schemas.identifiers import statement_id
from schemas.regions import Region
from sync.statement import Connection


async def draft_statement(connection: Connection, key: FilingKey, region: Region) -> StatementDraft:
    """Return the draft: one statement of SQL."""
    return draft_of(await read_basis(connection, key), key, region)


def draft_of(basis: Basis, key: FilingKey, region: Region) -> StatementDraft:
    """Return the draft that a basis gives; without a statement there is nothing that could differ."""
    stated, record = basis.stated, basis.statement
    values = draft_values(key.indicator, basis.accepted, stated)
    head = {"indicator": str(key.indicator), "level": "county", "period": key.period}
    return StatementDraft(
        region=name_of(region),
        indicator=key.indicator,
        period=key.period,
        reports=basis.reports,
        payload=head | draft_payload(values),
        values=values,
        statement_id=statement_id(key.region_code, key.indicator, key.period),
        statement_revision=None if record is None else record["revision"],
        statement_change_id=None if record is None else record["last_change_id"],
        statement=None if record is None else record["payload"],
        differences=[] if stated is None or not basis.reports else differences(key.indicator, basis.accepted, stated),
    )
