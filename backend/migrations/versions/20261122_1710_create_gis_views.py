"""Create the read-only views that geographic information systems read, in a schema of their own.

What a caller may see of figures that are not published is said by the setting `qingtian.scope` of the transaction:
the codes of counties, divided by commas, or `*`; without it nothing is.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_1710"
down_revision = "20261122_1700"
branch_labels = None
depends_on = None

SERVICE_ROLE = "qingtian_service"

PERCENT = """
CREATE FUNCTION gis.percent(part numeric, whole numeric) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT cast(sign(part) * sign(whole)
                * (units + CASE WHEN 2 * rest > abs(whole) OR 2 * rest = abs(whole) AND mod(units, 2) = 1
                                THEN 1 ELSE 0 END) / 100 AS double precision)
    FROM (SELECT div(abs(part) * 10000, abs(whole)) AS units, mod(abs(part) * 10000, abs(whole)) AS rest
          WHERE whole <> 0) AS divided
$$
"""
"""Half-even (GB/T 8170-2008) to two decimals, which `round` of numbers is not; NULL where nothing is divided by."""

COUNTY_PLACE = """
CREATE VIEW gis.county_place AS
SELECT region.code, region.valid_from, coalesce(region.valid_to, 9999) AS last_year, region.name, region.in_scope,
       region.ledger_codes,
       CASE WHEN parent.level = 'prefecture' THEN parent.code END AS prefecture_code,
       CASE WHEN parent.level = 'prefecture' THEN parent.name END AS prefecture_name,
       CASE WHEN parent.level = 'prefecture' THEN above.code ELSE parent.code END AS province_code,
       CASE WHEN parent.level = 'prefecture' THEN above.name ELSE parent.name END AS province_name
FROM region_version AS region
LEFT JOIN region_version AS parent ON parent.code = region.parent_code
     AND coalesce(region.valid_to, 9999) BETWEEN parent.valid_from AND coalesce(parent.valid_to, 9999)
LEFT JOIN region_version AS above ON above.code = parent.parent_code
     AND coalesce(region.valid_to, 9999) BETWEEN above.valid_from AND coalesce(above.valid_to, 9999)
WHERE region.level = 'county'
"""
"""Not a layer: the counties of all years with what is above them, for the views that are."""

COUNTY = """
CREATE VIEW gis.county AS
SELECT coalesce(place.code, outline.county_code) AS county_code, coalesce(place.name, outline.name) AS name,
       place.prefecture_code, place.prefecture_name, place.province_code, place.province_name,
       coalesce(place.in_scope, outline.in_scope) AS in_scope, outline.source,
       outline.geom
FROM (SELECT * FROM gis.county_place WHERE last_year = 9999) AS place
FULL JOIN current_county_geom AS outline ON outline.county_code = place.code
"""
BASINS = """
CREATE VIEW gis.basins AS
SELECT basin.code AS basin_code, basin.name, basin.name_en, basin.source,
       basin.geom
FROM current_basin AS basin
"""

BASIN_COUNTIES = """
CREATE VIEW gis.basin_counties AS
SELECT member.basin_code || '-' || member.county_code AS id, member.basin_code, basin.name AS basin_name,
       basin.name_en AS basin_name_en, member.tier, member.county_code, member.name,
       member.prefecture_code, member.prefecture_name, member.province_code, member.province_name,
       member.source, member.confidence,
       outline.geom
FROM (
    SELECT DISTINCT ON (listed.basin_code, place.code)
           listed.basin_code, listed.tier, listed.source, listed.confidence, place.code AS county_code, place.*
    FROM current_basin_county AS listed
    JOIN gis.county_place AS place
      ON place.last_year = 9999 AND listed.county_code = ANY (place.code || cast(place.ledger_codes AS text[]))
    ORDER BY listed.basin_code, place.code, listed.county_code = place.code DESC,
             array_position(ARRAY['core', 'extended', 'peripheral'], listed.tier)
) AS member
JOIN current_basin AS basin ON basin.code = member.basin_code
LEFT JOIN LATERAL (SELECT geom FROM current_county_geom WHERE county_code = member.county_code LIMIT 1) AS outline
  ON true
"""
"""A county that others went into is of the tier it is listed in, else of the closest of theirs."""

PUBLISHED_STATEMENTS = """
CREATE VIEW gis.published_statements AS
SELECT DISTINCT ON (statement.region_code, statement.indicator, statement.period)
       statement.region_code || '-' || statement.indicator || '-' || statement.period AS id,
       statement.region_code AS county_code, place.name, place.prefecture_code, place.prefecture_name,
       place.province_code, place.province_name, statement.indicator, statement.period,
       cast(document #>> '{value,numerator}' AS double precision) AS numerator,
       cast(document #>> '{value,denominator}' AS double precision) AS denominator,
       cast(document #>> '{value,rate_percent}' AS double precision) AS rate_percent,
       cast(document #>> '{value,amount}' AS double precision) AS amount,
       document #>> '{value,unit}' AS unit, document #>> '{value,state}' AS goal_state,
       statement.issued_at, statement.key_id,
       outline.geom
FROM figure_statement AS statement
JOIN filing ON filing.region_code = statement.region_code AND filing.indicator = statement.indicator
           AND filing.period = statement.period AND filing.state = 'published'
LEFT JOIN gis.county_place AS place ON place.code = statement.region_code
      AND cast(left(statement.period, 4) AS int) BETWEEN place.valid_from AND place.last_year
LEFT JOIN LATERAL (SELECT geom FROM current_county_geom WHERE county_code = statement.region_code LIMIT 1) AS outline
  ON true
ORDER BY statement.region_code, statement.indicator, statement.period, statement.issued_at DESC
"""
"""The figures that were signed when they were published and still stand: for everybody."""

COUNTY_FIGURES = """
CREATE VIEW gis.county_figures WITH (security_barrier) AS
WITH kind (indicator, kind, headline_series, start_year, base_year) AS (VALUES
    ('film_recovery', 'rate', '', NULL, NULL),
    ('straw_utilisation', 'rate', '', NULL, NULL),
    ('manure_utilisation', 'rate', '', NULL, NULL),
    ('fertiliser_reduction', 'change', '', NULL, 2020),
    ('pesticide_reduction', 'change', 'product', NULL, 2020),
    ('irrigation_new_area', 'cumulative', '', 2021, NULL),
    ('green_control_coverage', 'rate', '', NULL, cast(NULL AS int))
), ledger AS (
    SELECT county.code, county.valid_from, coalesce(county.valid_to, 9999) AS last_year, part.ledger_code,
           base.code IS NOT NULL AS existed,
           count(base.code) OVER (PARTITION BY county.code, county.valid_from) AS expected
    FROM region_version AS county
    CROSS JOIN LATERAL unnest(county.ledger_codes) AS part (ledger_code)
    LEFT JOIN LATERAL (
        SELECT base.code FROM region_version AS base
        WHERE base.code = part.ledger_code AND 2020 BETWEEN base.valid_from AND coalesce(base.valid_to, 9999) LIMIT 1
    ) AS base ON true
    WHERE county.level = 'county'
), answered AS (
    SELECT DISTINCT held.ledger_code, held.code AS holder_code, figure.indicator, figure.series, figure.period
    FROM ledger AS held
    JOIN county_figure AS figure ON figure.county_code = held.code AND figure.view = 'statement'
     AND figure.numerator IS NOT NULL AND cast(left(figure.period, 4) AS int) BETWEEN held.valid_from AND held.last_year
    WHERE held.ledger_code <> held.code
), said AS (
    SELECT ledger.code, ledger.valid_from, ledger.last_year, ledger.ledger_code, ledger.existed, ledger.expected,
           figure.indicator, figure.series, figure.period, figure.view, figure.numerator, figure.denominator,
           figure.n, answered.holder_code
    FROM ledger
    JOIN county_figure AS figure ON figure.county_code = ledger.ledger_code
    LEFT JOIN answered ON answered.ledger_code = figure.county_code AND answered.indicator = figure.indicator
          AND answered.series = figure.series AND answered.period = figure.period
    UNION ALL
    SELECT ledger.code, ledger.valid_from, ledger.last_year, ledger.ledger_code, ledger.existed, ledger.expected,
           baseline.indicator, baseline.series, cast(baseline.year AS text), 'loaded', baseline.value, NULL, 0, NULL
    FROM ledger
    JOIN current_baseline AS baseline ON baseline.region_code = ledger.ledger_code
    JOIN kind ON kind.indicator = baseline.indicator AND kind.base_year = baseline.year
), answering AS (
    SELECT code, valid_from, last_year, expected, indicator, series, period,
           code = coalesce(holder_code, ledger_code) AS is_own, bool_and(NOT existed) AS is_new,
           sum(numerator) FILTER (WHERE view = 'farm') AS farm,
           sum(denominator) FILTER (WHERE view = 'farm') AS farm_whole,
           sum(n) FILTER (WHERE view = 'farm') AS farm_n,
           max(numerator) FILTER (WHERE view = 'statement' AND holder_code IS NULL) AS statement,
           max(denominator) FILTER (WHERE view = 'statement' AND holder_code IS NULL) AS statement_whole,
           max(n) FILTER (WHERE view = 'statement' AND holder_code IS NULL) AS statement_n,
           max(numerator) FILTER (WHERE view = 'loaded') AS loaded,
           count(*) FILTER (WHERE view = 'farm' AND existed AND numerator IS NOT NULL) AS farm_parts,
           count(*) FILTER (WHERE view = 'statement' AND existed AND holder_code IS NULL AND numerator IS NOT NULL)
               AS statement_parts,
           count(DISTINCT ledger_code) FILTER (WHERE existed AND numerator IS NOT NULL) AS parts
    FROM said
    GROUP BY code, valid_from, last_year, expected, indicator, series, period, coalesce(holder_code, ledger_code)
), whole AS (
    SELECT code, valid_from, last_year, indicator, series, period,
           sum(farm) AS farm, sum(farm_whole) AS farm_whole, sum(farm_n) AS farm_n,
           sum(statement) AS statement, sum(statement_whole) AS statement_whole, sum(statement_n) AS statement_n,
           sum(coalesce(statement, farm)) AS headline,
           sum(CASE WHEN statement IS NULL THEN farm_whole ELSE statement_whole END) AS headline_whole,
           sum(CASE WHEN statement IS NULL THEN farm_n ELSE statement_n END) AS headline_n,
           sum(farm_parts) = max(expected) OR bool_or(is_own AND is_new AND farm IS NOT NULL) AS farm_complete,
           sum(statement_parts) = max(expected) OR bool_or(is_own AND statement IS NOT NULL) AS statement_complete,
           sum(parts) = max(expected)
               OR bool_or(is_own AND (statement IS NOT NULL OR is_new AND farm IS NOT NULL)) AS headline_complete,
           CASE WHEN sum(farm_parts) = max(expected) THEN sum(farm) END AS farm_base,
           coalesce(max(loaded) FILTER (WHERE is_own),
                    CASE WHEN sum(CASE WHEN loaded IS NULL THEN statement_parts ELSE parts END) = max(expected)
                         THEN sum(coalesce(loaded, statement)) END) AS statement_base,
           coalesce(max(loaded) FILTER (WHERE is_own),
                    CASE WHEN sum(parts) = max(expected) THEN sum(coalesce(loaded, statement, farm)) END)
               AS headline_base
    FROM answering
    GROUP BY code, valid_from, last_year, indicator, series, period
), dated AS (
    SELECT whole.*, kind.kind, kind.headline_series, kind.start_year, kind.base_year,
           cast(left(whole.period, 4) AS int) AS year, substr(whole.period, 5) AS part
    FROM whole JOIN kind ON kind.indicator = whole.indicator
), timed AS (
    SELECT dated.*,
           sum(farm) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS farm_before,
           sum(statement) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS statement_before,
           sum(headline) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS headline_before,
           sum(farm_n) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS farm_n_before,
           sum(statement_n) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS statement_n_before,
           sum(headline_n) FILTER (WHERE part = '' AND year >= start_year) OVER earlier AS headline_n_before,
           max(farm_base) FILTER (WHERE year = base_year) OVER same_part AS farm_then,
           max(statement_base) FILTER (WHERE year = base_year) OVER same_part AS statement_then,
           max(headline_base) FILTER (WHERE year = base_year) OVER same_part AS headline_then
    FROM dated
    WINDOW earlier AS (PARTITION BY code, valid_from, indicator, series ORDER BY year
                       RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           same_part AS (PARTITION BY code, valid_from, indicator, series, part)
), shown AS (
    SELECT timed.code, timed.indicator, timed.series, timed.period, timed.kind, timed.year, seen.view,
           CASE kind WHEN 'rate' THEN seen.amount
                     WHEN 'change' THEN CASE WHEN seen.complete AND seen.base > 0 AND year > base_year
                                             THEN seen.amount END
                     ELSE coalesce(seen.amount + seen.before, seen.amount, seen.before) END AS numerator,
           CASE kind WHEN 'rate' THEN seen.whole
                     WHEN 'change' THEN CASE WHEN seen.complete AND seen.base > 0 AND year > base_year
                                             THEN seen.base END END AS denominator,
           CASE kind WHEN 'change' THEN seen.amount END AS amount,
           CASE kind WHEN 'cumulative' THEN coalesce(seen.n, 0) + coalesce(seen.n_before, 0) ELSE seen.n END AS reports
    FROM timed
    CROSS JOIN LATERAL (VALUES
        ('headline', headline, headline_whole, headline_n, headline_before, headline_n_before,
         headline_complete, headline_then),
        ('farm', farm, farm_whole, farm_n, farm_before, farm_n_before, farm_complete, farm_then),
        ('statement', statement, statement_whole, statement_n, statement_before, statement_n_before,
         statement_complete, statement_then)
    ) AS seen (view, amount, whole, n, before, n_before, complete, base)
    WHERE year BETWEEN timed.valid_from AND timed.last_year AND (start_year IS NULL OR year >= start_year)
      AND coalesce(seen.amount, seen.before) IS NOT NULL
), figure AS (
    SELECT code, indicator, series, period, year, view, cast(numerator AS double precision) AS numerator,
           cast(denominator AS double precision) AS denominator,
           CASE kind WHEN 'rate' THEN gis.percent(numerator, denominator)
                     WHEN 'change' THEN gis.percent(numerator - denominator, denominator) END AS rate_percent,
           cast(amount AS double precision) AS amount, cast(reports AS int) AS reports
    FROM shown
    WHERE (SELECT current_setting('qingtian.scope', true)) = '*'
       OR code = ANY ((SELECT string_to_array(current_setting('qingtian.scope', true), ','))::text[])
    UNION ALL
    SELECT statement.county_code, statement.indicator, kind.headline_series, statement.period,
           cast(left(statement.period, 4) AS int), 'published', statement.numerator, statement.denominator,
           statement.rate_percent, statement.amount, NULL
    FROM gis.published_statements AS statement JOIN kind ON kind.indicator = statement.indicator
)
SELECT figure.code || '-' || figure.indicator || '-' || figure.period || '-' || figure.view
           || CASE WHEN figure.series = '' THEN '' ELSE '-' || figure.series END AS id,
       figure.code AS county_code, place.name, place.prefecture_code, place.prefecture_name, place.province_code,
       place.province_name, figure.indicator, figure.series, figure.period, figure.view, figure.rate_percent,
       figure.numerator, figure.denominator, figure.amount, figure.reports,
       CASE WHEN figure.view = 'published' THEN 'published' ELSE coalesce(filing.state, 'open') END AS filing_state,
       outline.geom
FROM figure
JOIN gis.county_place AS place
  ON place.code = figure.code AND figure.year BETWEEN place.valid_from AND place.last_year AND place.in_scope
LEFT JOIN filing ON filing.region_code = figure.code AND filing.indicator = figure.indicator
      AND filing.period = figure.period
LEFT JOIN LATERAL (SELECT geom FROM current_county_geom WHERE county_code = figure.code LIMIT 1) AS outline
  ON true
"""
"""What the summaries show of each county in each period that it said something in, by the same rules.

A test holds every row against them. `security_barrier`: a filter sees no row that its caller may not.
"""

LAYERS = ("county", "basins", "basin_counties", "published_statements", "county_figures")


def upgrade() -> None:
    op.create_index(
        "region_version_county", "region_version", ["code", "valid_from"], postgresql_where=sa.text("level = 'county'")
    )
    op.execute("CREATE SCHEMA gis")
    for statement in (PERCENT, COUNTY_PLACE, COUNTY, BASINS, BASIN_COUNTIES, PUBLISHED_STATEMENTS, COUNTY_FIGURES):
        op.execute(sa.text(statement.replace(":", r"\:")))
    exists = sa.text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :name)")
    if op.get_bind().execute(exists, {"name": SERVICE_ROLE}).scalar_one():
        layers = ", ".join(f"gis.{name}" for name in LAYERS)
        op.execute(f"GRANT USAGE ON SCHEMA gis TO {SERVICE_ROLE}")
        op.execute(f"GRANT SELECT ON {layers} TO {SERVICE_ROLE}")


def downgrade() -> None:
    op.execute("DROP SCHEMA gis CASCADE")
    op.drop_index("region_version_county", table_name="region_version")
