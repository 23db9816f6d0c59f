"""``python -m tests.judge [NAME ...] [--accept] [--make]``: what differs from what was kept.

The differences are printed, for review. With ``--accept`` they are kept, after they were printed. With
``--make`` the named clusters' specifications are first made, or made again, from their words and edits.
"""

from __future__ import annotations

import sys

from tests.judge.making import make
from tests.judge.outcome import CLUSTERS, SPECIFICATION, differences, keep, outcome


def main(words: list[str]) -> int:
    """Print the differences; 1 if there are any that are not accepted."""
    accept = "--accept" in words
    names = [each for each in words if not each.startswith("-")]
    names = names or sorted(each.name for each in CLUSTERS.iterdir())
    if "--make" in words:
        for name in names:
            make(name)
    different = []
    for name in names:
        found = differences(name)
        if found:
            different.append(name)
            sys.stdout.write(f"{found}\n")
            if accept:
                keep(name, outcome((CLUSTERS / name / SPECIFICATION).read_bytes()))
    told = f"{len(different)} of {len(names)} clusters differ"
    sys.stderr.write(f"{told}{', accepted' if accept and different else ''}\n")
    return int(bool(different) and not accept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
