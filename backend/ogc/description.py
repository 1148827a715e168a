"""The description of the geographic interface in the form that the standard names: OpenAPI 3.0."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from backend.ogc.layers import COLLECTIONS

OPENAPI = "3.0.3"
ITEMS = "/collections/{collectionId}/items"
LEFT_OUT = frozenset({"const", "prefixItems", "examples", "text/html"})
"""Words that 3.0 does not have, and the pages of tipg, which are not shown."""

PROBLEM = {
    "description": "RFC 9457 problem document",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def described(application: FastAPI) -> dict[str, Any]:
    """Return the description; it is made once, when first asked for."""
    if application.openapi_schema is None:
        document = get_openapi(
            title=application.title,
            version=application.version,
            description=application.description,
            openapi_version=OPENAPI,
            routes=application.routes,
            servers=[{"url": "."}],
        )
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"] = _media_types(operation["responses"]) | {"4XX": PROBLEM, "5XX": PROBLEM}
        del document["components"]
        document["paths"] |= _paths_of_collections(document["paths"][ITEMS])
        application.openapi_schema = _in_3_0(document)
    return application.openapi_schema


def _paths_of_collections(template: dict[str, Any]) -> dict[str, Any]:
    """Return the path of each collection's features with its fields as parameters.

    GDAL reads there by which fields it may have the server filter; from the template alone it asks for everything.
    """
    asked = template["get"]
    general = [one for one in asked["parameters"] if one["in"] == "query"]
    paths = {}
    for name, collection in COLLECTIONS.items():
        fields = [
            {"name": one.name, "in": "query", "required": False, "schema": {"type": one.json_type}}
            for one in collection.properties
            if not one.is_geometry
        ]
        operation = asked | {"operationId": f"{name}_items", "parameters": [*general, *fields]}
        paths[ITEMS.format(collectionId=name)] = {"get": operation}
    return paths


def _media_types(responses: dict[str, Any]) -> dict[str, Any]:
    """Return what may be answered in which form: the standards describe the answers, and tipg's models are not 3.0."""
    return {
        status: {"description": answer["description"], "content": {kind: {} for kind in answer.get("content", ())}}
        for status, answer in responses.items()
        if status != "422"
    }


def query_parameters(application: FastAPI, path: str) -> set[str]:
    """Return the names of the query parameters that a path has; one that is not described has none."""
    operation = described(application)["paths"].get(path, {}).get("get", {})
    return {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}


def _in_3_0(node: Any) -> Any:
    """Return a schema of OpenAPI 3.1, which FastAPI writes, in the words of 3.0, which clients read."""
    if isinstance(node, list):
        return [_in_3_0(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _in_3_0(one) for name, one in node.items() if name not in LEFT_OUT}
    if "html" in kept.get("enum", ()):
        kept["enum"] = [one for one in kept["enum"] if one != "html"]
    if "const" in node and "enum" not in node:
        kept["enum"] = [node["const"]]
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [one for one in choices if one != {"type": "null"}]
        del kept["anyOf"]
        kept |= rest[0] if len(rest) == 1 and "$ref" not in rest[0] else {"anyOf": rest}
        kept["nullable"] = True
    return kept
