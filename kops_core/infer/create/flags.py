"""The flags of ``create cluster``, as a table, and their parser.

The names and the way that values are joined are kOps': a list takes commas and may
be repeated, the first occurrence replaces the default, a part with a comma in it
stands in double quotes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kops_core.errors import UsageError
from kops_core.infer.create.options import CreateOptions


class Kind(Enum):
    """The syntax of a flag's value."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    """True without a value."""
    LIST = "list"
    """Commas or repetition; quotes must be balanced."""
    ASSIGNMENTS = "assignments"
    """As LIST, but a quote inside a value is part of it."""


@dataclass(frozen=True)
class Flag:
    """One flag of ``create cluster``."""

    name: str
    option: str
    """Field of CreateOptions."""
    kind: Kind
    help: str
    short: str = ""
    instead: str = ""
    """The flag that replaced this one, for deprecated flags."""
    feature: str = ""
    """The feature flag that has to be on for this flag to exist."""
    choices: tuple[str, ...] = ()
    """Values for completion; others are not refused here."""


_TEXT, _NUMBER, _SWITCH, _LIST = Kind.TEXT, Kind.NUMBER, Kind.SWITCH, Kind.LIST
_OLD = "replaced by --{}"

FLAGS: tuple[Flag, ...] = (
    Flag("name", "cluster_name", _TEXT, "name of the new cluster, if not given as an argument"),
    Flag("yes", "yes", _SWITCH, "create the cloud resources right away", short="y"),
    Flag(
        "target",
        "target",
        _TEXT,
        "what to do with the plan: apply it or write Terraform",
        choices=("direct", "dryrun", "terraform"),
    ),
    Flag("out", "out_dir", _TEXT, "folder for files that are written"),
    Flag("dry-run", "dry_run", _SWITCH, "print the objects and store nothing"),
    Flag("output", "output", _TEXT, "form of --dry-run", short="o", choices=("yaml", "json")),
    Flag(
        "config-base",
        "config_base",
        _TEXT,
        "where nodes read their configuration, if not from the state store",
        feature="EnableSeparateConfigBase",
    ),
    Flag(
        "discovery-store",
        "discovery_store",
        _TEXT,
        "public place for the service accounts' OIDC documents; turns on IAM roles for service accounts",
    ),
    Flag(
        "discovery-service",
        "public_discovery_service_url",
        _TEXT,
        "public OIDC discovery service to register with",
        feature="DiscoveryService",
    ),
    Flag("cloud", "cloud_provider", _TEXT, "cloud to create the cluster in", choices=("aws",)),
    Flag("channel", "channel", _TEXT, "channel that recommends versions and images"),
    Flag(
        "kubernetes-version", "kubernetes_version", _TEXT, "version of Kubernetes; by default the channel's"
    ),
    Flag(
        "kubernetes-feature-gates",
        "kubernetes_feature_gates",
        _LIST,
        "feature gates of Kubernetes to turn on (Name or +Name) or off (-Name)",
    ),
    Flag(
        "authorization",
        "authorization",
        _TEXT,
        "who may do what in the cluster",
        choices=("RBAC", "AlwaysAllow"),
    ),
    Flag("admin-access", "admin_access", _LIST, "ranges that may reach the Kubernetes API; by default all"),
    Flag("ssh-access", "ssh_access", _LIST, "ranges that may reach SSH; by default those of --admin-access"),
    Flag("ssh-public-key", "ssh_public_key", _TEXT, "file with the public key for SSH to the nodes"),
    Flag("zones", "zones", _LIST, "availability zones of the cluster"),
    Flag("control-plane-zones", "control_plane_zones", _LIST, "zones of the control plane, an odd number"),
    Flag("network-id", "network_id", _TEXT, "existing VPC to use"),
    Flag("subnets", "subnet_ids", _LIST, "existing subnets to use, one a zone"),
    Flag(
        "utility-subnets", "utility_subnet_ids", _LIST, "existing public subnets to use beside private ones"
    ),
    Flag("network-cidr", "network_cidrs", _LIST, "range of the VPC, then additional ranges"),
    Flag("disable-subnet-tags", "disable_subnet_tags", _SWITCH, "leave the tags of subnets alone"),
    Flag("ipv6", "ipv6", _SWITCH, "give pods IPv6 addresses"),
    Flag(
        "networking",
        "networking",
        _TEXT,
        "pod network",
        choices=(
            "cilium",
            "cilium-eni",
            "cilium-etcd",
            "calico",
            "amazonvpc",
            "flannel",
            "flannel-udp",
            "kindnet",
            "kube-router",
            "kopeio",
            "kubenet",
            "cni",
        ),
    ),
    Flag(
        "topology",
        "topology",
        _TEXT,
        "whether nodes lie in public or private subnets; private by default with --ipv6",
        short="t",
        choices=("public", "private"),
    ),
    Flag(
        "dns",
        "dns_type",
        _TEXT,
        "hosted zone for the cluster's names; none unless --dns-zone is given",
        choices=("public", "private", "none"),
    ),
    Flag("dns-zone", "dns_zone", _TEXT, "hosted zone to use, its name or id; by default the longest match"),
    Flag("bastion", "bastion", _SWITCH, "add a bastion; with private topology only"),
    Flag(
        "api-loadbalancer-type",
        "api_load_balancer_type",
        _TEXT,
        "put a load balancer before the Kubernetes API",
        choices=("public", "internal"),
    ),
    Flag(
        "api-ssl-certificate",
        "api_ssl_certificate",
        _TEXT,
        "ARN of a certificate for the API's load balancer",
    ),
    Flag("api-public-name", "api_public_name", _TEXT, "DNS name of the Kubernetes API"),
    Flag(
        "control-plane-count",
        "control_plane_count",
        _NUMBER,
        "control-plane nodes; by default one in each of --control-plane-zones, else one",
    ),
    Flag("node-count", "node_count", _NUMBER, "worker nodes in all; by default one a zone"),
    Flag("api-server-count", "api_server_count", _NUMBER, "API server nodes", feature="APIServerNodes"),
    Flag("etcd-count", "etcd_count", _NUMBER, "etcd nodes", feature="ExperimentalRoles"),
    Flag("scheduler-count", "scheduler_count", _NUMBER, "scheduler nodes", feature="ExperimentalRoles"),
    Flag(
        "kcm-count",
        "kube_controller_manager_count",
        _NUMBER,
        "controller manager nodes",
        feature="ExperimentalRoles",
    ),
    Flag(
        "instance-manager",
        "instance_manager",
        _TEXT,
        "what starts worker nodes",
        choices=("cloudgroups", "karpenter"),
    ),
    Flag("image", "image", _TEXT, "machine image of all instances"),
    Flag("control-plane-image", "control_plane_image", _TEXT, "machine image of the control plane"),
    Flag("node-image", "node_image", _TEXT, "machine image of worker nodes"),
    Flag("bastion-image", "bastion_image", _TEXT, "machine image of bastions"),
    Flag("control-plane-size", "control_plane_sizes", _LIST, "machine types of the control plane"),
    Flag("node-size", "node_sizes", _LIST, "machine types of worker nodes"),
    Flag(
        "api-server-size",
        "api_server_sizes",
        _LIST,
        "machine type of API server nodes",
        feature="APIServerNodes",
    ),
    Flag("etcd-size", "etcd_sizes", _LIST, "machine types of etcd nodes", feature="ExperimentalRoles"),
    Flag(
        "scheduler-size",
        "scheduler_sizes",
        _LIST,
        "machine types of scheduler nodes",
        feature="ExperimentalRoles",
    ),
    Flag(
        "kcm-size",
        "kube_controller_manager_sizes",
        _LIST,
        "machine types of controller manager nodes",
        feature="ExperimentalRoles",
    ),
    Flag(
        "control-plane-volume-size",
        "control_plane_volume_size",
        _NUMBER,
        "root volume of the control plane, GB",
    ),
    Flag("node-volume-size", "node_volume_size", _NUMBER, "root volume of worker nodes, GB"),
    Flag(
        "control-plane-volume-type",
        "control_plane_volume_type",
        _TEXT,
        "type of the control plane's root volumes",
    ),
    Flag("node-volume-type", "node_volume_type", _TEXT, "type of the worker nodes' root volumes"),
    Flag(
        "control-plane-security-groups",
        "control_plane_security_groups",
        _LIST,
        "existing security groups to add to the control plane",
    ),
    Flag(
        "node-security-groups",
        "node_security_groups",
        _LIST,
        "existing security groups to add to worker nodes",
    ),
    Flag(
        "control-plane-tenancy",
        "control_plane_tenancy",
        _TEXT,
        "tenancy of the control plane",
        choices=("default", "dedicated", "host"),
    ),
    Flag(
        "node-tenancy",
        "node_tenancy",
        _TEXT,
        "tenancy of worker nodes",
        choices=("default", "dedicated", "host"),
    ),
    Flag("associate-public-ip", "associate_public_ip", _SWITCH, "give instances public addresses, or not"),
    Flag("cloud-labels", "cloud_labels", _TEXT, 'tags for all resources: "cost-center=42,env=staging"'),
    Flag("etcd-clusters", "etcd_clusters", _LIST, "etcd clusters to run: main, events, leases"),
    Flag("encrypt-etcd-storage", "encrypt_etcd_storage", _SWITCH, "encrypt etcd's volumes; on by default"),
    Flag("etcd-storage-type", "etcd_storage_type", _TEXT, "type of etcd's volumes"),
    Flag("set", "sets", Kind.ASSIGNMENTS, "set a field of the spec: cluster.spec.path=value"),
    Flag("unset", "unsets", _LIST, "unset a field of the spec: cluster.spec.path"),
    Flag("add", "addon_paths", _LIST, "manifests to add to the cluster", feature="ClusterAddons"),
    Flag("spotinst-product", "spotinst_product", _TEXT, "product description for Spot", feature="Spotinst"),
    Flag(
        "spotinst-orientation",
        "spotinst_orientation",
        _TEXT,
        "prediction strategy of Spot",
        feature="Spotinst",
    ),
    Flag("container-runtime", "container_runtime", _TEXT, "only containerd is left", instead="nothing"),
    *(
        Flag(old, option, kind, _OLD.format(new), instead=new)
        for old, new, option, kind in (
            ("master-zones", "control-plane-zones", "control_plane_zones", _LIST),
            ("master-count", "control-plane-count", "control_plane_count", _NUMBER),
            ("master-image", "control-plane-image", "control_plane_image", _TEXT),
            ("master-size", "control-plane-size", "control_plane_sizes", _LIST),
            ("master-volume-size", "control-plane-volume-size", "control_plane_volume_size", _NUMBER),
            (
                "master-security-groups",
                "control-plane-security-groups",
                "control_plane_security_groups",
                _LIST,
            ),
            ("master-tenancy", "control-plane-tenancy", "control_plane_tenancy", _TEXT),
            ("master-public-name", "api-public-name", "api_public_name", _TEXT),
            ("vpc", "network-id", "network_id", _TEXT),
            ("override", "set", "sets", Kind.ASSIGNMENTS),
        )
    ),
)

_BY_NAME = {flag.name: flag for flag in FLAGS}
_BY_SHORT = {flag.short: flag for flag in FLAGS if flag.short}
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_FALSE = ("0", "f", "F", "false", "FALSE", "False")


def from_flags(arguments: Sequence[str], features: Collection[str] = ()) -> CreateOptions:
    """Options from a command line, without the words ``create cluster``.

    features: feature flags that are on; flags that need another one are unknown.
    Raises UsageError for what can't be read.
    """
    given: dict[str, list[tuple[Flag, str]]] = {}
    names: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            names += words
            break
        flag, value = _split(word, features)
        if flag is None:
            names.append(word)
            continue
        if value is None:
            if flag.kind is Kind.SWITCH:
                value = "true"
            elif words:
                value = words.pop(0)
            else:
                raise UsageError("the flag needs a value", where=f"--{flag.name}", remedy=flag.help)
        given.setdefault(flag.option, []).append((flag, value))
    found: dict[str, Any] = {option: _value(values) for option, values in given.items()}
    if len(names) > 1 or (names and "cluster_name" in found):
        raise UsageError(
            "more than one cluster name was given", where=" ".join(names), remedy="give the name once"
        )
    if names:
        found["cluster_name"] = names[0]
    return CreateOptions(**found)


def split_list(text: str, *, lazy: bool = False) -> tuple[str, ...]:
    """The parts of a list value. lazy: a quote inside a part is part of it. Raises UsageError."""
    if not text:
        return ()
    try:
        return tuple(next(csv.reader(io.StringIO(text), strict=not lazy), []))
    except csv.Error as error:
        raise UsageError(
            "quotes are not balanced", where=text, remedy='write "a,b" around a part with a comma'
        ) from error


def _split(word: str, features: Collection[str]) -> tuple[Flag | None, str | None]:
    if word.startswith("--"):
        name, joined, value = word[2:].partition("=")
        flag = _BY_NAME.get(name)
        if flag is None or (flag.feature and flag.feature not in features):
            needs = f" without the feature flag {flag.feature}" if flag else ""
            raise UsageError(f"unknown flag{needs}", where=f"--{name}", remedy="see create cluster --help")
        return flag, value if joined else None
    if word.startswith("-") and len(word) > 1:
        flag = _BY_SHORT.get(word[1])
        if flag is None:
            raise UsageError("unknown flag", where=word[:2], remedy="see create cluster --help")
        return flag, word[2:].removeprefix("=") or None
    return None, None


def _value(occurrences: list[tuple[Flag, str]]) -> object:
    flag, text = occurrences[-1]
    if flag.kind in (Kind.LIST, Kind.ASSIGNMENTS):
        return _listed(occurrences, lazy=flag.kind is Kind.ASSIGNMENTS)
    if flag.kind is Kind.NUMBER:
        try:
            return int(text, 0)
        except ValueError as error:
            raise UsageError(f"{text!r} is not a whole number", where=f"--{flag.name}") from error
    if flag.kind is Kind.SWITCH:
        if text not in (*_TRUE, *_FALSE):
            raise UsageError(f"{text!r} is neither true nor false", where=f"--{flag.name}")
        return text in _TRUE
    return text


def _listed(occurrences: list[tuple[Flag, str]], *, lazy: bool) -> tuple[str, ...]:
    """The parts in order. The first use of each name of a flag replaces the parts before it."""
    found: tuple[str, ...] = ()
    names: set[str] = set()
    for flag, text in occurrences:
        parts = split_list(text, lazy=lazy)
        found = (*found, *parts) if flag.name in names else parts
        names.add(flag.name)
    return found
