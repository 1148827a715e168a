"""The last entry of a ledger that touched a farm: what a file of the register is as old as."""

from dataclasses import dataclass
from datetime import datetime

from sync.statement import Connection, Statement

READ_STAND = Statement.of("""
    SELECT head.position, head.entry_hash, known.entry_hash AS known_hash,
           farm.entry_hash AS farm_hash, farm.recorded_at AS farm_at
    FROM ledger_head AS head
    LEFT JOIN ledger_entry AS known
        ON known.county_code = head.county_code AND known.position = cast(:since AS bigint)
    LEFT JOIN LATERAL (
        SELECT entry_hash, recorded_at FROM ledger_entry
        WHERE county_code = head.county_code AND position > cast(:since AS bigint) AND kind = 'farm'
        ORDER BY position DESC LIMIT 1
    ) AS farm ON true
    WHERE head.county_code = cast(:county_code AS text)
""")
"""Reports do not count: only the entries since the last look are gone through."""


@dataclass(frozen=True, slots=True)
class FarmStand:
    """How far a ledger was gone through, and the last entry of a farm up to there."""

    position: int
    entry_hash: bytes
    farm_hash: bytes | None
    """None: no farm was ever registered."""
    farm_at: datetime | None

    @property
    def name(self) -> str:
        """What the stand of the register is called: the hash of an entry commits to all before it."""
        return "none" if self.farm_hash is None else self.farm_hash.hex()


async def farm_stand(connection: Connection, county_code: str, known: FarmStand | None) -> FarmStand:
    """Return the stand of a county; one that is known is gone on from, if the ledger still has its entry."""
    since = known.position if known is not None else 0
    [row] = await READ_STAND.rows(connection, county_code=county_code, since=since)
    if known is not None and since and row["known_hash"] != known.entry_hash:
        return await farm_stand(connection, county_code, None)
    if row["farm_hash"] is not None:
        return FarmStand(row["position"], row["entry_hash"], row["farm_hash"], row["farm_at"])
    before = (None, None) if known is None else (known.farm_hash, known.farm_at)
    return FarmStand(row["position"], row["entry_hash"], *before)
