"""Who answers for the personal data of a county: its own bureau, and nobody above or below it."""

from backend.auth.access import Access
from schemas.regions import NO_TOWNSHIP
from schemas.vocabulary import Level


def answers_for(access: Access, county_code: str) -> bool:
    """Return whether the account is of the bureau that owns the county's ledger: it alone writes its statements."""
    return access.may_write(county_code, county_code + NO_TOWNSHIP, Level.COUNTY)
