"""The application: routers, problem documents, pages. Built from settings, so that tests build their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES

from backend import __version__
from backend.api import (
    accounts,
    anchors,
    attachments,
    auth,
    beside,
    deployment,
    devices,
    enrolment,
    estimates,
    exports,
    figures,
    filings,
    findings,
    imports,
    jobs,
    layers,
    map_values,
    oidc,
    packs,
    personal,
    quarantine,
    reminders,
    reviews,
    summaries,
    sync,
    tiles,
    uploads,
    webhooks,
)
from backend.headers import PageHeaders
from backend.jobs.schedule import scheduled
from backend.ogc.interface import GeographicInterface
from backend.openapi import install_openapi
from backend.packs.files import MEDIA_TYPES
from backend.problems import install_problem_handlers
from backend.service import open_service
from backend.settings import Settings
from backend.web.pages import add_pages

GZIP_FROM_BYTES = 1_000
NOT_GZIPPED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "image/heic",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    *MEDIA_TYPES.values(),
    "application/geo+json",
    "text/csv",
)
"""Compressed already, or answered by byte ranges, or with a length and a digest that say whether all has come."""

INTERFACE = (
    auth,
    oidc,
    accounts,
    enrolment,
    sync,
    packs,
    devices,
    estimates,
    findings,
    quarantine,
    personal,
    reviews,
    uploads,
    attachments,
    imports,
    summaries,
    exports,
    beside,
    figures,
    filings,
    layers,
    tiles,
    map_values,
    anchors,
    jobs,
    reminders,
    webhooks,
    deployment,
)
"""The modules whose routes are the interface, in the order in which its description lists them."""


def create_app(settings: Settings) -> FastAPI:
    """Return the application of a deployment; its database is migrated and has its reference data."""
    if settings.database_url is None:
        raise ValueError("create_app needs a database URL; the command line finds one")

    geographic = GeographicInterface()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        given: Settings = app.state.settings
        opened = open_service(given, given.database_url or "")
        async with opened as service, scheduled(service), geographic.serving(service):
            app.state.service = service
            yield

    app = FastAPI(
        title="清田 Qingtian",
        version=__version__,
        description="农业清洁生产上报接口。Reporting clean agricultural production.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    install_problem_handlers(app)
    install_openapi(app)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=5, exclude_content_types=NOT_GZIPPED)
    app.add_middleware(PageHeaders)
    for module in INTERFACE:
        app.include_router(module.router)
    app.mount("/ogc", geographic, name="geographic interface")
    add_pages(app)
    return app
