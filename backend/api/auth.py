"""Signing in, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.auth.accounts import password_of
from backend.auth.passwords import password_matches
from backend.auth.tokens import issue_token
from backend.problems import Refused
from schemas.problems import problem
from schemas.vocabulary import RegionLevel, Role

router = APIRouter(prefix="/v1", tags=["accounts"])


class Token(BaseModel):
    """A bearer token; it says who one is, not what one may do."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of the scheme
    expires_in: int


class GrantShown(BaseModel):
    """A role within a region."""

    role: Role
    region_code: str
    region_name: str
    region_level: RegionLevel


class Me(BaseModel):
    """The account that asks."""

    username: str
    display_name: str
    grants: list[GrantShown]


@router.post("/auth/token")
async def sign_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], service: CurrentService) -> Token:
    """Exchange a user name and password for a bearer token (OAuth2 password form)."""
    async with service.engine.connect() as connection:
        # NUL cannot be bound as text; no user name holds it.
        found = None if "\0" in form.username else await password_of(connection, form.username)
    account_id, password_hash = found or (None, None)
    if not await password_matches(form.password, password_hash) or account_id is None:
        raise Refused(problem("wrong_credentials"))
    ttl = service.settings.token_ttl_s
    return Token(access_token=issue_token(account_id, service.keys.token, ttl), expires_in=ttl)


@router.get("/me")
async def me(access: CurrentAccess, service: CurrentService) -> Me:
    """Say who is signed in and for which regions."""
    tree = service.reference.tree
    grants = []
    for grant in access.grants:
        region = tree.get(grant.region_code)
        if region is not None:
            grants.append(
                GrantShown(role=grant.role, region_code=region.code, region_name=region.name, region_level=region.level)
            )
    return Me(username=access.username, display_name=access.display_name, grants=grants)
