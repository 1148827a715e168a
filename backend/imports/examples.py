"""An example for every form, found by asking the form's own rules: what the template shows imports cleanly. Pure."""

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any

from backend.imports.columns import EACH, FARM_NAME, FARM_NUMBER, Column, Kind, Layout
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.findings import report_findings
from schemas.indicators.spec import Coefficient, Coefficients
from schemas.indicators.validation import PayloadRefused, read_farm, read_report
from schemas.reference.loader import coefficients
from schemas.vocabulary import Level, RecordKind, Unit
from sync.leaves import Leaves, nest

EXAMPLE_NUMBER = "0001"
EXAMPLE_NAME = "示例主体"
EXAMPLE_FARM_ID = "00000000-0000-7000-8000-000000000000"
EXAMPLE_TOWNSHIP = "430623000"
EXAMPLE_PERIOD = "2025"
CODES_SHOWN = 2
"""How many crops or species an example answers."""

NONE_THIS_YEAR = "/none_this_year"
_TEXTS: Mapping[str, str] = {
    "/external_id": EXAMPLE_NUMBER,
    "/name": EXAMPLE_NAME,
    "/contact_name": "张三",
    "/phone": "13800000000",
    "/address": "示例村一组",
    "/project_id": "430623-2025-001",
}
_AMOUNTS = ("1000", "800", "500", "100", "60", "30", "10")
_SHARES = ("0.1", "0.05", "0.2")
_COUNTS = (120, 100, 60, 20)
_HEADS = (30000, 20000, 10000, 5000, 3000)
"""Heads outnumber tonnes, so that an example's animals leave more manure than it uses."""

_OPEN: Mapping[bool, list[None]] = {True: [], False: [None]}
"""An answer that is not required may stay open."""

STEPS = 1_000
SEEDS = range(3)


@cache
def example_leaves(layout: Layout) -> tuple[tuple[str, Any], ...]:
    """Return the answers of the example by JSON Pointer, identity left out.

    A search over plausible values that ends at answers which the rules take without a remark, as many as can be; it is
    the same on every machine. A form for which it finds none shows 今年无.
    """
    cost, leaves = min((_search(layout, seed) for seed in SEEDS), key=lambda found: found[0])
    if cost[0]:
        leaves = {column.pointer: _candidates(column)[0] for column in layout.plain if column.required}
        leaves[NONE_THIS_YEAR] = True
    return tuple((pointer, value) for pointer, value in leaves.items() if value is not None)


def _search(layout: Layout, seed: int) -> tuple[tuple[int, int], Leaves]:
    """Return the best answers of one walk from what must be answered, and what they cost."""
    columns = _asked(layout)
    required = _required(layout)
    draw = random.Random(seed)  # noqa: S311 - nothing here is secret
    # The example grows: a form that lacks an answer hides what its rules would say.
    leaves: Leaves = {
        column.pointer: _candidates(column)[0] if column.pointer in required else None for column in columns
    }
    cost = _cost(leaves, layout)
    for _ in range(STEPS):
        # Several at once, because some answers are only right together.
        tried = leaves | {
            column.pointer: draw.choice([*_candidates(column), *_OPEN[column.pointer in required]])
            for column in draw.choices(columns, k=draw.randint(1, 4))
        }
        tried_cost = _cost(tried, layout)
        if tried_cost <= cost:
            leaves, cost = tried, tried_cost
        if cost == (0, 0):
            break
    return cost, leaves


def _asked(layout: Layout) -> list[Column]:
    """Return the columns that the example answers: all numbers, what is required, and two crops or species."""
    plain = [
        column
        for column in layout.plain
        if column.required
        or column.kind in (Kind.AMOUNT, Kind.COUNT, Kind.CHOICE)
        or (layout.kind is RecordKind.FARM and column.pointer in _TEXTS)
    ]
    for keyed in layout.keyed:
        for code in islice(keyed.key.names, CODES_SHOWN):
            plain += [column for column in keyed.wide if f"/{code}/" in column.pointer]
    return plain


def _required(layout: Layout) -> frozenset[str]:
    """Return the pointers of what must be answered, within each crop or species too."""
    inner = {column.pointer.rpartition("/")[2] for keyed in layout.keyed for column in keyed.long if column.required}
    wide = {column.pointer for keyed in layout.keyed for column in keyed.wide}
    plain = {column.pointer for column in layout.plain if column.required}
    return frozenset(plain | {pointer for pointer in wide if pointer.rpartition("/")[2] in inner})


def _cost(leaves: Leaves, layout: Layout) -> tuple[int, int]:
    """Return how many problems and warnings the answers have, and how many questions stay open."""
    given = {pointer: value for pointer, value in leaves.items() if value is not None}
    return _faults(given, layout), len(leaves) - len(given)


def _candidates(column: Column) -> Sequence[Any]:
    """Return the values to try."""
    codes = [str(code) for code in islice(column.names, CODES_SHOWN)]
    values: Mapping[Kind, Sequence[Any]] = {
        Kind.AMOUNT: _amounts(column),
        Kind.COUNT: _HEADS if column.unit is Unit.HEAD else _COUNTS,
        Kind.BOOLEAN: [True],
        Kind.CHOICE: codes[:1],
        Kind.CHOICES: [codes],
        Kind.TOWNSHIP: [EXAMPLE_TOWNSHIP],
        Kind.DATE: ["2025-10-01"],
        Kind.CODE: ["0" * (column.digits or 1)],
        Kind.PERIOD: [EXAMPLE_PERIOD],
        Kind.TEXT: [_TEXTS.get(column.pointer, "2025-001")],
    }
    return values[column.kind]


def _amounts(column: Column) -> Sequence[str]:
    if column.is_share or column.measured is None:
        return _SHARES
    largest = Decimal(column.measured.at_most)
    return [each for each in _AMOUNTS if Decimal(each) <= largest] or ["1"]


def _faults(leaves: Mapping[str, Any], layout: Layout) -> int:
    """Return how many problems and warnings the answers have."""
    try:
        if layout.indicator is None or layout.level is None:
            read_farm(nest(leaves))
            return 0
        about = {"/indicator": str(layout.indicator), "/level": str(layout.level), "/period": EXAMPLE_PERIOD}
        if layout.level is Level.FARM:
            about |= {"/farm_id": EXAMPLE_FARM_ID, "/township_code": EXAMPLE_TOWNSHIP}
        form, found = read_report(nest(about | dict(leaves)))
        found += report_findings(CATALOGUE[layout.indicator], form, Coefficients(_lowest_coefficients()))
    except PayloadRefused as refused:
        found = list(refused.problems)
    return len(found)


@cache
def _lowest_coefficients() -> Mapping[tuple[str, str], Coefficient]:
    """Return the lowest shipped value of each coefficient: what stays below 100 % by them does so in every county."""
    falling = sorted(coefficients(), key=lambda one: one.value, reverse=True)
    return {(one.name, one.subject): one for one in falling}


def example_lines(layout: Layout, columns: tuple[Column, ...], township: str) -> list[dict[str, Any]]:
    """Return the example as lines of a sheet with these columns: pointer of the column -> value.

    A line for every crop or species where those have a column of their own; `township` stands in the example's place.
    """
    leaves = dict(example_leaves(layout))
    about = {FARM_NUMBER: EXAMPLE_NUMBER, FARM_NAME: EXAMPLE_NAME, "/township_code": township}
    shown = {column.pointer for column in columns}
    first = {pointer: value for pointer, value in (leaves | about).items() if pointer in shown}
    lines = [first]
    for keyed in layout.keyed:
        if keyed.key.pointer not in shown:
            continue
        base = keyed.key.pointer.removesuffix(f"/{EACH}")
        codes = list(dict.fromkeys(pointer.split("/")[2] for pointer in leaves if pointer.startswith(f"{base}/")))
        for number, code in enumerate(codes):
            if number == len(lines):
                lines.append({pointer: first[pointer] for pointer in _IDENTITY if pointer in first})
            line = lines[number]
            line[keyed.key.pointer] = code
            line |= {
                pointer.replace(f"{base}/{code}", keyed.key.pointer, 1): value
                for pointer, value in leaves.items()
                if pointer.startswith(f"{base}/{code}/")
            }
    return lines


_IDENTITY = (FARM_NUMBER, FARM_NAME, "/township_code")


def names_its_indicator(layout: Layout) -> tuple[str, str]:
    """Return what the form is called, zh and en."""
    if layout.indicator is None:
        return "经营主体花名册", "Farm roster"
    spec = CATALOGUE[layout.indicator]
    if layout.is_statement:
        return f"{spec.zh}·县级报表", f"{spec.en}: county statement"
    return f"{spec.zh}·主体填报表", f"{spec.en}: farm reports"
