"""The collections, as data: what tipg may ask for, and nothing else. A test holds them against the database.

tipg would look for tables itself at every start, by functions that it creates on the connection; that takes time, fails
on a streaming replica, and shows whatever is added to the schema.
"""

from collections.abc import Mapping

from tipg.collections import Column, PgCollection

SCHEMA = "gis"
CGCS2000 = 4490
CHINA = [73.4, 3.4, 135.1, 53.6]
"""West, south, east, north in degrees, CGCS2000: what the layers can hold."""

COUNTY = {"county_code": "text", "name": "text"}
ABOVE = {"prefecture_code": "text", "prefecture_name": "text", "province_code": "text", "province_name": "text"}
AMOUNTS = {"rate_percent": "float8", "numerator": "float8", "denominator": "float8", "amount": "float8"}


def _layer(name: str, title: str, description: str, fields: Mapping[str, str], key: str) -> PgCollection:
    outline = Column(name="geom", type="geometry", geometry_type="MultiPolygon", srid=CGCS2000, bounds=CHINA)
    properties = [Column(name=field, type=kind) for field, kind in fields.items()]
    return PgCollection(
        type="Table",
        id=name,
        table=name,
        schema=SCHEMA,
        title=title,
        description=description,
        table_columns=[*properties, outline],
        properties=[*properties, outline],
        id_column=next(one for one in properties if one.name == key),
        geometry_column=outline,
        datetime_column=next((one for one in properties if one.is_datetime), None),
    )


COLLECTIONS: Mapping[str, PgCollection] = {
    layer.id: layer
    for layer in (
        _layer(
            "county",
            "县级行政区 · Counties",
            "县级行政区的界线、代码、名称与上级区划，人人可读。"
            "Boundaries, codes, names and parents of today's counties, for everybody.",
            {**COUNTY, **ABOVE, "in_scope": "boolean", "source": "text"},
            "county_code",
        ),
        _layer(
            "county_figures",
            "各县指标 · Figures of counties",
            "各县各指标各统计期的数值，按登录账号的范围给出；未登录只有已公布的（view=published）。"
            "view：headline 主数，farm 田间汇总，statement 县级报表，published 已公布。单位：吨、亩、%。"
            "Figures of each county, indicator and period within the account's scope; without a sign-in the published "
            "ones alone (view=published). view: headline, farm (field sum), statement, published. Units: t, mu, %.",
            {
                "id": "text",
                **COUNTY,
                **ABOVE,
                "indicator": "text",
                "series": "text",
                "period": "text",
                "view": "text",
                **AMOUNTS,
                "reports": "integer",
                "filing_state": "text",
            },
            "id",
        ),
        _layer(
            "published_statements",
            "已公布的县级数值 · Published statements",
            "已公布并签名、现行有效的县级数值，人人可读。"
            "County figures that were signed when they were published and still stand, for everybody.",
            {
                "id": "text",
                **COUNTY,
                **ABOVE,
                "indicator": "text",
                "period": "text",
                **AMOUNTS,
                "unit": "text",
                "goal_state": "text",
                "issued_at": "timestamptz",
                "key_id": "text",
            },
            "id",
        ),
        _layer(
            "basins",
            "重点流域 · Key basins",
            "重点流域及其水面轮廓（示意），人人可读。Key basins with the outline of their water, for display.",
            {"basin_code": "text", "name": "text", "name_en": "text", "source": "text"},
            "basin_code",
        ),
        _layer(
            "basin_counties",
            "重点流域各县 · Counties of key basins",
            "重点流域所属各县及其层级（core 核心，extended 扩展，peripheral 外围），人人可读。"
            "The counties of each key basin with their tier: core, extended or peripheral.",
            {
                "id": "text",
                "basin_code": "text",
                "basin_name": "text",
                "basin_name_en": "text",
                "tier": "text",
                **COUNTY,
                **ABOVE,
                "source": "text",
                "confidence": "text",
            },
            "id",
        ),
    )
}
