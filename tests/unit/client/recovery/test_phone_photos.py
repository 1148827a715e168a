"""Photos on their way: resumed, sent anew, deleted only when the server has them."""

import pytest

from mobile_contract.photos import CHUNK_BYTES, NotAPhotoError, PhotoState
from tests.support.paper_server import NOW
from tests.unit.client.conftest import COUNTY, FARM

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 2048


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "田块.jpg"
    path.write_bytes(JPEG)
    return path


@pytest.mark.parametrize("arrives", [False, True])
def test_a_photo_goes_on_where_the_line_broke_after_a_restart(open_phone, server, line, picture, arrives):
    phone = open_phone()
    farm = phone.register_farm(COUNTY, FARM)
    photo = phone.add_photo(farm, picture)
    picture.unlink()
    broken = 0
    for breaks in ([("PATCH", arrives)], [("HEAD", False)], [("PATCH", arrives), ("PATCH", arrives)]):
        line.breaks = breaks
        broken += not phone.sync().reached
        phone.close()
        phone = open_phone()
    line.breaks = []
    assert broken >= 2
    phone.sync()
    assert [one.state for one in phone.photos.all()] == [PhotoState.COMPLETE]
    assert server.memory["files"] == [photo.sha256]
    pieces = sum(method == "PATCH" for method, _ in server.asked)
    assert pieces == -(-len(JPEG) // CHUNK_BYTES)
    assert phone.mirror.find(farm).record.payload["attachments"] == [
        {"sha256": photo.sha256, "taken_at": NOW.isoformat()}
    ]


def test_a_photo_whose_upload_the_server_forgot_is_sent_anew(phone, server, line, picture):
    farm = phone.register_farm(COUNTY, FARM)
    phone.add_photo(farm, picture)
    line.breaks = [("PATCH", True)]
    phone.sync()
    server.memory["uploads"].clear()
    phone.sync()
    assert [one.state for one in phone.photos.all()] == [PhotoState.COMPLETE]


def test_a_photo_is_deleted_only_when_the_server_has_it(phone, line, picture):
    farm = phone.register_farm(COUNTY, FARM)
    photo = phone.add_photo(farm, picture)
    line.breaks = [("PATCH", True)]
    phone.sync()
    assert phone.photos.free() == 0
    assert phone.photos.path_of(photo).read_bytes() == JPEG
    phone.sync()
    assert phone.photos.free() == len(JPEG)
    assert not phone.photos.path_of(photo).exists()


def test_only_pictures_are_kept_and_one_picture_once(phone, picture, tmp_path):
    farm = phone.register_farm(COUNTY, FARM)
    text = tmp_path / "a.jpg"
    text.write_text("no picture")
    with pytest.raises(NotAPhotoError, match="不是照片"):
        phone.add_photo(farm, text)
    assert phone.add_photo(farm, picture) == phone.add_photo(farm, picture)
    assert len(phone.photos.all()) == 1
    assert len(phone.outbox.all()) == 2
