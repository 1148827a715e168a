"""What a check found: said the same way every time, so that the same thing is known again."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from schemas.checks.catalogue import CHECKS
from schemas.decimals import QUOTIENT, WIDE, plain, rounded

MOST_RECORDS = 20
"""So many of the reports that show a finding are named with it."""

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found. `subject` tells it from others of its check, place, period and report."""

    code: str
    county_code: str
    region_code: str
    period: str
    indicator: str | None
    params: Mapping[str, str]
    subject: str = ""
    record_id: str | None = None
    records: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The same for the same thing, however often it is found."""
        parts = (self.code, self.county_code, self.period, self.indicator, self.record_id, self.subject)
        return str(uuid.UUID(bytes=hashlib.sha256(orjson.dumps(parts)).digest()[:16]))

    @property
    def evidence(self) -> str:
        """A digest of what was found, 32 hexadecimal digits."""
        found = orjson.dumps([self.params, self.records], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(found).hexdigest()[:32]

    def row(self) -> dict[str, Any]:
        """Return it as the statement that keeps findings reads it."""
        return {
            "id": self.id,
            "county_code": self.county_code,
            "region_code": self.region_code,
            "code": self.code,
            "level": CHECKS[self.code].level,
            "year": int(self.period[:4]),
            "period": self.period,
            "indicator": self.indicator,
            "record_id": self.record_id,
            "records": list(self.records),
            "params": dict(self.params),
            "evidence": self.evidence,
        }


def percent(share: Decimal, places: int = 1) -> str:
    """Return a share as percent, rounded once."""
    return plain(rounded(WIDE.multiply(share, HUNDRED), places))


def amount(value: Decimal, places: int = 2) -> str:
    """Return an amount as a person reads it."""
    return plain(rounded(value, places))


def share_of(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """Return part / whole at 34 digits; the whole is not 0."""
    return QUOTIENT.divide(Decimal(part), Decimal(whole))
