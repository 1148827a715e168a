"""What anybody may see without a sign-in: the figures that were published, summed by the one arithmetic of all sums."""

from backend.rollup.source import Source

PUBLISHED_FILINGS = "SELECT * FROM filing WHERE state = 'published'"

PUBLISHED_FIGURES = """
    SELECT figure.county_code, filing.period, filing.indicator, figure.view, figure.series, figure.numerator,
           figure.denominator, figure.n
    FROM filing
    CROSS JOIN LATERAL jsonb_to_recordset(filing.figure)
        AS figure (county_code text, view text, series text, numerator numeric, denominator numeric, n int)
    WHERE filing.state = 'published' AND figure.view = 'statement'
"""
"""As they were frozen when they were filed: neither field sums nor what the ledgers hold now."""

NO_CELLS = "SELECT * FROM rollup_cell WHERE false"
"""How many reports stand in which state is a matter of the offices."""

DISCLOSED = Source({"county_figure": PUBLISHED_FIGURES, "rollup_cell": NO_CELLS, "filing": PUBLISHED_FILINGS})
"""A region's figures over its published statements alone; a county that has published nothing has no data."""
