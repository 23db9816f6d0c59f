"""The form of a new cluster as data: its fields, and the words of ``create cluster`` that they make.

Each field is a flag of ``create cluster``, so that a form and a command with the same words make the same
cluster. An add-on is a field of the spec, which ``--set`` sets.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kops_core import (
    CREATE_FLAGS,
    InvalidSpec,
    KopsError,
    MissingFact,
    Plan,
    Tree,
    Value,
    get_path,
    parse_path,
)
from kops_tui.resource_words import kind_words
from kops_tui.screens.form import FormField, Section, flag_text
from kops_tui.styled_text import count

NAME = "name"
_CONTROL_PLANE, _NODE, _BASTION = "Master", "Node", "Bastion"
MACHINES = {"control-plane-size": _CONTROL_PLANE, "node-size": _NODE}
"""The fields that take a machine type, and the role of the groups that get it."""
_GROUPS_OF = {_CONTROL_PLANE: "control-plane-", _NODE: "nodes-", _BASTION: "bastions"}
"""How ``create cluster`` begins the names of the groups of a role."""


@dataclass(frozen=True)
class NewCluster:
    """The completed spec of a cluster that is not stored."""

    spec: Tree
    groups: Mapping[str, Tree]
    """The completed specs of its instance groups, by name."""

    def of_role(self, role: str) -> list[Tree]:
        """The groups of a role."""
        return [spec for spec in self.groups.values() if spec.get("role") == role]

    def first_of_role(self, role: str) -> str:
        """The name of the first group of a role; "" if there is none."""
        return next((name for name, spec in self.groups.items() if spec.get("role") == role), "")


Reading = Callable[[NewCluster], str]


@dataclass(frozen=True)
class CreateField:
    """A flag of ``create cluster`` as a field of the form."""

    flag: str
    label: str
    paths: tuple[str, ...] = ()
    """Fields of the spec that it decides: their errors are its errors."""
    role: str = ""
    """The role of the groups that ``paths`` are fields of; "" for the cluster."""
    read: Reading | None = None
    """Its value in a completed spec; by default what is at the first of its paths."""
    assigns: str = ""
    """For ``--set``: the field of the spec that it sets, by kOps' name."""

    @property
    def key(self) -> str:
        """Its name in the form."""
        return self.assigns or self.flag

    def inferred(self, new: NewCluster) -> str:
        """Its value in a completed spec; "" if it has none."""
        if self.read is not None:
            return self.read(new)
        if not self.paths:
            return ""
        path = parse_path(self.paths[0])[1:]
        trees = new.of_role(self.role) if self.role else [new.spec]
        return ",".join(dict.fromkeys(text for each in trees if (text := flag_text(get_path(each, path)))))


def _machines(role: str) -> Reading:
    def read(new: NewCluster) -> str:
        sizes = [size for each in new.of_role(role) if isinstance(size := each.get("minSize"), int)]
        return str(sum(sizes))

    return read


def _of_subnets(key: str) -> Reading:
    def read(new: NewCluster) -> str:
        found = [each.get(key) for each in _trees(new.spec.get("subnets"))]
        return ",".join(dict.fromkeys(str(each) for each in found if each))

    return read


def _trees(value: Value) -> list[Tree]:
    """The structures in a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _topology(new: NewCluster) -> str:
    return "private" if "Private" in _of_subnets("type")(new) else "public"


def _ipv6(new: NewCluster) -> str:
    return "true" if flag_text(new.spec.get("nonMasqueradeCIDR")) == "::/0" else "false"


def _bastion(new: NewCluster) -> str:
    return "true" if new.of_role(_BASTION) else "false"


def _addon(label: str, spec: str, internal: str = "") -> CreateField:
    """An add-on that is turned on or off. internal: where kOps' own spec has it, if elsewhere."""
    path = f"spec.{spec}.enabled"
    return CreateField(
        "set", label, (f"spec.{spec}",), read=_switch(path), assigns=f"spec.{internal or spec}.enabled"
    )


def _switch(path: str) -> Reading:
    def read(new: NewCluster) -> str:
        return flag_text(get_path(new.spec, parse_path(path)[1:])) or "false"

    return read


def _manager(new: NewCluster) -> str:
    return "karpenter" if "karpenter" in new.spec else "cloudgroups"


_F = CreateField
_AWS = "cloudProvider.aws"
_ETCD = ("spec.etcdClusters", "spec.etcdClusters[0].etcdMembers[0].encryptedVolume")
FIELDS: Sequence[tuple[str, Sequence[CreateField]]] = (
    (
        "place",
        (
            _F(NAME, "name", ("metadata.name",)),
            _F("zones", "zones", ("spec.subnets",), read=_of_subnets("zone")),
            _F("control-plane-zones", "control-plane zones", ("spec.subnets",), _CONTROL_PLANE),
            _F("kubernetes-version", "kubernetes version", ("spec.kubernetesVersion",)),
            _F("channel", "channel", ("spec.channel",)),
            _F("cloud", "cloud", ("spec.cloudProvider",)),
            _F("cloud-labels", "tags", ("spec.cloudLabels",)),
        ),
    ),
    (
        "network",
        (
            _F("networking", "pod network", ("spec.networking",)),
            _F("topology", "topology", ("spec.topology",), read=_topology),
            _F("network-cidr", "network range", ("spec.networkCIDR", "spec.additionalNetworkCIDRs")),
            _F("network-id", "existing VPC", ("spec.networkID",)),
            _F("subnets", "existing subnets", read=_of_subnets("id")),
            _F("utility-subnets", "existing utility subnets"),
            _F("ipv6", "IPv6", ("spec.nonMasqueradeCIDR",), read=_ipv6),
            _F("dns", "DNS", ("spec.topology.dns.type",)),
            _F("dns-zone", "DNS zone", ("spec.dnsZone",)),
        ),
    ),
    (
        "machines",
        (
            _F("control-plane-count", "control-plane nodes", _ETCD[:1], read=_machines(_CONTROL_PLANE)),
            _F("control-plane-size", "control-plane machine", ("spec.machineType",), _CONTROL_PLANE),
            _F("control-plane-volume-size", "control-plane volume", ("spec.rootVolumeSize",), _CONTROL_PLANE),
            _F("node-count", "nodes", ("spec.minSize", "spec.maxSize"), _NODE, read=_machines(_NODE)),
            _F("node-size", "node machine", ("spec.machineType",), _NODE),
            _F("node-volume-size", "node volume", ("spec.rootVolumeSize",), _NODE),
            _F("image", "image", ("spec.image",), _NODE),
            _F("instance-manager", "instance manager", ("spec.karpenter",), read=_manager),
            _F("encrypt-etcd-storage", "encrypted etcd", _ETCD[1:]),
        ),
    ),
    (
        "access",
        (
            _F("admin-access", "ranges for the API", ("spec.kubernetesApiAccess",)),
            _F("ssh-access", "ranges for SSH", ("spec.sshAccess",)),
            _F("ssh-public-key", "SSH public key"),
            _F("api-loadbalancer-type", "API load balancer", ("spec.api.loadBalancer.type", "spec.api")),
            _F("api-public-name", "API's public name", ("spec.masterPublicName",)),
            _F("bastion", "bastion", ("spec.topology.bastion",), read=_bastion),
            _F("authorization", "authorization", ("spec.authorization",)),
            _F("discovery-store", "OIDC discovery store", ("spec.serviceAccountIssuerDiscovery",)),
        ),
    ),
    (
        "add-ons",
        (
            _addon("cert-manager", "certManager"),
            _addon("metrics-server", "metricsServer"),
            _addon("cluster autoscaler", "clusterAutoscaler"),
            _addon("load balancer controller", "awsLoadBalancerController", f"{_AWS}.loadBalancerController"),
            _addon("node termination handler", "nodeTerminationHandler", f"{_AWS}.nodeTerminationHandler"),
            _addon("pod identity webhook", "podIdentityWebhook", f"{_AWS}.podIdentityWebhook"),
            _addon("snapshot controller", "snapshotController"),
            _addon("node problem detector", "nodeProblemDetector"),
            _F("set", "other fields to set"),
            _F("unset", "fields to unset"),
        ),
    ),
)  # fmt: skip
"""The form's fields by section."""

_ALL = [field for _, fields in FIELDS for field in fields]
_FLAGS = {flag.name: flag for flag in CREATE_FLAGS}


def form_sections(offered: Mapping[str, Sequence[str]]) -> list[Section]:
    """The form. offered: what the account has for some fields, e.g. its zones."""
    return [(title, [_form_field(each, offered) for each in fields]) for title, fields in FIELDS]


def _form_field(field: CreateField, offered: Mapping[str, Sequence[str]]) -> FormField:
    flag = _FLAGS[field.flag]
    if field.assigns:
        about = f"--set cluster.{field.assigns}: whether the add-on is installed"
        return FormField(field.key, field.label, about, "true or false", _SWITCH)
    kind = flag.kind.value
    allowed = _SWITCH if kind == "switch" else flag.choices or tuple(offered.get(field.flag, ()))
    many = kind in ("list", "assignments")
    return FormField(
        field.key, field.label, f"--{flag.name}: {flag.help}", "list" if many else kind, allowed, many
    )


_SWITCH = ("true", "false")


def offered_by(facts: Tree) -> dict[str, Sequence[str]]:
    """What cloud facts offer for some fields."""
    found = facts.get("zones")
    zones = [str(each) for each in found] if isinstance(found, list) else []
    hosted = [str(each.get("name")) for each in _trees(facts.get("hostedZones"))]
    return {"zones": zones, "control-plane-zones": zones, "dns-zone": list(dict.fromkeys(hosted))}


def words_of(values: Mapping[str, str]) -> list[str]:
    """The words after ``create cluster`` for what was typed."""
    words = [values[NAME]] if values.get(NAME) else []
    for field in _ALL:
        value = values.get(field.key, "")
        if value and field.flag != NAME:
            assigned = f"cluster.{field.assigns}={value}" if field.assigns else value
            words.append(f"--{field.flag}={assigned}")
    return words


def commands_of(values: Mapping[str, str], store: str) -> tuple[str, str]:
    """The commands of kops-tui and of kOps that do the same. store: to be named in them, if not ""."""
    words = [*words_of(values), *([f"--state={store}"] if store else [])]
    kops_tui, kops = (shlex.join([program, "create", "cluster", *words]) for program in ("kops-tui", "kops"))
    return kops_tui, kops


def inferred_values(new: NewCluster) -> dict[str, str]:
    """The value of each field in a completed spec."""
    return {field.key: field.inferred(new) for field in _ALL}


def problems_of(error: KopsError, values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by field; under "" what belongs to no field."""
    if isinstance(error, InvalidSpec):
        found: dict[str, str] = {}
        for each in error.errors:
            key = _field_at(each.path, each.source, values)
            found.setdefault(key, each.message if key else f"{each.path}: {each.message}")
        return found
    if isinstance(error, MissingFact):
        asked = parse_path(error.fact)
        for field in _ALL:
            for part in values.get(field.key, "").split(","):
                if part in asked:
                    return {field.key: f"the cloud does not know {part}"}
    told = f"{error.what}: {error.remedy}" if error.remedy else error.what
    typed = next((name for name, value in values.items() if value == error.where), "")
    if typed:
        return {typed: told}
    flag = error.where.removeprefix("--").partition(" ")[0].partition("=")[0]
    if error.where.startswith("--") and flag in {field.key for field in _ALL}:
        return {flag: told}
    return {"": f"{error.where}: {told}" if error.where else told}


def _field_at(path: str, source: str, values: Mapping[str, str]) -> str:
    """The field that decides a field of the spec: of several the most exact one, first among those typed."""
    group = source.removeprefix("InstanceGroup ") if source.startswith("InstanceGroup ") else ""
    best, rank = "", (0, False)
    for field in _ALL:
        if bool(field.role) != bool(group) or not group.startswith(_GROUPS_OF.get(field.role, "")):
            continue
        for each in field.paths:
            here = (len(each), field.key in values)
            if (path == each or re.match(rf"{re.escape(each)}[.\[]", path)) and here > rank:
                best, rank = field.key, here
    return best


def summary_of(new: NewCluster) -> list[str]:
    """What would be made, in three sentences: machines, network, etcd."""
    groups = []
    for role, name in ((_CONTROL_PLANE, "control plane"), (_NODE, "nodes"), (_BASTION, "bastion")):
        sizes = Counter[str]()
        for each in new.of_role(role):
            least = each.get("minSize")
            sizes[flag_text(each.get("machineType"))] += least if isinstance(least, int) else 0
        if sizes:
            groups.append(f"{name} {' + '.join(f'{number} x {size}' for size, number in sizes.items())}")
    members = [
        f"{flag_text(each.get('name'))} {len(_trees(each.get('etcdMembers')))}"
        for each in _trees(new.spec.get("etcdClusters"))
    ]
    subnets = count(len(_trees(new.spec.get("subnets"))), "subnet")
    dns = flag_text(get_path(new.spec, ("topology", "dns", "type")))
    return [
        f"{count(len(new.groups), 'instance group')}: {', '.join(groups)}",
        f"{flag_text(new.spec.get('networkCIDR'))} with {subnets} in {_of_subnets('zone')(new)},"
        f" {flag_text(new.spec.get('networking'))}, DNS {dns}",
        f"etcd members: {', '.join(members)}",
    ]


def resources_of(plan: Plan, cells: int) -> str:
    """How many resources a plan would make, by kind: the most frequent ones, as many as fit."""
    kinds = Counter(change.key.kind for change in plan.pending).most_common()
    told, left = f"{count(len(plan.pending), 'resource')}: ", len(kinds)
    for kind, number in kinds:
        part = f"{number} {kind_words(kind)}, "
        if len(told) + len(part) + len(_MORE.format(left)) > cells:
            return told + _MORE.format(left)
        told, left = told + part, left - 1
    return told.removesuffix(", ")


_MORE = "{} more kinds: P"
