"""Sprig's functions for texts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import textwrap
import zlib
from typing import Final

from kops_core.templating.errors import TemplateError
from kops_core.templating.evaluation import Function
from kops_core.templating.values import Data, as_int, shown

_BORDER: Final = re.compile(r"[\s_-]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
"""Between two words of a name."""


def indent(width: Data, text: Data) -> str:
    """kOps' ``indent``: the first line, and empty ones, stay as they are."""
    first, *rest = str(text).split("\n")
    return "\n".join([first, *(f"{' ' * as_int(width)}{line}" if line else line for line in rest)])


def fail(message: Data) -> Data:
    """Ends the evaluation with a message. Raises TemplateError."""
    raise TemplateError(shown(message))


def texts_of(values: Data) -> list[str]:
    """The items of a list, or one value, as texts."""
    found = values if isinstance(values, list | tuple) else [values]
    return [shown(each) for each in found if each is not None]


def _substr(start: Data, end: Data, text: Data) -> str:
    begin, stop = as_int(start), as_int(end)
    if begin < 0:
        return str(text)[: max(stop, 0)]
    return str(text)[begin:] if stop < 0 else str(text)[begin:stop]


def _trunc(length: Data, text: Data) -> str:
    count = as_int(length)
    return str(text)[count:] if count < 0 else str(text)[:count]


def _snake(text: Data) -> str:
    return _BORDER.sub("_", str(text)).lower()


def _camel(text: Data) -> str:
    return "".join(word[:1].upper() + word[1:].lower() for word in re.split(r"[\s_-]+", str(text)))


def _wrap(width: Data, text: Data) -> str:
    return "\n".join(textwrap.wrap(str(text), as_int(width), break_long_words=False))


def _split(separator: Data, text: Data) -> dict[str, Data]:
    return {f"_{at}": part for at, part in enumerate(_split_list(separator, text))}


def _split_list(separator: Data, text: Data) -> list[str]:
    return str(text).split(str(separator)) if separator else list(str(text))


def _replace(old: Data, new: Data, text: Data) -> str:
    return str(text).replace(str(old), str(new))


def _regex(pattern: Data) -> re.Pattern[str]:
    try:
        return re.compile(str(pattern))
    except re.error as error:
        raise TemplateError(f"{pattern!r} is no regular expression: {error}") from error


def _go_groups(replacement: Data) -> str:
    """``${1}`` and ``$1`` of Go as Python writes them."""
    plain = str(replacement).replace("\\", "\\\\")
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: rf"\g<{found[1] or found[2]}>", plain)


def _first_match(pattern: Data, text: Data) -> str:
    found = _regex(pattern).search(str(text))
    return found[0] if found else ""


def _all_matches(pattern: Data, text: Data, count: Data) -> list[Data]:
    found: list[Data] = [each[0] for each in _regex(pattern).finditer(str(text))]
    return found if as_int(count) < 0 else found[: as_int(count)]


def _digest(name: str) -> Function:
    return lambda text: hashlib.new(name, str(text).encode(), usedforsecurity=False).hexdigest()


TEXTS: Final[dict[str, Function]] = {
    "abbrev": lambda width, text: text if len(text) <= as_int(width) else f"{text[: as_int(width) - 3]}...",
    "adler32sum": lambda text: str(zlib.adler32(str(text).encode())),
    "b32dec": lambda text: base64.b32decode(str(text)).decode(),
    "b32enc": lambda text: base64.b32encode(str(text).encode()).decode(),
    "b64dec": lambda text: base64.b64decode(str(text), validate=True).decode(),
    "b64enc": lambda text: base64.b64encode(str(text).encode()).decode(),
    "camelcase": _camel,
    "cat": lambda *values: " ".join(texts_of(values)),
    "contains": lambda part, text: str(part) in str(text),
    "hasPrefix": lambda part, text: str(text).startswith(str(part)),
    "hasSuffix": lambda part, text: str(text).endswith(str(part)),
    "indent": indent,
    "initials": lambda text: "".join(word[0] for word in str(text).split()),
    "join": lambda separator, values: str(separator).join(texts_of(values)),
    "kebabcase": lambda text: _snake(text).replace("_", "-"),
    "lower": lambda text: str(text).lower(),
    "nindent": lambda width, text: (
        "\n" + "\n".join(f"{' ' * as_int(width)}{line}" for line in str(text).split("\n"))
    ),
    "nospace": lambda text: re.sub(r"\s", "", str(text)),
    "plural": lambda one, many, count: one if as_int(count) == 1 else many,
    "quote": lambda *values: " ".join(json.dumps(text, ensure_ascii=False) for text in texts_of(values)),
    "regexFind": _first_match,
    "regexFindAll": _all_matches,
    "regexMatch": lambda pattern, text: bool(_regex(pattern).search(str(text))),
    "regexQuoteMeta": lambda text: re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", str(text)),
    "regexReplaceAll": lambda pattern, text, new: _regex(pattern).sub(_go_groups(new), str(text)),
    "regexReplaceAllLiteral": lambda pattern, text, new: _regex(pattern).sub(lambda _: str(new), str(text)),
    "regexSplit": lambda pattern, text, count: _regex(pattern).split(
        str(text), 0 if as_int(count) < 0 else as_int(count) - 1
    ),
    "repeat": lambda count, text: str(text) * as_int(count),
    "replace": _replace,
    "sha1sum": _digest("sha1"),
    "sha256sum": _digest("sha256"),
    "sha512sum": _digest("sha512"),
    "snakecase": _snake,
    "split": _split,
    "splitList": _split_list,
    "splitn": lambda separator, count, text: {
        f"_{at}": part for at, part in enumerate(str(text).split(str(separator), as_int(count) - 1))
    },
    "squote": lambda *values: " ".join(f"'{text}'" for text in texts_of(values)),
    "substr": _substr,
    "swapcase": lambda text: str(text).swapcase(),
    "title": lambda text: re.sub(r"\b\w", lambda found: found[0].upper(), str(text)),
    "toString": shown,
    "toStrings": texts_of,
    "trim": lambda text: str(text).strip(),
    "trimAll": lambda cut, text: str(text).strip(str(cut)),
    "trimPrefix": lambda part, text: str(text).removeprefix(str(part)),
    "trimSuffix": lambda part, text: str(text).removesuffix(str(part)),
    "trunc": _trunc,
    "untitle": lambda text: re.sub(r"\b\w", lambda found: found[0].lower(), str(text)),
    "upper": lambda text: str(text).upper(),
    "wrap": _wrap,
}
