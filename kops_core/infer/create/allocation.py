"""Values that are stored when a cluster is created: ranges of network and subnets, proxy exceptions.

The rules of inference compute them; here they become part of the stored spec.
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api.path import ANY, FieldPath, get, parse, set_at
from kops_core.api.values import UNSET, Tree
from kops_core.infer.complete import rule_book
from kops_core.infer.inference import Inputs
from kops_core.infer.sheet import Sheet

_SETTLED = (
    "spec.etcdClusters[*].manager.backupRetentionDays",
    "spec.networkCIDR",
    "spec.nonMasqueradeCIDR",
    "spec.subnets[*].zone",
    "spec.subnets[*].cidr",
    "spec.egressProxy.excludes",
)


def allocate_ranges(cluster: Tree, facts: Tree | None) -> Tree:
    """The cluster with the values that kOps stores at creation; values that are set stay.

    facts: by kind and key; None before the cloud was asked. Raises InvalidSpec for ranges that can't be
    split or do not agree with the cloud, MissingFact and FactsNotRead for shared networks.
    """
    done = cluster if isinstance(get(cluster, _TOPOLOGY), dict) else set_at(cluster, _TOPOLOGY, {})
    sheet = Sheet(Inputs(done, {}, facts).tree(), rule_book())
    paths = [place for path in _SETTLED for place in _matching_paths(cluster, parse(path))]
    if get(done, (*_TOPOLOGY, "dns", "type")) in (UNSET, None, "", "Public"):
        paths.append(parse("spec.masterPublicName"))
    for path in paths:
        value = sheet.value(path)
        if value is not UNSET:
            done = set_at(done, path, value)
    return done


_TOPOLOGY = ("spec", "topology")


def _matching_paths(tree: Tree, path: FieldPath) -> Iterator[FieldPath]:
    """The paths that match a pattern with at most one wildcard."""
    if ANY not in path:
        yield path
        return
    split = path.index(ANY)
    items = get(tree, path[:split])
    for position in range(len(items)) if isinstance(items, list) else ():
        yield (*path[:split], position, *path[split + 1 :])
