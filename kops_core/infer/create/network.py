"""The network of a new cluster: subnets in zones, pod network, topology, DNS and access to the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kops_core.api.values import Tree, Value
from kops_core.errors import CloudNotFound, FieldError, InvalidSpec, UsageError
from kops_core.infer import existing_network
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.reader import Reader

_CILIUM: Tree = {"enableNodePort": True}

NETWORKS: dict[str, Tree] = {
    "": {"cilium": _CILIUM},
    "cilium": {"cilium": _CILIUM},
    "cilium-etcd": {"cilium": {**_CILIUM, "etcdManaged": True}},
    "cilium-eni": {"cilium": {**_CILIUM, "ipam": "eni"}},
    "calico": {"calico": {}},
    "amazonvpc": {"amazonvpc": {}},
    "amazon-vpc-routed-eni": {"amazonvpc": {}},
    "flannel": {"flannel": {"backend": "vxlan"}},
    "flannel-vxlan": {"flannel": {"backend": "vxlan"}},
    "flannel-udp": {"flannel": {"backend": "udp"}},
    "kindnet": {"kindnet": {}},
    "kube-router": {"kuberouter": {}},
    "kopeio": {"kopeio": {}},
    "kopeio-vxlan": {"kopeio": {}},
    "kubenet": {"kubenet": {}},
    "cni": {"cni": {}},
    "external": {"external": {}},
    "gcp": {"gce": {}},
    "gce": {"gce": {}},
}
"""The ``spec.networking`` of each value of ``--networking``; validation refuses those that AWS can't run."""

_DNS = {"public": "Public", "private": "Private", "none": "None"}
_LOAD_BALANCERS = {"": "Public", "public": "Public", "internal": "Internal"}


@dataclass(frozen=True)
class Layout:
    """The subnets of a new cluster."""

    subnets: list[Tree]
    by_zone: dict[str, list[str]]
    """Names of the subnets for nodes by zone; the main one of the zone first."""


def replaces_kube_proxy(networking: str) -> bool:
    """Whether the pod network replaces kube-proxy."""
    return any(name in NETWORKS[networking] for name in ("cilium", "kuberouter"))


def pod_network(networking: str) -> Tree:
    """``spec.networking`` for a value of ``--networking``. Raises UsageError for an unknown one."""
    if networking not in NETWORKS:
        raise UsageError(
            f"{networking!r} is not a pod network",
            where="--networking",
            remedy="choose one such as cilium or calico",
        )
    return {name: dict(value) for name, value in NETWORKS[networking].items() if isinstance(value, dict)}


def vpc_of(options: CreateOptions, account: Reader) -> str:
    """The id of the shared VPC: the option, else that of the first shared subnet; "" for one of its own.

    Raises CloudNotFound and MissingFact.
    """
    if options.network_id:
        _check_exists(account, "vpcs", options.network_id, "--network-id")
    if options.network_id or not options.subnet_ids:
        return options.network_id
    return str(_subnet_of(account, options.subnet_ids[0], "").get("vpc") or "")


def topology_of(options: CreateOptions) -> str:
    """``public`` or ``private``. Raises UsageError for others, and for options that contradict it."""
    topology = options.topology or ("private" if options.ipv6 else "public")
    if topology not in ("public", "private"):
        raise UsageError(
            f"{topology!r} is not a topology", where="--topology", remedy="use public or private"
        )
    if topology == "public" and options.bastion:
        raise UsageError(
            "a bastion needs private subnets", where="--bastion", remedy="add --topology private or drop it"
        )
    if topology == "private" and options.networking == "kubenet":
        raise UsageError(
            "kubenet does not work with private subnets",
            where="--networking",
            remedy="choose another network, or --topology public",
        )
    return topology


def dns_of(options: CreateOptions) -> str:
    """``spec.topology.dns.type``. Raises UsageError for a value that kOps does not know."""
    if not options.dns_type:
        return "Public" if options.dns_zone else "None"
    found = _DNS.get(options.dns_type.lower())
    if found is None:
        raise UsageError(
            f"{options.dns_type!r} is no kind of DNS", where="--dns", remedy="use public, private or none"
        )
    return found


def lay_out(options: CreateOptions, topology: str, vpc_id: str, account: Reader) -> Layout:
    """The subnets of the zones, without ranges where kOps divides the network.

    Raises UsageError for shared subnets that do not fit, CloudNotFound, InvalidSpec and MissingFact.
    """
    private = topology == "private"
    existing = _by_zone(options.subnet_ids, vpc_id, account)
    utility = _by_zone(options.utility_subnet_ids, vpc_id, account) if private else {}
    kind = "Private" if private else "Public"
    nodes: list[Tree] = []
    by_zone: dict[str, list[str]] = {}

    def add(name: str, zone: str, **more: Value) -> None:
        nodes.append(_subnet(name, zone, kind, existing.get(zone), egress=options.egress or None, **more))
        by_zone.setdefault(zone, []).append(name)

    for zone in sorted({*options.zones, *options.control_plane_zones}):
        add(zone, zone)
    for position, cidr in enumerate(options.network_cidrs[1:]):
        zone = options.zones[position % len(options.zones)]
        add(f"{zone}-{position + 1}", zone, cidr=cidr)
    subnets = list(nodes)
    if private:
        beside = (*(("dualstack-", "DualStack"),) * options.ipv6, ("utility-", "Utility"))
        for prefix, extra in beside:
            subnets += [
                _subnet(f"{prefix}{each['name']}", str(each["zone"]), extra, utility.get(str(each["zone"])))
                for each in nodes
            ]
    if options.ipv6:
        for position, subnet in enumerate(subnets):
            subnet["ipv6CIDR"] = f"/64#{position:x}"
    return Layout(subnets, by_zone)


def api_access(options: CreateOptions, topology: str, dns: str) -> Tree:
    """``spec.api``: by DNS records or a network load balancer. Raises UsageError for an unknown kind."""
    asked = options.api_load_balancer_type or options.api_ssl_certificate
    if not asked and topology == "public" and dns != "None":
        return {"dns": {}}
    kind = _LOAD_BALANCERS.get(options.api_load_balancer_type)
    if kind is None:
        raise UsageError(
            f"{options.api_load_balancer_type!r} is no kind of load balancer",
            where="--api-loadbalancer-type",
            remedy="use public or internal",
        )
    balancer: Tree = {"type": kind, "class": "Network"}
    if options.api_ssl_certificate:
        balancer["sslCertificate"] = options.api_ssl_certificate
    return {"loadBalancer": balancer}


def _subnet(name: str, zone: str, kind: str, existing: str | None, **more: Value) -> Tree:
    fields: Tree = {"name": name, "zone": zone, "type": kind, "id": existing, **more}
    return {key: value for key, value in fields.items() if value is not None}


def _by_zone(subnet_ids: Sequence[str], vpc_id: str, account: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    if subnet_ids and not vpc_id:
        raise UsageError(
            "existing subnets lie in an existing VPC",
            where="--utility-subnets",
            remedy="add --subnets or --network-id",
        )
    for subnet_id in subnet_ids:
        zone = str(_subnet_of(account, subnet_id, vpc_id).get("zone"))
        if zone in found:
            raise InvalidSpec(
                [
                    FieldError(
                        "Duplicate value",
                        "spec.subnets",
                        f"{found[zone]} and {subnet_id} are both in the zone {zone}: name one subnet a zone",
                    )
                ]
            )
        found[zone] = subnet_id
    return found


def _subnet_of(account: Reader, subnet_id: str, vpc_id: str) -> Tree:
    _check_exists(account, "subnets", subnet_id, subnet_id)
    return existing_network.subnet(account, subnet_id, vpc_id, subnet_id)


def _check_exists(account: Reader, kind: str, name: str, where: str) -> None:
    if name not in account.fact_keys(kind):
        raise CloudNotFound(f"{name} does not exist", where=where, remedy="check the id and the region")
