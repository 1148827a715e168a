"""The regions as they were in each year: a figure of 2021 stands under the counties of 2021."""

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.tree import load_tree
from schemas.regions import RegionTree

MAX_TREES = 16
"""A tree takes some 2 MB, and a caller may ask for any year."""


class RegionTrees:
    """Trees by year, without townships, read when first asked for; those asked for last are kept."""

    def __init__(self) -> None:
        self._by_year: dict[int, RegionTree] = {}

    async def of_year(self, connection: AsyncConnection, year: int) -> RegionTree:
        """Return the regions valid in a year."""
        tree = self._by_year.pop(year, None) or await load_tree(connection, year, townships=False)
        self._by_year[year] = tree
        if len(self._by_year) > MAX_TREES:
            del self._by_year[next(iter(self._by_year))]
        return tree
