"""What a person reads beside a field of a form, and the names of the codes that it is answered with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from schemas.vocabulary import Unit


@dataclass(frozen=True, slots=True)
class Label:
    """What a person reads beside a field; `personal` fields leave the county only masked."""

    zh: str
    en: str
    unit: Unit | None = None
    personal: bool = False
    hint_zh: str = ""
    hint_en: str = ""

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        described["title"] = self.en
        described["x-label"] = {"zh": self.zh, "en": self.en}
        if self.hint_zh:
            described["x-hint"] = {"zh": self.hint_zh, "en": self.hint_en}
        if self.unit is not None:
            described["x-unit"] = str(self.unit)
        if self.personal:
            described["x-personal"] = True
        return described


@dataclass(frozen=True, slots=True, eq=False)
class NamedCodes:
    """The names of the codes that a field knows, zh and en; its JSON Schema lists them as `x-names`."""

    names: Mapping[str, tuple[str, str]]

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        described["x-names"] = {str(code): {"zh": zh, "en": en} for code, (zh, en) in self.names.items()}
        return described


class Keyed(NamedCodes):
    """An object keyed by code (crops, species)."""


class Choices(NamedCodes):
    """A field answered with one or several codes."""


def label_of(field: FieldInfo) -> Label:
    """Return the label of a form field; every field has one (LookupError otherwise, found by a test)."""
    for item in field.metadata:
        if isinstance(item, Label):
            return item
    raise LookupError("a form field has no Label")


def names_of(field: FieldInfo) -> Mapping[str, tuple[str, str]]:
    """Return the names of the codes that an object field is keyed by; empty for any other field."""
    for item in field.metadata:
        if isinstance(item, Keyed):
            return item.names
    return {}


def choices_of(field: FieldInfo) -> Mapping[str, tuple[str, str]]:
    """Return the names of the codes that a field is answered with; empty where none are declared."""
    for item in field.metadata:
        if isinstance(item, Choices):
            return item.names
    return {}
