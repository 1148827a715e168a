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


def test_townships_are_found_listed_and_counted_like_every_other_region() -> None:
    beyond = [
        Region("650102002", "胜利路街道", RegionLevel.TOWNSHIP, "650102"),
        Region("659001001", "新城街道", RegionLevel.TOWNSHIP, "659001"),
        Region("12345678X", "编码不合规的乡", RegionLevel.TOWNSHIP, "659001"),
        Region("659001009", "不在范围的乡", RegionLevel.TOWNSHIP, "659001", in_scope=False),
    ]
    tree = RegionTree([*beyond, *TREE])
    assert len(tree) == len(TREE) + 4
    assert {one.code: one for one in tree} == {one.code: one for one in [*beyond, *TREE]}
    assert all(tree[one.code] == one and one.code in tree for one in beyond)
    assert [one.code for one in tree.children("650102")] == ["650102001", "650102002"]
    assert [one.code for one in tree.descendants("660000", RegionLevel.TOWNSHIP)] == [
        "12345678X", "659001001", "659001009",
    ]  # fmt: skip
    assert [one.name for one in tree.chain("650102002")][:2] == ["胜利路街道", "天山区"]
    for unknown in ("650102003", "65010200", "６５０１０２００１", "", "650102-01"):
        assert tree.get(unknown) is None
        assert unknown not in tree
    with pytest.raises(KeyError):
        tree["650102003"]


def test_a_township_of_an_unknown_county_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown parent"):
        RegionTree([Region("430623101", "章华镇", RegionLevel.TOWNSHIP, "430623")])
