"""The base class of the models, and the scalar types of kops.k8s.io.

The declaration of a field in kOps' Go type decides what kOps writes; the annotation repeats it:

    registry: Nonzero[str]             not a pointer, omitempty: "" is never written
    useHostCertificates: bool | None   a pointer: false is a value, and kept
    legacy: Always[bool]               not omitempty, or a struct by value: always written
    sshAccess: list[str] | None        lists and maps: an empty one is never written
    masterInternalName: Lost[str]      read, but not converted: no value is ever written

A key that is absent, or null, is unset: ``model_fields_set`` and ``exclude_unset`` tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from kops_core.api import scalars

T = TypeVar("T")


class Model(BaseModel):
    """A mapping with known keys: any other is an error, and no type is coerced."""

    model_config = ConfigDict(
        extra="forbid", strict=True, defer_build=True, validate_by_alias=True, serialize_by_alias=True
    )


@dataclass(frozen=True)
class Zero:
    """How kOps writes zero values: ``unset`` drops them, ``written`` keeps them, ``lost`` drops any value."""

    rule: str


@dataclass(frozen=True)
class OneOf:
    """The values that kOps knows for a field; described here, enforced by validation."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """A scalar type by its name in `kops_core.api.scalars`, which says what it accepts."""

    name: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._accept)

    def _accept(self, value: object) -> object:
        wrong = scalars.problem(self.name, value)
        if wrong:
            raise PydanticCustomError("scalar", "{wrong}", {"wrong": wrong})
        return value


Nonzero: TypeAlias = Annotated[T | None, Zero("unset")]
Always: TypeAlias = Annotated[T | None, Zero("written")]
Lost: TypeAlias = Annotated[T | None, Zero("lost")]

Int16: TypeAlias = Annotated[int, Format("int16")]
Int32: TypeAlias = Annotated[int, Format("int32")]
Int64: TypeAlias = Annotated[int, Format("int64")]
UInt8: TypeAlias = Annotated[int, Format("uint8")]
UInt32: TypeAlias = Annotated[int, Format("uint32")]
Quantity: TypeAlias = Annotated[str | int | float, Format("quantity")]
Duration: TypeAlias = Annotated[str, Format("duration")]
IntOrString: TypeAlias = Annotated[str | int, Format("intOrString")]
Timestamp: TypeAlias = Annotated[str, Format("timestamp")]
Base64: TypeAlias = Annotated[str, Format("bytes")]
Anything: TypeAlias = Annotated[object, Format("any")]

UNUSED: Final = "Has no effect any more."


def about(description: str, *, key: str | None = None) -> Any:
    """A field with its description; ``key`` where its YAML name is not a Python name."""
    return Field(default=None, description=description, alias=key)
