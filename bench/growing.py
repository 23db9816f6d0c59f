"""How the cost of a command grows with a cluster: Terraform of 10 to 1,000 instance groups and subnets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.figures import Figure
from bench.process import Measured
from bench.worlds import ONE, World, add_groups, add_subnets, world

SIZES = (10, 100, 1000)
_FLAGS = ("--zones", "us-east-1a", "--networking", "cilium", "--topology", "private")


def rows() -> Iterator[tuple[str, int, Measured]]:
    """What there are more of, how many, and what writing Terraform takes."""
    adding: dict[str, Callable[[World, int], None]] = {"groups": add_groups, "subnets": add_subnets}
    for what, add in adding.items():
        for number in SIZES:
            with world() as there:
                there.create(ONE, _FLAGS)
                add(there, number)
                out = f"{there.environment['HOME']}/out"
                words = ("update", "cluster", ONE, "--target", "terraform", "--out", out)
                there.run(*words)
                yield what, number, there.run(*words)


def run() -> Iterator[Figure]:
    """The figures of ``rows``, each beside a tenth of the size."""
    before: dict[str, Measured] = {}
    for what, number, measured in rows():
        smaller = before.get(what)
        beside, ratio = (f"{number // 10}", measured.cpu / smaller.cpu) if smaller else ("", 0.0)
        yield Figure(f"Terraform, {number} {what}: CPU", measured.cpu, "s", beside, ratio)
        yield Figure(f"Terraform, {number} {what}: peak memory", measured.peak, "MiB")
        yield Figure(f"Terraform, {number} {what}: requests", measured.requests, "")
        before[what] = measured


def table(found: list[tuple[str, int, Measured]]) -> str:
    """The rows in Markdown."""
    lines = ["| more | number | requests | CPU | wall | memory |", "|---|---|---|---|---|---|"]
    for what, number, each in found:
        lines.append(
            f"| {what} | {number:,} | {each.requests} | {each.cpu:.2f} s | {each.wall:.2f} s"
            f" | {each.peak:.0f} MiB |"
        )
    return "\n".join(lines) + "\n"
