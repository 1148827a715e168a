"""The accounts of the tests: one a role along the line from a township of 华容县 to the nation, and a neighbour."""

from dataclasses import dataclass

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.auth.access import Grant
from backend.auth.accounts import create_account
from schemas.vocabulary import Role

COUNTY = "430623"
TOWNSHIP = "430623101"
OTHER_TOWNSHIP = "430623102"
NEIGHBOUR = "430624"
PREFECTURE = "430600"
PROVINCE = "430000"
PASSWORD = "a password of the tests"
PASSWORD_HASH = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A real Argon2id hash with the cheapest cost: its parameters stand in the hash, so verifying it is cheap too."""

OFFICES: dict[str, Grant] = {
    "worker": Grant(Role.WORKER, TOWNSHIP),
    "colleague": Grant(Role.WORKER, TOWNSHIP),
    "township": Grant(Role.TOWNSHIP, TOWNSHIP),
    "county": Grant(Role.COUNTY, COUNTY),
    "neighbour": Grant(Role.COUNTY, NEIGHBOUR),
    "prefecture": Grant(Role.PREFECTURE, PREFECTURE),
    "province": Grant(Role.PROVINCE, PROVINCE),
    "ministry": Grant(Role.MINISTRY, "100000"),
    "admin": Grant(Role.ADMIN, "100000"),
}


@dataclass(frozen=True)
class SignIn:
    """What one types to sign in."""

    username: str
    password: str = PASSWORD


async def open_offices(engine: AsyncEngine) -> dict[str, SignIn]:
    """Create the accounts as the owner and return how each signs in."""
    async with engine.begin() as connection:
        for username, grant in OFFICES.items():
            await create_account(connection, username, username, PASSWORD_HASH, [grant])
    return {username: SignIn(username) for username in OFFICES}
