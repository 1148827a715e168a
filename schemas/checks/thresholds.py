"""The thresholds of a deployment: the catalogue's, and over them what the deployment sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.checks.catalogue import CHECKS
from schemas.decimals import parse_decimal
from schemas.vocabulary import Indicator

OFF = "off"
Key = tuple[str, str, Indicator | None]
"""(check code, name of the threshold, indicator or None for all)."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the checks go by."""

    own: Mapping[Key, Decimal] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> "Thresholds":
        """Read `{"rate_jumps.change": "0.2", "rate_jumps.change.straw_utilisation": "0.1", "round_numbers": "off"}`.

        Raises ValueError naming the first key that is none, or value that is no number.
        """
        own: dict[Key, Decimal] = {}
        off: set[str] = set()
        for key, value in given.items():
            code, *rest = key.split(".")
            if code in CHECKS and not rest and value == OFF:
                off.add(code)
                continue
            own[_key(key, code, rest)] = _number(key, value)
        return cls(own, frozenset(off))

    def get(self, code: str, name: str, indicator: Indicator | None = None) -> Decimal:
        """Return a threshold: the deployment's for the indicator, else its own for all, else the catalogue's."""
        for of in (indicator, None):
            if (code, name, of) in self.own:
                return self.own[code, name, of]
        return CHECKS[code].thresholds[name].default(indicator)


def _key(key: str, code: str, rest: list[str]) -> Key:
    if code not in CHECKS or not 1 <= len(rest) <= 2 or rest[0] not in CHECKS[code].thresholds:
        raise ValueError(f"没有这个阈值 · no such threshold: {key}")
    indicator = rest[1] if len(rest) == 2 else None
    if indicator is not None and indicator not in set(Indicator):
        raise ValueError(f"没有这个指标 · no such indicator: {key}")
    return code, rest[0], None if indicator is None else Indicator(indicator)


def _number(key: str, value: str) -> Decimal:
    number = parse_decimal(value)
    if number is None:
        raise ValueError(f"阈值不是数字 · not a number: {key} = {value}")
    return number
