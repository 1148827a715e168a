"""What the forms of an indicator ask, and which quantities a report adds, read from the forms and the program."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend.contract.definitions import Schema
from backend.contract.method.answered import codes_of, full_answers, opened
from backend.contract.method.markdown import both, code, table
from backend.contract.words import UNITS
from schemas.indicators.form import CountyForm, FarmForm, Measured, ReportForm
from schemas.indicators.spec import WHOLE, IndicatorSpec
from schemas.vocabulary import Level, Unit

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
        unit = f"（{UNITS[self.unit][0]}）" if self.unit is not None and self.unit is not Unit.RATE else ""
        return f"{code(self.pointer)}{unit}{' ●' if self.required else ''}"


def fields_table(spec: IndicatorSpec) -> str:
    """Return what the farm form and the county form ask, one row for what both call alike."""
    return _side_by_side(_own_fields(spec.farm_form, FarmForm), _own_fields(spec.county_form, CountyForm))


def common_fields_table() -> str:
    """Return what every report says, whatever it measures."""
    return _side_by_side(_by_label(FarmForm), _by_label(CountyForm))


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


def _own_fields(form: type[ReportForm], base: type[ReportForm]) -> dict[str, Asked]:
    return {label: each for label, each in _by_label(form).items() if each.pointer not in base.model_fields}


def _by_label(form: type[ReportForm]) -> dict[str, Asked]:
    schema = form.model_json_schema()
    return {each.zh: each for each in _asked(schema, schema, "", ("", ""))}


def _asked(schema: Schema, root: Schema, prefix: str, within: tuple[str, str]) -> Iterator[Asked]:
    for name, each in schema["properties"].items():
        field = opened(each, root)
        zh, en = (f"{above}{each['x-label'][language]}" for above, language in zip(within, ("zh", "en"), strict=True))
        unit = Unit(each["x-unit"]) if "x-unit" in each else None
        notes_zh, notes_en = _notes(each, field)
        required = name in schema.get("required", ())
        yield Asked(f"{prefix}{name}", zh, en, unit, notes_zh, notes_en, required)
        below = field.get("additionalProperties")
        if isinstance(below, dict):
            inner = opened(below, root)
            if "properties" in inner:
                yield from _asked(inner, root, f"{prefix}{name}.*.", (f"{zh}·", f"{en}: "))
        elif "properties" in field:
            yield from _asked(field, root, f"{prefix}{name}.", (f"{zh}·", f"{en}: "))


def _notes(said: Schema, held: Schema) -> tuple[tuple[str, ...], tuple[str, ...]]:
    zh, en = [], []
    hint = said.get("x-hint", {"zh": "", "en": ""})
    if hint["zh"]:
        zh.append(hint["zh"])
    if hint["en"]:
        en.append(hint["en"])
    if held.get("x-maximum", FORMAT_MAXIMUM) != FORMAT_MAXIMUM:
        zh.append(f"{held['x-minimum']} 至 {held['x-maximum']}")
        en.append(f"{held['x-minimum']} to {held['x-maximum']}")
    if "maxLength" in held:
        zh.append(f"至多 {held['maxLength']} 字")
        en.append(f"at most {held['maxLength']} characters")
    if "x-names" in said:
        zh.append("、".join(f"{names['zh']} {code(key)}" for key, names in said["x-names"].items()))
    elif codes := codes_of(held):
        zh.append("、".join(map(code, codes)))
    return tuple(zh), tuple(en)
