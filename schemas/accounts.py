"""What is said about accounts, their grants, their phones and their sign-ins."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.identifiers import UUID7_PATTERN
from schemas.vocabulary import Indicator, RegionLevel, Role

DeviceId = Annotated[str, Field(pattern=UUID7_PATTERN, description="The phone's id, as in its pushes.")]
Username = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
DisplayName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3})?$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Token(BaseModel):
    """A sign-in: the access token says who one is for a short while, the refresh token renews it, once."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of the scheme
    expires_in: int = Field(description="Seconds that the access token holds.")
    refresh_token: str = Field(
        description="Keep it before using the access token. The one before it stays good until this one is used."
    )
    username: str


class GrantAsked(_Asked):
    """A role within a region, to be given."""

    role: Role
    region_code: RegionCode
    indicators: Annotated[list[Indicator], Field(min_length=1)] | None = Field(
        default=None, description="Writes, reviews and acts on these alone; null: on all."
    )
    basin_code: str | None = Field(
        default=None, max_length=40, description="Reads the counties of this key basin alone; null: all of the region."
    )


class GrantShown(BaseModel):
    """A role within a region."""

    role: Role
    region_code: str
    region_name: str
    region_level: RegionLevel
    indicators: list[Indicator] | None
    basin_code: str | None


class Me(BaseModel):
    """The account that asks."""

    username: str
    display_name: str
    grants: list[GrantShown]


class AccountAsked(_Asked):
    """An account to be created. Without a password it signs in by an enrolled phone only."""

    username: Username
    display_name: DisplayName
    password: str | None = None
    grants: Annotated[list[GrantAsked], Field(min_length=1, max_length=50)]


class AccountShown(BaseModel):
    """An account as its office sees it."""

    id: str
    username: str
    display_name: str
    disabled: bool
    has_password: bool
    created_at: datetime
    grants: list[GrantShown]


class AccountPage(BaseModel):
    """Accounts by user name."""

    accounts: list[AccountShown]
    after: str | None = Field(description="Ask for what comes after it; null: there is no more.")


class PasswordChange(_Asked):
    """A new password for oneself."""

    present: str
    password: str


class PasswordGiven(BaseModel):
    """A password that the service drew, shown this once."""

    username: str
    password: str


class IdentityAsked(_Asked):
    """An identity of the identity provider, to be linked to an account or taken from it."""

    subject: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")] = Field(
        description="What the provider calls the person, in the claim that the deployment goes by."
    )


class IdentityShown(BaseModel):
    """An identity that is linked to an account."""

    subject: str
    linked_at: datetime


class Identities(BaseModel):
    """The identities of the identity provider that are linked to an account."""

    identities: list[IdentityShown]


class EnrolmentAsked(_Asked):
    """For whom a phone is to be enrolled."""

    username: Username


class EnrolmentCode(BaseModel):
    """A code that signs one phone in, once; shown this once and nowhere kept."""

    username: str
    display_name: str
    code: str = Field(description="Eight characters; a hyphen in the middle and small letters do no harm.")
    qr: str = Field(description="The text of a QR code that says the same to the app.")
    qr_image: str = Field(description="The QR code itself: an SVG image as a `data:` URI.")
    expires_at: datetime


class Enrolling(_Asked):
    """A phone with its code."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    device_id: DeviceId


class ReceivedOfPhone(BaseModel):
    """What a county has received from a phone; what is not listed here is on the phone still, or nowhere."""

    county_code: str
    changes: int
    last_received_at: datetime
    last_captured_at: str | None = Field(description="When the newest of them was captured, as the phone said.")
    queued: int | None = Field(description="How many more the phone said that it held, when it last pushed.")


class PhoneRevoked(BaseModel):
    """A phone that signs in no more, and what is known of the work on it."""

    device_id: str
    usernames: list[str]
    received: list[ReceivedOfPhone]
    zh: str
    en: str
