"""What a check declares: its level, what it says in Chinese and English, and the thresholds it goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.vocabulary import CheckLevel, Indicator, SourceStatus, Unit


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a deployment may set for itself, of all indicators or of one."""

    value: Decimal
    unit: Unit
    zh: str
    en: str
    of: Mapping[Indicator, Decimal] = field(default_factory=dict)
    """Defaults of single indicators that differ from `value`."""

    def default(self, indicator: Indicator | None) -> Decimal:
        """Return what holds where a deployment sets nothing."""
        return self.value if indicator is None else self.of.get(indicator, self.value)


def count(value: int, zh: str, en: str) -> Threshold:
    """Return a threshold that counts something."""
    return Threshold(Decimal(value), Unit.COUNT, zh, en)


def share(value: str, zh: str, en: str) -> Threshold:
    """Return a threshold that is a share."""
    return Threshold(Decimal(value), Unit.RATE, zh, en)


@dataclass(frozen=True, slots=True)
class Check:
    """A named check. A finding is a question to an office, never a verdict, and blocks nobody.

    A parameter `label` of the texts may have a twin `label_en`, which then stands in the English text.
    """

    code: str
    level: CheckLevel
    title_zh: str
    title_en: str
    zh: str
    en: str
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    weight: int = 1
    """How much a finding adds to the risk that inspections are drawn by."""
    status: SourceStatus = SourceStatus.CONVENTION
    """`official` only where the text that asks for the check was seen."""

    def said(self, params: Mapping[str, str]) -> tuple[str, str]:
        """Return why this is a finding, zh and en. Raises KeyError for a placeholder without a value."""
        english = {name: params.get(f"{name}_en", value) for name, value in params.items()}
        return self.zh.format_map(params), self.en.format_map(english)
