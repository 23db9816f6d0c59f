"""What is settled once, when a cluster is made: ranges of network and subnets, exceptions of the proxy.

Works on Cluster documents, so that a cluster from a file without ranges gets the same.
"""

from __future__ import annotations

import copy
from ipaddress import ip_address

from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.common import parse_range
from kops_core.infer.create.account import Account
from kops_core.infer.subnets import is_ranged, needs_no_ipv4, ranges

DEFAULT_NETWORK_CIDR = "172.20.0.0/16"
"""kOps' range for a VPC of its own."""
DEFAULT_NON_MASQUERADE_CIDR = "100.64.0.0/10"
DEFAULT_BACKUP_RETENTION_DAYS = 90


def assign(cluster: Tree, account: Account) -> Tree:
    """The cluster with what kOps settles at creation: CIDRs, subnet zones, names, proxy exceptions.

    What is set stays. Raises InvalidSpec for ranges that can't be split or do not agree
    with the cloud, CloudNotFound and MissingFact for shared networks.
    """
    done = copy.deepcopy(cluster)
    spec = _table(done, "spec")
    for etcd in _rows(spec, "etcdClusters"):
        _table(etcd, "manager").setdefault("backupRetentionDays", DEFAULT_BACKUP_RETENTION_DAYS)
    _table(spec, "topology")
    _assign_network(spec, account)
    name = str(_table(done, "metadata").get("name") or "")
    if uses_public_dns(spec) and not spec.get("masterPublicName") and name:
        spec["masterPublicName"] = f"api.{name}"
    _assign_subnets(spec, account)
    if isinstance(spec.get("egressProxy"), dict):
        _assign_proxy(spec, name)
    return done


def uses_public_dns(spec: Tree) -> bool:
    """Whether the cluster's names are published in a public zone, kOps' default."""
    topology = spec.get("topology")
    dns = topology.get("dns") if isinstance(topology, dict) else None
    kind = dns.get("type") if isinstance(dns, dict) else None
    return kind in (None, "", "Public")


def _assign_network(spec: Tree, account: Account) -> None:
    if not spec.get("networkCIDR"):
        vpc_id = spec.get("networkID")
        if vpc_id:
            cidr = account.vpc(str(vpc_id)).get("cidr")
            if not cidr:
                raise _refused(
                    "Required value", "spec.networkCIDR", f"the range of {vpc_id} is unknown: set networkCIDR"
                )
            spec["networkCIDR"] = cidr
        else:
            spec["networkCIDR"] = DEFAULT_NETWORK_CIDR
        pods = spec.get("networking")
        on_vpc = isinstance(pods, dict) and pods.get("amazonvpc") is not None
        if on_vpc and spec.get("nonMasqueradeCIDR") != "::/0":
            spec["nonMasqueradeCIDR"] = spec["networkCIDR"]
    if not spec.get("nonMasqueradeCIDR"):
        spec["nonMasqueradeCIDR"] = DEFAULT_NON_MASQUERADE_CIDR


def _assign_subnets(spec: Tree, account: Account) -> None:
    subnets = _rows(spec, "subnets")
    without_zone = any(subnet.get("id") and not subnet.get("zone") for subnet in subnets)
    if all(map(is_ranged, subnets)) and not without_zone:
        return
    vpc_id = str(spec.get("networkID") or "")
    for position, subnet in enumerate(subnets):
        at = f"spec.subnets[{position}]"
        if subnet.get("id") and vpc_id:
            _take_shared(subnet, account.subnet(str(subnet["id"]), vpc_id), at)
        if subnet.get("id") and not subnet.get("zone"):
            raise _refused("Required value", f"{at}.zone", "the subnet's zone is unknown: set it")
    if not all(map(is_ranged, subnets)):
        for position, cidr in ranges(str(spec.get("networkCIDR")), subnets).items():
            subnets[position]["cidr"] = cidr


def _take_shared(subnet: Tree, actual: Tree, at: str) -> None:
    """Take range and zone of an existing subnet, or check that they agree."""
    if not subnet.get("cidr"):
        if actual.get("cidr"):
            subnet["cidr"] = actual["cidr"]
        elif not needs_no_ipv4(subnet):
            raise _refused("Required value", f"{at}.cidr", f"{subnet['id']} has no IPv4 range")
    elif subnet["cidr"] != actual.get("cidr"):
        raise _refused(
            "Invalid value", f"{at}.cidr", f"{subnet['id']} has the range {actual.get('cidr')}: write that"
        )
    if not subnet.get("zone"):
        subnet["zone"] = actual.get("zone")
    elif subnet["zone"] != actual.get("zone"):
        raise _refused(
            "Invalid value", f"{at}.zone", f"{subnet['id']} is in the zone {actual.get('zone')}: write that"
        )


def _assign_proxy(spec: Tree, name: str) -> None:
    """Add to the proxy's exceptions what must be reached directly, unless it is mentioned there."""
    proxy = _table(spec, "egressProxy")
    written = str(proxy.get("excludes") or "")
    pods = str(spec["nonMasqueradeCIDR"])
    services = parse_range(pods)
    if services is None:
        raise _refused("Invalid value", "spec.nonMasqueradeCIDR", f"{pods!r} is not a range")
    first = ip_address(pods.partition("/")[0]) + 1
    if first not in services:
        raise _refused("Invalid value", "spec.nonMasqueradeCIDR", "the range is too small")
    extra = spec.get("additionalNetworkCIDRs")
    wanted = [
        "127.0.0.1",
        "localhost",
        spec.get("clusterDNSDomain"),
        spec.get("masterPublicName"),
        name,
        str(first),
        pods,
        "169.254.169.254",
        spec.get("networkCIDR"),
        *(extra if isinstance(extra, list) else []),
    ]
    parts = written.split(",") if written else []
    parts += [str(each) for each in wanted if each and str(each) not in written]
    proxy["excludes"] = ",".join(parts)


def _refused(kind: str, path: str, message: str) -> InvalidSpec:
    return InvalidSpec([FieldError(kind, path, message)])


def _rows(table: Tree, key: str) -> list[Tree]:
    found = table.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _table(table: Tree, key: str) -> Tree:
    """The structure below a key, made if it is not there."""
    found = table.get(key)
    if not isinstance(found, dict):
        found = table[key] = {}
    return found
