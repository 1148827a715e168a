"""The region tree."""

import pytest

from schemas.regions import Region, RegionTree
from schemas.vocabulary import RegionLevel

TREE = RegionTree(
    [
        Region("100000", "全国", RegionLevel.NATION, None),
        Region("650000", "新疆维吾尔自治区", RegionLevel.PROVINCE, "100000"),
        Region("660000", "新疆生产建设兵团", RegionLevel.PROVINCE, "100000"),
        Region("650100", "乌鲁木齐市", RegionLevel.PREFECTURE, "650000"),
        Region("650102", "天山区", RegionLevel.COUNTY, "650100", ("650102",)),
        Region("659001", "石河子市", RegionLevel.COUNTY, "660000", ("659001",)),
        Region("650102001", "燕儿窝街道", RegionLevel.TOWNSHIP, "650102"),
    ]
)


def test_scope_follows_parents_not_prefixes() -> None:
    assert TREE.is_within("659001", "660000")
    assert not TREE.is_within("659001", "650000")
    assert TREE.is_within("650102001", "100000")
    assert not TREE.is_within("999999", "100000")


def test_counties_are_found_through_missing_tiers() -> None:
    assert [one.code for one in TREE.descendants("100000", RegionLevel.COUNTY)] == ["650102", "659001"]
    assert [one.code for one in TREE.descendants("650102", RegionLevel.COUNTY)] == ["650102"]


def test_a_township_or_no_township_leads_to_its_county() -> None:
    assert [one and one.code for one in map(TREE.county_of, ("650102001", "650102000", "650102", "650000", "x"))] == [
        "650102", "650102", "650102", None, None,
    ]  # fmt: skip


def test_an_unknown_parent_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown parent"):
        RegionTree([Region("430000", "湖南省", RegionLevel.PROVINCE, "100000")])
