"""One export of figures from question to finished file: gathered in one snapshot, written in a thread of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from anyio import to_thread
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import snapshot
from backend.exports.delimited import write_csv
from backend.exports.fonts import type_of
from backend.exports.geo_json import write_geojson
from backend.exports.geopackage import write_geopackage
from backend.exports.outlines import Outlines, outlines_of_rows, read_outlines
from backend.exports.provenance import DEMO, Provenance
from backend.exports.report_files import ReportFile, report_file
from backend.exports.reports import (
    FIXED,
    ReportsAsked,
    RowReader,
    Scope,
    provenance_of_reports,
    quantity_columns,
    report_batches,
)
from backend.exports.sheet import Column, RowDigest
from backend.exports.spool import Made
from backend.exports.summaries import Asked, Gathered, basins_within, gather_basin, gather_region
from backend.exports.tables import headline_table, indicator_table
from backend.exports.typesetting import write_pages
from backend.exports.workbook import write_workbook
from backend.rollup.plan import BasinInfo
from backend.rollup.sums import ledger_digest
from backend.service import Service
from schemas.exports import Heads, ReportFormat, SummaryFormat
from schemas.period import Period
from schemas.regions import NATION
from schemas.vocabulary import RegionLevel

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "pdf": "application/pdf",
}

WITH_OUTLINES = frozenset({SummaryFormat.GEOJSON, SummaryFormat.GPKG, SummaryFormat.PDF})


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an export; heads and mark matter to CSV alone."""

    format: SummaryFormat
    heads: Heads = Heads.ZH
    bom: bool = True


async def export_region(
    service: Service, region_code: str, period: Period, by: RegionLevel, asked: Asked, form: Form, folder: Path
) -> Made:
    """Return a region's figures as a file in `folder`; whether they may be read was decided before."""
    is_printed = form.format is SummaryFormat.PDF
    async with snapshot(service.read_engine) as connection:
        frame = await service.frame(connection, period)
        tier = RegionLevel.COUNTY if is_printed else by
        gathered = await gather_region(connection, frame, region_code, tier, asked)
        if is_printed and region_code != NATION:
            basins = await basins_within(connection, frame, list(gathered.counties), asked)
            gathered = replace(gathered, basins=basins)
        outlines = await _outlines(connection, gathered, form)
    return await _write_apart(service, gathered, outlines, form, folder)


async def export_basin(
    service: Service, basin: BasinInfo, readable: Collection[str], period: Period, asked: Asked, form: Form,
    folder: Path,
) -> Made:  # fmt: skip
    """Return a basin's figures over those of its counties in `readable` as a file in `folder`."""
    async with snapshot(service.read_engine) as connection:
        frame = await service.frame(connection, period)
        gathered = await gather_basin(connection, frame, basin, readable, asked)
        outlines = await _outlines(connection, gathered, form)
    return await _write_apart(service, gathered, outlines, form, folder)


async def _outlines(connection: AsyncConnection, gathered: Gathered, form: Form) -> Outlines:
    """Return the outlines that the form asks for; a printed map of the nation would have to show all of it."""
    if form.format not in WITH_OUTLINES or (form.format is SummaryFormat.PDF and gathered.code == NATION):
        return {}
    return await read_outlines(connection, gathered.counties)


async def _write_apart(service: Service, gathered: Gathered, outlines: Outlines, form: Form, folder: Path) -> Made:
    job = partial(_write, gathered, outlines, form, folder, service.settings.fonts, service.map_source)
    return await to_thread.run_sync(job)


def file_name(title: str, suffix: str, *, demo: bool) -> str:
    """Return what a file is called: in Chinese, with the mark of the demo, which so stays with it wherever it goes."""
    return f"{title}{'（' + DEMO + '）' if demo else ''}.{suffix}"


def _write(
    gathered: Gathered, outlines: Outlines, form: Form, folder: Path, fonts: Path | None, map_source: str
) -> Made:
    figures, provenance = gathered.figures, gathered.provenance
    path = folder / f"export.{form.format}"
    digest: RowDigest
    match form.format:
        case SummaryFormat.XLSX:
            tables = [indicator_table(indicator, figures) for indicator in figures.indicators]
            digest = write_workbook(path, figures, tables, provenance, folder)
        case SummaryFormat.CSV:
            table = headline_table(figures)
            digest = write_csv(path, table.columns, table.rows, provenance, form.heads, bom=form.bom)
        case SummaryFormat.GEOJSON:
            shapes = outlines_of_rows(outlines, gathered.counties)
            digest = write_geojson(path, headline_table(figures), shapes, provenance)
        case SummaryFormat.GPKG:
            shapes = outlines_of_rows(outlines, gathered.counties)
            tables = [indicator_table(indicator, figures) for indicator in figures.indicators]
            digest = write_geopackage(path, headline_table(figures), tables, shapes, provenance)
        case SummaryFormat.PDF:
            shapes = outlines_of_rows(outlines, gathered.counties)
            digest = write_pages(path, gathered, shapes, map_source, type_of(fonts))
    name = file_name(provenance.title, form.format, demo=provenance.demo)
    plain_name = f"qingtian-{gathered.code}-{provenance.period}{'-demo' * provenance.demo}.{form.format}"
    return Made(path, name, plain_name, MEDIA_TYPES[form.format], digest.rows, digest.hex, provenance.ledger.digest)


@dataclass(frozen=True, slots=True)
class ReportForm:
    """The form of an export of reports; heads and mark matter to CSV alone."""

    format: ReportFormat
    heads: Heads = Heads.ZH
    bom: bool = True


async def export_reports(
    service: Service, scope: Scope, asked: ReportsAsked, said: Asked, form: ReportForm, folder: Path
) -> Made:
    """Return the reports of a scope as a file in `folder`: read by a cursor of one snapshot, written batch by batch."""
    tree = service.reference.tree
    path = folder / f"export.{form.format}"
    async with snapshot(service.read_engine) as connection:
        columns = await quantity_columns(connection, scope, asked)
        digest = await ledger_digest(connection, list(scope.ledgers))
        provenance = provenance_of_reports(tree[asked.region_code].name, asked, said, digest)
        reader = RowReader(asked, [key for key, _ in columns], tree)
        heads = [*FIXED, *(column for _, column in columns)]
        file = await to_thread.run_sync(_begin, form, path, heads, provenance)
        try:
            async for batch in report_batches(connection, scope, asked):
                await to_thread.run_sync(_add, file, reader, batch)
            found = await to_thread.run_sync(file.finish, provenance)
        finally:
            await to_thread.run_sync(file.close)
    name = file_name(provenance.title, form.format, demo=provenance.demo)
    plain_name = f"qingtian-{asked.region_code}-{asked.indicator}-{asked.period}{'-demo' * said.demo}.{form.format}"
    return Made(path, name, plain_name, MEDIA_TYPES[form.format], found.rows, found.hex, digest.digest)


def _begin(form: ReportForm, path: Path, columns: Sequence[Column], provenance: Provenance) -> ReportFile:
    return report_file(form.format, path, columns, provenance, form.heads, bom=form.bom)


def _add(file: ReportFile, reader: RowReader, batch: Sequence[Row[Any]]) -> None:
    file.add(reader.rows(batch))
