"""The farm register: what is asked once of every reporting entity 经营主体 and reused by every report."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from schemas.indicators.form import Choices, Form, Label, Measured, TownshipCode
from schemas.vocabulary import EntityKind, Unit

ENTITY_KIND_NAMES: Mapping[str, tuple[str, str]] = {
    EntityKind.HOUSEHOLD: ("农户", "Household"),
    EntityKind.LARGE_GROWER: ("种植大户", "Large grower"),
    EntityKind.COOPERATIVE: ("农民专业合作社", "Co-operative"),
    EntityKind.ENTERPRISE: ("农业企业", "Enterprise"),
    EntityKind.LIVESTOCK_FARM: ("养殖场", "Livestock farm"),
    EntityKind.STRAW_FIRM: ("秸秆利用企业", "Straw firm"),
    EntityKind.FILM_COLLECTION_POINT: ("农膜回收网点", "Film collection point"),
    EntityKind.SERVICE_ORGANISATION: ("农业社会化服务组织", "Service organisation"),
    EntityKind.IRRIGATION_PROJECT: ("节水灌溉项目", "Irrigation project"),
}


class Farm(Form):
    """A reporting entity. Name, contact, address and plot are personal: they leave the county only masked."""

    entity_kind: Annotated[EntityKind, Label("主体类型", "Kind of entity"), Choices(ENTITY_KIND_NAMES)]
    township_code: TownshipCode
    name: Annotated[str, Field(min_length=1, max_length=100), Label("名称", "Name", personal=True)]
    external_id: Annotated[
        str | None,
        Field(min_length=1, max_length=64),
        Label(
            "主体编号",
            "Roster number",
            personal=True,
            hint_zh="花名册中的编号，同一县内不重复；导入时据此认出同一主体",
            hint_en="its number in the county's roster, unique there; an import finds the farm by it",
        ),
    ] = None
    contact_name: Annotated[str | None, Field(max_length=50), Label("联系人", "Contact", personal=True)] = None
    phone: Annotated[str | None, Field(max_length=30), Label("联系电话", "Phone", personal=True)] = None
    address: Annotated[str | None, Field(max_length=200), Label("地址", "Address", personal=True)] = None
    village_code: Annotated[str | None, Field(pattern=r"^[0-9]{12}$"), Label("村代码", "Village code")] = None
    area_mu: Annotated[Decimal | None, Measured(at_most="10000000"), Label("经营面积", "Farmed area", Unit.MU)] = None
    geometry: Annotated[
        dict[str, Any] | None, Label("地块", "Plot", personal=True, hint_zh="GeoJSON 点、面或多面，经度在前")
    ] = None
