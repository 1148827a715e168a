"""A problem on the wire: inside an outcome it names the field; refusing a request it is one RFC 9457 document."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.problem_catalogue import PROBLEMS, ProblemType


class Problem(BaseModel):
    """One thing that is wrong, or worth a look, with the field it concerns."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Stable URI reference of the problem type.", examples=["/problems/out_of_range"])
    code: str = Field(description="The last segment of `type`, for switch statements.", examples=["out_of_range"])
    status: int = Field(description="The HTTP status this problem has where it answers a whole request.")
    field: str | None = Field(default=None, description="JSON Pointer (RFC 6901) of the field, from the item's root.")
    zh: str
    en: str
    params: dict[str, str] = Field(default_factory=dict, description="The values named in the texts.")


class ProblemDocument(Problem):
    """The body of a refused request (RFC 9457). `errors` name the fields; a refused push answers its `outcomes` too."""

    title: str = Field(description="The Chinese text.")
    detail: str = Field(description="The English text.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[Problem] = Field(default_factory=list)


def problem_type_uri(code: str) -> str:
    """Return the stable URI reference of a problem code; the service answers it with the texts."""
    return f"/problems/{code}"


def problem(code: str, field: str | None = None, /, **params: Any) -> Problem:
    """Return the catalogued problem `code` for `field` (a JSON Pointer), its texts filled with `params`.

    Raises KeyError for a code that is not catalogued or a placeholder without a value: both are faults of ours.
    """
    kind = PROBLEMS[code]
    values = {name: str(value) for name, value in params.items()}
    return compose(code, kind, field, values)


def compose(code: str, kind: ProblemType, field: str | None, params: dict[str, str]) -> Problem:
    """Return a problem of `kind`; for callers, such as indicator rules, that keep their texts elsewhere.

    A parameter `label_en` stands in the English text wherever `{label}` is asked for; so with every other name.
    """
    return Problem(
        type=problem_type_uri(code),
        code=code,
        status=kind.status,
        field=field,
        zh=kind.zh.format_map(params),
        en=kind.en.format_map({name: params.get(f"{name}_en", value) for name, value in params.items()}),
        params=params,
    )
