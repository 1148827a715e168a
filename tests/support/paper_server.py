"""A server on paper: the wire of a phone answered from plain dictionaries, for what a real server cannot be made to do.

It decides nothing cleverly. What it holds can be written to a file, so that it outlives a phone that is killed.
"""

import base64
import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx

from schemas.canonical import canonical_bytes, canonical_sha256
from schemas.changes import Receipt
from schemas.marks import ZERO_MARK, mark_of, mark_sum
from schemas.receipts import RECEIPT_ALGORITHM, Signer, published_key

NOW = datetime(2025, 10, 3, 10, 20, tzinfo=UTC)
SIGNER = Signer.of(bytes(range(32)))


class PaperServer:
    """One county, whose accounts may all write in it; a token is its account's name. `memory` holds all of it."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.asked: list[tuple[str, str]] = []
        self.envelopes: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.seen = self.page_records = None
        self.townships: set[str] | None = None
        self.memory: dict[str, Any] = {
            "position": 0, "entry_hash": ZERO_MARK, "epoch": 0, "records": {}, "changes": {}, "exits": [], "late": [],
            "uploads": {}, "files": [], "creates": 0, "packs": {}, "chain": [],
        }  # fmt: skip
        if file is not None and file.exists():
            self.memory = json.loads(file.read_text(encoding="utf-8"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        answer = self._answer(request)
        if self.file is not None and request.method != "GET":
            self.file.write_text(json.dumps(self.memory), encoding="utf-8")
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 - one return a door
        said = parse_qs(urlparse(str(request.url)).query, keep_blank_values=True)
        query = {name: values[0] for name, values in said.items()}
        match request.method, request.url.path:
            case "POST", "/v1/auth/token":
                username = parse_qs(request.content.decode())["username"][0]
                return httpx.Response(200, json={"access_token": username, "token_type": "bearer"})
            case "POST", "/v1/sync/push":
                return self._push(json.loads(gzip.decompress(request.content)))
            case "GET", "/v1/sync/pull":
                self.heads = said.get("head", [])
                return self._pull(query)
            case "GET", "/v1/sync/manifest":
                return self._manifest(query)
            case "POST", "/v1/sync/records":
                wanted = json.loads(request.content)["ids"]
                found = [one for one in self._in_scope() if one["id"] in wanted]
                return httpx.Response(200, json={"records": found})
            case "GET", "/.well-known/qingtian-keys.json":
                published = published_key(SIGNER.public_key, NOW)
                return httpx.Response(200, json={"keys": [published.model_dump(mode="json")]})
            case "GET", path if path.startswith("/v1/packs/"):
                return self._pack(path.rpartition("/")[2], request.headers.get("if-none-match"))
            case method, path if path.startswith("/v1/attachments"):
                return self._upload(method, path, request)
        raise AssertionError(f"nobody answers {request.method} {request.url}")

    def put(self, record_id: str, township: str = "430623101", **record: Any) -> dict[str, Any]:
        """Change a record by another hand than the phone's, and return it."""
        self.memory["position"] += 1
        known = self.memory["records"].get(record_id, {})
        if known and known["township_code"] != township:
            self.memory["exits"].append([known["township_code"], self.memory["position"], record_id])
        whole = {
            "id": record_id, "kind": "farm", "status": "submitted", "revision": known.get("revision", 0) + 1,
            "position": self.memory["position"], "last_change_id": record_id, "township_code": township,
            "payload": {}, "warnings": [], "recorded_at": NOW.isoformat(),
        }  # fmt: skip
        whole |= record
        before = bytes.fromhex(self.memory["entry_hash"])
        entry_hash = hashlib.sha256(before + canonical_bytes(whole)).digest()
        self.memory["entry_hash"] = entry_hash.hex()
        self.memory["chain"].append(f"{whole['position']}:{entry_hash.hex()[:16]}")
        self.memory["records"][record_id] = {"mark": mark_of(entry_hash)} | whole
        return self.memory["records"][record_id]

    def restore(self, memory: dict[str, Any], *, behind_cursors: bool = False) -> None:
        """Go back to a copy of `memory`, as an operator does who restores a backup."""
        epoch = self.memory["epoch"] + (not behind_cursors)
        self.memory = json.loads(json.dumps(memory)) | {"epoch": epoch}

    def checksum(self) -> dict[str, Any]:
        held = self._in_scope()
        return {"records": len(held), "sum": mark_sum(one["mark"] for one in held)}

    def _in_scope(self) -> list[dict[str, Any]]:
        held = self.memory["records"].values()
        return [one for one in held if self.townships is None or one["township_code"] in self.townships]

    def _push(self, envelope: dict[str, Any]) -> httpx.Response:
        self.envelopes.append(envelope)
        outcomes = [self._decide(item) for item in envelope["changes"]]
        answer = {"outcomes": outcomes, "server_time": NOW.isoformat()}
        taken = [
            [one["change_id"], canonical_sha256(item).hex(), one["outcome"], item["county_code"], one["position"]]
            for one, item in zip(outcomes, envelope["changes"], strict=True)
            if one["outcome"] in {"applied", "merged"}
        ]
        if taken:
            head = {
                "county_code": "430623",
                "position": self.memory["position"],
                "entry_hash": self.memory["entry_hash"],
            }
            signed = SIGNER.signed({
                "alg": RECEIPT_ALGORITHM, "issued_at": "2025-10-03T10:20:00Z", "account": "a1",
                "device_id": envelope["device_id"], "items": taken, "heads": [head],
            })  # fmt: skip
            answer["receipt"] = {name: signed[name] for name in Receipt.model_fields}
        return httpx.Response(200, json=answer)

    def _decide(self, item: dict[str, Any]) -> dict[str, Any]:
        known = self.memory["changes"].get(item["change_id"])
        if known is not None:
            assert known["hash"] == canonical_sha256(item).hex(), "other content under a used change id"
            return known["outcome"] | {"replayed": True}
        before = self.memory["records"].get(item["record_id"])
        payload = dict(item.get("payload") or (before or {}).get("payload", {}))
        payload |= {pointer[1:]: value for pointer, value in (item.get("set") or {}).items()}
        self.memory["creates"] += item["action"] == "create"
        township = payload.get("township_code", "430623101")
        record = self.put(item["record_id"], township, payload=payload, kind=item["kind"])
        record["last_change_id"] = item["change_id"]
        outcome = {
            "change_id": item["change_id"], "outcome": "applied", "disposition": "terminal",
            "record_id": item["record_id"], "position": record["position"], "revision": record["revision"],
        }  # fmt: skip
        self.memory["changes"][item["change_id"]] = {"hash": canonical_sha256(item).hex(), "outcome": outcome}
        return outcome

    def _pull(self, query: dict[str, str]) -> httpx.Response:
        head = {"county_code": query["county"], "server_time": NOW.isoformat(), "records": []}
        scope = "*" if self.townships is None else ",".join(sorted(self.townships))
        epoch, since, known_scope = json.loads(query.get("cursor", json.dumps([self.memory["epoch"], 0, scope])))
        cursor_at = lambda position: json.dumps([self.memory["epoch"], position, scope])  # noqa: E731
        if (epoch, known_scope) != (self.memory["epoch"], scope) or not set(self.heads) <= set(self.memory["chain"]):
            body = head | {"cursor": cursor_at(self.memory["position"]), "more": False, "reset": True}
            return httpx.Response(200, json=body)
        changed = sorted((one for one in self._in_scope() if one["position"] > since), key=lambda one: one["position"])
        limit = self.page_records or int(query["limit"])
        page, more = changed[:limit], len(changed) > limit
        until = page[-1]["position"] if more else self.memory["position"]
        held = {one["id"] for one in self._in_scope()}
        exits = [
            {"id": record_id, "position": position}
            for township, position, record_id in self.memory["exits"]
            if since < position <= until and record_id not in held
            and (self.townships is None or township in self.townships)
        ]  # fmt: skip
        late = [one for one in self.memory["late"] if since < one["position"] <= until]
        body = head | {"records": page, "exits": exits, "outcomes": late, "cursor": cursor_at(until), "more": more}
        body |= {} if more else {"checksum": self.checksum(), "packs": self._other_packs(query)}
        return httpx.Response(200, json=body)

    def _manifest(self, query: dict[str, str]) -> httpx.Response:
        entries = sorted([one["id"], one["mark"]] for one in self._in_scope() if one["id"] > query.get("after", ""))
        page = entries[: self.page_records or int(query["limit"])]
        after = page[-1][0] if len(page) < len(entries) else None
        return httpx.Response(200, json={"county_code": query["county"], "entries": page, "after": after})

    def _other_packs(self, query: dict[str, str]) -> list[dict[str, Any]] | None:
        bodies = {name: body.encode() for name, body in self.memory["packs"].items()}
        hashes = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
        known = hashlib.sha256("".join(sorted(f"{name}:{one}\n" for name, one in hashes.items())).encode()).hexdigest()
        if query["packs"] == known:
            return None
        return [{"name": name, "sha256": one, "size": len(bodies[name])} for name, one in hashes.items()]

    def _pack(self, name: str, etag: str | None) -> httpx.Response:
        body = self.memory["packs"][name].encode()
        current = f'"{hashlib.sha256(body).hexdigest()}"'
        return httpx.Response(304) if etag == current else httpx.Response(200, content=body, headers={"etag": current})

    def _upload(self, method: str, path: str, request: httpx.Request) -> httpx.Response:
        assert request.headers["tus-resumable"] == "1.0.0"
        uploads, account = self.memory["uploads"], request.headers["authorization"].removeprefix("Bearer ")
        if method == "POST":
            about = dict(one.split() for one in request.headers["upload-metadata"].split(","))
            name = uuid.uuid5(uuid.NAMESPACE_URL, str(len(uploads))).hex
            sha256 = base64.b64decode(about["sha256"]).decode()
            length = request.headers["upload-length"]
            uploads[name] = {"length": int(length), "sha256": sha256, "body": "", "account": account}
            offset = length if sha256 in self.memory["files"] else "0"
            return httpx.Response(201, headers={"location": f"/v1/attachments/uploads/{name}", "upload-offset": offset})
        upload = uploads.get(path.rpartition("/")[2])
        if upload is None or upload["account"] != account:
            return httpx.Response(404, json={"code": "not_found"})
        content = base64.b64decode(upload["body"])
        if method == "PATCH":
            if int(request.headers["upload-offset"]) != len(content):
                return httpx.Response(409)
            digest = base64.b64encode(hashlib.sha256(request.content).digest()).decode()
            if request.headers["upload-checksum"] != f"sha256 {digest}":
                return httpx.Response(460)
            content += request.content
            upload["body"] = base64.b64encode(content).decode()
            if len(content) == upload["length"]:
                assert hashlib.sha256(content).hexdigest() == upload["sha256"]
                self.memory["files"].append(upload["sha256"])
        status = 204 if method == "PATCH" else 200
        offset = upload["length"] if upload["sha256"] in self.memory["files"] else len(content)
        return httpx.Response(status, headers={"upload-offset": str(offset)})
