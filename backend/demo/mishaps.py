"""What goes wrong in real work, planned: doubtful values, two people on one report, mistyped forms, wrong places.

Each county gets its share by its number, so that every kind is there and no county has them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.demo.changes import Item, Payload, PlannedRecord, plan_amend, plan_create, plan_withdraw
from backend.demo.counties import CountyPlace
from backend.demo.draft import head, of_farm
from backend.demo.draws import Draws, wire_number
from backend.demo.farms import plan_farm
from backend.demo.film import film_of_farm
from backend.demo.land import Land
from backend.demo.plots import cross, lay_upon, move_away, report_in_another_datum
from schemas.indicators.straw_form import Respondent
from schemas.vocabulary import Datum, EntityKind, Indicator, Level, RecordKind

FAR_AWAY_DEGREES = 1.2
"""A plot moved this far east lies outside any county of the demo."""

SHIFTED_PLOTS = 4
"""How many reports of a county were drawn on a map of another datum than the phone says."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one phone keeps and then sends. `held_too` sends again what the server holds, as a person would ask."""

    by_bureau: bool
    items: tuple[Item, ...]
    held_too: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A county as the mishaps find it: its number, its place, and the reports that something happens to."""

    number: int
    land: Land
    draws: Draws
    datum: Datum
    film: Sequence[PlannedRecord]
    old_film: Sequence[PlannedRecord]
    projects: Sequence[PlannedRecord]
    """The reports of its irrigation projects, by year."""
    neighbour: CountyPlace

    @property
    def place(self) -> CountyPlace:
        """The county."""
        return self.land.place

    def with_mulch(self, skip: int = 0) -> PlannedRecord:
        """Return a film report that has mulch film, past the first `skip` of them."""
        return [record for record in self.film if "mulch_used_kg" in record.payload][skip]


def make_doubtful(number: int, growers: Sequence[PlannedRecord], reports: Sequence[PlannedRecord]) -> None:
    """Change values of a county's farms and reports so that the service takes them with a warning."""
    _doubtful_answers(number, [report.payload for report in reports])
    _doubtful_plots(number, [farm for farm in growers if "geometry" in farm.payload], reports)


def _doubtful_answers(number: int, reports: Sequence[Payload]) -> None:
    mulched = [answers for answers in reports if "mulch_used_kg" in answers]
    if number % 4 == 0:
        mulched[0]["mulch_recovered_gross_kg"] = wire_number(float(mulched[0]["mulch_used_kg"]) * 1.6, 1)
        mulched[0]["note"] = "含往年残膜"
    if number % 5 == 1:
        for answers in mulched[1:4]:
            answers["mulch_impurity_rate"] = "0"
    if number % 7 == 2:
        sampled = next(answers for answers in reports if answers.get("respondent") == Respondent.HOUSEHOLD)
        next(iter(sampled["crops"].values()))["grain_kg"] = "0"
        sampled["note"] = "受涝绝收，秸秆作饲料"
    if number % 9 == 4:
        leftover = next(answers for answers in reports if "species" in answers)
        leftover |= {"species": {}, "composting_return_kg": "36000"}
        for route in ("commercial_fertiliser_kg", "biogas_kg", "bio_natural_gas_kg", "slurry_return_kg"):
            leftover.pop(route, None)
        leftover["note"] = "当年已清栏，所用为上年存粪"


def _doubtful_plots(number: int, drawn: Sequence[PlannedRecord], reports: Sequence[PlannedRecord]) -> None:
    if number % 6 == 2:
        move_away(drawn[0], FAR_AWAY_DEGREES)
    if number % 8 == 3:
        cross(drawn[1])
    if number % 7 == 4:
        drawn[2].payload["area_mu"] = wire_number(float(drawn[2].payload["area_mu"]) * 10, 1)
    if number % 7 == 2:
        lay_upon(drawn[4], drawn[3], apart=0.6)
    if number % 10 == 1:
        for farm in drawn[:SHIFTED_PLOTS]:
            report = next(one for one in reports if one.payload["farm_id"] == farm.record_id)
            report_in_another_datum(farm, report, declared=Datum.WGS84, given=Datum.GCJ02)


def mishaps(field: Field) -> list[Step]:
    """Return the steps of what goes wrong in a county after its reports are in."""
    number = field.number
    steps: list[Step] = []
    if number % 5 == 0:
        steps += _two_people_on_one_report(field)
    if number % 6 == 1:
        steps.append(_second_visit(field))
    if number % 3 == 0:
        steps += _mistyped(field, ("float", "unknown_crop", "returned_over_sown")[number // 3 % 3])
    if number % 8 == 5:
        steps += _report_before_its_farm(field)
    if number % 12 == 6:
        steps.append(_wrong_county(field))
    if number % 4 == 1:
        steps += _withdrawals(field)
    if number % 7 == 3:
        steps.append(_project_again(field))
    return steps


def _two_people_on_one_report(field: Field) -> list[Step]:
    """Worker and bureau correct one report from the same state: another field merges, the same one conflicts."""
    record = field.with_mulch(4)
    base = record.last_change_id
    used_kg = float(record.payload["mulch_used_kg"])
    first = plan_amend(field.draws, record, {"/mulch_used_kg": wire_number(used_kg * 1.02, 1)}, base)
    merged = plan_amend(field.draws, record, {"/note": "已与购膜票据核对"}, base, "县级核对票据")
    clash = plan_amend(field.draws, record, {"/mulch_used_kg": wire_number(used_kg * 1.1, 1)}, base, "按票据更正")
    record.change_ids.remove(clash["change_id"])
    return [Step(by_bureau=False, items=(first,)), Step(by_bureau=True, items=(merged, clash))]


def _second_visit(field: Field) -> Step:
    """A second report for a farm that has one, as after a second visit."""
    record = field.with_mulch(5)
    payload, datum = dict(record.payload), record.created.get("datum")
    again = plan_create(field.draws, field.place.code, RecordKind.REPORT, payload, record.captured_at, datum)
    return Step(by_bureau=False, items=(again.created,))


def _mistyped(field: Field, how: str) -> list[Step]:
    """A report with a mistake that is refused, and the same report filed again without it."""
    farm = _extra_farm(field)
    right = _straw_of(farm, 5.5, "maize") if how != "float" else _film_of(field, farm)
    wrong = dict(right)
    if how == "float":
        wrong["mulch_used_kg"] = 26.5
    elif how == "unknown_crop":
        wrong = _straw_of(farm, 5.5, "barley")
    else:
        wrong = _straw_of(farm, 55, "maize")
    captured_at = field.draws.moment(2025, 11, 3, 20)
    refused = plan_create(field.draws, field.place.code, RecordKind.REPORT, wrong, captured_at)
    corrected = plan_create(field.draws, field.place.code, RecordKind.REPORT, right, captured_at)
    return [
        Step(by_bureau=False, items=(farm.created, refused.created)),
        Step(by_bureau=False, items=(corrected.created,)),
    ]


def _report_before_its_farm(field: Field) -> list[Step]:
    """The bureau's phone is faster than the worker's, which registered the farm; the report waits for it."""
    farm = _extra_farm(field)
    captured_at = field.draws.moment(2025, 11, 3, 20)
    report = plan_create(field.draws, field.place.code, RecordKind.REPORT, _film_of(field, farm), captured_at)
    return [
        Step(by_bureau=True, items=(report.created,)),
        Step(by_bureau=False, items=(farm.created,)),
        Step(by_bureau=True, items=(), held_too=True),
    ]


def _wrong_county(field: Field) -> Step:
    """A worker picks the neighbouring county in the list; the change is kept and the worker told."""
    captured_at = field.draws.moment(2025, 11, 3, 20)
    township_code, _ = field.neighbour.townships[0]
    payload = {
        "entity_kind": EntityKind.HOUSEHOLD.value,
        "township_code": township_code,
        "name": "柳林村种植户88",
        "area_mu": "6.5",
    }
    lost = plan_create(field.draws, field.neighbour.code, RecordKind.FARM, payload, captured_at)
    return Step(by_bureau=False, items=(lost.created,))


def _withdrawals(field: Field) -> list[Step]:
    """A report filed by mistake is withdrawn; another no longer can be, as it has changed since."""
    mistaken, changed = field.old_film[-1], field.old_film[-2]
    before = changed.last_change_id
    note = plan_amend(field.draws, changed, {"/note": "已补录回收单"})
    stale = plan_withdraw(field.draws, changed, "重复填报") | {"base_change_id": before}
    gone = plan_withdraw(field.draws, mistaken, "误填，该户当年未种植")
    return [Step(by_bureau=True, items=(note,)), Step(by_bureau=False, items=(gone, stale))]


def _project_again(field: Field) -> Step:
    """A project that was finished and reported comes up again, as of another year; it counts once for ever."""
    first = field.projects[-1]
    payload = first.payload | {"period": "2024", "note": "2024年度项目台账"}
    again = plan_create(field.draws, field.place.code, RecordKind.REPORT, payload, field.draws.moment(2025, 11, 3, 20))
    return Step(by_bureau=False, items=(again.created,))


def _extra_farm(field: Field) -> PlannedRecord:
    return plan_farm(field.draws, field.land, EntityKind.HOUSEHOLD, field.draws.whole(40, 79), field.datum)


def _film_of(field: Field, farm: PlannedRecord) -> Payload:
    while True:
        answers = film_of_farm(field.draws, field.place.farmland, float(farm.payload["area_mu"]), 0.86, 2025)
        if "mulch_used_kg" in answers:
            return head(Indicator.FILM_RECOVERY, Level.FARM, 2025) | of_farm(farm) | answers


def _straw_of(farm: PlannedRecord, returned_mu: float, crop: str) -> Payload:
    return {
        **head(Indicator.STRAW_UTILISATION, Level.FARM, 2025),
        **of_farm(farm),
        "respondent": Respondent.HOUSEHOLD.value,
        "crops": {
            crop: {
                "grain_kg": "3680",
                "sown_area_mu": "8",
                "returned_area_mu": wire_number(returned_mu, 1),
                "use_feed_kg": "420",
            }
        },
    }
