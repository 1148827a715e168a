"""Which land a county code of any year stands for: what followed a code, what it came from, what is part of what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """The years in which a county code stood under one name over the same ledgers; `last_year` None: it still does."""

    code: str
    name: str
    first_year: int
    last_year: int | None
    ledger_codes: tuple[str, ...]

    def holds_in(self, year: int) -> bool:
        """Return whether the span covers a year."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)


class CodeHistory:
    """The spans of all codes that ever changed. A code that it does not know never did.

    Land is said in pieces: the codes that were counties of their own before any change. A new code has no piece of its
    own, a code that took others in keeps its own.
    """

    def __init__(self, spans: Iterable[CodeSpan] = ()) -> None:
        self._spans: dict[str, list[CodeSpan]] = {}
        for span in sorted(spans, key=lambda one: (one.code, one.first_year)):
            self._spans.setdefault(span.code, []).append(span)
        self._today = {
            ledger: rows[-1].code
            for rows in self._spans.values()
            if rows[-1].last_year is None
            for ledger in rows[-1].ledger_codes
        }

    def today(self, code: str) -> str:
        """Return the code of the county that holds a code's ledger now."""
        return self._today.get(code, code)

    def first_year(self, code: str) -> int | None:
        """Return the first year of a code, or None for one that never changed."""
        return self._spans[code][0].first_year if code in self._spans else None

    def is_of(self, code: str, other: str) -> bool:
        """Return whether all land of `code` is land of `other`: the same code, a predecessor, or only renumbered."""
        if code == other:
            return True
        land = self._land(code)
        return bool(land) and land <= self._land(other)

    def counties_in(self, code: str, year: int) -> list[CodeSpan]:
        """Return the counties that the land of a code belonged to in a year, by code; empty for an unchanged code."""
        land = self._land(code)
        return [span for span in self._all() if span.holds_in(year) and land & self._pieces(span)]

    def holders(self, ledger_codes: Iterable[str]) -> Iterator[tuple[str, CodeSpan]]:
        """Yield (ledger, span of another code that held it) for the ledgers that were ever held by another code."""
        wanted = set(ledger_codes)
        for span in self._all():
            for ledger in span.ledger_codes:
                if ledger in wanted and ledger != span.code:
                    yield ledger, span

    def _all(self) -> Iterator[CodeSpan]:
        for code in sorted(self._spans):
            yield from self._spans[code]

    def _land(self, code: str) -> frozenset[str]:
        return self._pieces(self._spans[code][-1]) if code in self._spans else frozenset({code})

    def _pieces(self, span: CodeSpan) -> frozenset[str]:
        return frozenset(code for code in span.ledger_codes if self._began_alone(code))

    def _began_alone(self, code: str) -> bool:
        return code not in self._spans or self._spans[code][0].ledger_codes == (code,)
