"""The growth of an apply's calls with its instance groups, compared with AWS' documented rates.

``python -m bench.growth`` prints tables in Markdown. The calls are those of applies to the emulator; AWS is
simulated: 8 threads make them in the recorded order, each takes 0.1 s, and each
takes its tokens from the documented buckets. The real order leaves threads idle, so this is the worst case.
"""

from __future__ import annotations

import heapq
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.rates import Bucket, buckets_of

if TYPE_CHECKING:
    from kops_core.cloud.aws.session import Call
    from tests.aws.account import Account

SIZES = (10, 50, 200)
THREADS = 8
LATENCY = 0.1
"""Seconds; EC2 is rarely faster."""
_CASE = "minimal-dns-none"
_NODES = "  role: Node\n  subnets:\n  - us-east-1a\n"
_GROUP = """
---

apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: more-{number}
  labels:
    kops.k8s.io/cluster: minimal.example.com
spec:
  image: ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20220404
  machineType: t2.medium
  maxSize: 1
  minSize: 1
{nodes}"""

_OTHERS = {("s3", "PutObject"): "3500 a prefix", ("s3", "GetObject"): "5500 a prefix"}
"""S3 User Guide, "Best practices design patterns": no bucket, but what a prefix takes at least."""

Made = tuple[str, str]
"""Service, as a client's name, and call."""


@dataclass
class Met:
    """The result of simulated calls."""

    seconds: float = 0.0
    """Until the last call has succeeded."""
    refused: Counter[Made] = field(default_factory=Counter)
    at: list[tuple[float, Made]] = field(default_factory=list)
    """When each succeeded."""

    def most_in_a_second(self) -> Counter[Made]:
        """For each call, the number in its busiest second."""
        found: Counter[Made] = Counter()
        for each in {made for _, made in self.at}:
            times = sorted(at for at, made in self.at if made == each)
            first = 0
            for last, at in enumerate(times):
                while times[first] <= at - 1:
                    first += 1
                found[each] = max(found[each], last - first + 1)
        return found


def meet(calls: Sequence[Made], *, limited: bool) -> Met:
    """Simulates calls in their order with a number of threads, with or without the limiter."""
    now, slept = 0.0, 0.0

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    limiter, met, tokens = (
        Limiter(monotonic=lambda: now, sleep=sleep),
        Met(),
        dict[str, tuple[float, float]](),
    )
    waiting: list[tuple[float, int, int, bool]] = []
    """When, which call, its attempt, and whether the limiter has let it go."""
    following = iter(range(len(calls)))
    for number, _ in zip(following, range(THREADS), strict=False):
        heapq.heappush(waiting, (0.0, number, 0, False))
    while waiting:
        now, number, attempt, free = heapq.heappop(waiting)
        service, call = calls[number]
        if limited and not free:
            slept = 0.0
            limiter.before(service, call)
            heapq.heappush(waiting, (now + slept, number, attempt, True))
            continue
        if not _take(tokens, buckets_of(service, call, narrowed=True), now):
            met.refused[service, call] += 1
            if limited:
                limiter.throttled(service, call)
            # The SDK's own pause, at its middle.
            again = now + LATENCY + min(0.5 * 2**attempt, 20)
            heapq.heappush(waiting, (again, number, attempt + 1, False))
            continue
        met.at.append((now, (service, call)))
        limiter.succeeded(service, call)
        met.seconds = max(met.seconds, now + LATENCY)
        for after in (next(following, None),):
            if after is not None:
                heapq.heappush(waiting, (now + LATENCY, after, 0, False))
    return met


def _take(tokens: dict[str, tuple[float, float]], buckets: Sequence[Bucket], now: float) -> bool:
    held = {}
    for each in buckets:
        left, at = tokens.get(each.name, (each.size, now))
        held[each.name] = min(each.size, left + (now - at) * each.refill)
    enough = all(left >= 1 for left in held.values())
    tokens |= {name: (left - enough, now) for name, left in held.items()}
    return enough


@dataclass(frozen=True)
class Applied:
    """The calls of one apply, its plan included, and of a plan after it."""

    apply: tuple[Made, ...]
    plan: tuple[Made, ...]


def applied(account: Account, groups: int) -> Applied:
    """Applies a cluster with a number of instance groups of nodes to an empty account."""
    from tests.aws.clusters import desired

    account.reset()
    account.use_s3()
    more = "".join(_GROUP.format(number=number, nodes=_NODES) for number in range(groups - 1))
    cluster = desired(_CASE, account.zone, (_NODES, _NODES + more))
    with tempfile.TemporaryDirectory() as folder:
        outcome = account.apply(cluster, Path(folder))
    assert outcome.ok, outcome.failed
    made = _clients(account.calls)
    account.calls.clear()
    plan, _ = account.plan(cluster)
    assert plan.empty, [str(each.key) for each in plan.pending]
    return Applied(made, _clients(account.calls))


def _clients(calls: Sequence[Call]) -> tuple[Made, ...]:
    names = {"elasticloadbalancing": "elbv2"}
    return tuple((names.get(each.service, each.service), each.operation) for each in calls)


def main() -> None:
    """Applies, simulates and prints."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    from kops_core.cloud.sandbox import process

    os.environ.setdefault("MOTO_AMIS_PATH", str(Path(process.__file__).with_name("images.json")))
    from tests.aws.account import Account

    with Account.in_memory() as account:
        found = {size: applied(account, size) for size in SIZES}
    for line in report(found):
        print(line)


def report(found: dict[int, Applied]) -> list[str]:
    """The tables, by number of groups."""
    free = {size: meet(each.apply, limited=False) for size, each in found.items()}
    paced = {size: meet(each.apply, limited=True) for size, each in found.items()}
    ideal = {size: len(each.apply) * LATENCY / THREADS for size, each in found.items()}

    def row(name: str, value: Callable[[int], str]) -> str:
        return f"| {name} | {' | '.join(value(size) for size in found)} |"

    sizes = " | ".join(f"{size} groups" for size in found)
    lines = [
        f"| | {sizes} |",
        f"|---|{'---:|' * len(found)}",
        row("calls of a plan without changes", lambda size: str(len(found[size].plan))),
        row("calls of a first apply", lambda size: str(len(found[size].apply))),
        row("calls for each group", lambda size: f"{len(found[size].apply) / size:.1f}"),
        row("seconds, had AWS no rates", lambda size: f"{ideal[size]:.0f}"),
        row("seconds, without the limiter", lambda size: f"{free[size].seconds:.0f}"),
        row("refused, without the limiter", lambda size: str(free[size].refused.total())),
        row("seconds, with the limiter", lambda size: f"{paced[size].seconds:.0f}"),
        row("refused, with the limiter", lambda size: str(paced[size].refused.total())),
        "",
        f"| call | bucket: size, refill | calls: {sizes} | most a second | refused | with the limiter |",
        f"|---|---|{'---:|' * len(found)}---:|---:|---:|",
    ]
    counts = {size: Counter(each.apply) for size, each in found.items()}
    largest = max(found)
    most = free[largest].most_in_a_second()
    for made, number in counts[largest].most_common():
        grows = number > counts[min(found)][made] * 2
        if not grows and not any(each.refused[made] for each in free.values()):
            continue
        bucket = next(iter(buckets_of(*made, narrowed=True)), None)
        limits = f"{bucket.size:g}, {bucket.refill:g}" if bucket else _OTHERS.get(made, "not documented")
        numbers = " | ".join(str(counts[size][made]) for size in found)
        refusals = f"{free[largest].refused[made]} | {paced[largest].refused[made]}"
        lines.append(f"| {made[0]} {made[1]} | {limits} | {numbers} | {most[made]} | {refusals} |")
    return lines


if __name__ == "__main__":
    main()
