"""What a tus client does, and what it leaves on the disk."""

from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.integration.conftest import Caller, Offices
from tests.support.offices import COUNTY
from tests.support.photos import metadata, sha256

OFFSET_BODY = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Sender:
    """What a tus client does, one request at a time."""

    caller: Caller

    async def ask(self, method: str, path: str, content: bytes | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.caller.http.request(method, path, content=content, headers=self.caller.headers | TUS | named)

    async def open(self, data: bytes, **more: str) -> str:
        response = await self.create(data, **more)
        assert response.status_code == 201, response.text
        return response.headers["location"]

    async def create(self, data: bytes, **more: str) -> httpx.Response:
        said = metadata(data, **more)
        return await self.ask("POST", "/v1/attachments", Upload_Length=str(len(data)), Upload_Metadata=said)

    async def patch(self, where: str, data: bytes, offset: int = 0, **headers: str) -> httpx.Response:
        return await self.ask("PATCH", where, data, Upload_Offset=str(offset), Content_Type=OFFSET_BODY, **headers)

    async def offset(self, where: str) -> int:
        response = await self.ask("HEAD", where)
        assert response.status_code == 200
        return int(response.headers["upload-offset"])

    async def send(self, data: bytes, **more: str) -> None:
        where = await self.open(data, **more)
        response = await self.patch(where, data)
        assert (response.status_code, response.headers["upload-offset"]) == (204, str(len(data))), response.text

    async def fetch(self, data: bytes, county: str = COUNTY, **headers: str) -> httpx.Response:
        path = f"/v1/attachments/{sha256(data)}?county={county}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.caller.http.get(path, headers=self.caller.headers | named)


@pytest.fixture
async def sender(worker: Caller) -> Sender:
    return Sender(worker)


async def of(offices: Offices, office: str) -> Sender:
    return Sender(await offices.of(office))


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def stored_files(offices: Offices) -> list[bytes]:
    folder = offices.app.state.service.settings.home / "attachments"
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def parts(offices: Offices) -> list[str]:
    folder = offices.app.state.service.settings.home / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def counted(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
