"""The one place that decides access."""

import pytest

from backend.auth.access import Access, Grant
from schemas.regions import Region, RegionTree
from schemas.vocabulary import Level, RegionLevel, Role

TREE = RegionTree(
    [
        Region("100000", "全国", RegionLevel.NATION, None),
        Region("430000", "湖南省", RegionLevel.PROVINCE, "100000"),
        Region("430600", "岳阳市", RegionLevel.PREFECTURE, "430000"),
        Region("430623", "华容县", RegionLevel.COUNTY, "430600"),
        Region("430624", "湘阴县", RegionLevel.COUNTY, "430600"),
        Region("430623101", "三封寺镇", RegionLevel.TOWNSHIP, "430623"),
    ]
)


def access(role: Role, region: str) -> Access:
    return Access("id", "name", "name", (Grant(role, region),), TREE)


@pytest.mark.parametrize(
    ("role", "region", "own_township", "other_township", "statement"),
    [
        (Role.WORKER, "430623101", True, False, False),
        (Role.TOWNSHIP, "430623101", True, False, False),
        (Role.WORKER, "430623", True, True, False),
        (Role.COUNTY, "430623", True, True, True),
        (Role.COUNTY, "430624", False, False, False),
        (Role.PREFECTURE, "430600", False, False, False),
        (Role.PROVINCE, "430000", False, False, False),
        (Role.MINISTRY, "100000", False, False, False),
        (Role.ADMIN, "100000", False, False, False),
    ],
)
def test_only_the_county_and_below_write(
    role: Role, region: str, own_township: bool, other_township: bool, statement: bool
) -> None:
    who = access(role, region)
    assert who.may_write("430623", "430623101", Level.FARM) is own_township
    assert who.may_write("430623", "430623102", Level.FARM) is other_township
    assert who.may_write("430623", "430623000", Level.COUNTY) is statement


def test_levels_above_pull_without_personal_fields() -> None:
    for role, region in ((Role.PREFECTURE, "430600"), (Role.PROVINCE, "430000"), (Role.ADMIN, "100000")):
        who = access(role, region)
        assert (who.pulls("430623"), who.sees_personal("430623")) == (True, False)


def test_the_field_sees_personal_fields_of_its_own_county_only() -> None:
    for role, region in ((Role.WORKER, "430623101"), (Role.COUNTY, "430623")):
        who = access(role, region)
        assert (who.sees_personal("430623"), who.sees_personal("430624")) == (True, False)
        assert not who.pulls("430624")


def test_an_account_without_grants_may_nothing() -> None:
    nobody = Access("id", "name", "name", (), TREE)
    assert not nobody.may_read_figures("430623", TREE)
    assert not nobody.may_write("430623", "430623101", Level.FARM)
    assert not nobody.pulls("430623")
    assert not nobody.sees_personal("430623")
