"""The reporting entities of the demo: invented names, phone numbers that are plainly made up, and plots."""

from backend.demo.changes import Payload, PlannedRecord, plan_create
from backend.demo.draws import Draws, wire_number
from backend.demo.land import Land
from backend.demo.plots import half_sides_m, plot
from schemas.vocabulary import Datum, EntityKind, RecordKind

_VILLAGES = ("张家湾", "李家河", "王家坪", "杨树桥", "柳林", "长堰", "荷塘", "石码头", "周家渡", "永兴", "南湖")
_SURNAMES = "张李王刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "华强芳敏军勇艳杰娟涛明超霞平刚兰"
_BRANDS = ("金穗", "绿源", "丰禾", "惠农", "沃野", "兴农", "众鑫", "禾润")
_KINDS = {
    EntityKind.HOUSEHOLD: ("{village}村种植户{n:02d}", 12, 1.7, 2, 60),
    EntityKind.LARGE_GROWER: ("{village}村种植大户{n:02d}", 140, 1.6, 50, 900),
    EntityKind.COOPERATIVE: ("{brand}种植专业合作社", 420, 1.6, 120, 3000),
    EntityKind.LIVESTOCK_FARM: ("{brand}养殖场{n:02d}", 30, 1.5, 5, 200),
    EntityKind.IRRIGATION_PROJECT: ("{village}片高效节水灌溉项目{n:02d}", 2_300, 1.5, 500, 9000),
    EntityKind.STRAW_FIRM: ("{brand}秸秆综合利用有限公司", 20, 1.3, 8, 60),
}
"""Name, and median, spread factor, least and greatest area in mu."""


def plan_farm(draws: Draws, land: Land, kind: EntityKind, number: int, datum: Datum) -> PlannedRecord:
    """Return the registration of a reporting entity; four of five give a plot, in the datum of their phone."""
    place = land.place
    name, median, factor, least, most = _KINDS[kind]
    village, brand = draws.one_of(_VILLAGES), draws.one_of(_BRANDS)
    township_code, township = draws.one_of(place.townships)
    area_mu = draws.skewed(median, factor, least, most)
    payload: Payload = {
        "entity_kind": kind.value,
        "township_code": township_code,
        "name": name.format(village=village, brand=brand, n=number),
        "contact_name": draws.one_of(_SURNAMES) + draws.one_of(_GIVEN),
        "phone": f"1990000{draws.whole(0, 9999):04d}",
        "address": f"{place.name}{township}{village}村",
        "area_mu": wire_number(area_mu, 1),
    }
    if draws.chance(0.8):
        drawn_mu = area_mu * draws.between(0.92, 1.06)
        centre = land.take(*half_sides_m(drawn_mu))
        if centre is not None:
            payload["geometry"] = plot(centre, drawn_mu, datum)
    captured_at = draws.moment(2024, 3, 4, 60)
    return plan_create(draws, place.code, RecordKind.FARM, payload, captured_at, datum)
