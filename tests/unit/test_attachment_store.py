"""Where whole files lie: a folder and a bucket keep the same promises."""

import hashlib
import os

import pytest
from obstore.store import MemoryStore

from sync.attachments.store import BucketStore, FolderStore, Staging, StoreUnavailableError

pytestmark = pytest.mark.anyio

DATA = os.urandom(70_000)
DIGEST = hashlib.sha256(DATA).digest()


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    return FolderStore(tmp_path / "attachments") if request.param == "folder" else BucketStore(MemoryStore())


@pytest.fixture
def staging(tmp_path):
    return Staging(tmp_path / "uploads")


async def test_a_file_is_kept_under_its_hash_and_kept_again_without_harm(store, staging):
    for _ in range(2):
        staging.write("part", 0, DATA)
        await store.keep(DIGEST, staging.part("part"), DATA)
        staging.discard("part")
        assert await store.read(DIGEST) == DATA


async def test_a_file_that_is_not_there_is_said_to_be_unavailable(store):
    with pytest.raises(StoreUnavailableError):
        await store.read(DIGEST)


def test_parts_are_written_at_their_place_and_cut_to_their_length(staging):
    staging.write("part", 0, DATA[:1000] + b"never acknowledged" * 9000)
    staging.write("part", 1000, DATA[1000:])
    assert staging.size("part") > len(DATA)
    assert staging.whole("part", len(DATA)) == DATA
    staging.discard("part")
    assert staging.size("part") == 0
