"""The TypeScript types of `mobile_contract/typescript`, written from the same definitions as the JSON Schemas."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from backend.contract.definitions import Schema, definitions, refer
from schemas.changes import MAX_BODY_BYTES, MAX_ITEMS, SCHEMA_VERSION
from schemas.decimals import SIGNED_PATTERN, UNSIGNED_PATTERN
from schemas.identifiers import STATEMENT_NAMESPACE
from schemas.indicators.form import Measured
from schemas.vocabulary import UNIT_NAMES, Unit

HEADER = f"""\
// 清田同步接口的类型，由 `qingtian contract write` 生成，请勿手工修改。
// The types of Qingtian's sync interface, written by `qingtian contract write`; do not edit.

/** 表式版本，随每次推送发送。 The version of the forms, sent with every push. */
export const SCHEMA_VERSION = {SCHEMA_VERSION};

/** 一次推送最多的条数。 The most items of a push. */
export const MAX_ITEMS = {MAX_ITEMS};

/** 一次推送解压后最多的字节数。 The most bytes of a push, decompressed. */
export const MAX_BODY_BYTES = {MAX_BODY_BYTES};

/** 县级报表编号（UUIDv5）的命名空间，名称为“县/指标/期”。 The UUIDv5 namespace of `county/indicator/period`. */
export const STATEMENT_NAMESPACE = "{STATEMENT_NAMESPACE}";

/** 带引号的十进制数，如 "12.5"：至多 12 位整数、6 位小数。 A decimal number as a string. */
export type DecimalString = string;

/** 小写 UUID。 A lower-case UUID. */
export type Uuid = string;

/** 带时区的时间，如 2025-10-03T18:20:00+08:00。 A time with an offset. */
export type Timestamp = string;

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = {{ [name: string]: JsonValue }};
"""

PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
FORMATS = {"uuid": "Uuid", "date-time": "Timestamp"}
WIDTH = 118

FORMAT_MAXIMUM = Measured().at_most
"""The largest number that the format can spell: no limit worth a line."""


def typescript() -> str:
    """Return the types of everything that is sent and answered."""
    types = definitions()
    names = _names_of_codes(types)
    return "\n".join([HEADER, *(_declared(name, schema, names.get(name, {})) for name, schema in types.items())])


def _declared(name: str, schema: Schema, names: Mapping[str, Any]) -> str:
    about = _comment([schema["description"]] if "description" in schema else [], "")
    if "enum" in schema:
        return f"{about}export type {name} =\n{_codes(schema['enum'], names)};\n"
    if "properties" not in schema:
        options = "\n".join(f"  | {_type(option)}" for option in schema["oneOf"])
        return f"{about}export type {name} =\n{options};\n"
    required = set(schema.get("required", ()))
    members = [_member(member, each, optional=member not in required) for member, each in schema["properties"].items()]
    return f"{about}export interface {name} {{\n{''.join(members)}}}\n"


def _member(name: str, schema: Schema, *, optional: bool) -> str:
    return f"{_comment(_told(schema), '  ')}  {name}{'?' if optional else ''}: {_type(schema)};\n"


def _type(schema: Schema) -> str:
    """Return the type of a schema; a keyword that it cannot tell stands in the comment or in the JSON Schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if codes := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return " | ".join(json.dumps(each) for each in codes)
    if options := schema.get("anyOf", schema.get("oneOf", [])):
        return " | ".join(dict.fromkeys(_type(option) for option in options))
    match schema.get("type"):
        case "array":
            return _array(schema)
        case "object":
            return _object(schema)
        case kind:
            return _plain(kind, schema)


def _plain(kind: str | None, schema: Schema) -> str:
    if schema.get("pattern") in {SIGNED_PATTERN, UNSIGNED_PATTERN}:
        return "DecimalString"
    return FORMATS.get(schema.get("format", ""), "JsonValue" if kind is None else PLAIN[kind])


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(_type(place) for place in schema['prefixItems'])}]"
    items = schema.get("items", {})
    item = _type(items)
    return f"{item}[]" if item.isidentifier() or "prefixItems" in items else f"({item})[]"


def _object(schema: Schema) -> str:
    below = schema.get("additionalProperties")
    if not isinstance(below, dict):
        return "JsonObject"
    keys = schema.get("propertyNames", {})
    if "$ref" in keys or "enum" in keys:
        return f"Partial<Record<{_type(keys)}, {_type(below)}>>"
    return f"Record<string, {_type(below)}>"


def _codes(codes: Iterable[str], names: Mapping[str, Any]) -> str:
    lines = []
    for code in codes:
        if code in names:
            lines.append(f"  /** {names[code]['zh']} · {names[code]['en']} */")
        lines.append(f"  | {json.dumps(code)}")
    return "\n".join(lines)


def _names_of_codes(types: Mapping[str, Schema]) -> dict[str, Mapping[str, Any]]:
    """Return what the codes of a set are called, found where an object is keyed by them."""
    keyed = [each for schema in types.values() for each in schema.get("properties", {}).values() if "x-names" in each]
    return {name: each["x-names"] for each in keyed for name in types if each.get("propertyNames") == refer(name)}


def _told(schema: Schema) -> list[str]:
    """Return what a person should know of a member: its label and unit, its limits, the hint."""
    lines = []
    if "x-label" in schema:
        zh, en = schema["x-label"]["zh"], schema["x-label"]["en"]
        if "x-unit" in schema:
            unit_zh, unit_en = UNIT_NAMES[Unit(schema["x-unit"])]
            zh, en = f"{zh}（{unit_zh}）", f"{en} ({unit_en})"
        lines.append(f"{zh} · {en}")
    if (limits := _limits(schema)) is not None:
        lines.append(limits)
    if "x-hint" in schema:
        lines.append(" · ".join(hint for hint in (schema["x-hint"]["zh"], schema["x-hint"]["en"]) if hint))
    if schema.get("x-personal"):
        lines.append("个人信息 · personal")
    if "description" in schema:
        lines.append(schema["description"])
    return lines


def _limits(schema: Schema) -> str | None:
    for option in (schema, *schema.get("anyOf", ())):
        if option.get("x-maximum", FORMAT_MAXIMUM) != FORMAT_MAXIMUM:
            return f"{option['x-minimum']} – {option['x-maximum']}"
        if "maxLength" in option:
            return f"至多 {option['maxLength']} 字 · at most {option['maxLength']} characters"
        if "pattern" in option and _type(option) == "string":
            return f"`{option['pattern']}`"
    return None


def _comment(lines: list[str], indent: str) -> str:
    text = [line for each in lines for line in each.replace("*/", "* /").splitlines()]
    if not text:
        return ""
    if len(text) == 1 and len(text[0]) <= WIDTH - len(indent) - len("/**  */"):
        return f"{indent}/** {text[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in text)
    return f"{indent}/**\n{body}{indent} */\n"
