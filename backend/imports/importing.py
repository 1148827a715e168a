"""One import: read the file, compare it with the ledger, preview it or push it; the same for web and terminal."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from backend.auth.access import Access
from backend.db import snapshot
from backend.imports.cells import FileRefused, Table, letters_of, squash
from backend.imports.columns import FARM_NAME, FARM_NUMBER, Layout, layout_of
from backend.imports.commit import commit, new_id, one_import_at_a_time
from backend.imports.csv_file import read_csv
from backend.imports.headings import Header, Heading, find_header
from backend.imports.plan import Frame, Planned, county_township, plan
from backend.imports.register import Register, load_register
from backend.imports.rows import Asked, Entry, read_entries, said
from backend.imports.units import unit_of
from backend.imports.values import Townships
from backend.imports.xlsx_file import OLE_MARK, ZIP_MARK, read_xlsx
from backend.service import Service
from schemas.changes import ChangeOutcome
from schemas.imports import ColumnUse, ImportAnswer, ImportColumn, ImportOrder, ImportOutcome, ImportRow
from schemas.period import CHINA_STANDARD_TIME
from schemas.regions import RegionTree
from schemas.vocabulary import Level, RegionLevel
from sync.decision import Writer

MAX_FILE_BYTES = 8_000_000


async def run_import(body: bytes, order: ImportOrder, access: Access, service: Service) -> ImportAnswer:
    """Return what the file would do, or with `commit` did. Raises FileRefused where it is refused as a whole."""
    layout = layout_of(order.kind, order.indicator, order.level)
    frame = _frame(order, layout, access, service)
    sha256 = hashlib.sha256(body).hexdigest()
    if order.commit and order.sha256 != sha256:
        raise FileRefused("import_file_changed")
    async with service.imports:
        # In a thread of its own: a large workbook takes a while, and phones are waiting.
        tables = await asyncio.to_thread(read_tables, body)
        header, entries = await asyncio.to_thread(read_file, tables, layout, _asked(order, service))
        if not order.commit:
            register = await _register(frame, access, service)
            planned = await asyncio.to_thread(plan, entries, register, frame)
            return _answer(order, sha256, tables, header, planned, {})
        async with one_import_at_a_time(service.engine, order.county_code):
            register = await _register(frame, access, service)
            planned = await asyncio.to_thread(plan, entries, register, frame)
            writer = Writer(access.account_id, new_id(), access)
            outcomes = await commit(planned, frame, sha256, writer, service.push_context)
    return _answer(order, sha256, tables, header, planned, outcomes)


def read_tables(body: bytes) -> list[Table]:
    """Return the sheets of a file, XLSX or CSV by its first bytes. Raises FileRefused."""
    if not body:
        raise FileRefused("import_no_rows")
    if len(body) > MAX_FILE_BYTES:
        raise FileRefused("import_too_large", limit=MAX_FILE_BYTES // 1_000_000)
    return read_xlsx(body) if body.startswith((ZIP_MARK, OLE_MARK)) else [read_csv(body)]


def read_file(tables: Sequence[Table], layout: Layout, asked: Asked) -> tuple[Header, list[Entry]]:
    """Return the header and the entries of the first sheet that has a header. Raises FileRefused."""
    header = next((found for table in tables if (found := find_header(table, layout)) is not None), None)
    if header is None:
        expected = "、".join(column.heading for column in layout.template[:6])
        raise FileRefused("import_no_header", expected=expected)
    _refuse_doubled(header)
    read = {each.column.pointer for each in header.read if each.column is not None}
    if not layout.is_statement and read.isdisjoint({FARM_NUMBER, FARM_NAME, "/external_id", "/name"}):
        raise FileRefused("import_no_identity_column")
    entries = read_entries(header, layout, asked)
    if not entries:
        raise FileRefused("import_no_rows")
    return header, entries


def _refuse_doubled(header: Header) -> None:
    first: dict[str, Heading] = {}
    for heading in header.read:
        pointer = heading.column.pointer if heading.column is not None else ""
        other = first.setdefault(pointer, heading)
        if other is not heading:
            columns = f"{letters_of(other.index)}、{letters_of(heading.index)}"
            raise FileRefused("import_duplicate_column", label=heading.text, columns=columns)


def _frame(order: ImportOrder, layout: Layout, access: Access, service: Service) -> Frame:
    """Return what lines are judged by. Raises FileRefused for a county that is none or not the account's."""
    reference, county_code = service.reference, order.county_code
    if county_code not in reference.ledgers:
        raise FileRefused("unknown_region", code=county_code)
    level = layout.level or Level.FARM
    held = access.townships(county_code) or ()
    reached = (county_township(county_code), *held)
    if not any(access.may_write(county_code, township_code, level, layout.indicator) for township_code in reached):
        region = reference.region_of(county_code)
        name = reference.tree[region].name if region in reference.tree else county_code
        raise FileRefused("import_out_of_scope", region=name)
    today = datetime.now(UTC).astimezone(CHINA_STANDARD_TIME).date()
    return Frame(county_code, layout, order.period, today, reference, access)


def _asked(order: ImportOrder, service: Service) -> Asked:
    tree, county_code = service.reference.tree, order.county_code
    region = service.reference.region_of(county_code)
    names = {county_code, region} | {f"{county_code}000000"}
    if region in tree:
        names |= {tree[region].name}
    townships = Townships(county_code, _township_names(tree, region))
    return Asked(townships, frozenset(squash(name) for name in names), order.period)


def _township_names(tree: RegionTree, county_code: str) -> dict[str, str]:
    """Return the townships of a county by squashed name; a name that two of them share stands for neither."""
    names = Counter(squash(region.name) for region in tree.descendants(county_code, RegionLevel.TOWNSHIP))
    found = {squash(region.name): region.code for region in tree.descendants(county_code, RegionLevel.TOWNSHIP)}
    return {name: code for name, code in found.items() if names[name] == 1}


async def _register(frame: Frame, access: Access, service: Service) -> Register:
    reference, county_code = service.reference, frame.county_code
    townships, merged = access.townships(county_code), reference.ledgers_with(county_code)
    async with snapshot(service.engine) as connection:
        return await load_register(
            connection, county_code, frame.layout, frame.period, townships, merged, service.vault
        )


def _answer(
    order: ImportOrder,
    sha256: str,
    tables: Sequence[Table],
    header: Header,
    planned: Sequence[Planned],
    outcomes: Mapping[int, ChangeOutcome],
) -> ImportAnswer:
    counts = Counter(one.outcome for one in planned)
    return ImportAnswer(
        status="committed" if order.commit else "preview",
        sha256=sha256,
        kind=order.kind,
        county_code=order.county_code,
        indicator=order.indicator,
        level=order.level,
        period=order.period,
        sheet=header.table.sheet,
        other_sheets=[table.sheet for table in tables if table is not header.table],
        encoding=header.table.encoding,
        counts={outcome: counts[outcome] for outcome in ImportOutcome},
        columns=[_column(heading) for heading in header.headings],
        rows=[_row(one, outcomes.get(index)) for index, one in enumerate(planned)],
    )


def _column(heading: Heading) -> ImportColumn:
    column, letters = heading.column, letters_of(heading.index)
    if column is None:
        use = ColumnUse.SERIAL if heading.is_serial else ColumnUse.UNKNOWN
        use = ColumnUse.AMBIGUOUS if heading.is_ambiguous else use
        return ImportColumn(column=letters, heading=heading.text, use=use)
    unit = heading.unit or (unit_of(column.unit) if column.unit is not None else None)
    return ImportColumn(
        column=letters,
        heading=heading.text,
        use=ColumnUse.READ,
        field=column.pointer,
        zh=column.label.zh,
        en=column.label.en,
        unit=unit.zh if unit is not None else None,
    )


def _row(one: Planned, ledger: ChangeOutcome | None) -> ImportRow:
    record_id = one.record.id if one.record is not None else None
    changes = {pointer: None if value is None else said(value) for pointer, value in one.changes.items()}
    return ImportRow(
        lines=one.entry.lines,
        title=one.entry.title,
        outcome=one.outcome,
        record_id=ledger.record_id if ledger is not None else record_id,
        changes=changes if one.outcome in (ImportOutcome.NEW, ImportOutcome.CHANGED) else {},
        cells=one.entry.cells,
        problems=one.problems,
        warnings=one.warnings,
        ledger=ledger,
    )
