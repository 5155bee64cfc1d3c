"""The types of fields that all models share, and the base they stand on.

Lengths are metres, angles degrees, times seconds, colours `#rrggbb` in sRGB, unless a name or a unit says otherwise.
The frame is glTF's: right-handed, +Y up, the host faces +Z.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["AssetPath", "Colour", "FieldError", "Language", "LooseEnd", "Part", "Size", "Text", "Vec3", "setting"]

#: Farther away numbers lose their last digits, and their squares the picture.
_Coordinate = Annotated[float, Field(ge=-1e6, le=1e6)]

Vec3 = tuple[_Coordinate, _Coordinate, _Coordinate]
Size = tuple[float, float]


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("a colour like #ffcc88")
    return value.lower()


def _asset(value: str) -> str:
    if not value or value.startswith(("/", "~")) or re.match(r"[A-Za-z]:", value) or re.search(r"[\\\x00-\x1f]", value):
        raise ValueError("a path inside the show, relative to this file, with forward slashes")
    return value


Colour = Annotated[str, AfterValidator(_colour), WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})]

#: A path as written, relative to the YAML file that holds it. The loader checks that it exists inside the show.
AssetPath = Annotated[str, AfterValidator(_asset), WithJsonSchema({"type": "string", "format": "nightcast-asset"})]

Language = Literal["en", "zh"]


class FieldError(ValueError):
    """A field that is wrong only beside others, found by a model that holds them all.

    `path` leads from that model to the field; the text says what was expected, as any `ValueError` of a validator does.
    """

    def __init__(self, path: tuple[str | int, ...], expected: str) -> None:
        super().__init__(expected)
        self.path = path


class LooseEnd(NamedTuple):
    """A name that stands for nothing: where it is written, and what could be there."""

    path: tuple[str | int, ...]
    name: str
    known: tuple[str, ...]


class Part(BaseModel):
    """Base of everything that is written in YAML: unknown fields are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)

    #: Shorter ways to write it, as JSON Schema; a validator of it takes them.
    short_forms: ClassVar[tuple[JsonDict, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(core)
        if cls.short_forms:
            schema = handler.resolve_ref_schema(reference)
            whole = dict(schema)
            schema.clear()
            schema["anyOf"] = [*cls.short_forms, whole]
        return reference

    def loose_ends(self) -> list[LooseEnd]:
        """Names in this file that stand for nothing in it."""
        return []


def setting(default: Any, description: str, *, unit: str | None = None, cost: str | None = None, **limits: Any) -> Any:
    """A documented field. `unit` and `cost` go to the JSON Schema and the reference pages."""
    extra: JsonDict = {key: value for key, value in (("unit", unit), ("cost", cost)) if value}
    return Field(default, description=description, json_schema_extra=extra or None, **limits)


class Text(Part):
    """Words in the languages of the show. A plain string in YAML stands for both."""

    short_forms = ({"type": "string"},)

    en: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    zh: Annotated[str, StringConstraints(strip_whitespace=True)] = ""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"en": value, "zh": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _not_empty(self) -> Text:
        if not (self.en or self.zh):
            raise ValueError("words in at least one language")
        return self

    def in_language(self, language: str) -> str:
        """The words in `language`, or in the other one where these are missing."""
        words: Mapping[str, str] = {"en": self.en, "zh": self.zh}
        return words[language] or self.en or self.zh
