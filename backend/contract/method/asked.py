"""What the forms of an indicator ask, and which quantities a report adds, read from the forms and the program."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend.contract.definitions import Schema
from backend.contract.method.answered import full_answers, opened
from backend.contract.method.markdown import both, code, table
from backend.contract.words import Words
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import CountyForm, FarmForm, Measured, ReportForm
from schemas.indicators.spec import WHOLE, IndicatorSpec
from schemas.vocabulary import UNIT_NAMES, Level, Unit

Names = Mapping[str, Words]
"""What codes are called, zh and en."""

FORMAT_MAXIMUM = Measured().at_most


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
        unit = f"（{UNIT_NAMES[self.unit][0]}）" if self.unit is not None and self.unit is not Unit.RATE else ""
        return f"{code(self.pointer)}{unit}{' ●' if self.required else ''}"


def fields_table(spec: IndicatorSpec) -> str:
    """Return what the farm form and the county form ask, one row for what both call alike."""
    names = spec.subject_labels
    return _side_by_side(_own_fields(spec.farm_form, FarmForm, names), _own_fields(spec.county_form, CountyForm, names))


def common_fields_table() -> str:
    """Return what every report says, whatever it measures."""
    names = {code.value: (spec.zh, spec.en) for code, spec in CATALOGUE.items()}
    return _side_by_side(_by_label(FarmForm, names), _by_label(CountyForm, names))


def _side_by_side(farm: Mapping[str, Asked], county: Mapping[str, Asked]) -> str:
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
                both(*UNIT_NAMES[label.unit]),
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


def _own_fields(form: type[ReportForm], base: type[ReportForm], names: Names) -> dict[str, Asked]:
    return {label: each for label, each in _by_label(form, names).items() if each.pointer not in base.model_fields}


def _by_label(form: type[ReportForm], names: Names) -> dict[str, Asked]:
    schema = form.model_json_schema()
    return {each.zh: each for each in _asked(schema, schema, "", ("", ""), names)}


def _asked(schema: Schema, root: Schema, prefix: str, within: Words, names: Names) -> Iterator[Asked]:
    for name, said in schema["properties"].items():
        held = opened(said, root)
        zh, en = (f"{above}{said['x-label'][language]}" for above, language in zip(within, ("zh", "en"), strict=True))
        unit = Unit(said["x-unit"]) if "x-unit" in said else None
        required = name in schema.get("required", ())
        yield Asked(f"{prefix}{name}", zh, en, unit, *_notes(said, held, names), required)
        below = held.get("additionalProperties")
        inner, step = (opened(below, root), f"{name}.*.") if isinstance(below, dict) else (held, f"{name}.")
        if "properties" in inner:
            yield from _asked(inner, root, f"{prefix}{step}", (f"{zh}·", f"{en}: "), names)


def _notes(said: Schema, held: Schema, names: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hint = said.get("x-hint", {"zh": "", "en": ""})
    zh, en = [hint["zh"]], [hint["en"]]
    if held.get("x-maximum", FORMAT_MAXIMUM) != FORMAT_MAXIMUM:
        zh.append(f"{held['x-minimum']} 至 {held['x-maximum']}")
        en.append(f"{held['x-minimum']} to {held['x-maximum']}")
    if "maxLength" in held:
        zh.append(f"至多 {held['maxLength']} 字")
        en.append(f"at most {held['maxLength']} characters")
    if "x-names" in said:
        zh.append("、".join(f"{each['zh']} {code(key)}" for key, each in said["x-names"].items()))
    elif "enum" in held:
        zh.append("、".join(f"{names[key][0]} {code(key)}" if key in names else code(key) for key in held["enum"]))
    return tuple(filter(None, zh)), tuple(filter(None, en))
