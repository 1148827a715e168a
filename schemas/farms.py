"""The farm register: what is asked once of every reporting entity 经营主体 and reused by every report."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from schemas.indicators.form import Form, Label, Measured, TownshipCode
from schemas.vocabulary import EntityKind, Unit


class Farm(Form):
    """A reporting entity. Name, contact, address and plot are personal: they leave the county only masked."""

    entity_kind: Annotated[EntityKind, Label("主体类型", "Kind of entity")]
    township_code: TownshipCode
    name: Annotated[str, Field(min_length=1, max_length=100), Label("名称", "Name", personal=True)]
    contact_name: Annotated[str | None, Field(max_length=50), Label("联系人", "Contact", personal=True)] = None
    phone: Annotated[str | None, Field(max_length=30), Label("联系电话", "Phone", personal=True)] = None
    address: Annotated[str | None, Field(max_length=200), Label("地址", "Address", personal=True)] = None
    village_code: Annotated[str | None, Field(pattern=r"^[0-9]{12}$"), Label("村代码", "Village code")] = None
    area_mu: Annotated[Decimal | None, Measured(at_most="10000000"), Label("经营面积", "Farmed area", Unit.MU)] = None
    geometry: Annotated[
        dict[str, Any] | None, Label("地块", "Plot", personal=True, hint_zh="GeoJSON 点、面或多面，经度在前")
    ] = None
