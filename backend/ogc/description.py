"""The description of the geographic interface in the form that the standard names: OpenAPI 3.0."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

OPENAPI = "3.0.3"
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
                operation["responses"].pop("422", None)
                operation["responses"] |= {"4XX": PROBLEM, "5XX": PROBLEM}
        application.openapi_schema = _in_3_0(document)
    return application.openapi_schema


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
