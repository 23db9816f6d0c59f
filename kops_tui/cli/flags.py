"""Flags as Cobra reads them, where click reads them otherwise: scripts written for kOps rely on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import click

ADMIN_LIFETIME: Final = "18h"
_OPTIONAL: Final = {
    "--admin": ADMIN_LIFETIME,
    "--fail-on-drain-error": "true",
    "--fail-on-validate-error": "true",
    "--surge": "true",
}
"""Flags whose value may be left out, and what then holds. A value is given with ``=`` only."""


def split(given: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a flag that may be repeated, and that takes several with commas."""
    return tuple(name for each in given for name in each.split(",") if name)


class CobraCommand(click.Command):
    """Takes ``--yes=false`` for a switch, and ``--admin`` without a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        switches = {
            name: each.secondary_opts[:1]
            for each in self.params
            if isinstance(each, click.Option) and each.is_flag
            for name in each.opts
        }
        given = [found for word in args[:end] for found in _as_click_reads(word, switches)]
        return super().parse_args(ctx, given + args[end:])


class Duration(click.ParamType[float]):
    """Seconds: ``90``, or a duration as kOps takes it, such as ``15s`` or ``1m30s``."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from kops_core import UsageError, parse_duration

        if isinstance(value, float | int):
            return float(value)
        try:
            seconds = float(value) if _NUMBER.fullmatch(value) else parse_duration(value) / 1e9
        except UsageError as wrong:
            self.fail(f"{wrong.what}: {wrong.remedy}", param, ctx)
        if seconds < 0:
            self.fail(f"{value!r} is less than nothing", param, ctx)
        return seconds


_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


def _as_click_reads(word: str, switches: Mapping[str, list[str]]) -> list[str]:
    """switches: with the word that turns each off, where there is one."""
    if word in _OPTIONAL:
        return [f"{word}={_OPTIONAL[word]}"]
    name, equals, value = word.partition("=")
    if equals and name in switches and value.lower() in ("true", "false", "1", "0", "t", "f"):
        return [name] if value.lower() in ("true", "1", "t") else switches[name]
    return [word]
