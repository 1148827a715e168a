"""What the forms of an indicator ask, and which quantities a report adds: read from the forms and the program itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backend.contract.definitions import NULL, Schema
from backend.contract.method.markdown import both, code, table
from backend.contract.words import UNITS
from schemas.decimals import plain
from schemas.indicators.form import CountyForm, FarmForm, Measured, ReportForm
from schemas.indicators.spec import WHOLE, IndicatorSpec
from schemas.vocabulary import Level, Unit

FORMAT_MAXIMUM = Measured().at_most
NUMBERS = ("0.5", "0.001")
"""What the numbers of a full answer are: some quantities are told apart by how large an answer is."""

COMMON: Mapping[str, Any] = {
    "period": "2025",
    "farm_id": "01930000-0000-7000-8000-000000000001",
    "township_code": "430623101",
    "none_this_year": False,
}
"""Answers of the fields that every form shares, as far as a report needs them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a form as a table shows it."""

    pointer: str
    zh: str
    en: str
    unit: Unit | None
    notes_zh: tuple[str, ...]
    notes_en: tuple[str, ...]
    required: bool

    @property
    def shown(self) -> str:
        """The field's name with its unit; a star where it must be answered."""
        unit = f"（{UNITS[self.unit][0]}）" if self.unit is not None and self.unit is not Unit.RATE else ""
        return f"{code(self.pointer)}{unit}{' ●' if self.required else ''}"


def fields_table(spec: IndicatorSpec) -> str:
    """Return what the farm form and the county form ask, one row for what both call alike."""
    farm = _own_fields(spec.farm_form, FarmForm)
    county = _own_fields(spec.county_form, CountyForm)
    rows = []
    for label in dict.fromkeys([*farm, *county]):
        one = farm.get(label) or county[label]
        shown = [form[label].shown if label in form else "—" for form in (farm, county)]
        rows.append([both(one.zh, one.en), *shown, both("；".join(one.notes_zh), "; ".join(one.notes_en))])
    return table(["项目 Item", "经营主体表 Farm form", "县级表 Statement", "说明 Notes"], rows)


def common_fields_table() -> str:
    """Return what every report says, whatever it measures."""
    farm, county = (_by_label(form) for form in (FarmForm, CountyForm))
    rows = []
    for label in dict.fromkeys([*farm, *county]):
        one = farm.get(label) or county[label]
        shown = [form[label].shown if label in form else "—" for form in (farm, county)]
        rows.append([both(one.zh, one.en), *shown, both("；".join(one.notes_zh), "; ".join(one.notes_en))])
    return table(["项目 Item", "经营主体表 Farm form", "县级表 Statement", "说明 Notes"], rows)


def quantities_table(spec: IndicatorSpec) -> str:
    """Return what a report adds to its county's sums, as the program adds it when everything is answered."""
    given = {level: _quantities(spec, level) for level in Level}
    every = frozenset(subject for subject in spec.subject_labels if subject != WHOLE)
    rows = []
    for quantity, label in spec.quantity_labels.items():
        subjects = {subject for keys in given.values() for subject, name in keys if name == quantity}
        marks = ["●" if any(name == quantity for _, name in given[level]) else "—" for level in Level]
        rows.append(
            [
                both(label.zh, label.en),
                code(quantity),
                both(*UNITS[label.unit]),
                _subjects(spec, subjects, every),
                *marks,
            ]
        )
    return table(["合计量 Quantity", "代码 Code", "单位 Unit", "分列 By", "主体 Farm", "县级 County"], rows)


def _subjects(spec: IndicatorSpec, subjects: set[str], every: frozenset[str]) -> str:
    named = subjects - {WHOLE}
    if not named:
        return "全县 the county"
    if named == every and len(every) > 1:
        return "逐项 each"
    zh, en = zip(*(spec.subject_labels[subject] for subject in spec.subject_labels if subject in named), strict=True)
    return both("、".join(zh), ", ".join(en))


def _quantities(spec: IndicatorSpec, level: Level) -> set[tuple[str, str]]:
    """Return the keys of all quantities that some fully answered report of a level adds."""
    form = spec.form(level)
    return {key for answers in full_answers(form) for key in spec.quantities(form.model_validate(answers))}


def full_answers(form: type[ReportForm]) -> Iterator[dict[str, Any]]:
    """Yield payloads of a form with every number answered, large and small, for each code of its closed sets."""
    schema = form.model_json_schema()
    chosen = {name: _codes(_opened(each, schema)) for name, each in schema["properties"].items()}
    common = {name: value for name, value in COMMON.items() if name in schema["properties"]}
    for number in NUMBERS:
        first = _full(schema, schema, number) | common
        yield first
        for name, codes in chosen.items():
            yield from ({**first, name: each} for each in codes[1:])


def _full(schema: Schema, root: Schema, number: str) -> dict[str, Any]:
    required = schema.get("required", [])
    found = {
        name: _answer(_opened(each, root), root, number, required=name in required)
        for name, each in schema["properties"].items()
    }
    return {name: value for name, value in found.items() if value is not None}


def _answer(schema: Schema, root: Schema, number: str, *, required: bool) -> Any:
    if "const" in schema:
        return schema["const"]
    if codes := _codes(schema):
        return codes[0]
    match schema.get("type"):
        case "integer":
            return 1
        case "boolean":
            return True
        case "string" if "x-maximum" in schema:
            return plain(min(max(Decimal(number), Decimal(schema["x-minimum"])), Decimal(schema["x-maximum"])))
        case "string" if required:
            return "1"
        case "object" if "properties" in schema:
            return _full(schema, root, number)
        case "object" if isinstance(below := schema.get("additionalProperties"), dict):
            keys = _codes(_opened(schema["propertyNames"], root))
            return {key: _answer(_opened(below, root), root, number, required=True) for key in keys}
        case _:
            return None


def _codes(schema: Schema) -> list[str]:
    return list(schema.get("enum", ()))


def _own_fields(form: type[ReportForm], base: type[ReportForm]) -> dict[str, Asked]:
    return {label: each for label, each in _by_label(form).items() if each.pointer not in base.model_fields}


def _by_label(form: type[ReportForm]) -> dict[str, Asked]:
    schema = form.model_json_schema()
    return {each.zh: each for each in _asked(schema, schema, "", ("", ""))}


def _asked(schema: Schema, root: Schema, prefix: str, within: tuple[str, str]) -> Iterator[Asked]:
    for name, each in schema["properties"].items():
        opened = _opened(each, root)
        zh, en = (f"{above}{each['x-label'][language]}" for above, language in zip(within, ("zh", "en"), strict=True))
        unit = Unit(each["x-unit"]) if "x-unit" in each else None
        notes_zh, notes_en = _notes(each, opened)
        required = name in schema.get("required", ())
        yield Asked(f"{prefix}{name}", zh, en, unit, notes_zh, notes_en, required)
        below = opened.get("additionalProperties")
        if isinstance(below, dict):
            inner = _opened(below, root)
            if "properties" in inner:
                yield from _asked(inner, root, f"{prefix}{name}.*.", (f"{zh}·", f"{en}: "))
        elif "properties" in opened:
            yield from _asked(opened, root, f"{prefix}{name}.", (f"{zh}·", f"{en}: "))


def _notes(field: Schema, opened: Schema) -> tuple[tuple[str, ...], tuple[str, ...]]:
    zh, en = [], []
    hint = field.get("x-hint", {"zh": "", "en": ""})
    if hint["zh"]:
        zh.append(hint["zh"])
    if hint["en"]:
        en.append(hint["en"])
    if opened.get("x-maximum", FORMAT_MAXIMUM) != FORMAT_MAXIMUM:
        zh.append(f"{opened['x-minimum']} 至 {opened['x-maximum']}")
        en.append(f"{opened['x-minimum']} to {opened['x-maximum']}")
    if "maxLength" in opened:
        zh.append(f"至多 {opened['maxLength']} 字")
        en.append(f"at most {opened['maxLength']} characters")
    if "x-names" in field:
        zh.append("、".join(f"{names['zh']} {code(key)}" for key, names in field["x-names"].items()))
    elif codes := _codes(opened):
        zh.append("、".join(map(code, codes)))
    return tuple(zh), tuple(en)


def _opened(schema: Schema, root: Schema) -> Schema:
    """Return a schema with its reference followed and its null option left out."""
    options = [option for option in schema.get("anyOf", ()) if option != NULL]
    if len(options) == 1:
        return _opened({**{key: value for key, value in schema.items() if key != "anyOf"}, **options[0]}, root)
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema
