"""The one place that decides access."""

import pytest

from backend.auth.access import Access, Grant
from schemas.lineage import CodeHistory, CodeSpan
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


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([(Role.COUNTY, "430623")], {"430623": None}),
        ([(Role.WORKER, "430623101")], {"430623": {"430623101"}}),
        ([(Role.WORKER, "430623101"), (Role.TOWNSHIP, "430623102")], {"430623": {"430623101", "430623102"}}),
        ([(Role.WORKER, "430623101"), (Role.COUNTY, "430623")], {"430623": None}),
        ([(Role.COUNTY, "430623"), (Role.WORKER, "430623101")], {"430623": None}),
        ([(Role.WORKER, "430623")], {"430623": None}),
        ([(Role.PROVINCE, "430000"), (Role.WORKER, "430623101")], {"430623": {"430623101"}}),
        ([(Role.PREFECTURE, "430600")], {}),
        ([(Role.MINISTRY, "100000"), (Role.ADMIN, "430623")], {}),
    ],
)
def test_plots_are_for_the_county_and_below(
    grants: list[tuple[Role, str]], expected: dict[str, set[str] | None]
) -> None:
    regions = [*TREE, Region("430623102", "治河渡镇", RegionLevel.TOWNSHIP, "430623")]
    who = Access("id", "name", "name", tuple(Grant(*one) for one in grants), RegionTree(regions))
    assert who.exact_positions() == expected


def test_plots_of_a_merged_county_stay_with_the_office_of_their_ledger() -> None:
    spans = [
        CodeSpan("430681", "旧市", 2015, 2023, ("430681",)),
        CodeSpan("430682", "新市", 2015, 2023, ("430682",)),
        CodeSpan("430682", "新市", 2024, None, ("430682", "430681")),
    ]
    regions = [*TREE, Region("430682", "新市", RegionLevel.COUNTY, "430600", ("430682", "430681"))]

    def ledgers(role: Role, region: str) -> dict[str, frozenset[str] | None]:
        tree, history = RegionTree(regions), CodeHistory(spans)
        return Access("id", "name", "name", (Grant(role, region),), tree, history).exact_positions()

    assert ledgers(Role.COUNTY, "430682") == {"430682": None, "430681": None}
    assert ledgers(Role.COUNTY, "430681") == {"430681": None}


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
