"""What a file changes against what is there: new, changed, retired, left alone."""

from decimal import Decimal

from backend.reference.targets import TABLE_OF
from backend.reference.versions import Held, compare, compare_shipped
from schemas.reference.kinds import ReferenceKind
from schemas.vocabulary import ReferenceOrigin

BASIN = TABLE_OF[ReferenceKind.BASINS]
COEFFICIENT = TABLE_OF[ReferenceKind.COEFFICIENTS]


def basin(code, **columns):
    return {"code": code, "name": code, "name_en": code, "source": "文件", **columns}


def held(code, origin=ReferenceOrigin.SHIPPED, *, withdrawn=False, **columns):
    return {(code,): Held({**basin(code, geom="00"), **columns}, withdrawn, origin)}


def coefficient(value):
    return {
        "year": 2025, "region_code": "430000", "name": "n", "subject": "", "value": Decimal(value), "unit": "1",
        "source": "s", "status": "official",
    }  # fmt: skip


def test_rows_that_a_file_does_not_name_stay():
    found = compare(BASIN, held("a") | held("b"), [basin("c", geom=None)])
    assert ([one["code"] for one in found.new], found.changed, found.withdrawn) == (["c"], [], [])


def test_a_change_says_old_and_new_and_carries_on_what_the_file_lacks():
    (changed,) = compare(BASIN, held("a"), [basin("a", name="甲湖")]).changed
    assert changed.differences == {"name": ("a", "甲湖")}
    assert changed.row["geom"] == "00"


def test_numbers_are_compared_by_value_not_by_spelling():
    key = (2025, "430000", "n", "")
    before = {key: Held(coefficient("0.80"), withdrawn=False, origin=ReferenceOrigin.LOADED)}
    assert compare(COEFFICIENT, before, [coefficient("0.8")]).unchanged == 1
    assert len(compare(COEFFICIENT, before, [coefficient("0.81")]).changed) == 1


def test_a_retired_row_can_come_back_and_cannot_be_retired_twice():
    gone = held("a", withdrawn=True)
    assert [one["code"] for one in compare(BASIN, gone, [basin("a")]).new] == ["a"]
    again = compare(BASIN, gone, [], [("a",)])
    assert (again.unchanged, again.withdrawn, again.unknown) == (1, [], [])
    assert compare(BASIN, {}, [], [("a",)]).unknown == [("a",)]


def test_shipped_rows_go_round_what_the_deployment_loaded_or_retired():
    own = held("a", ReferenceOrigin.LOADED, name="自有") | held("b", ReferenceOrigin.LOADED, withdrawn=True)
    found = compare_shipped(BASIN, own, [basin("a", geom="00"), basin("b", geom="00"), basin("c", geom="00")])
    assert ([one["code"] for one in found.new], found.changed, found.withdrawn, found.kept) == (["c"], [], [], 2)


def test_what_is_shipped_no_more_is_retired_but_not_what_somebody_added_before_versions():
    before = held("a") | held("b", ReferenceOrigin.ADOPTED) | held("c", ReferenceOrigin.LOADED)
    found = compare_shipped(BASIN, before, [])
    assert [one["code"] for one in found.withdrawn] == ["a"]


def test_rows_from_before_versions_are_brought_up_to_what_is_shipped():
    (changed,) = compare_shipped(
        BASIN, held("a", ReferenceOrigin.ADOPTED), [basin("a", name="新名", geom="00")]
    ).changed
    assert changed.differences == {"name": ("a", "新名")}
