"""The conformance vectors against our own client and server: what we ask of others holds for us."""

import hashlib
import json
import uuid

import httpx
import numpy as np
import pytest
from pyproj import Geod

from backend.contract.vectors import CURSOR_KEY, FOLDER, FORMAT, vector_files
from backend.contract.versions import published
from geo.datum import to_cgcs2000
from mobile_contract.client import Phone
from mobile_contract.wire import Pacing
from schemas.canonical import canonical_sha256
from schemas.changes import SCHEMA_VERSION
from schemas.decimals import plain
from schemas.identifiers import statement_id, uuid7
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.validation import read_farm, read_report
from schemas.receipts import SignatureState, key_id_of, signature_state
from schemas.vocabulary import Datum, Indicator
from sync.cursor import Cursor, CursorInvalidError
from sync.decode import _hash_of_storable
from sync.leaves import flatten, nest
from sync.merge import merge
from sync.upcast import upcast_payload
from tests.conftest import REPOSITORY
from tests.support.paper_server import NOW, PaperServer


def signed_in_phone(folder, server):
    pacing = Pacing(clock=lambda: NOW, attempts=1)
    phone = Phone(folder / "phone.sqlite", "http://paper", transport=httpx.MockTransport(server), pacing=pacing)
    phone.sign_in("worker", "secret")
    phone.follow("430623")
    return phone


def cases(name):
    read = json.loads((REPOSITORY / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert read["format"] == FORMAT
    assert read["cases"]
    return read["cases"]


@pytest.mark.parametrize("case", cases("canonical"))
def test_the_server_hashes_an_item_as_the_vectors_say(case):
    assert hashlib.sha256(bytes.fromhex(case["canonical_hex"])).hexdigest() == case["sha256"]
    assert json.loads(bytes.fromhex(case["canonical_hex"])) == case["value"]
    assert _hash_of_storable(case["value"]).hex() == case["sha256"]


@pytest.mark.parametrize("case", cases("canonical"))
def test_the_phone_hashes_what_it_kept_as_the_vectors_say(case):
    text = json.dumps(case["value"], ensure_ascii=False, separators=(",", ":"))
    assert canonical_sha256(json.loads(text)).hex() == case["sha256"]


@pytest.mark.parametrize("case", cases("statement_ids"))
def test_a_statement_s_id_follows_from_what_it_states(case):
    asked = (case["county_code"], case["indicator"], case["period"])
    assert statement_id(*asked) == case["record_id"]
    namespace = uuid.UUID("6f0d2a1e-5b0e-5c7a-9a53-6c1f0c9f4d10")
    assert str(uuid.uuid5(namespace, "/".join(asked))) == case["record_id"]


def test_the_statement_id_of_the_documentation_is_among_the_vectors():
    assert "a4558f9b-76ff-5310-a7a6-5d1bf33bcfec" in {case["record_id"] for case in cases("statement_ids")}


@pytest.mark.parametrize("case", cases("merges"), ids=lambda case: case["name"])
def test_the_server_merges_as_the_vectors_say(case):
    done = merge(flatten(case["current"]), case["later"], case["set"], [frozenset(group) for group in case["groups"]])
    assert nest(done.leaves) == case["result"]
    assert [(one.pointer, one.base, one.current, one.incoming) for one in done.clashes] == [
        (one["field"], one["base"], one["current"], one["incoming"]) for one in case["conflicts"]
    ]


def test_a_conflict_changes_nothing_and_names_what_was_changed_twice():
    for case in cases("merges"):
        if case["conflicts"]:
            assert case["result"] == case["current"]
    assert sum(bool(case["conflicts"]) for case in cases("merges")) >= 3


@pytest.mark.parametrize("case", cases("datums"))
def test_a_position_is_converted_within_the_tolerance(case):
    found = to_cgcs2000(np.array([case["given"]]), Datum(case["datum"]))[0]
    distance_m = Geod(ellps="GRS80").inv(*found, *case["cgcs2000"])[2]
    assert distance_m <= case["tolerance_m"]


@pytest.mark.parametrize("case", cases("quantities"), ids=lambda case: case["payload"]["indicator"])
def test_a_report_adds_the_quantities_of_the_vectors(case):
    form, _ = read_report(case["payload"])
    found = CATALOGUE[form.indicator].quantities(form)
    assert {f"{subject}/{name}": plain(amount) for (subject, name), amount in found.items()} == case["quantities"]
    assert case.get("hand_checked", {}).items() <= case["quantities"].items()


def test_every_indicator_has_a_report_among_the_vectors():
    assert {case["payload"]["indicator"] for case in cases("quantities")} == set(Indicator)


@pytest.mark.parametrize("case", cases("marks"))
def test_marks_are_summed_modulo_2_64(case):
    for (_, entry_hash), mark in zip(case["entries"], case["marks"], strict=True):
        assert entry_hash[:16] == mark
    total = sum(int(mark, 16) for mark in case["marks"]) % 2**64
    assert (len(case["entries"]), f"{total:016x}") == (case["records"], case["sum"])


def test_a_phone_that_pulled_the_entries_holds_the_sum_of_the_vectors(tmp_path):
    (case,) = [one for one in cases("marks") if one["records"] == 3]
    server = PaperServer()
    for (record_id, _), mark in zip(case["entries"], case["marks"], strict=True):
        server.put(record_id, mark=mark)
    phone = signed_in_phone(tmp_path, server)
    phone.sync()
    held = phone.mirror.followed("430623").checksum
    assert (held.records, held.sum) == (case["records"], case["sum"])
    phone.close()


@pytest.mark.parametrize("case", cases("cursors"))
def test_a_cursor_goes_back_as_it_came(case):
    params = {"county": "430623", "cursor": case["cursor"]}
    url = httpx.URL("http://server/v1/sync/pull", params=params)
    assert url.query.decode() == case["query"]
    assert len(case["cursor"]) <= 400


@pytest.mark.parametrize("case", cases("cursors"), ids=lambda case: case["answer"])
def test_the_server_takes_its_own_cursors_and_no_other(case):
    if case["answer"] == "cursor_invalid":
        with pytest.raises(CursorInvalidError):
            Cursor.decode(case["cursor"], CURSOR_KEY)
        return
    read = Cursor.decode(case["cursor"], CURSOR_KEY)
    assert (read == Cursor.outdated("430623")) is (case["answer"] == "reset")


@pytest.mark.parametrize("case", cases("cursors"), ids=lambda case: case["answer"])
def test_our_client_gives_a_cursor_back_unread_and_does_what_it_is_answered(case, tmp_path, monkeypatch):
    server, asked = PaperServer(), []
    pull = server._pull

    def answer(query):
        asked.append(query.get("cursor"))
        if "cursor" not in query:
            return httpx.Response(200, json=pull(query).json() | {"cursor": case["cursor"]})
        if len(asked) > 2 or case["answer"] == "page":
            return httpx.Response(200, json=pull({**query, "cursor": '[0, 0, "*"]'}).json())
        if case["answer"] == "cursor_invalid":
            return httpx.Response(400, json={"code": "cursor_invalid", "status": 400})
        return httpx.Response(200, json=pull({**query, "cursor": '[9, 0, "*"]'}).json())

    monkeypatch.setattr(server, "_pull", answer)
    phone = signed_in_phone(tmp_path, server)
    phone.sync()
    assert phone.mirror.cursor("430623") == case["cursor"]
    resets = phone.sync().resets
    assert asked[:2] == [None, case["cursor"]]
    assert resets == (case["answer"] != "page")
    assert (asked[2:3] == [None]) is (case["answer"] == "cursor_invalid"), "only what is invalid is dropped"
    phone.close()


@pytest.mark.parametrize("case", cases("upcasts"), ids=lambda case: f"{case['schema_version']}-{case['form']}")
def test_the_server_reads_an_old_form_as_the_vectors_say(case):
    upcast = upcast_payload(case["payload"], case["schema_version"], case["form"])
    assert upcast == case["today"]
    (read_farm if case["form"] == "farm" else read_report)(upcast)


def test_every_form_of_every_older_version_is_among_the_vectors():
    asked = {(case["schema_version"], case["form"]) for case in cases("upcasts")}
    older = {number: then for number, then in published().items() if number < SCHEMA_VERSION}
    assert asked == {(number, name) for number, then in older.items() for name in then}


def test_our_client_sends_an_old_form_as_it_was_filled_in_and_says_its_version(tmp_path):
    server = PaperServer()
    phone = signed_in_phone(tmp_path, server)
    sent = {}
    for number, case in enumerate(cases("upcasts")):
        ids = [uuid7(1759458000000 + number, bytes([place, number]) * 5) for place in (1, 2)]
        kind = "farm" if case["form"] == "farm" else "report"
        item = {"change_id": ids[0], "county_code": "430623", "record_id": ids[1], "kind": kind, "action": "create",
                "captured_at": NOW.isoformat(), "payload": case["payload"]}  # fmt: skip
        phone.keep([item], schema_version=case["schema_version"])
        sent.setdefault(case["schema_version"], []).append(case["payload"])
    phone.push()
    came = {}
    for envelope in server.envelopes:
        came.setdefault(envelope["schema_version"], []).extend(item["payload"] for item in envelope["changes"])
    assert came == sent
    phone.close()


@pytest.mark.parametrize("case", cases("receipts"), ids=lambda case: str(case["genuine"]))
def test_a_receipt_is_told_from_a_forged_one(case):
    public_key = bytes.fromhex(case["public_key_hex"])
    state = signature_state(case["receipt"], {key_id_of(public_key): public_key})
    assert state is (SignatureState.HOLDS if case["genuine"] else SignatureState.BROKEN)
    name = hashlib.sha256(public_key).hexdigest()[:16]
    assert case["receipt"]["key_id"] == name


def test_the_vectors_in_the_repository_are_those_the_product_computes():
    for path, content in vector_files().items():
        assert json.loads((REPOSITORY / path).read_text(encoding="utf-8")) == json.loads(json.dumps(content)), path
