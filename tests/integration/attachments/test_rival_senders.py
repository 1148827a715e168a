"""Several senders of one upload: the last one goes on, the file is whole."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.attachments.conftest import OFFSET_BODY, TUS, Sender, code, stored_files
from tests.integration.conftest import Offices
from tests.support.photos import photo

pytestmark = pytest.mark.anyio


async def until_more_than(received: int, sender: Sender, where: str) -> None:
    for _ in range(100):
        if await sender.offset(where) > received:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was acknowledged")


async def test_the_last_of_concurrent_senders_goes_on_and_the_file_is_whole(offices: Offices, sender: Sender) -> None:
    data = photo(side=300)
    where = await sender.open(data)
    waits = asyncio.Event()

    async def stuck() -> Any:
        yield data[:5000]
        await waits.wait()
        yield data[5000:]

    headers = sender.caller.headers | TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_BODY}
    first = asyncio.create_task(sender.caller.http.patch(where, content=stuck(), headers=headers))
    await until_more_than(0, sender, where)
    second = await sender.patch(where, data[5000:], 5000)
    assert second.headers["upload-offset"] == str(len(data))
    waits.set()
    assert code(await first) == (409, "upload_taken_over")
    assert stored_files(offices) == [data]


async def test_a_sender_that_falls_silent_is_let_go_and_loses_nothing(offices: Offices, sender: Sender) -> None:
    service = offices.app.state.service
    service.desk = replace(service.desk, limits=replace(service.desk.limits, idle_s=0.2))
    data = photo()
    where = await sender.open(data)

    async def silent() -> Any:
        yield data[:100]
        await asyncio.Event().wait()

    headers = sender.caller.headers | TUS | {"Upload-Offset": "0", "Content-Type": OFFSET_BODY}
    assert code(await sender.caller.http.patch(where, content=silent(), headers=headers)) == (408, "upload_idle")
    assert await sender.offset(where) == 100


async def test_many_senders_of_one_upload_leave_one_whole_file(offices: Offices, sender: Sender) -> None:
    data = photo(side=300)
    where = await sender.open(data)

    async def persist() -> None:
        while (offset := await sender.offset(where)) < len(data):
            response = await sender.patch(where, data[offset : offset + 20_000], offset)
            assert response.status_code in (204, 409, 423), response.text

    await asyncio.gather(*(persist() for _ in range(6)))
    assert stored_files(offices) == [data]


async def test_a_part_that_was_lost_is_asked_for_again(offices: Offices, sender: Sender) -> None:
    data = photo()
    where = await sender.open(data)
    await sender.patch(where, data[:300])
    offices.app.state.service.desk.staging.discard(where.rpartition("/")[2])
    assert await sender.offset(where) == 0
    assert (await sender.patch(where, data)).status_code == 204
