"""The accounts of the demo: one a role to look around with, and a worker and a county bureau for every demo county.

Their password is public. They exist in the demo database only, which carries no real data.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.demo.counties import CountyPlace
from schemas.identifiers import uuid7
from schemas.regions import NATION
from schemas.tables.accounts import Account, Grant
from schemas.vocabulary import Role

DEMO_PASSWORD = "qingtian-demo"  # noqa: S105 - public on purpose
SHOWN_COUNTY = "430623"
"""华容县: the county of the accounts that are shown to the person who tries the demo."""

_OPENED = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account with its one grant."""

    username: str
    display_name: str
    role: Role
    region_code: str

    @property
    def id(self) -> str:
        """The account's UUIDv7, the same in every demo database."""
        noise = hashlib.sha256(f"demo account {self.username}".encode()).digest()[:10]
        return uuid7(int(_OPENED.timestamp() * 1000), noise)


def worker_username(county_code: str) -> str:
    """Return the user name of a demo county's extension worker."""
    return f"worker-{county_code}"


def bureau_username(county_code: str) -> str:
    """Return the user name of a demo county's bureau."""
    return f"county-{county_code}"


def shown_accounts(places: Iterable[CountyPlace]) -> list[DemoAccount]:
    """Return one account a role, lowest role first, all along one line from a township of 华容县 to the nation."""
    place = next(place for place in places if place.code == SHOWN_COUNTY)
    township_code, township = place.townships[0]
    return [
        DemoAccount("worker", f"{township}农技推广员", Role.WORKER, township_code),
        DemoAccount("township", f"{township}农业综合服务中心", Role.TOWNSHIP, township_code),
        DemoAccount("county", f"{place.name}农业农村局", Role.COUNTY, place.code),
        DemoAccount("prefecture", "岳阳市农业农村局", Role.PREFECTURE, "430600"),
        DemoAccount("province", "湖南省农业农村厅", Role.PROVINCE, "430000"),
        DemoAccount("ministry", "部级查阅账号", Role.MINISTRY, NATION),
        DemoAccount("admin", "系统管理员", Role.ADMIN, NATION),
    ]


def demo_accounts(places: Sequence[CountyPlace]) -> list[DemoAccount]:
    """Return every account of the demo: the shown ones first, then two for every county."""
    accounts = shown_accounts(places)
    for place in places:
        accounts.append(DemoAccount(worker_username(place.code), f"{place.name}农技推广员", Role.WORKER, place.code))
        accounts.append(
            DemoAccount(bureau_username(place.code), f"{place.name}农业农村局填报员", Role.COUNTY, place.code)
        )
    return accounts


async def insert_accounts(
    connection: AsyncConnection, accounts: Sequence[DemoAccount], hash_password: Callable[[str], str]
) -> None:
    """Insert the accounts and their grants; those that exist stay as they are.

    The one password is hashed once: a strong hash is slow, and these hundred accounts share it anyway.
    """
    password_hash = hash_password(DEMO_PASSWORD)
    await connection.execute(
        insert(Account).on_conflict_do_nothing(),
        [
            {
                "id": account.id,
                "username": account.username,
                "display_name": account.display_name,
                "password_hash": password_hash,
                "disabled": False,
                "created_at": _OPENED,
            }
            for account in accounts
        ],
    )
    await connection.execute(
        insert(Grant).on_conflict_do_nothing(),
        [
            {
                "account_id": account.id,
                "role": account.role.value,
                "region_code": account.region_code,
                "granted_at": _OPENED,
            }
            for account in accounts
        ],
    )
