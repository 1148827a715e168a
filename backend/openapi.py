"""The interface description: what FastAPI knows, and what it cannot: the items of a push, the forms, the problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from backend.problems import MEDIA_TYPE
from schemas.changes import ChangeItem, Push
from schemas.farms import Farm
from schemas.indicators.catalogue import CATALOGUE
from schemas.problems import ProblemDocument

REF = "#/components/schemas/{model}"
PUSH_PATH = "/v1/sync/push"
PROBLEM = {
    "description": "RFC 9457 problem document",
    "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="ProblemDocument")}}},
}


def install_openapi(app: FastAPI) -> None:
    """Let the application describe itself completely; the description is made once, when first asked for."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # this is how FastAPI lets it be extended


def forms() -> list[type[BaseModel]]:
    """Return the payload of a farm and of every report, farm and county."""
    reports = [form for spec in CATALOGUE.values() for form in (spec.farm_form, spec.county_form)]
    return [Farm, *reports]


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: list[type[BaseModel]] = [Push, ChangeItem, ProblemDocument, *forms()]
    _, definitions = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    components = document["components"]["schemas"]
    components |= definitions["$defs"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    components["Push"]["properties"]["changes"]["items"] = {"$ref": REF.format(model="ChangeItem")}
    components["ChangeItem"]["properties"]["payload"] = {
        "anyOf": [{"$ref": REF.format(model=form.__name__)} for form in forms()] + [{"type": "null"}]
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= {"4XX": PROBLEM, "5XX": PROBLEM}
            if path == PUSH_PATH:
                content = {"application/json": {"schema": {"$ref": REF.format(model="Push")}}}
                operation["requestBody"] = {"required": True, "content": content}
    return document
