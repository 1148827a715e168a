"""What only a whole province shows: counties just above their goal, straw that nobody received, two statistics."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.checks.found import Found, amount, percent, share_of
from backend.checks.probe import PLACE, Ground, Probe, bare_limit, limit, place_binds, threshold_binds
from schemas.checks.provinces import JUST_ABOVE_GOAL, SOURCES_DIFFER, TRANSFERS_UNBALANCED
from schemas.decimals import EXACT, ONE, WIDE
from schemas.period import BASE_YEAR
from schemas.reference.amounts import PublishedCode
from schemas.vocabulary import Indicator
from sync.statement import Statement, as_json

PUBLISHED: Mapping[Indicator, PublishedCode] = {
    Indicator.FERTILISER_REDUCTION: PublishedCode.FERTILISER_USE,
    Indicator.PESTICIDE_REDUCTION: PublishedCode.PESTICIDE_USE,
}
"""Which column of the yearbook counts what a county's headline does, on the same basis."""

SERIES: Mapping[Indicator, str] = {Indicator.FERTILISER_REDUCTION: "", Indicator.PESTICIDE_REDUCTION: "product"}

HEADLINE = """
        SELECT DISTINCT ON (figure.county_code, figure.indicator, figure.series, figure.period)
               figure.county_code, figure.indicator, figure.series, figure.period, figure.view, figure.numerator,
               figure.denominator
        FROM county_figure AS figure
        WHERE figure.numerator IS NOT NULL
        ORDER BY figure.county_code, figure.indicator, figure.series, figure.period, figure.view DESC
"""
"""A ledger's statement, else its field sum."""

FIND_JUST_ABOVE = Statement.of(f"""
    WITH {PLACE}, floors AS (
        SELECT f.* FROM jsonb_to_recordset(cast(:floors AS jsonb)) AS f (
            county_code text, indicator text, floor numeric)
    ), headline AS ({HEADLINE}), part AS (
        SELECT place.*, headline.indicator, headline.numerator, headline.denominator,
               bool_or(headline.view = 'statement' AND place.ledger_code = place.region_code)
                   OVER (PARTITION BY place.region_code, headline.indicator) AS is_stated
        FROM headline JOIN place ON place.ledger_code = headline.county_code
        WHERE headline.period = cast(cast(:year AS int) AS text) AND headline.denominator > 0
    ), county AS (
        SELECT province_code, region_code, indicator, sum(numerator) AS numerator, sum(denominator) AS denominator
        FROM part WHERE ledger_code = region_code OR NOT is_stated
        GROUP BY province_code, region_code, indicator
    ), held AS (
        SELECT county.*, numerator >= floor * denominator
                         AND numerator <= (floor + {limit("above", "county.indicator")}) * denominator AS is_just_above
        FROM county JOIN floors ON floors.county_code = county.region_code AND floors.indicator = county.indicator
    )
    SELECT province_code, indicator, count(*) AS of, count(*) FILTER (WHERE is_just_above) AS counties,
           array_agg(region_code ORDER BY region_code) FILTER (WHERE is_just_above) AS codes
    FROM held GROUP BY province_code, indicator
    HAVING count(*) FILTER (WHERE is_just_above) >= {limit("counties", "indicator")}
       AND count(*) FILTER (WHERE is_just_above) >= {limit("share", "indicator")} * count(*)
""")
"""A statement of a merged county speaks for all the ledgers that went into it."""

FIND_UNBALANCED = Statement.of(f"""
    WITH {PLACE}, province AS (
        SELECT province_code, count(DISTINCT region_code) AS counties FROM place GROUP BY province_code
    ), moved AS (
        SELECT place.province_code, cell.period, count(DISTINCT place.region_code) AS filed,
               coalesce(sum(cell.amount) FILTER (WHERE cell.quantity = 'outbound_t'), 0) AS outbound,
               coalesce(sum(cell.amount) FILTER (WHERE cell.quantity = 'inbound_t'), 0) AS inbound
        FROM rollup_cell AS cell JOIN place ON place.ledger_code = cell.county_code
        WHERE cell.indicator = '{Indicator.STRAW_UTILISATION}' AND cell.level = 'county'
          AND cell.status <> 'withdrawn' AND left(cell.period, 4) = cast(cast(:year AS int) AS text)
        GROUP BY place.province_code, cell.period
    )
    SELECT moved.* FROM moved JOIN province ON province.province_code = moved.province_code
    WHERE filed >= cast(:coverage AS numeric) * counties
""")
"""A province where few counties have filed cannot balance yet."""

FIND_DIFFERING_SOURCES = Statement.of(f"""
    WITH {PLACE}, wanted AS (
        SELECT w.* FROM jsonb_to_recordset(cast(:wanted AS jsonb)) AS w (indicator text, series text, measure text)
    ), headline AS ({HEADLINE}), county AS (
        SELECT place.province_code, place.ledger_code, wanted.indicator, wanted.measure, now.numerator AS now,
               coalesce(baseline.value, base.numerator) AS base
        FROM place CROSS JOIN wanted
        LEFT JOIN headline AS now ON now.county_code = place.ledger_code AND now.indicator = wanted.indicator
             AND now.series = wanted.series AND now.period = cast(cast(:year AS int) AS text)
        LEFT JOIN headline AS base ON base.county_code = place.ledger_code AND base.indicator = wanted.indicator
             AND base.series = wanted.series AND base.period = cast(cast(:base AS int) AS text)
        LEFT JOIN current_baseline AS baseline ON baseline.region_code = place.ledger_code
             AND baseline.indicator = wanted.indicator AND baseline.series = wanted.series AND baseline.year = :base
    )
    SELECT county.province_code, county.indicator, printed.amount AS printed_now, before.amount AS printed_base,
           count(*) AS counties, count(*) FILTER (WHERE now IS NOT NULL AND base > 0) AS compared,
           sum(now) FILTER (WHERE base > 0) AS now, sum(base) FILTER (WHERE now IS NOT NULL AND base > 0) AS base
    FROM county
    JOIN current_published_input AS printed ON printed.region_code = county.province_code
         AND printed.measure = county.measure AND printed.year = :year
    JOIN current_published_input AS before ON before.region_code = county.province_code
         AND before.measure = county.measure AND before.year = :base AND before.amount > 0
    WHERE cast(:base AS int) <> cast(:year AS int)
    GROUP BY county.province_code, county.indicator, printed.amount, before.amount
    HAVING count(*) FILTER (WHERE now IS NOT NULL AND base > 0) > 0
       AND count(*) FILTER (WHERE now IS NOT NULL AND base > 0) >= {limit("coverage", "county.indicator")} * count(*)
""")


def _just_above(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        above = ground.thresholds.get(JUST_ABOVE_GOAL.code, "above", Indicator(row["indicator"]))
        params = {
            "counties": str(row["counties"]),
            "of": str(row["of"]),
            "points": percent(above, 2),
            "codes": "、".join(row["codes"]),
            "codes_en": ", ".join(row["codes"]),
        }
        found.append(_of_province(JUST_ABOVE_GOAL.code, row, str(ground.year), row["indicator"], params))
    return found


def _unbalanced(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        apart = abs(EXACT.subtract(row["outbound"], row["inbound"]))
        larger = max(row["outbound"], row["inbound"])
        if not larger or apart <= bare_limit(ground, TRANSFERS_UNBALANCED, "tonnes"):
            continue
        share = share_of(apart, larger)
        if share <= bare_limit(ground, TRANSFERS_UNBALANCED, "share"):
            continue
        params = {"outbound": amount(row["outbound"]), "inbound": amount(row["inbound"]), "percent": percent(share)}
        straw = Indicator.STRAW_UTILISATION
        found.append(_of_province(TRANSFERS_UNBALANCED.code, row, row["period"], straw, params))
    return found


def _differing_sources(rows: Sequence[Any], ground: Ground) -> list[Found]:
    found = []
    for row in rows:
        printed = WIDE.subtract(share_of(row["printed_now"], row["printed_base"]), ONE)
        reported = WIDE.subtract(share_of(row["now"], row["base"]), ONE)
        apart = abs(WIDE.subtract(printed, reported))
        if apart <= ground.thresholds.get(SOURCES_DIFFER.code, "difference", Indicator(row["indicator"])):
            continue
        params = {
            "base": str(BASE_YEAR),
            "published": percent(printed, 2),
            "reported": percent(reported, 2),
            "points": percent(apart, 2),
            "counties": str(row["compared"]),
        }
        found.append(_of_province(SOURCES_DIFFER.code, row, str(ground.year), row["indicator"], params))
    return found


def _of_province(code: str, row: Any, period: str, indicator: str, params: Mapping[str, str]) -> Found:
    return Found(code, row["province_code"], row["province_code"], period, indicator, params)


def _floor_binds(ground: Ground) -> dict[str, Any]:
    return {
        **place_binds(ground),
        **threshold_binds(JUST_ABOVE_GOAL)(ground),
        "floors": as_json(ground.floors()),
    }


def _transfer_binds(ground: Ground) -> dict[str, Any]:
    return {**place_binds(ground), "coverage": bare_limit(ground, TRANSFERS_UNBALANCED, "coverage")}


def _source_binds(ground: Ground) -> dict[str, Any]:
    wanted = [
        {"indicator": indicator, "series": SERIES[indicator], "measure": measure}
        for indicator, measure in PUBLISHED.items()
    ]
    return {
        **place_binds(ground),
        **threshold_binds(SOURCES_DIFFER)(ground),
        "wanted": as_json(wanted),
        "base": BASE_YEAR,
    }


PROVINCE_PROBES = (
    Probe(
        JUST_ABOVE_GOAL,
        FIND_JUST_ABOVE,
        _just_above,
        lambda ground: {
            **place_binds(ground),
            **threshold_binds(JUST_ABOVE_GOAL)(ground),
            "floors": as_json(ground.floors()),
        },
    ),
    Probe(TRANSFERS_UNBALANCED, FIND_UNBALANCED, _unbalanced, _transfer_binds),
    Probe(SOURCES_DIFFER, FIND_DIFFERING_SOURCES, _differing_sources, _source_binds),
)
