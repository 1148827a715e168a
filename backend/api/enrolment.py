"""Phones: a code that enrols one, and the end of one that is lost."""

from typing import Annotated

import segno
from fastapi import APIRouter, Path, Request, status

from backend.api.accounts import refusing
from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth import enrolments
from backend.auth.audit import Actor
from backend.auth.people import PeopleError, find_person
from backend.problems import Refused
from schemas.accounts import EnrolmentAsked, EnrolmentCode, PhoneRevoked
from schemas.identifiers import UUID7_PATTERN
from schemas.problems import problem

router = APIRouter(prefix="/v1", tags=["administration"])

STILL_THERE_ZH = (
    "这部手机已停用，下次联网即被拒绝。手机上尚未报送的内容仍在手机里，本系统没有；已收到的见所列各县。"
    "找回手机后，凭新的开通码可继续报送。"
)
STILL_THERE_EN = (
    "The phone is refused from its next request on. What it had not sent is still on it, and nowhere else; what was "
    "received is listed by county. A phone that is found again goes on by a new enrolment code."
)


@router.post("/enrolments", status_code=status.HTTP_201_CREATED)
async def create_enrolment(
    body: EnrolmentAsked, request: Request, access: CurrentAccess, service: CurrentService
) -> EnrolmentCode:
    """Draw a code that signs one phone of a person in, once, within seven days; an earlier code ends."""
    if not access.governed_regions():
        raise Refused(problem("not_administrator"))
    tree, actor = service.reference.tree, Actor.of(access)
    async with refusing(), service.engine.begin() as connection:
        person, shown = await find_person(connection, tree, username=body.username)
        if not access.may_enrol(person.grants):
            raise PeopleError(problem("unknown_account", "username"))
        if shown.disabled:
            raise PeopleError(problem("account_disabled", "username", value=person.username))
        drawn = await enrolments.create_enrolment(connection, actor, person, service.keys.sign_in)
    qr = drawn.qr(str(request.base_url).rstrip("/"))
    return EnrolmentCode(
        username=shown.username,
        display_name=shown.display_name,
        code=drawn.code,
        qr=qr,
        qr_image=segno.make(qr, micro=False).svg_data_uri(border=4, light="#fff", omitsize=True),
        expires_at=drawn.expires_at,
    )


@router.post("/devices/{device_id}/revoke")
async def revoke_device(
    device_id: Annotated[str, Path(pattern=UUID7_PATTERN)], access: CurrentAccess, service: CurrentService
) -> PhoneRevoked:
    """Revoke a phone under every account of the caller's that signed in on it; say what was received from it.

    A person may revoke an own phone.
    """
    async with service.engine.begin() as connection:
        people = [
            person
            for person in await enrolments.owners_of(connection, device_id)
            if person.account_id == access.account_id or access.may_enrol(person.grants)
        ]
        if not people:
            raise Refused(problem("unknown_device"))
        for person in people:
            await enrolments.revoke_device(connection, Actor.of(access), device_id, person)
        received = await enrolments.received_of(connection, device_id, people)
    return PhoneRevoked(
        device_id=device_id,
        usernames=[person.username for person in people],
        received=received,
        zh=STILL_THERE_ZH,
        en=STILL_THERE_EN,
    )
