"""Which office takes which step of a county's filings, derived from the regions above it. Pure."""

from dataclasses import dataclass

from schemas.regions import RegionTree
from schemas.vocabulary import RegionLevel, Role

ROLE_OF: dict[RegionLevel, Role] = {
    RegionLevel.COUNTY: Role.COUNTY,
    RegionLevel.PREFECTURE: Role.PREFECTURE,
    RegionLevel.PROVINCE: Role.PROVINCE,
    RegionLevel.NATION: Role.MINISTRY,
}
ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.COUNTY: ("县级农业农村部门", "the county bureau"),
    Role.PREFECTURE: ("市级农业农村部门", "the prefecture's office"),
    Role.PROVINCE: ("省级农业农村部门", "the province's office"),
    Role.MINISTRY: ("部级", "the ministry"),
}
"""How offices are called in a refusal, zh and en."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """The roles that file, endorse, accept and publish; a county without a prefecture has nobody to endorse."""

    filer: Role
    endorser: Role | None
    acceptor: Role
    publisher: Role


def tiers_of(tree: RegionTree, county_code: str, top_region: str) -> Tiers:
    """Return who takes the steps of a county's filings where `top_region` is the deployment's top tier.

    省直辖县 and the districts of municipalities have no prefecture: the province takes what they file. In a deployment
    of one province the province both accepts and publishes; in one of a prefecture that office does both.
    """
    levels: list[RegionLevel] = []
    for region in tree.chain(county_code):
        levels.append(region.level)
        if region.code == top_region:
            break
    roles = [ROLE_OF[level] for level in levels]
    publisher = roles[-1]
    acceptor = Role.PROVINCE if Role.PROVINCE in roles else publisher
    endorser = Role.PREFECTURE if Role.PREFECTURE in roles and acceptor is not Role.PREFECTURE else None
    return Tiers(Role.COUNTY, endorser, acceptor, publisher)
