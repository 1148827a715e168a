"""Imports of spreadsheets and the templates for them."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from backend.api.dependencies import CurrentAccess, CurrentService
from backend.imports.cells import FileRefused
from backend.imports.columns import Layout, layout_of
from backend.imports.importing import MAX_FILE_BYTES, run_import
from backend.imports.templates import csv_template, template_names, xlsx_template
from backend.problems import Refused
from schemas.imports import ImportAnswer, ImportOrder
from schemas.indicators.translation import translate
from schemas.problems import problem

router = APIRouter(prefix="/v1/imports", tags=["imports"])

MAX_FORM_BYTES = 100_000
"""What a multipart body may hold besides the file."""

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "kind", "county_code"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "XLSX, or CSV in UTF-8 or GB18030."},
        **ImportOrder.model_json_schema(ref_template="#/components/schemas/{model}")["properties"],
    },
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}

WithExample = Annotated[bool, Query(description="Fill the sheet with an example that imports cleanly.")]


@router.post("", response_model=ImportAnswer, openapi_extra=_BODY)
async def import_file(request: Request, access: CurrentAccess, service: CurrentService) -> Response:
    """Preview what a spreadsheet would change, line by line; with `commit`, and the preview's `sha256`, change it.

    Lines that are refused are left out and named; the others are pushed as a phone would push them. The same file
    again changes nothing, a corrected one only what was corrected.
    """
    body, order = await _read_form(request)
    try:
        answer = await run_import(body, order, access, service)
    except FileRefused as refused:
        raise Refused(problem(refused.code, **refused.params)) from None
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/templates")
async def templates(_: CurrentAccess) -> list[str]:
    """Answer the names of the templates: `farm`, and `<indicator>-<level>` for every form."""
    return list(template_names())


@router.get("/templates/{name}.xlsx", response_class=Response, responses={200: {"content": {XLSX_TYPE: {}}}})
async def workbook_template(name: str, request: Request, _: CurrentAccess, *, example: WithExample = False) -> Response:
    """Answer the template of a form as a workbook: a sheet to fill, its explanation, and an example."""
    layout = _layout(name, request)
    body = await asyncio.to_thread(xlsx_template, layout, filled=example)
    return _download(body, XLSX_TYPE, f"{name}.xlsx")


@router.get("/templates/{name}.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def csv_template_file(name: str, request: Request, _: CurrentAccess, *, example: WithExample = False) -> Response:
    """Answer the template of a form as CSV in UTF-8, with the mark by which Excel knows it."""
    layout = _layout(name, request)
    body = await asyncio.to_thread(csv_template, layout, filled=example)
    return _download(body, CSV_TYPE, f"{name}.csv")


def _layout(name: str, request: Request) -> Layout:
    form = template_names().get(name)
    if form is None:
        raise Refused(problem("not_found", path=request.url.path[:200]))
    return layout_of(*form)


def _download(body: bytes, media_type: str, name: str) -> Response:
    return Response(body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _read_form(request: Request) -> tuple[bytes, ImportOrder]:
    """Return the file and what it is imported as; a body that is larger than any file may be is never held."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(problem("import_broken_form"))
    parser = MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=20)
    try:
        form = await parser.parse()
    except (MultiPartException, MultipartParseError, KeyError, ValueError):
        raise Refused(problem("import_broken_form")) from None
    try:
        return await _file_of(form), _order_of(form)
    finally:
        await form.close()


async def _file_of(form: FormData) -> bytes:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Refused(problem("import_missing_file", "file"))
    return await upload.read()


def _order_of(form: FormData) -> ImportOrder:
    given = {name: value for name, value in form.items() if name != "file" and value != ""}
    try:
        return ImportOrder.model_validate(given)
    except ValidationError as error:
        raise Refused(problem("invalid_request"), translate(error, ImportOrder, "")) from None


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > MAX_FILE_BYTES + MAX_FORM_BYTES:
            raise Refused(problem("import_too_large", limit=MAX_FILE_BYTES // 1_000_000))
        yield chunk
