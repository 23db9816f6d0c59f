"""``python -m tests.fuzz [documents] [seed]``: completes and validates corrupted documents, one after
another.

Prints the number, each traceback with the number of its document, and the slowest ones. Fails on a
traceback, and on a document that takes longer than two seconds.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from random import Random

from kops_core.errors import KopsError
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from kops_core.validate.cluster_set import validate_planned
from tests.infer.fuzz_inputs import broken

_LONGEST = 2.0
"""The limit for one document in seconds."""
_SLOWEST = 5


def judged(inputs: Inputs) -> str:
    """The result for a document: accepted, invalid, or the type of its error."""
    done = infer(inputs)
    for part in ("cluster", "instance_groups"):
        try:
            getattr(done, part)
        except KopsError:
            continue  # validation tells
    try:
        return "invalid" if validate_planned(done) else "accepted"
    except KopsError as error:
        return type(error).__name__


def main(count: int, seed: int) -> int:
    """Checks a number of documents; 1 if one ended in a traceback or took too long."""
    ends: Counter[str] = Counter()
    first: dict[str, str] = {}
    slowest: list[tuple[float, int]] = []
    for number in range(count):
        inputs = broken(Random(f"{seed} {number}"))
        before = time.perf_counter()
        try:
            ends[judged(inputs)] += 1
        except Exception as error:  # noqa: BLE001 - these are what is looked for
            place = traceback.extract_tb(error.__traceback__)[-1]
            ends["traceback"] += 1
            first.setdefault(
                f"{type(error).__name__} in {place.filename}:{place.lineno}",
                f"document {number}: {traceback.format_exc(limit=-4)}",
            )
        slowest = sorted([*slowest, (time.perf_counter() - before, number)], reverse=True)[:_SLOWEST]
        if (number + 1) % 5000 == 0:
            _say(f"{number + 1} of {count}: {dict(ends)}, slowest {slowest[0][0]:.2f} s")
    for where, text in first.items():
        _say(f"{where}\n{text}")
    _say(f"{count} documents, seed {seed}: {dict(ends)}")
    _say("slowest: " + ", ".join(f"{seconds:.2f} s (document {number})" for seconds, number in slowest))
    return 1 if first or (slowest and slowest[0][0] > _LONGEST) else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*words, *(50_000, 1)[len(words) :]))
