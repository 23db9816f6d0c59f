"""The functions of Go's ``text/template``, and those that kOps adds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from urllib.parse import quote_plus

from kops_core.api import semver
from kops_core.api.values import Tree
from kops_core.infer.channel import recommended_image, recommended_kubernetes, recommended_patch
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook
from kops_core.infer.sheet import Sheet
from kops_core.templating.errors import TemplateError
from kops_core.templating.evaluation import Function
from kops_core.templating.values import Data, as_int, equal, kind_of, less, printed, shown, truth


def go_functions() -> dict[str, Function]:
    """Go's own functions; ``and`` and ``or`` are part of the evaluation."""
    return {
        "eq": _eq,
        "ge": lambda one, other: not less(one, other),
        "gt": lambda one, other: less(other, one),
        "html": lambda *given: escape(_print(*given)),
        "index": _index,
        "js": lambda *given: json.dumps(_print(*given))[1:-1],
        "le": lambda one, other: not less(other, one),
        "len": len,
        "lt": less,
        "ne": lambda one, other: not equal(one, other),
        "not": lambda value: not truth(value),
        "print": _print,
        "printf": printf,
        "println": lambda *given: " ".join(map(printed, given)) + "\n",
        "slice": _slice,
        "urlquery": lambda *given: quote_plus(_print(*given)),
    }


def channel_functions(channel: Callable[[], Tree], kops_version: str) -> dict[str, Function]:
    """kOps' functions about a channel, which is read when the first of them is called."""

    @cache
    def reader() -> Reader:
        return Reader(Sheet({"channel": channel()}, RuleBook(())))

    def upgrade(version: Data) -> str:
        current = _version(version)
        found = recommended_patch(reader(), current)
        if found is None or found <= current:
            raise TemplateError(f"the channel recommends nothing newer than {current}")
        return str(found)

    def kubernetes() -> str:
        found = recommended_kubernetes(reader(), kops_version)
        if found is None:
            raise TemplateError(f"the channel recommends no Kubernetes for kOps {kops_version}")
        return found

    def image(cloud: Data, version: Data, architecture: Data) -> str:
        found = recommended_image(reader(), _version(version), str(architecture)) if cloud == "aws" else None
        if found is None:
            raise TemplateError(f"the channel has no image for {cloud}, {version} and {architecture}")
        return found

    return {
        "ChannelRecommendedKubernetesUpgradeVersion": upgrade,
        "ChannelRecommendedKopsKubernetesVersion": kubernetes,
        "ChannelRecommendedImage": image,
    }


def _version(text: Data) -> semver.Version:
    found = semver.parse_kubernetes(shown(text))
    if found is None:
        raise TemplateError(f"{shown(text)!r} is no version of Kubernetes")
    return found


def _eq(one: Data, *others: Data) -> bool:
    if not others:
        raise TemplateError("eq compares at least two values")
    return any(equal(one, each) for each in others)


def _index(value: Data, *keys: Data) -> Data:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(shown(key))
        elif isinstance(value, list | tuple | str):
            at = as_int(key)
            if not 0 <= at < len(value):
                raise TemplateError(f"index {at} is out of range")
            value = value[at]
        else:
            raise TemplateError(f"{shown(value)!r} has no items")
    return value


def _slice(value: Data, *ends: Data) -> Data:
    start, stop = (*map(as_int, ends), *([0, len(value)][len(ends) :]))
    if not 0 <= start <= stop <= len(value):
        raise TemplateError(f"slice {start}:{stop} is out of range")
    return value[start:stop]


def _print(*values: Data) -> str:
    """As ``fmt.Sprint``: a blank between two values of which neither is a text."""
    text = ""
    for at, each in enumerate(values):
        if at and not isinstance(each, str) and not isinstance(values[at - 1], str):
            text += " "
        text += printed(each)
    return text


_VERB = re.compile(r"%(?P<flags>[-+# 0]*)(?P<width>\d+)?(?:\.(?P<precision>\d+))?(?P<verb>[a-zA-Z%])")


def printf(form: Data, *values: Data) -> str:
    """As ``fmt.Sprintf``, with the verbs ``%v %s %q %d %t %f %g %e %x %X %o %b %c %%``."""
    left = list(values)

    def formatted(found: re.Match[str]) -> str:
        verb = found["verb"]
        if verb == "%":
            return "%"
        if not left:
            return f"%!{verb}(MISSING)"
        value = left.pop(0)
        return _padded(
            _verb(verb, value, found["precision"]), found["flags"] or "", int(found["width"] or 0), value
        )

    text = _VERB.sub(formatted, str(form))
    if left:
        extra = ", ".join(f"{kind_of(each)}={shown(each)}" for each in left)
        text += f"%!(EXTRA {extra})"
    return text


_VERBS: Mapping[str, Callable[[Data], str]] = {
    "v": shown,
    "q": lambda value: json.dumps(shown(value), ensure_ascii=False),
    "t": lambda value: shown(bool(value)),
    "d": lambda value: str(as_int(value)),
    "o": lambda value: f"{as_int(value):o}",
    "b": lambda value: f"{as_int(value):b}",
    "c": lambda value: chr(as_int(value)),
    "x": lambda value: value.encode().hex() if isinstance(value, str) else f"{as_int(value):x}",
    "X": lambda value: (value.encode().hex() if isinstance(value, str) else f"{as_int(value):x}").upper(),
}


def _verb(verb: str, value: Data, precision: str | None) -> str:
    places = int(precision) if precision is not None else None
    if verb == "s":
        return shown(value)[:places]
    if verb in "feg":
        if verb == "g" and places is None:
            return shown(float(value))
        return f"{float(value):.{6 if places is None else places}{verb}}"
    if verb not in _VERBS:
        raise TemplateError(f"printf has no %{verb}")
    return _VERBS[verb](value)


def _padded(text: str, flags: str, width: int, value: Data) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if "+" in flags and numeric and not text.startswith("-"):
        text = f"+{text}"
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and numeric:
        return text.zfill(width)
    return text.rjust(width)
