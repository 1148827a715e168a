"""A phone is enrolled by a code that its office hands over, and revoked when it is lost."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.auth.accounts import grant_of
from backend.auth.audit import Act, Actor, Person, keep_act
from backend.auth.sessions import Opened, Origin, Revoked, open_session, reopen
from backend.auth.tokens import keyed_hash
from schemas.accounts import ReceivedOfPhone

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""

CODE_CHARACTERS = 8
VALID_DAYS = 7
QR_SCHEME = "qingtian-enrol:"
PURPOSE = "enrolment code"

INSERT = """
    INSERT INTO enrolment (id, code_hash, account_id, created_by, created_at, expires_at)
    VALUES (:id, :code_hash, :account_id, cast(:created_by AS uuid), clock_timestamp(),
            clock_timestamp() + make_interval(days => :days))
    RETURNING expires_at
"""

CANCEL_OPEN = """
    UPDATE enrolment SET cancelled_at = clock_timestamp()
    WHERE account_id = :account_id AND redeemed_at IS NULL AND cancelled_at IS NULL
"""

LOCK_CODE = """
    SELECT enrolment.id, enrolment.account_id, enrolment.redeemed_at, enrolment.session_id, session.device_id
    FROM enrolment
    JOIN account ON account.id = enrolment.account_id AND NOT account.disabled
    LEFT JOIN session ON session.id = enrolment.session_id
    WHERE enrolment.code_hash = :code_hash AND enrolment.cancelled_at IS NULL
      AND enrolment.expires_at > clock_timestamp()
    FOR UPDATE OF enrolment
"""

REDEEM = "UPDATE enrolment SET redeemed_at = clock_timestamp(), session_id = :session_id WHERE id = :id"

READ_PERSON = """
    SELECT account.username, held.role, held.region_code, held.indicators, held.basin_code
    FROM account LEFT JOIN account_grant AS held ON held.account_id = account.id
    WHERE account.id = :account_id
"""

OWNERS_OF_DEVICE = "SELECT account_id FROM device WHERE device_id = :device_id ORDER BY account_id FOR UPDATE"

REVOKE_DEVICE = """
    UPDATE device SET revoked_at = clock_timestamp()
    WHERE device_id = :device_id AND account_id = :account_id AND revoked_at IS NULL
    RETURNING device_id
"""

REVOKE_SESSIONS = """
    UPDATE session SET revoked_at = clock_timestamp(), revoked_for = :reason
    WHERE device_id = :device_id AND account_id = :account_id AND revoked_at IS NULL
"""

READ_RECEIVED = """
    SELECT got.county_code, got.changes, got.last_received_at, got.last_captured_at, seen.queued
    FROM (
        SELECT county_code, count(*) AS changes, max(received_at) AS last_received_at,
               max(item ->> 'captured_at') AS last_captured_at
        FROM change WHERE device_id = :device_id AND account = ANY(cast(:accounts AS uuid[]))
        GROUP BY county_code
    ) AS got
    LEFT JOIN LATERAL (
        SELECT queued FROM device_sync
        WHERE device_sync.county_code = got.county_code AND device_id = :device_id
        ORDER BY last_push_at DESC NULLS LAST LIMIT 1
    ) AS seen ON true
    ORDER BY got.county_code
"""


class EnrolmentInvalidError(Exception):
    """The code is none, used, expired, or replaced by a newer one."""


@dataclass(frozen=True, slots=True)
class Code:
    """An enrolment code as it is shown, this once."""

    code: str
    expires_at: datetime

    def qr(self, server: str) -> str:
        """Return the text of the QR code: where the service answers, and the code."""
        return f"{QR_SCHEME}?{urlencode({'server': server, 'code': self.code})}"


def read_code(typed: str) -> str:
    """Return a code as it was drawn, whatever hyphens, spaces and small letters it was typed with."""
    return "".join(typed.split()).replace("-", "").upper()


async def create_enrolment(connection: AsyncConnection, actor: Actor, person: Person, key: bytes) -> Code:
    """Draw a code for a person; one that is still open is cancelled, so that there is one at a time."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
    await connection.execute(text(CANCEL_OPEN), {"account_id": person.account_id})
    values = {
        "id": str(uuid.uuid4()),
        "code_hash": keyed_hash(code, PURPOSE, key),
        "account_id": person.account_id,
        "created_by": actor.account_id,
        "days": VALID_DAYS,
    }
    expires_at = (await connection.execute(text(INSERT), values)).scalar_one()
    await keep_act(
        connection, actor, Act.ENROLMENT_CREATED, person, after={"id": values["id"], "expires_at": expires_at}
    )
    return Code(f"{code[:4]}-{code[4:]}", expires_at)


async def redeem(connection: AsyncConnection, typed: str, device_id: str, key: bytes, days: int) -> Opened:
    """Sign a phone in by its code, and take it back where it was revoked. Raises EnrolmentInvalidError.

    The same phone may ask again until it has used its refresh token: the answer may have been lost.
    """
    values = {"code_hash": keyed_hash(read_code(typed), PURPOSE, key)}
    found = (await connection.execute(text(LOCK_CODE), values)).one_or_none()
    if found is None:
        raise EnrolmentInvalidError
    account_id = str(found.account_id)
    if found.redeemed_at is not None:
        again = await reopen(connection, str(found.session_id), key) if str(found.device_id) == device_id else None
        if again is None:
            raise EnrolmentInvalidError
        return Opened(account_id, str(found.session_id), again)
    opened = await open_session(connection, account_id, device_id, Origin.ENROLMENT, key, days)
    await connection.execute(text(REDEEM), {"id": found.id, "session_id": opened.session_id})
    person = await _person(connection, account_id)
    actor = Actor(person.account_id, person.username)
    await keep_act(connection, actor, Act.PHONE_ENROLLED, person, device_id=device_id, after={"id": str(found.id)})
    return opened


async def owners_of(connection: AsyncConnection, device_id: str) -> list[Person]:
    """Return the accounts that signed in on a phone, locked with it until the transaction ends."""
    rows = (await connection.execute(text(OWNERS_OF_DEVICE), {"device_id": device_id})).all()
    return [await _person(connection, str(row.account_id)) for row in rows]


async def revoke_device(connection: AsyncConnection, actor: Actor, device_id: str, person: Person) -> None:
    """End all sign-ins of an account on a phone and refuse new ones there; done before, it is no news."""
    values = {"device_id": device_id, "account_id": person.account_id}
    is_news = (await connection.execute(text(REVOKE_DEVICE), values)).one_or_none() is not None
    await connection.execute(text(REVOKE_SESSIONS), values | {"reason": Revoked.DEVICE_REVOKED})
    if is_news:
        await keep_act(connection, actor, Act.PHONE_REVOKED, person, device_id=device_id)


async def received_of(connection: AsyncConnection, device_id: str, people: list[Person]) -> list[ReceivedOfPhone]:
    """Return what was received from a phone under these accounts, by county."""
    values = {"device_id": device_id, "accounts": [person.account_id for person in people]}
    rows = await connection.execute(text(READ_RECEIVED), values)
    return [ReceivedOfPhone.model_validate(dict(row)) for row in rows.mappings()]


async def _person(connection: AsyncConnection, account_id: str) -> Person:
    rows = (await connection.execute(text(READ_PERSON), {"account_id": account_id})).mappings().all()
    return Person(account_id, rows[0]["username"], tuple(grant_of(row) for row in rows if row["role"] is not None))
