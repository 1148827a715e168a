"""A carried outbox and last year's answers."""

import io
import json
import random
import tracemalloc

import httpx
import pytest

from mobile_contract.carried import CarriedError, Sealed, missing_photos, open_sealed, seal, unpack
from mobile_contract.carry_over import CARRIED, suggestions
from mobile_contract.client import OtherAccountError, Phone
from mobile_contract.outbox import ChangeState
from mobile_contract.photos import PhotoState
from mobile_contract.sealed_stream import PIECE_BYTES, NotSealedError, SealedReader, SealedWriter, WrongPassphraseError
from mobile_contract.wire import Pacing, Tokens, Wire
from schemas.changes import PulledRecord
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.form import names_of
from schemas.vocabulary import Indicator
from tests.support.paper_server import NOW, PaperServer

COUNTY = "430623"
FARM = {"entity_kind": "household", "township_code": "430623101", "name": "张家湾村种植户03"}
PASSPHRASE = "水稻 玉米 小麦 油菜"


@pytest.fixture
def server():
    return PaperServer()


def network(phone, server):
    pacing = Pacing(clock=lambda: NOW, sleep=lambda _: None, dice=random.Random(3), attempts=1)
    phone._wire = Wire("http://paper", httpx.MockTransport(server), pacing, phone.device_id)
    for part in (phone._pushing, phone._pulling, phone.photos):
        part._wire = phone._wire


@pytest.fixture
def author(tmp_path, server):
    phone = Phone(tmp_path / "author.sqlite", "http://paper")
    network(phone, server)
    phone.sign_in("author", "secret")
    farm = phone.register_farm(COUNTY, FARM)
    phone.amend(farm, {"/name": "李家河村种植户04"})
    yield phone
    phone.close()


def sealed_file(phone, **options):
    target = io.BytesIO()
    seal(phone, PASSPHRASE, target, **options)
    return target.getvalue()


def opened(file, passphrase=PASSPHRASE):
    return open_sealed(io.BytesIO(file), passphrase)


def test_a_carried_outbox_is_sent_as_its_author_s_and_counts_once(author, server, tmp_path):
    carried = opened(sealed_file(author))
    beside = unpack(carried, tmp_path / "beside.sqlite", "http://paper")
    network(beside, server)
    with pytest.raises(OtherAccountError):
        beside.sign_in("carrier", "other")
    beside.sign_in("author", "secret")
    beside.push()
    beside.close()
    assert {one["device_id"] for one in server.envelopes} == {author.device_id}
    assert author.push().replayed == 2
    assert author.outbox.counts() == {ChangeState.APPLIED: 2}
    assert server.memory["creates"] == 1


def test_the_items_travel_as_the_text_and_version_they_were_captured_with(author, tmp_path):
    author._connection.execute("UPDATE change SET schema_version = 1 WHERE seq = 1")
    beside = unpack(opened(sealed_file(author)), tmp_path / "beside.sqlite", "http://paper")
    kept = [(one.item, one.schema_version) for one in beside.outbox.all()]
    assert kept == [(one.item, one.schema_version) for one in author.outbox.all()]
    beside.close()


def test_the_file_tells_a_carrier_nothing_and_cannot_be_changed(author):
    sealed = sealed_file(author)
    assert "张家湾".encode() not in sealed
    assert b"secret" not in sealed
    assert sealed_file(author) != sealed
    with pytest.raises(CarriedError, match="口令不对"):
        opened(sealed, "别的口令别的口令")
    head, _, pieces = sealed.partition(b"\n")
    assert json.loads(head)["username"] == "author"
    for changed in (
        head.replace(b"author", b"editor") + b"\n" + pieces,
        head + b"\n" + pieces[:-1] + bytes([pieces[-1] ^ 1]),
        head + b"\n" + pieces[:-1],
        head + b"\n",
    ):
        with pytest.raises(CarriedError):
            opened(changed)


@pytest.mark.parametrize("file", [b"", b"[]", b"{}", b'"x"', b"\xff", b'{"salt": 3}', b'{"salt": "AAAA"}', b"{" * 9999])
def test_what_is_no_carried_outbox_is_said_to_be_none(file):
    with pytest.raises(CarriedError, match="不是随行发件箱"):
        opened(file)


def test_a_file_cannot_choose_how_long_it_keeps_its_opener_busy(author):
    head, _, pieces = sealed_file(author).partition(b"\n")
    dear = json.dumps(json.loads(head) | {"scrypt": {"n": 1 << 30, "r": 8, "p": 1}}).encode()
    with pytest.raises(CarriedError, match="不是随行发件箱"):
        opened(dear + b"\n" + pieces)


def test_a_short_passphrase_and_an_empty_outbox_are_refused(author):
    with pytest.raises(CarriedError, match="至少 8 个字符"):
        seal(author, "1234567", io.BytesIO())
    author.push()
    with pytest.raises(CarriedError, match="没有待发送"):
        sealed_file(author)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_sealed_stream_gives_back_what_was_written_and_nothing_of_a_changed_one(size):
    plain = random.Random(size).randbytes(size)
    target = io.BytesIO()
    writer = SealedWriter(target, PASSPHRASE, {"format": "f"})
    for start in range(0, size, 1000):
        writer.write(plain[start : start + 1000])
    writer.close()
    file = target.getvalue()
    assert SealedReader(io.BytesIO(file), PASSPHRASE, "f").read(size) == plain
    with pytest.raises(NotSealedError):
        SealedReader(io.BytesIO(file), PASSPHRASE, "f").read(size + 1)
    with pytest.raises(NotSealedError):
        SealedReader(io.BytesIO(file), PASSPHRASE, "g")
    if size:
        with pytest.raises((NotSealedError, WrongPassphraseError)):
            SealedReader(io.BytesIO(file[:-1]), PASSPHRASE, "f").read(size)
    head, _, pieces = file.partition(b"\n")
    length = PIECE_BYTES + 16
    swapped = head + b"\n" + pieces[length : 2 * length] + pieces[:length] + pieces[2 * length :]
    if size == 3 * PIECE_BYTES:
        for changed in (swapped, head + b"\n" + pieces[: 2 * length]):
            with pytest.raises((NotSealedError, WrongPassphraseError)):
                SealedReader(io.BytesIO(changed), PASSPHRASE, "f").read(size)


JPEG = b"\xff\xd8\xff\xe0"


@pytest.fixture
def pictures(author, tmp_path):
    """Three photos of the author's report, the second with a piece of it at the server already."""
    farm = author.outbox.all()[0].record_id
    kept = []
    for number in range(3):
        picture = tmp_path / f"田块{number}.jpg"
        picture.write_bytes(JPEG + random.Random(number).randbytes(400_000))
        kept.append(author.add_photo(farm, picture))
    author._connection.execute("UPDATE photo SET state = 'uploading', upload_url = '/v1/attachments/x' WHERE seq = 2")
    return kept


@pytest.fixture
def carrier(tmp_path, server):
    phone = Phone(tmp_path / "carrier.sqlite", "http://paper")
    network(phone, server)
    phone.sign_in("carrier", "other")
    yield phone
    phone.close()


def test_photos_travel_with_the_changes_and_go_up_under_the_carrier_s_sign_in(
    author, carrier, server, pictures, tmp_path
):
    target = io.BytesIO()
    assert seal(author, PASSPHRASE, target) == Sealed(
        changes=5, photos=3, photo_bytes=sum(one.size for one in pictures)
    )
    beside = unpack(opened(target.getvalue()), tmp_path / "beside.sqlite", "http://paper")
    network(beside, server)
    assert carrier.send_photos(beside).photos == 3
    assert sorted(server.memory["files"]) == sorted(one.sha256 for one in pictures)
    assert {one["account"] for one in server.memory["uploads"].values()} == {"carrier"}
    assert beside.photos.free() == sum(one.size for one in pictures)
    beside.sign_in("author", "secret")
    assert beside.push().outcomes == {"applied": 5}
    beside.close()
    sent = sum(method == "PATCH" for method, _ in server.asked)
    report = author.sync()
    assert (report.replayed, report.photos) == (5, 3)
    assert sum(method == "PATCH" for method, _ in server.asked) == sent, "the county has them: not a byte goes twice"
    assert {one.state for one in author.photos.all()} == {PhotoState.COMPLETE}
    assert server.memory["files"] == [one.sha256 for one in pictures]


@pytest.mark.usefixtures("pictures")
def test_an_upload_that_the_carrier_began_the_author_sends_anew(author, carrier, server, tmp_path):
    beside = unpack(opened(sealed_file(author)), tmp_path / "beside.sqlite", "http://paper")
    breaking = httpx.MockTransport(lambda request: _broken(request) if request.method == "PATCH" else server(request))
    carrier._wire = Wire("http://paper", breaking, carrier._pacing, carrier.device_id)
    carrier._wire.tokens = Tokens("carrier")
    assert not carrier.send_photos(beside).reached
    assert beside.photos.waiting()[0].state is PhotoState.UPLOADING
    network(beside, server)
    beside.sign_in("author", "secret")
    assert beside.sync().photos == 3
    beside.close()


def _broken(request):
    raise httpx.ReadError("the line broke", request=request)


def test_a_file_without_photos_and_one_of_photos_alone(author, pictures):
    without = opened(sealed_file(author, with_photos=False))
    assert (len(without.changes), without.photos) == (5, ())
    author.push()
    alone = opened(sealed_file(author))
    assert (alone.changes, [one.sha256 for one in alone.photos]) == ((), [one.sha256 for one in pictures])


def test_of_a_file_that_was_cut_off_the_changes_and_the_whole_photos_are_taken(author, pictures, tmp_path):
    sealed = sealed_file(author)
    carried = opened(sealed[: len(sealed) - 500_000])
    beside = unpack(carried, tmp_path / "beside.sqlite", "http://paper")
    assert len(beside.outbox.all()) == 5
    assert [one.sha256 for one in beside.photos.all()] == [pictures[0].sha256]
    assert [one.sha256 for one in missing_photos(carried, beside)] == [one.sha256 for one in pictures[1:]]
    assert not list((tmp_path / "beside.sqlite.photos").glob("*.partial"))
    beside.close()


def test_a_photo_that_is_broken_on_its_phone_does_not_stop_the_next(author, pictures, tmp_path):
    path = author.photos.path_of(pictures[1])
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    carried = opened(sealed_file(author))
    beside = unpack(carried, tmp_path / "beside.sqlite", "http://paper")
    assert [one.sha256 for one in missing_photos(carried, beside)] == [pictures[1].sha256]
    beside.close()


def test_photos_are_sealed_and_opened_piece_by_piece(author, tmp_path):
    picture = tmp_path / "大.jpg"
    picture.write_bytes(JPEG + bytes(30_000_000))
    author.add_photo(author.outbox.all()[0].record_id, picture)
    tracemalloc.start()
    with (tmp_path / "sealed").open("wb") as target:
        seal(author, PASSPHRASE, target)
    with (tmp_path / "sealed").open("rb") as source:
        unpack(open_sealed(source, PASSPHRASE), tmp_path / "beside.sqlite", "http://paper").close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


FARM_ID = "0199a7a1-2560-740b-99ea-a96438346139"


def report(period, status="submitted", **payload):
    head = {"indicator": "film_recovery", "level": "farm", "period": period, "farm_id": FARM_ID}
    return PulledRecord.model_validate(
        {
            "id": FARM_ID, "kind": "report", "status": status, "revision": 1, "position": 1, "mark": "0" * 16,
            "last_change_id": FARM_ID,
            "township_code": "430623101", "payload": head | payload, "warnings": [], "recorded_at": NOW.isoformat(),
        }
    )  # fmt: skip


def test_the_latest_earlier_year_suggests_what_lasts_and_no_measurement():
    records = [
        report("2023", mulch_covered_area_mu="5"),
        report("2024", mulch_covered_area_mu="6", mulch_used_kg="30", mulch_thickness_mm="0.015", note="x"),
        report("2025H1", mulch_covered_area_mu="7"),
        report("2026", mulch_covered_area_mu="8"),
    ]
    found = suggestions(records, Indicator.FILM_RECOVERY, FARM_ID, "2025")
    assert {one.pointer: (one.value, one.period) for one in found.values()} == {
        "/mulch_covered_area_mu": ("6", "2024"),
        "/mulch_thickness_mm": ("0.015", "2024"),
    }
    assert suggestions(records, Indicator.PESTICIDE_REDUCTION, FARM_ID, "2025") == {}
    assert suggestions(records, Indicator.FILM_RECOVERY, COUNTY, "2025") == {}


def test_withdrawn_and_returned_reports_suggest_nothing():
    records = [report("2024", status, mulch_covered_area_mu="6") for status in ("withdrawn", "returned")]
    assert suggestions(records, Indicator.FILM_RECOVERY, FARM_ID, "2025") == {}


def test_crops_are_suggested_one_by_one():
    record = report("2024")
    crops = {"wheat": {"sown_area_mu": "4", "grain_kg": "2000"}, "maize": {"sown_area_mu": "3"}}
    record.payload.update(indicator="straw_utilisation", respondent="household", crops=crops)
    found = suggestions([record], Indicator.STRAW_UTILISATION, FARM_ID, "2025")
    assert list(found) == ["/crops/maize/sown_area_mu", "/crops/wheat/sown_area_mu", "/respondent"]


@pytest.mark.parametrize("indicator", list(Indicator))
def test_every_answer_that_carries_over_is_in_its_form(indicator):
    form = CATALOGUE[indicator].farm_form
    for pointer in CARRIED[indicator]:
        first, *rest = pointer.split("/")[1:]
        field = form.model_fields[first]
        if rest:
            assert names_of(field)
            assert rest[-1] in field.annotation.__args__[1].model_fields
