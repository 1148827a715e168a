"""What is asked about film: the farm form, the county form, and both read as answers per kind of film."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, assert_never

from schemas.decimals import EXACT, ONE, ZERO, product
from schemas.indicators.form import Amount, Choices, Count, CountyForm, FarmForm, Label, Measured, Rate
from schemas.vocabulary import Indicator, Unit

MULCH_FILM = "mulch_film"
SHED_FILM = "shed_film"
BIODEGRADABLE = "biodegradable"

_IMPURITY = {
    "hint_zh": "泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15",
    "hint_en": "soil and straw as a share of the gross mass, such as 0.15",
}
_MOISTURE = {
    "hint_zh": "去杂后的含水比例，如 10% 填 0.1",
    "hint_en": "water as a share of the mass without impurities, such as 0.1",
}
_OUTSIDE = {"hint_zh": "不计入回收率", "hint_en": "outside the recovery rate"}


STANDARD_MM = Decimal("0.010")
"""Mulch film may not be thinner (GB 13735-2017)."""
THICK_MM = Decimal("0.015")
"""From here on mulch film is 加厚高强度."""


class Channel(StrEnum):
    """Where a farm's old film goes."""

    COLLECTION_POINT = "collection_point"
    TRADE_IN = "trade_in"
    SERVICE = "service"
    WASTE_BUYER = "waste_buyer"
    OTHER = "other"


CHANNEL_NAMES: dict[str, tuple[str, str]] = {
    Channel.COLLECTION_POINT: ("回收网点", "collection point"),
    Channel.TRADE_IN: ("以旧换新", "trade-in"),
    Channel.SERVICE: ("社会化服务组织", "service organisation"),
    Channel.WASTE_BUYER: ("废品收购", "waste buyer"),
    Channel.OTHER: ("其他", "other"),
}


class FilmFarmForm(FarmForm):
    """What one farm used and gave back; what it does not use stays empty."""

    indicator: Annotated[Literal[Indicator.FILM_RECOVERY], Label("指标", "Indicator")]
    mulch_used_kg: Annotated[Amount | None, Label("地膜使用量", "Mulch film used", Unit.KG)] = None
    mulch_recovered_gross_kg: Annotated[
        Amount | None, Label("地膜回收毛重", "Mulch film recovered, gross", Unit.KG)
    ] = None
    mulch_impurity_rate: Annotated[
        Rate | None, Label("地膜含杂率", "Impurity rate of mulch film", Unit.RATE, **_IMPURITY)
    ] = None
    mulch_moisture_rate: Annotated[
        Rate | None, Label("地膜含水率", "Moisture rate of mulch film", Unit.RATE, **_MOISTURE)
    ] = None
    mulch_covered_area_mu: Annotated[Amount | None, Label("地膜覆盖面积", "Area under mulch film", Unit.MU)] = None
    shed_used_kg: Annotated[Amount | None, Label("棚膜使用量", "Shed film used", Unit.KG)] = None
    shed_recovered_gross_kg: Annotated[Amount | None, Label("棚膜回收毛重", "Shed film recovered, gross", Unit.KG)] = (
        None
    )
    shed_impurity_rate: Annotated[
        Rate | None, Label("棚膜含杂率", "Impurity rate of shed film", Unit.RATE, **_IMPURITY)
    ] = None
    shed_moisture_rate: Annotated[
        Rate | None, Label("棚膜含水率", "Moisture rate of shed film", Unit.RATE, **_MOISTURE)
    ] = None
    shed_covered_area_mu: Annotated[Amount | None, Label("棚膜覆盖面积", "Area under shed film", Unit.MU)] = None
    biodegradable_used_kg: Annotated[
        Amount | None, Label("全生物降解地膜使用量", "Biodegradable mulch film used", Unit.KG, **_OUTSIDE)
    ] = None
    mulch_thickness_mm: Annotated[
        Decimal | None,
        Measured(at_most="1"),
        Label(
            "地膜厚度",
            "Thickness of mulch film",
            Unit.MILLIMETRE,
            hint_zh="包装上标明的标称厚度，如 0.01",
            hint_en="as printed on the roll, such as 0.01",
        ),
    ] = None
    recovery_channel: Annotated[
        Channel | None, Label("旧膜交售渠道", "Where old film goes"), Choices(CHANNEL_NAMES)
    ] = None


class FilmCountyForm(CountyForm):
    """The county's statement of film used and recovered."""

    indicator: Annotated[Literal[Indicator.FILM_RECOVERY], Label("指标", "Indicator")]
    mulch_used_t: Annotated[Amount | None, Label("地膜使用量", "Mulch film used", Unit.TONNE)] = None
    mulch_recovered_gross_t: Annotated[
        Amount | None, Label("地膜回收毛重", "Mulch film recovered, gross", Unit.TONNE)
    ] = None
    mulch_impurity_rate: Annotated[
        Rate | None, Label("地膜含杂率", "Impurity rate of mulch film", Unit.RATE, **_IMPURITY)
    ] = None
    mulch_moisture_rate: Annotated[
        Rate | None, Label("地膜含水率", "Moisture rate of mulch film", Unit.RATE, **_MOISTURE)
    ] = None
    mulch_covered_area_mu: Annotated[Amount | None, Label("地膜覆盖面积", "Area under mulch film", Unit.MU)] = None
    shed_used_t: Annotated[Amount | None, Label("棚膜使用量", "Shed film used", Unit.TONNE)] = None
    shed_recovered_gross_t: Annotated[
        Amount | None, Label("棚膜回收毛重", "Shed film recovered, gross", Unit.TONNE)
    ] = None
    shed_impurity_rate: Annotated[
        Rate | None, Label("棚膜含杂率", "Impurity rate of shed film", Unit.RATE, **_IMPURITY)
    ] = None
    shed_moisture_rate: Annotated[
        Rate | None, Label("棚膜含水率", "Moisture rate of shed film", Unit.RATE, **_MOISTURE)
    ] = None
    shed_covered_area_mu: Annotated[Amount | None, Label("棚膜覆盖面积", "Area under shed film", Unit.MU)] = None
    biodegradable_used_t: Annotated[
        Amount | None, Label("全生物降解地膜使用量", "Biodegradable mulch film used", Unit.TONNE, **_OUTSIDE)
    ] = None
    mulch_thick_used_t: Annotated[
        Amount | None,
        Label(
            "其中：加厚高强度地膜使用量",
            "of it thick mulch film",
            Unit.TONNE,
            hint_zh="厚度 0.015 毫米及以上",
            hint_en="0.015 mm and more",
        ),
    ] = None
    mulch_substandard_used_t: Annotated[
        Amount | None,
        Label(
            "其中：厚度不达标地膜使用量",
            "of it mulch film below the standard",
            Unit.TONNE,
            hint_zh="厚度小于 0.010 毫米（GB 13735-2017）",
            hint_en="thinner than 0.010 mm (GB 13735-2017)",
        ),
    ] = None
    collection_points: Annotated[Count | None, Label("废旧农膜回收网点数", "Collection points", Unit.COUNT)] = None


FilmForm = FilmFarmForm | FilmCountyForm


@dataclass(frozen=True, slots=True)
class FilmKind:
    """The answers about one kind of film, in the unit of the form they were given in."""

    subject: str
    prefix: str
    zh: str
    en: str
    unit: Unit
    used: Decimal | None
    gross: Decimal | None
    impurity_rate: Decimal | None
    moisture_rate: Decimal | None
    covered_area_mu: Decimal | None

    @property
    def net(self) -> Decimal:
        """The recovered mass without soil and water, exactly. A share that is not given counts as 0."""
        without_soil = EXACT.subtract(ONE, self.impurity_rate or ZERO)
        without_water = EXACT.subtract(ONE, self.moisture_rate or ZERO)
        return product(self.gross or ZERO, without_soil, without_water)

    def field(self, quantity: str) -> str:
        """Return the name of the form's field of a mass."""
        return f"{self.prefix}_{quantity}_{self.unit}"

    @property
    def unit_zh(self) -> str:
        """The unit as it is written in Chinese."""
        return "公斤" if self.unit is Unit.KG else "吨"


def film_kinds(form: FilmForm) -> tuple[FilmKind, FilmKind]:
    """Return the answers about mulch film and about shed film."""
    match form:
        case FilmFarmForm():
            unit = Unit.KG
            mulch = (form.mulch_used_kg, form.mulch_recovered_gross_kg)
            shed = (form.shed_used_kg, form.shed_recovered_gross_kg)
        case FilmCountyForm():
            unit = Unit.TONNE
            mulch = (form.mulch_used_t, form.mulch_recovered_gross_t)
            shed = (form.shed_used_t, form.shed_recovered_gross_t)
        case _:
            assert_never(form)
    mulch_rest = (form.mulch_impurity_rate, form.mulch_moisture_rate, form.mulch_covered_area_mu)
    shed_rest = (form.shed_impurity_rate, form.shed_moisture_rate, form.shed_covered_area_mu)
    return (
        FilmKind(MULCH_FILM, "mulch", "地膜", "Mulch film", unit, *mulch, *mulch_rest),
        FilmKind(SHED_FILM, "shed", "棚膜", "Shed film", unit, *shed, *shed_rest),
    )
