"""Whose reports an account reviews: every indicator of a county, or of some townships."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.auth.access import Access
from schemas.vocabulary import Indicator
from sync.statement import as_json

WITHIN_REACH = """
    EXISTS (
        SELECT FROM jsonb_to_recordset(cast(:reach AS jsonb)) AS held (township_code text, indicator text)
        WHERE held.indicator = record.indicator
          AND (held.township_code IS NULL OR held.township_code = record.township_code)
    )
"""
"""Whether a row of `record` is within the reach."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The indicators, each in one township or (None) in all of the county."""

    parts: Sequence[tuple[str | None, Indicator]]

    @classmethod
    def of(cls, access: Access, county_code: str) -> "Reach":
        """Return what an account accepts, prechecks or returns in a county's ledger."""
        whole = [(None, one) for one in Indicator if access.may_review(county_code, one)]
        held = sorted(access.townships(county_code) or ())
        return cls([*whole, *((code, one) for code in held for one in Indicator if access.may_precheck(code, one))])

    @property
    def as_json(self) -> str:
        """The parts as `WITHIN_REACH` reads them."""
        return as_json({"township_code": township, "indicator": indicator} for township, indicator in self.parts)
