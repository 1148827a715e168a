"""The drawn layers of the map, made once at set-up and served under their content hash."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import text

from backend.api.dependencies import CurrentService
from backend.problems import Refused
from schemas.problems import problem

router = APIRouter(prefix="/v1/map", tags=["map"])

READ_LAYER = "SELECT sha256, body FROM map_layer WHERE name = :name"


@router.get("/layers/{name}", response_class=Response, responses={200: {"content": {"application/geo+json": {}}}})
async def map_layer(name: str, request: Request, service: CurrentService) -> Response:
    """Answer one layer as GeoJSON in CGCS2000: `provinces`, `counties-<province>`, `boundary-lines`, `basin-waters`."""
    async with service.read_engine.connect() as connection:
        found = (await connection.execute(text(READ_LAYER), {"name": name.replace("\0", "")})).one_or_none()
    if found is None:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    etag = f'"{bytes(found.sha256).hex()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    # Every browser and HTTP library takes gzip; the layer is kept in no other form.
    headers["Content-Encoding"] = "gzip"
    return Response(bytes(found.body), headers=headers, media_type="application/geo+json")
