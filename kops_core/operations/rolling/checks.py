"""Validations between the steps of a rolling update; pure (kOps: ``validateClusterWithTimeout``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kops_core.operations.rolling.errors import ValidationTimeout
from kops_core.operations.rolling.settings import RollingSettings
from kops_core.operations.rolling.state import Away, Check, Refusal, Validated
from kops_core.operations.validation import Failure

REPEAT: Final = 10.0
"""Seconds between two that pass, so that a cluster that flaps is noticed (kOps)."""
POLL: Final = 5.0
"""Seconds between two looks at the cloud, if it alone is asked."""
_SHOWN = 3
"""Failures that are named in one sentence."""


def judge(
    check: Check, group: str, result: Validated | Away | Refusal, now: float, settings: RollingSettings
) -> Check:
    """The state of a check after one more validation."""
    if isinstance(result, Validated) and not result.failures and not result.leaving:
        return replace(
            check,
            passes=check.passes + 1,
            due=now + (POLL if settings.cloud_only else min(REPEAT, settings.validate_interval)),
            why="",
            is_replacing=False,
        )
    left = check.until - now
    retry = POLL if settings.cloud_only else settings.validate_interval
    return replace(
        check,
        passes=0,
        due=now + max(min(retry, left), 0.1),
        why=_explain(result),
        is_replacing=_is_about_replacements(check, group, result),
    )


def open_check(
    needed: int, now: float, settings: RollingSettings, covers: frozenset[str] = frozenset()
) -> Check:
    """A check that begins now. covers: instances whose replacement it confirms."""
    return Check(needed, now + settings.validation_timeout, now, covers)


def is_over(check: Check, now: float) -> bool:
    """Whether a check that failed has no time left."""
    return bool(check.why) and now >= check.until


def timed_out(check: Check, group: str, settings: RollingSettings) -> ValidationTimeout:
    """The error of a check that has no time left."""
    after = f"{settings.validation_timeout:.0f} s"
    if settings.cloud_only:
        what = f"the group {group} still waits for {check.why} after {after}"
        remedy = "look at the group's activity and the new instance's console output, then run it again"
    else:
        what = f"the cluster was not valid within {after}: {check.why}"
        remedy = "look at what fails with: kops-tui validate cluster; then run it again: it goes on from here"
    return ValidationTimeout(what, where=group, remedy=remedy)


def _explain(result: Validated | Away | Refusal) -> str:
    if not isinstance(result, Validated):
        return result.error.what
    if not result.failures:
        return f"the end of {', '.join(result.leaving)}"
    told = "; ".join(_describe(each) for each in result.failures[:_SHOWN])
    more = len(result.failures) - _SHOWN
    return f"{told}; and {more} more" if more > 0 else told


def _describe(failure: Failure) -> str:
    group = failure.group
    about = failure.name if group is None or failure.name != group.name else ""
    return f"{about}: {failure.message}" if about else failure.message


def _is_about_replacements(check: Check, group: str, result: Validated | Away | Refusal) -> bool:
    """Whether nothing but the group itself fails while its instances are being replaced."""
    if not (check.covers or check.after_surge) or not isinstance(result, Validated):
        return False
    return all(_is_of(each, group) for each in result.failures)


def _is_of(failure: Failure, group: str) -> bool:
    return failure.group is not None and failure.group.name == group


def relevant(failures: Sequence[Failure], group: str) -> tuple[Failure, ...]:
    """The failures that keep a group from going on."""
    return tuple(each for each in failures if each.blocks(group))
