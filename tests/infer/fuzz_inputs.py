"""Corrupted cases of the corpus, with invalid values: for tests and `python -m tests.fuzz`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from kops_core.api.path import ANY, FieldPath, leaves, set_at
from kops_core.api.schema import Type, patterns, schema
from kops_core.api.values import Tree, Value
from kops_core.errors import UsageError
from kops_core.infer.inference import Inputs
from tests.infer.corpus_cases import SUITES, completed_cases, inputs

JUNK: list[Value] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**63,
    {},
    [],
    [None],
    [{}],
    [[]],
    ["a"],
    ["a", "a"],
    {"enabled": True},
    {"a": [{}]},
]
JUNK += ["", " ", "x", "1.32.0", "v1.99", "1", "10.0.0.0/8", "1.2.3.4/33", "::/0", "fd00::/127", "::1"]
JUNK += ["9" * 30, "9" * 5000, "1." + "9" * 5000, "a." * 3000, "=", ",", "%", "é", "\n", "٣", "²", "-1%"]
JUNK += ["s3://", "s3://a.b/c", "/x", "://", "https://[", "arn:aws:iam::1:policy/x", "[]", "{", "[" * 2000]
JUNK += ["/64#0", "/999#f", "1h", "-1h", "9999999999h", "1Mi", "-1", "1e999", "none", "None", "Always"]
JUNK += ["interface=(", "interface=" + "(a*)*" * 20 + "b", "can-reach=", "1-", "0-99999"]

SECTIONS = (
    "kubelet",
    "kubeDNS",
    "etcdClusters",
    "networking",
    "api",
    "subnets",
    "egressProxy",
    "assets",
    "hooks",
)


@cache
def cases() -> list[tuple[Path, str]]:
    """The cases that are corrupted, each with its suite."""
    return [(case, suite) for suite in SUITES for case in completed_cases(suite)]


def broken(random: Random) -> Inputs:
    """A case with one to four values replaced or added."""
    case, suite = random.choice(cases())
    whole = inputs(case, suite)
    cluster, groups = whole.cluster, dict(whole.instance_groups)
    for _ in range(random.randint(1, 4)):
        name = random.choice([*groups, ""]) if random.random() < 0.5 else ""
        if name:
            groups[name] = _spoilt(groups[name], "InstanceGroup", random)
        elif random.random() < 0.2:
            cluster = _put(cluster, ("spec", random.choice(SECTIONS)), random.choice(JUNK))
        else:
            cluster = _spoilt(cluster, "Cluster", random)
    return Inputs(cluster, groups, whole.facts, whole.channel, whole.settings)


def _spoilt(tree: Tree, kind: str, random: Random) -> Tree:
    """The object with one value corrupted: one of its own, or one of any field of its kind."""
    if random.random() < 0.5:
        written = [path for path, _ in leaves(tree) if path[0] in ("metadata", "spec")]
        path = random.choice(written) if written else ("spec",)
        return _put(tree, path[: random.randint(min(2, len(path)), len(path))], random.choice(JUNK))
    path = random.choice(_fields(kind))
    at = tuple(0 if part == ANY else "x" if part == "*" else part for part in path)
    return _put(tree, at, _fitting(schema().field(kind, path).type, random))


def _put(tree: Tree, at: FieldPath, value: Value) -> Tree:
    """The object with a value set; unchanged if an earlier corruption prevents it."""
    try:
        return set_at(tree, at, value)
    except UsageError:
        return tree


def _fitting(type_: Type, random: Random) -> Value:
    """A value of a field's type, of any content."""
    if type_.item is not None:
        return [_fitting(type_.item, random) for _ in range(random.randint(0, 2))]
    if type_.value is not None:
        return {str(random.choice(("", "x", "a/b/c", "Name"))): _fitting(type_.value, random)}
    if type_.struct:
        return {}
    texts: list[Value] = [each for each in JUNK if isinstance(each, str)]
    numbers: list[Value] = [each for each in JUNK if isinstance(each, int) and not isinstance(each, bool)]
    fitting: dict[str, list[Value]] = {"boolean": [True, False], "string": texts}
    either = numbers if "int" in type_.scalar else [*numbers, "1h", "1Mi", "50%"]
    return random.choice(fitting.get(type_.scalar, either))


@cache
def _fields(kind: str) -> list[FieldPath]:
    return [path for path, _ in patterns(kind) if path[0] in ("metadata", "spec")]
