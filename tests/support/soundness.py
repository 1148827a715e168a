"""What must hold of a county's ledger at any moment."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.service import Service
from backend.verify import broken_chain
from backend.verify.anchors import read_anchors
from backend.verify.ledgers import Checks, CountyReport, verify_county
from sync.recompute import differing_cells, differing_marks
from tests.support.offices import COUNTY


async def assert_sound(engine: AsyncEngine) -> None:
    """The chain verifies and the kept sums equal those of the records, to the last digit."""
    async with engine.connect() as connection:
        assert await broken_chain(connection, COUNTY) is None
        assert await differing_cells(connection, [COUNTY]) == []
        assert await differing_marks(connection, [COUNTY]) == []


async def verified(service: Service, *anchors: Path) -> CountyReport:
    """Verify the county's ledger against the anchors of the files."""
    return await verify_county(service.engine, COUNTY, checks_of(service, *anchors))


def checks_of(service: Service, *anchors: Path) -> Checks:
    """Return what a ledger is held against."""
    return Checks(service.vault, service.reference, [one for path in anchors for one in read_anchors(path)])
