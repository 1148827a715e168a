"""What the service says of itself."""

from typing import Any

import pytest

from tests.integration.conftest import Offices
from tests.support.reports import farm, film

pytestmark = pytest.mark.anyio


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


async def test_the_interface_description_is_whole(offices: Offices) -> None:
    document = (await offices.http.get("/openapi.json")).json()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known
    assert {"ChangeItem", "FilmFarmForm", "StrawCountyForm", "ManureFarmForm", "ProblemDocument"} <= set(
        document["components"]["schemas"]
    )
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]


async def test_the_documentation_needs_no_other_host(offices: Offices) -> None:
    page = (await offices.http.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    assert (await offices.http.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200


async def test_pages_may_load_nothing_from_elsewhere(offices: Offices) -> None:
    response = await offices.http.get("/")
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "unsafe-inline" not in response.headers["content-security-policy"]


async def test_metrics_count_outcomes_and_name_nobody(offices: Offices) -> None:
    worker = await offices.of("worker")
    homestead = farm(name="极少见的名字")
    await worker.apply(homestead, film(homestead["record_id"]))
    metrics = (await offices.http.get("/metrics")).text
    assert 'qingtian_changes_total{outcome="applied",replayed="false"}' in metrics
    assert "极少见的名字" not in metrics


async def test_a_layer_is_answered_once_and_then_by_its_hash(offices: Offices) -> None:
    first = await offices.http.get("/v1/map/layers/provinces")
    assert len(first.json()["features"]) == 34
    again = await offices.http.get("/v1/map/layers/provinces", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_real_deployment_shows_no_demo_accounts(offices: Offices) -> None:
    deployment = (await offices.http.get("/v1/deployment")).json()
    assert (deployment["demo"], deployment["demo_accounts"]) == (False, [])
    assert [one["code"] for one in deployment["indicators"]] == [
        "film_recovery",
        "straw_utilisation",
        "manure_utilisation",
        "fertiliser_reduction",
        "pesticide_reduction",
        "irrigation_new_area",
        "green_control_coverage",
    ]


async def test_health_needs_no_account(offices: Offices) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await offices.http.get(path)).status_code == 200
