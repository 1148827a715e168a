"""The design of a county's sample: kept as data, replaced as a whole."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.estimates import DrawnVillage, SampleDesign
from schemas.problems import Problem, problem
from schemas.vocabulary import Indicator
from sync.statement import as_json

READ_DESIGN = """
    SELECT village_code, stratum, stratum_villages, households FROM sample_village
    WHERE county_code = :county_code AND indicator = :indicator AND period = :period ORDER BY stratum, village_code
"""

DROP_OTHERS = """
    DELETE FROM sample_village
    WHERE county_code = :county_code AND indicator = :indicator AND period = :period
      AND village_code <> ALL(cast(:villages AS text[]))
"""

KEEP_DESIGN = """
    INSERT INTO sample_village (county_code, indicator, period, village_code, stratum, stratum_villages, households)
    SELECT :county_code, :indicator, :period, v.village_code, v.stratum, v.stratum_villages, v.households
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS v (
        village_code text, stratum text, stratum_villages int, households int)
    ON CONFLICT (county_code, indicator, period, village_code) DO UPDATE SET
        stratum = excluded.stratum, stratum_villages = excluded.stratum_villages, households = excluded.households
"""


def design_problems(villages: Sequence[DrawnVillage]) -> list[Problem]:
    """Return what cannot be of a design: a village twice, a stratum of two sizes or smaller than what it gave."""
    problems: list[Problem] = []
    seen: set[str] = set()
    sizes: dict[str, int] = {}
    drawn: dict[str, int] = {}
    for index, village in enumerate(villages):
        if village.village_code in seen:
            field = f"/villages/{index}/village_code"
            problems.append(problem("design_village_twice", field, village=village.village_code))
        seen.add(village.village_code)
        if sizes.setdefault(village.stratum, village.stratum_villages) != village.stratum_villages:
            field = f"/villages/{index}/stratum_villages"
            problems.append(problem("design_stratum_differs", field, stratum=village.stratum))
        drawn[village.stratum] = drawn.get(village.stratum, 0) + 1
    for stratum, many in drawn.items():
        if many > sizes[stratum]:
            said = {"stratum": stratum, "villages": sizes[stratum], "drawn": many}
            problems.append(problem("design_stratum_small", "/villages", **said))
    return problems


async def read_design(
    connection: AsyncConnection, county_code: str, indicator: Indicator, period: str
) -> list[DrawnVillage]:
    """Return the drawn villages; empty where no design was entered."""
    key = {"county_code": county_code, "indicator": indicator, "period": period}
    return [
        DrawnVillage(
            village_code=row.village_code,
            stratum=row.stratum,
            stratum_villages=row.stratum_villages,
            households=row.households,
        )
        for row in await connection.execute(text(READ_DESIGN), key)
    ]


async def keep_design(
    connection: AsyncConnection, county_code: str, indicator: Indicator, period: str, design: SampleDesign
) -> None:
    """Put a design in place of what was there."""
    key = {"county_code": county_code, "indicator": indicator, "period": period}
    codes = [one.village_code for one in design.villages]
    await connection.execute(text(DROP_OTHERS), {**key, "villages": codes})
    rows = as_json(one.model_dump() for one in design.villages)
    await connection.execute(text(KEEP_DESIGN), {**key, "rows": rows})
