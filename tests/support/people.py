"""Planted persons: data that must be found nowhere but where they belong, and a way to look for them."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.reports import Item, farm, film, square

NAME = "欧阳雪梅秘"
CONTACT = "司徒建国密"
PHONE = "13987651234"
ADDRESS = "三封寺镇保密村第七组二十九号"
NUMBER = "HR-KEEP-777001"
EDGE = 112.553217
"""A longitude that no other plot of the tests has."""

PLANTED = (NAME, CONTACT, PHONE, ADDRESS, NUMBER, str(EDGE))

READ_COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'spatial_ref_sys'
      AND table_name NOT IN (SELECT viewname FROM pg_views WHERE schemaname = 'public')
    ORDER BY table_name, ordinal_position
"""


def planted_farm(**answers: Any) -> Item:
    """Return the creation of a farm all of whose personal fields are planted."""
    said = {
        "name": NAME,
        "contact_name": CONTACT,
        "phone": PHONE,
        "address": ADDRESS,
        "external_id": NUMBER,
        "geometry": square(EDGE),
    }
    return farm(**said | answers)


def planted_film(farm_id: str, **answers: Any) -> Item:
    """Return a film report with a planted plot."""
    return film(farm_id, geometry=square(EDGE), **answers) | {"datum": "cgcs2000"}


async def told_in_the_clear(engine: AsyncEngine, wanted: tuple[str, ...] = PLANTED) -> set[tuple[str, str]]:
    """Return every (table, column) of the database in which one of the strings is found, in text, JSON or bytes."""
    found = set()
    async with engine.connect() as connection:
        columns = (await connection.execute(text(READ_COLUMNS))).all()
        for table, column, kind in columns:
            said = f'cast("{column}" AS text)'
            needles = list(wanted)
            if kind == "USER-DEFINED":
                said = f'ST_AsGeoJSON("{column}", 9)'
            elif kind == "bytea":
                said, needles = f"""encode("{column}", 'escape')""", [_escaped(one) for one in wanted]
            any_of = f'SELECT EXISTS (SELECT FROM "{table}", unnest(cast(:needles AS text[])) AS one'
            statement = f"{any_of} WHERE position(one IN {said}) > 0)"
            if (await connection.execute(text(statement), {"needles": needles})).scalar_one():
                found.add((table, column))
    return found


def _escaped(wanted: str) -> str:
    """Return a string as `encode(..., 'escape')` writes its bytes."""
    return "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in wanted.encode())
