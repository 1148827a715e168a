"""The cell formats and column widths of exported workbooks."""

from collections.abc import Sequence
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from backend.exports.sheet import Column, Kind, Value

ROW_HEIGHT = 18
NARROWEST, WIDEST = 7.0, 26.0
NUMBER_FORMATS = {
    Kind.COUNT: "#,##0_ ",
    Kind.AMOUNT: "#,##0.00_ ",
    Kind.PERCENT: "0.00_ ",
}
WARNED = "未达标"


class Styles:
    """The cell formats of a workbook, in the type that Chinese offices print in."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._font = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        self._grid = self._font | {"border": 1}
        head = self._font | {"bold": True, "text_wrap": True, "align": "center", "bg_color": "#E2EFDA"}
        self.title = self._add(font_name="黑体", font_size=16, align="center")
        self.left_title = self._add(font_name="黑体", font_size=16)
        self.mark = self._add()
        self.period = self._add(align="center")
        self.unit = self._add(align="right")
        self.plain = self._add()
        self.label = self._add(bold=True, valign="top")
        self.wrapped = self._add(text_wrap=True, valign="top")
        self.head = workbook.add_format(head | {"border": 1})
        self.head_open = workbook.add_format(head | {"left": 1, "right": 1, "top": 1})
        self.head_close = workbook.add_format(head | {"left": 1, "right": 1, "bottom": 1})
        self._made: dict[tuple[str, bool], Format] = {}

    def of(self, column: Column, value: Value, *, total: bool) -> Format:
        """Return the format of a cell: by its kind, bold in a total, red where a goal was missed."""
        look = WARNED if value == WARNED else str(column.kind)
        found = self._made.get((look, total))
        if found is None:
            found = self._made[look, total] = self._workbook.add_format(self._look(look, total=total))
        return found

    def _look(self, look: str, *, total: bool) -> dict[str, object]:
        properties: dict[str, object] = dict(self._grid)
        if total:
            properties |= {"bold": True, "bg_color": "#F7F7F7"}
        if look == WARNED:
            return properties | {"font_color": "#C00000"}
        kind = Kind(look)
        if kind is not Kind.TEXT:
            properties |= {"num_format": NUMBER_FORMATS[kind], "align": "right"}
        return properties

    def _add(self, **properties: object) -> Format:
        return self._workbook.add_format(self._font | properties)


def span(text: str) -> int:
    """Return how wide a text is in the units of a column's width: a Chinese character takes two."""
    return sum(2 if character > "\u2e80" else 1 for character in text)


def width_of(column: Column, values: Sequence[Value]) -> float:
    """Return how wide a column must be for its values; its head breaks into lines."""
    longest = max((span(_shown(value, column.kind)) for value in values), default=0)
    head = max(span(column.zh) / 2, span(f"（{column.unit[0]}）") if column.unit else 0)
    return max(NARROWEST, min(WIDEST, max(longest, head) + 1.5))


def _shown(value: Value, kind: Kind) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, ",.2f")
        case int():
            return format(value, ",d") if kind is not Kind.TEXT else str(value)
        case str():
            return value
