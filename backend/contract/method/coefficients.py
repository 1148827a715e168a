"""The shipped coefficients of an indicator as tables, each with its source and status."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from backend.contract.method.markdown import both, table
from backend.contract.words import STATUSES, Words, region_words
from schemas.decimals import plain
from schemas.indicators.spec import WHOLE, Coefficient, IndicatorSpec
from schemas.reference.loader import coefficients
from schemas.vocabulary import UNIT_NAMES, Unit

Item = TypeVar("Item")
Place = tuple[str, int]
"""A region and the first year of a value there."""

MARKS = "①②③④⑤⑥⑦⑧⑨"
NONE = "—"


def coefficient_tables(spec: IndicatorSpec) -> str:
    """Return the coefficients that the formulas of an indicator ask for; empty for a formula without any."""
    shipped = [each for each in coefficients() if each.name in spec.coefficient_labels]
    by_name = {name: [each for each in shipped if each.name == name] for name in spec.coefficient_labels}
    national = [each for rows in by_name.values() if _places(rows) == 1 for each in rows]
    parts = [_by_subject(spec, national)] if national else []
    parts += [_by_region(spec, rows) for rows in by_name.values() if _places(rows) > 1]
    absent = [spec.coefficient_labels[name] for name, rows in by_name.items() if not rows]
    if absent:
        zh, en = "、".join(each[0] for each in absent), ", ".join(each[1] for each in absent)
        parts.append(f"未附默认值：{zh}。 No default is shipped for: {en}.")
    return "\n\n".join(parts)


def _places(rows: Iterable[Coefficient]) -> int:
    return len({each.region_code for each in rows})


def _by_subject(spec: IndicatorSpec, rows: Sequence[Coefficient]) -> str:
    """Return coefficients of one region: a row per subject and year, a column per coefficient."""
    names = [name for name in spec.coefficient_labels if any(each.name == name for each in rows)]
    cells = {(each.subject, each.year, each.name): each for each in rows}
    lines = [
        [
            both(*_subject(spec, subject)),
            str(year),
            *(_shown(cells.get((subject, year, name)), rows) for name in names),
        ]
        for subject in dict.fromkeys((WHOLE, *spec.subject_labels))
        for year in sorted({each.year for each in rows if each.subject == subject})
    ]
    units = {each.name: each.unit for each in rows}
    heads = [both(*_with_unit(spec.coefficient_labels[name], units[name])) for name in names]
    region = both(*region_words(rows[0].region_code))
    return _with_sources(table([f"分列 By（{region}）", "自年份 From", *heads], lines), rows)


def _by_region(spec: IndicatorSpec, rows: Sequence[Coefficient]) -> str:
    """Return one coefficient of many regions; regions with the same values stand in one row, subjects in one column."""
    values = {((each.region_code, each.year), each.subject): each for each in rows}
    places = sorted({place for place, _ in values}, key=lambda place: (place[1], place[0]))
    subjects = [each for each in dict.fromkeys((WHOLE, *spec.subject_labels)) if any(each == key for _, key in values)]

    def shown(place: Place, subject: str) -> str:
        return _shown(values.get((place, subject)), rows)

    columns = _alike(subjects, lambda subject: [shown(place, subject) for place in places])
    groups = _alike(places, lambda place: [str(place[1]), *(shown(place, column[0]) for column in columns)])
    lines = [
        [both(*_regions(group)), str(group[0][1]), *(shown(group[0], column[0]) for column in columns)]
        for group in groups
    ]
    heads = [both(*_subjects(spec, column)) for column in columns]
    zh, en = _with_unit(spec.coefficient_labels[rows[0].name], rows[0].unit)
    return _with_sources(f"**{zh}** {en}\n\n" + table(["地区 Region", "自年份 From", *heads], lines), rows)


def _alike(items: Iterable[Item], key: Callable[[Item], list[str]]) -> list[list[Item]]:
    """Return the items in groups that have the same key, in the order of the first of each."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(tuple(key(item)), []).append(item)
    return list(groups.values())


def _shown(found: Coefficient | None, rows: Iterable[Coefficient]) -> str:
    return NONE if found is None else f"{plain(found.value)}{_mark(found, _sources(rows))}"


def _sources(rows: Iterable[Coefficient]) -> list[tuple[str, str]]:
    """Return the distinct sources of some coefficients, each with the words of its status."""
    return list(dict.fromkeys((each.source, " ".join(STATUSES[each.status])) for each in rows))


def _mark(each: Coefficient, sources: Sequence[tuple[str, str]]) -> str:
    if len(sources) == 1:
        return ""
    return f" {MARKS[sources.index((each.source, ' '.join(STATUSES[each.status])))]}"


def _with_sources(body: str, rows: Iterable[Coefficient]) -> str:
    sources = _sources(rows)
    marks = [""] if len(sources) == 1 else [f"{mark} " for mark in MARKS]
    told = "；".join(f"{mark}{source}（{status}）" for mark, (source, status) in zip(marks, sources, strict=False))
    return f"{body}\n\n来源 Source：{told}。"


def _with_unit(label: Words, unit: str) -> Words:
    if unit == Unit.RATE:
        return label
    zh, en = UNIT_NAMES[Unit(unit)]
    return f"{label[0]}（{zh}）", f"{label[1]} ({en})"


def _subject(spec: IndicatorSpec, subject: str) -> Words:
    return spec.subject_labels[subject] if subject else ("不分列", "all")


def _subjects(spec: IndicatorSpec, subjects: Iterable[str]) -> Words:
    words = [_subject(spec, subject) for subject in subjects]
    return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)


def _regions(places: Iterable[Place]) -> Words:
    words = [region_words(code) for code, _ in places]
    return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
