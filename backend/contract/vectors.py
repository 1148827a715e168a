"""The conformance vectors: JSON files from which a client in any language learns whether it computes what we compute.

Inputs are chosen here; results come from the product's own functions. Anchors, checked by hand or published by others,
stand among them with their source, so that the files cannot agree with a mistake of ours.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backend.contract.versions import REPOSITORY
from geo.datum import to_cgcs2000
from schemas.canonical import canonical_bytes
from schemas.changes import SCHEMA_VERSION
from schemas.decimals import plain
from schemas.identifiers import statement_id
from schemas.indicators.catalogue import CATALOGUE
from schemas.indicators.validation import read_report
from schemas.marks import mark_of, mark_sum
from schemas.receipts import RECEIPT_ALGORITHM, Signer
from schemas.vocabulary import Datum, Indicator
from sync.cursor import Cursor, signed_text
from sync.leaves import flatten, nest
from sync.merge import merge
from sync.upcast import upcast_payload

FOLDER = Path("mobile_contract/conformance")
FORMAT = 1
GOLDEN = REPOSITORY / "tests" / "contract" / "golden"
"""What phones of each published version sent."""

CURSOR_KEY = bytes(32)

Case = dict[str, Any]

FARM_ID = "0199a7a1-2560-740b-99ea-a96438346139"
FARM_HEAD = {"level": "farm", "period": "2025", "farm_id": FARM_ID, "township_code": "430623101"}

CANONICAL: tuple[Any, ...] = (
    {},
    {"b": 1, "a": [True, None, "x"]},
    {"name": "张家湾村种植户", "note": '引号 " 反斜杠 \\ 换行 \n 制表 \t'},
    {"coordinates": [112.63, 29.5, 1e21, 1e-7, 0.000001, -0.0, 100.0, 333333333.3333333]},
    {"mulch_used_kg": "31.20", "none_this_year": False, "stock_head": 9007199254740991},
    {"set": {"/crops/wheat/grain_kg": "12.5", "/note": None}},
)

RFC8785_SAMPLE: Case = {
    "source": "RFC 8785, 3.2.4",
    "value": {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\nA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    },
    "canonical_hex": (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333"
        "332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c"
        "222f227d"
    ),
}

MERGES: tuple[tuple[str, Case], ...] = (
    ("another field", {"current": {"a": "1", "b": "2"}, "later": [{"/b": "0"}], "set": {"/a": "5"}}),
    ("same value from both", {"current": {"a": "5"}, "later": [{"/a": "1"}], "set": {"/a": "5"}}),
    ("1.50 says what 1.5 says", {"current": {"a": "1.5"}, "later": [{"/a": "1"}], "set": {"/a": "1.50"}}),
    ("different values", {"current": {"a": "2", "b": "1"}, "later": [{"/a": "1"}], "set": {"/a": "3", "/b": "9"}}),
    ("gone and back", {"current": {"a": "1"}, "later": [{"/a": "2"}, {"/a": "1"}], "set": {"/a": "3"}}),
    (
        "a group clashes as one",
        {
            "current": {"gross": "10", "impurity": "0.2"},
            "later": [{"/impurity": "0.1"}],
            "set": {"/gross": "12"},
            "groups": [["/gross", "/impurity", "/moisture"]],
        },
    ),
    (
        "an object replaces all below",
        {
            "current": {"crops": {"wheat": {"grain": "1", "area": "2"}}},
            "later": [],
            "set": {"/crops/wheat": {"grain": "3"}},
        },
    ),
    (
        "null clears all below",
        {
            "current": {"note": "x", "crops": {"wheat": {"grain": "1"}, "maize": {"grain": "2"}}},
            "later": [],
            "set": {"/note": None, "/crops/wheat": None},
        },
    ),
    ("a clearing and a change", {"current": {}, "later": [{"/a": "1"}], "set": {"/a": "2"}}),
)

PUBLISHED_POSITIONS: tuple[tuple[Datum, tuple[float, float], tuple[float, float]], ...] = (
    (Datum.GCJ02, (121.531541859215, 31.17530398364597), (121.5272106, 31.1774276)),
    (Datum.GCJ02, (113.9171764808363, 22.540796131694766), (113.912316, 22.543847)),
    (Datum.GCJ02, (116.38404722455657, 39.91334545536069), (116.377817, 39.911954)),
    (Datum.GCJ02, (116.41024449916938, 39.91640428150164), (116.404, 39.915)),
    (Datum.GCJ02, (114.36861383019243, 30.515078352018758), (114.363089, 30.517411)),
    (Datum.BD09, (114.3750500836037, 30.521392123098003), (114.363089, 30.517411)),
)
"""Pairs printed by the public converters of the datum: given, in CGCS2000."""

POSITIONS = ((112.65, 29.5), (87.6, 43.8), (126.63, 45.75), (110.35, 20.02), (139.69, 35.69), (2.35, 48.86))

REPORTS: Mapping[str, Case] = {
    Indicator.FILM_RECOVERY: {
        "mulch_used_kg": "100",
        "mulch_recovered_gross_kg": "90",
        "mulch_impurity_rate": "0.1",
        "mulch_moisture_rate": "0.1",
        "mulch_covered_area_mu": "20",
        "mulch_thickness_mm": "0.015",
    },
    Indicator.STRAW_UTILISATION: {
        "respondent": "household",
        "crops": {
            "wheat": {"grain_kg": "4000", "sown_area_mu": "10", "returned_area_mu": "6", "use_feed_kg": "300"},
            "maize": {"grain_kg": "2500.5", "sown_area_mu": "5", "returned_area_mu": "5"},
        },
    },
    Indicator.MANURE_UTILISATION: {
        "equipped": True,
        "species": {"finishing_pig": {"slaughter_head": 1200}},
        "composting_return_kg": "200000",
        "slurry_return_kg": "30000.25",
    },
    Indicator.FERTILISER_REDUCTION: {
        "sown_area_mu": "10",
        "fertilisers": {"n": {"product_kg": "100", "nutrient_share": "0.46"}},
    },
    Indicator.PESTICIDE_REDUCTION: {"basis": "product", "insecticide_kg": "1.5", "sown_area_mu": "10"},
    Indicator.IRRIGATION_NEW_AREA: {"project_id": "HR-2025-07", "drip_area_mu": "120.5"},
    Indicator.GREEN_CONTROL_COVERAGE: {
        "crops": {"rice": {"planted_area_mu": "10", "green_control_area_mu": "6"}},
    },
}
"""One answered farm report an indicator."""

HAND_CHECKED: Mapping[str, Mapping[str, str]] = {
    # 90 kg gross, a tenth of it soil, a tenth of the rest water: 90 x 0.9 x 0.9 = 72.9 kg.
    Indicator.FILM_RECOVERY: {"mulch_film/net_t": "0.0729", "mulch_film/used_t": "0.1"},
    # 100 kg of urea at 46 % nitrogen: 46 kg.
    Indicator.FERTILISER_REDUCTION: {"n/nutrient_t": "0.046"},
    Indicator.IRRIGATION_NEW_AREA: {"drip/area_mu": "120.5"},
}
"""Quantities that were worked out on paper."""


def vector_files() -> dict[Path, Any]:
    """Return the content of every vector file by its path in the repository."""
    files = {
        "canonical": _canonical(),
        "statement_ids": _statement_ids(),
        "merges": [_merged(name, case) for name, case in MERGES],
        "datums": _datums(),
        "quantities": _quantities(),
        "marks": _marks(),
        "cursors": _cursors(),
        "upcasts": _upcasts(),
        "receipts": _receipts(),
    }
    return {FOLDER / f"{name}.json": {"format": FORMAT, "cases": cases} for name, cases in files.items()}


def quantities_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return what a report adds to its county's sums, `subject/quantity` -> amount."""
    form, _ = read_report(payload)
    found = CATALOGUE[form.indicator].quantities(form)
    return {f"{subject}/{name}": plain(amount) for (subject, name), amount in sorted(found.items())}


def _canonical() -> list[Case]:
    cases = [{"value": value, "canonical_hex": canonical_bytes(value).hex()} for value in CANONICAL]
    every = [RFC8785_SAMPLE, *cases]
    return [case | {"sha256": hashlib.sha256(bytes.fromhex(case["canonical_hex"])).hexdigest()} for case in every]


def _statement_ids() -> list[Case]:
    asked = [
        ("430623", "film_recovery", "2025"),
        ("430623", "straw_utilisation", "2025H1"),
        ("659001", "irrigation_new_area", "2024"),
    ]
    return [
        {"county_code": one[0], "indicator": one[1], "period": one[2], "record_id": statement_id(*one)} for one in asked
    ]


def _merged(name: str, case: Case) -> Case:
    groups = [frozenset(group) for group in case.get("groups", ())]
    done = merge(flatten(case["current"]), case["later"], case["set"], groups)
    clashes = [
        {"field": one.pointer, "base": one.base, "current": one.current, "incoming": one.incoming}
        for one in done.clashes
    ]
    return {"name": name, "groups": [], **case, "result": nest(done.leaves), "conflicts": clashes}


def _datums() -> list[Case]:
    published = [
        {
            "source": "published pair",
            "datum": datum,
            "given": list(given),
            "cgcs2000": list(there),
            "tolerance_m": 0.001,
        }
        for datum, given, there in PUBLISHED_POSITIONS
    ]
    computed = [
        {
            "datum": datum,
            "given": list(given),
            "cgcs2000": to_cgcs2000(np.array([given]), datum)[0].round(9).tolist(),
            "tolerance_m": 0.001,
        }
        for datum in Datum
        for given in POSITIONS
    ]
    return published + computed


def _quantities() -> list[Case]:
    cases = []
    for indicator, answers in REPORTS.items():
        payload = {"indicator": str(indicator), **FARM_HEAD, **answers}
        case: Case = {"payload": payload, "quantities": quantities_of(payload)}
        if indicator in HAND_CHECKED:
            case["hand_checked"] = dict(HAND_CHECKED[indicator])
        cases.append(case)
    return cases


def _marks() -> list[Case]:
    ids = [FARM_ID, "0199a7a2-fa20-70c3-81d1-9b386fdc26e7", "a4558f9b-76ff-5310-a7a6-5d1bf33bcfec"]
    entries = [[record_id, hashlib.sha256(f"entry of {record_id}".encode()).hexdigest()] for record_id in ids]
    held: list[list[list[str]]] = [[], entries[:1], entries[:2], entries, [*entries, [ids[0][:-1] + "a", "ff" * 32]]]
    return [_marked(one) for one in held]


def _marked(entries: Sequence[Sequence[str]]) -> Case:
    marks = [mark_of(bytes.fromhex(entry_hash)) for _, entry_hash in entries]
    return {"entries": entries, "marks": marks, "records": len(marks), "sum": mark_sum(marks)}


def _cursors() -> list[Case]:
    """Cursors are opaque: a client gives back the very text and looks at nothing but what it is answered.

    Signed with `CURSOR_KEY`. What looks alike is told apart by the server alone: a cursor of a later format is answered
    with `reset`, one that was changed with `cursor_invalid`.
    """
    given = [Cursor("430623", position, "00" * 8, "ab" * 8).encode(CURSOR_KEY) for position in (1, 4711, 2**40)]
    later = signed_text(b'[99,"430623",{"anything":"else"}]', CURSOR_KEY)
    changed = given[0][:30] + ("A" if given[0][30] != "A" else "B") + given[0][31:]
    answers = [*((text, "page") for text in given), (later, "reset"), (changed, "cursor_invalid")]
    return [{"cursor": text, "query": f"county=430623&cursor={text}", "answer": answer} for text, answer in answers]


def _upcasts() -> list[Case]:
    """Every payload that the golden files keep of an older version, and how the server reads it today."""
    return [
        {
            "schema_version": int(path.parent.name),
            "form": path.stem,
            "payload": payload,
            "today": upcast_payload(payload, int(path.parent.name), path.stem),
        }
        for path in sorted(GOLDEN.glob("*/*.json"))
        if int(path.parent.name) < SCHEMA_VERSION
        for payload in json.loads(path.read_text(encoding="utf-8"))
    ]


def _receipts() -> list[Case]:
    signer = Signer.of(hashlib.sha256(b"qingtian conformance").digest())
    item = ["0199a7a2-0fc0-7a8a-8ed5-344501a43893", hashlib.sha256(b"item").hexdigest(), "applied", "430623", 203]
    document = {
        "alg": RECEIPT_ALGORITHM,
        "issued_at": "2025-10-03T10:20:00Z",
        "account": "0199a7a0-0000-7000-8000-000000000001",
        "device_id": "0199a7a0-3b00-7e73-94ed-604730cb8fe7",
        "items": [item],
        "heads": [{"county_code": "430623", "position": 203, "entry_hash": "ab" * 32}],
    }
    whole = signer.signed(document)
    public = signer.public_key.hex()
    forged = whole | {"account": "0199a7a0-0000-7000-8000-000000000002"}
    return [
        {"public_key_hex": public, "receipt": whole, "genuine": True},
        {"public_key_hex": public, "receipt": forged, "genuine": False},
    ]
