"""Tables of an indicator's own declarations that its prose asks for."""

from backend.contract.method.markdown import both, table
from schemas.decimals import plain
from schemas.indicators.manure_form import HEAD_COUNTS, SPECIES_NAMES, HeadCount
from schemas.indicators.straw_form import CROP_LIMITS, CROP_NAMES

COUNTED = {HeadCount.STOCK: "存栏 in stock", HeadCount.SLAUGHTER: "出栏 slaughtered"}


def crop_limits_table() -> str:
    """Return the hard limits of the straw ledger by crop."""
    rows = [
        [both(*CROP_NAMES[crop]), plain(limits.yield_kg_per_mu), plain(limits.straw_grain_ratio)]
        for crop, limits in CROP_LIMITS.items()
    ]
    return table(["作物 Crop", "亩产上限（公斤） Yield, kg/mu", "草谷比上限 Straw:grain ratio"], rows)


def head_counts_table() -> str:
    """Return how every species of livestock is counted."""
    return table(
        ["畜种 Species", "计数 Counted by"],
        ([both(*SPECIES_NAMES[species]), COUNTED[count]] for species, count in HEAD_COUNTS.items()),
    )
