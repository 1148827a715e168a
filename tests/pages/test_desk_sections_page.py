"""Sections of the desk in a real browser: a report's photos, the estimate of a filing, an administrator's phones."""

import time
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.pages.office import Office, Offices
from tests.support.offices import COUNTY, TOWNSHIP
from tests.support.photos import metadata, photo, sha256
from tests.support.reports import body, create, farm, film, new_id

STRAW = f"{COUNTY}:straw_utilisation"
VILLAGES = [f"{TOWNSHIP}{number:03d}" for number in (201, 202, 203)]


def send(client: httpx.Client, picture: bytes) -> None:
    """Send a file as a phone does."""
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(picture)), "Upload-Metadata": metadata(picture)}
    place = client.post("/v1/attachments", headers=tus).headers["location"]
    rest = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert client.patch(place, headers=rest, content=picture).status_code == 204


def test_the_photos_of_a_report_are_seen_at_its_review_and_one_that_has_not_come_says_so(offices: Offices) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    come, missing = photo(), photo()
    homestead = farm(name="有照片户")
    named = [{"sha256": sha256(one)} for one in (come, missing)]
    report = film(homestead["record_id"], period="2018", mulch_used_kg="111", attachments=named)
    worker.apply(homestead, report)
    with worker.asking() as client:
        send(client, come)
    page = county.open(f"#review?period=2018&record={report['record_id']}")
    strip = page.locator(".photos")
    expect(strip.locator("h3")).to_contain_text("1")
    image = strip.locator("img")
    expect(image).to_have_count(1)
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    expect(strip.locator(".photo-missing")).to_have_count(1)
    strip.get_by_role("button").click()
    large = page.locator("dialog.sheet .photo-large")
    expect(large).to_be_visible()
    county.press("Escape")
    expect(large).to_have_count(0)


def straw(village: str, grain_kg: str, feed_kg: str) -> list[dict[str, Any]]:
    home = farm(village_code=village)
    crops = {"wheat": {"grain_kg": grain_kg, "sown_area_mu": "10", "use_feed_kg": feed_kg}}
    payload = {
        "indicator": "straw_utilisation", "level": "farm", "period": "2018", "farm_id": home["record_id"],
        "township_code": TOWNSHIP, "respondent": "household", "crops": crops,
    }  # fmt: skip
    return [home, create("report", payload)]


def test_a_county_enters_its_design_and_reads_what_its_households_say(offices: Offices, artifacts: Path) -> None:
    worker, county = offices.seat("worker"), offices.seat("county")
    for number, village in enumerate(VILLAGES):
        worker.apply(*straw(village, "1000", str(500 + 10 * number)), *straw(village, "2000", str(900 - 10 * number)))
    page = county.open(f"#filing?period=2018&filing={STRAW}")
    page.get_by_text("农户抽样推算").click()
    box = page.locator(".estimate")
    expect(box).to_contain_text("尚未录入抽样设计")
    box.get_by_role("button", name="抽样设计").click()
    rows = box.locator("textarea")
    expect(rows).to_be_focused()
    rows.fill("430623101201 平原 20")
    county.press("Control+Enter")
    expect(box.locator("[role=alert]")).to_contain_text("第 1 行应为四列")
    rows.fill("\n".join(f"{village}\t平原\t20\t{40 + number}" for number, village in enumerate(VILLAGES)))
    county.press("Control+Enter")
    county.says("抽样设计已保存")
    expect(box).to_contain_text("95% 置信区间")
    expect(box).to_contain_text("低于台账的最低样本量")
    expect(box.locator("tbody td")).to_have_text(["20", "3", "3", "6"])
    found = county.ask(f"/v1/estimates/{COUNTY}/straw_utilisation/2018")
    share = f"{round(100 * float(found['households']['value']), 1):.1f}%"
    expect(box).to_contain_text(share)
    box.screenshot(path=artifacts / "desk-estimate.png")


def phone_of(county: Office) -> tuple[str, str]:
    """Enrol a phone of a new worker and let it report; return the worker's account and the phone."""
    name, phone = "张三农技员", new_id()
    with county.asking() as client:
        grants = [{"role": "worker", "region_code": TOWNSHIP}]
        account = client.post(
            "/v1/accounts", json={"username": "zhangsan", "display_name": name, "grants": grants}
        ).json()
        code = client.post("/v1/enrolments", json={"username": "zhangsan"}).json()["code"]
        signed = client.post("/v1/auth/enrol", json={"code": code, "device_id": phone})
        assert signed.status_code == 200, signed.text
        own = {"Authorization": f"Bearer {signed.json()['access_token']}"}
        sent = client.post("/v1/sync/push", json=body(farm(), device_id=phone), headers=own)
        assert sent.json()["outcomes"][0]["outcome"] == "applied"
        until = time.monotonic() + 20
        while phone not in client.get(f"/v1/counties/{COUNTY}/devices").text:
            assert time.monotonic() < until, "the phone was never listed"
            time.sleep(0.3)
    return account["id"], phone


def test_an_administrator_revokes_a_phone_at_the_page_of_its_person(offices: Offices) -> None:
    county, admin = offices.seat("county"), offices.seat("admin")
    account, phone = phone_of(county)
    page = admin.open(f"#people?account={account}")
    page.get_by_role("button", name="手机情况").click()
    listed = page.locator("dialog.sheet .cards-list > li")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text(phone[-8:])
    listed.get_by_role("button", name="停用手机").click()
    admin.press("Enter")
    admin.says("手机已停用")
    expect(listed).to_contain_text("已收到 1 条")
    with county.asking() as client:
        audit = client.get("/v1/audit").text
    assert "phone_revoked" in audit
