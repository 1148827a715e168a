"""The regions as they were in each year: a figure of 2021 stands under the counties of 2021."""

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.tree import load_tree
from schemas.regions import RegionTree


class RegionTrees:
    """Trees by year, without townships, read when first asked for."""

    def __init__(self) -> None:
        self._by_year: dict[int, RegionTree] = {}

    async def of_year(self, connection: AsyncConnection, year: int) -> RegionTree:
        """Return the regions valid in a year."""
        tree = self._by_year.get(year)
        if tree is None:
            tree = self._by_year[year] = await load_tree(connection, year, townships=False)
        return tree
