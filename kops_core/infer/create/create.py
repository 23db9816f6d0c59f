"""``create cluster``: from options to the objects to store; cloud facts, channel and time are passed in."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

from kops_core.api import semver
from kops_core.api.canonical import join, shaped, to_yaml
from kops_core.api.semver import Version
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.infer.channel import recommended_kubernetes
from kops_core.infer.common import below, strings
from kops_core.infer.create import groups as groups_of
from kops_core.infer.create import network
from kops_core.infer.create.allocation import allocate_ranges
from kops_core.infer.create.options import EVERYWHERE, CreateOptions
from kops_core.infer.facts import keyed
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook
from kops_core.infer.sheet import Sheet

_CLUSTER_LABEL = "kops.k8s.io/cluster"
_COMPONENTS = ("kubelet", "kubeAPIServer", "kubeControllerManager", "kubeProxy", "kubeScheduler")
"""The components whose feature gates ``--kubernetes-feature-gates`` sets."""


@dataclass(frozen=True)
class Created:
    """The documents of a new cluster, not stored yet."""

    cluster: Tree
    instance_groups: tuple[Tree, ...]
    """In kOps' order: control plane, API servers, workers, bastions."""

    def manifest(self, ssh_public_key: str = "") -> list[Tree]:
        """The documents as ``--dry-run`` prints them: with the cluster's label, without a time.

        ssh_public_key: the content of the file that ``--ssh-public-key`` names.
        """
        labels: Tree = {_CLUSTER_LABEL: _table(self.cluster, "metadata")["name"]}
        documents = [_with_metadata(self.cluster, creationTimestamp=None)]
        documents += [
            _with_metadata(group, creationTimestamp=None, labels=labels) for group in self.instance_groups
        ]
        if ssh_public_key:
            documents.append(
                {
                    "apiVersion": "kops.k8s.io/v1alpha2",
                    "kind": "SSHCredential",
                    "metadata": {"name": "admin", "labels": labels},
                    "spec": {"publicKey": ssh_public_key.strip()},
                }
            )
        return documents

    def manifest_yaml(self, ssh_public_key: str = "") -> str:
        """The output of ``--dry-run -o yaml``."""
        return join(to_yaml(document) for document in self.manifest(ssh_public_key))


def create(options: CreateOptions, facts: Tree, channel: Tree, settings: Tree, now: datetime) -> Created:
    """The Cluster and InstanceGroups for the options, as kOps would store them.

    facts: a facts document, or a tree of facts by key; channel: the channel document;
    settings: ``stateStore`` (URL), ``kopsVersion``, ``featureFlags`` (list of names that are on);
    now: the creation time. Raises UsageError for contradictory options, InvalidSpec if no valid spec
    follows from them, CloudNotFound and MissingFact. Validation is up to ``kops_core.validate``.
    """
    by_key = keyed(facts)
    sheet = Sheet({"facts": by_key, "channel": channel}, RuleBook(()))
    features = strings(settings.get("featureFlags"))
    cluster, kubernetes = _begin(options, Reader(sheet), settings)
    spec = _table(cluster, "spec")
    vpc_id = network.vpc_of(options, Reader(sheet))
    topology = network.topology_of(options)
    dns = network.dns_of(options)
    layout = network.lay_out(options, topology, vpc_id, Reader(sheet))
    _add_network(spec, options, layout, vpc_id=vpc_id, dns=dns)
    control_planes = groups_of.control_plane(options, layout, topology)
    spec["etcdClusters"] = groups_of.etcd_clusters(options, control_planes)
    instance_groups = [
        *control_planes,
        *groups_of.api_servers(options, layout),
        *groups_of.workers(options, layout, features),
        *groups_of.bastions(options, layout),
    ]
    if options.instance_manager == "karpenter":
        spec["karpenter"] = {"enabled": True}
    if options.bastion and dns != "None":
        _table(spec, "topology")["bastion"] = {"bastionPublicName": f"bastion.{options.cluster_name}"}
    spec["api"] = network.api_access(options, topology, dns)
    if options.api_server_count and "APIServerNodes" not in features:
        raise UsageError(
            "API server nodes are behind a feature flag",
            where="--api-server-count",
            remedy="set KOPS_FEATURE_FLAGS=+APIServerNodes",
        )
    for group in instance_groups:
        groups_of.complete(group, options, layout, kubernetes=kubernetes, known=sheet)
    groups_of.shared_settings(options, instance_groups)
    _add_last(spec, options)
    cluster = _override(cluster, options)
    if not _table(cluster, "spec").get("kubernetesVersion"):  # unset by the user
        _table(cluster, "spec")["kubernetesVersion"] = recommended_kubernetes(
            Reader(sheet), str(settings.get("kopsVersion") or "")
        )
    if not _table(cluster, "spec").get("configBase"):  # kOps gives it to clusters from files alone
        raise InvalidSpec([FieldError("Required value", "spec.configBase", "leave it as it is")])
    cluster = allocate_ranges(shaped(_without_kube_proxy(cluster), "Cluster"), by_key)
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Created(
        _with_metadata(cluster, creationTimestamp=stamp),
        tuple(_with_metadata(group, creationTimestamp=stamp) for group in instance_groups),
    )


def _begin(options: CreateOptions, channel: Reader, settings: Tree) -> tuple[Tree, Version]:
    """The cluster without its network, and the Kubernetes version."""
    if not options.cluster_name:
        raise UsageError("the cluster has no name", where="--name", remedy="give one, e.g. k8s.example.com")
    if not options.zones:
        raise UsageError("no zone was given", where="--zones", remedy="name at least one, e.g. us-east-1a")
    for option in ("control_plane_count", "node_count", "api_server_count"):
        if getattr(options, option) < 0:
            raise UsageError(
                "a count can't be negative",
                where=f"--{option.replace('_', '-')}",
                remedy="leave it out, or raise it",
            )
    kops_version = str(settings.get("kopsVersion") or "")
    text = options.kubernetes_version or recommended_kubernetes(channel, kops_version) or ""
    kubernetes = semver.parse_kubernetes(text)
    if kubernetes is None:
        raise UsageError(
            f"{text!r} is no version of Kubernetes"
            if text
            else "the channel recommends no Kubernetes version",
            where="--kubernetes-version",
            remedy="give one such as 1.36.0",
        )
    config_base = _config_base(options, settings)
    _check_cloud(options.cloud_provider, config_base)
    spec: Tree = {
        "channel": options.channel or "stable",
        "cloudProvider": "aws",
        "configBase": config_base,
        "kubernetesVersion": text,
        "authorization": _authorization(options.authorization),
        "iam": {"allowContainerRegistry": True, "legacy": False},
        "kubelet": {"anonymousAuth": False},
    }
    gates = dict(_feature_gate(gate) for gate in options.kubernetes_feature_gates)
    for component in _COMPONENTS if gates else ():
        _table(spec, component)["featureGates"] = dict(gates)
    admin = list(options.admin_access or EVERYWHERE)
    spec["kubernetesApiAccess"] = [*admin]
    spec["sshAccess"] = [*(options.ssh_access or admin)]
    issuer = _issuer(options)
    if issuer:
        spec["serviceAccountIssuerDiscovery"] = issuer
        _table(spec, "iam")["useServiceAccountExternalPermissions"] = True
    cluster: Tree = {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Cluster",
        "metadata": {"name": options.cluster_name},
        "spec": spec,
    }
    return cluster, kubernetes


def _add_network(
    spec: Tree, options: CreateOptions, layout: network.Layout, *, vpc_id: str, dns: str
) -> None:
    if vpc_id:
        spec["networkID"] = vpc_id
    spec["networking"] = network.pod_network(options.networking)
    if network.replaces_kube_proxy(options.networking):
        _table(spec, "kubeProxy")["enabled"] = False
    spec["subnets"] = [*layout.subnets]
    spec["topology"] = {"dns": {"type": dns}}
    if options.ipv6:
        spec["nonMasqueradeCIDR"] = "::/0"
        spec["cloudControllerManager"] = {}


def _add_last(spec: Tree, options: CreateOptions) -> None:
    """Adds the fields that kOps sets after the instance groups."""
    labels = _cloud_labels(options.cloud_labels)
    cloud: tuple[tuple[str, Value], ...] = (
        ("spotinstProduct", options.spotinst_product),
        ("spotinstOrientation", options.spotinst_orientation),
    )
    last: tuple[tuple[str, Value], ...] = (
        ("cloudLabels", labels),
        ("cloudConfig", {key: value for key, value in cloud if value}),
        ("dnsZone", options.dns_zone),
        ("networkCIDR", options.network_cidrs[0] if options.network_cidrs else ""),
        ("additionalNetworkCIDRs", list(options.network_cidrs[1:])),
        ("DisableSubnetTags", options.disable_subnet_tags),
        ("masterPublicName", options.api_public_name),
    )
    spec.update({key: value for key, value in last if value})


def _override(cluster: Tree, options: CreateOptions) -> Tree:
    """The cluster after ``--unset``, then ``--set``. Raises InvalidSpec with all that fail."""
    errors: list[FieldError] = []
    for path in options.unsets:
        cluster = _change_field(cluster, path.removeprefix("cluster."), None, errors)
    for assignment in options.sets:
        path, joined, value = assignment.partition("=")
        if not joined:
            raise UsageError(
                "an assignment needs a value",
                where=f"--set {assignment}",
                remedy="write cluster.spec.path=value",
            )
        cluster = _change_field(cluster, path.removeprefix("cluster."), value, errors)
    if errors:
        raise InvalidSpec(errors)
    return cluster


def _change_field(cluster: Tree, path: str, value: str | None, errors: list[FieldError]) -> Tree:
    """The cluster with a field set, or unset for None; unchanged, with one more error, if that fails."""
    from kops_core.api.internal_names import parse_internal
    from kops_core.api.set_expression import NoPlace, set_field, unset_field

    kind = "Unknown field"
    try:
        parse_internal(path, aliases=value is not None)
        kind = "Invalid value"
        if value is None:
            return unset_field(cluster, "Cluster", path)
        return set_field(cluster, "Cluster", path, value)
    except UsageError as error:
        message = f"{error.what}; {error.remedy}" if error.remedy else error.what
        errors.append(FieldError("Unknown field" if isinstance(error, NoPlace) else kind, path, message))
        return cluster


def _without_kube_proxy(cluster: Tree) -> Tree:
    """Turn kube-proxy off, unless its field is set, where Calico's eBPF data plane was asked for."""
    spec = _table(cluster, "spec")
    pods = spec.get("networking")
    calico = pods.get("calico") if isinstance(pods, dict) else None
    if isinstance(calico, dict) and calico.get("bpfEnabled") is True:
        return {**cluster, "spec": {**spec, "kubeProxy": {"enabled": False, **_table(spec, "kubeProxy")}}}
    return cluster


def _config_base(options: CreateOptions, settings: Tree) -> str:
    if options.config_base:
        return options.config_base.rstrip("/")
    store = str(settings.get("stateStore") or "")
    if not store:
        raise UsageError("no state store is set", where="--state", remedy="set --state or KOPS_STATE_STORE")
    return below(store, options.cluster_name)


def _check_cloud(cloud: str, config_base: str) -> None:
    if not cloud and not config_base.startswith("s3://"):
        raise UsageError(
            "the state store does not tell which cloud this is for", where="--cloud", remedy="add --cloud aws"
        )
    if cloud not in ("", "aws"):
        raise UsageError(f"the cloud {cloud!r} is not supported", where="--cloud", remedy="use aws")


def _authorization(mode: str) -> Tree:
    by_name: dict[str, Tree] = {"": {"rbac": {}}, "rbac": {"rbac": {}}, "alwaysallow": {"alwaysAllow": {}}}
    found = by_name.get(mode.lower())
    if found is None:
        raise UsageError(
            f"{mode!r} is no authorization mode", where="--authorization", remedy="use RBAC or AlwaysAllow"
        )
    return found


def _feature_gate(text: str) -> tuple[str, Value]:
    name = text.strip()
    enabled = not name.startswith("-")
    name = name[1:].strip() if name[:1] in ("+", "-") else name
    if not name:
        raise UsageError(
            f"{text!r} names no feature gate",
            where="--kubernetes-feature-gates",
            remedy="write Name or -Name",
        )
    return name, "true" if enabled else "false"


def _issuer(options: CreateOptions) -> Tree:
    """``spec.serviceAccountIssuerDiscovery``; empty if not asked for."""
    if options.public_discovery_service_url:
        raise UsageError(
            "a public discovery service is not supported yet",
            where="--discovery-service",
            remedy="publish to a bucket with --discovery-store",
        )
    if not options.discovery_store:
        return {}
    return {
        "discoveryStore": below(options.discovery_store, options.cluster_name),
        "enableAWSOIDCProvider": True,
    }


def _cloud_labels(text: str) -> Tree:
    """Labels from ``key=value`` pairs joined by commas. Raises UsageError."""
    rows = [
        row
        for row in csv.reader(io.StringIO(text.replace(",", "\n")), delimiter="=", skipinitialspace=True)
        if row
    ]
    if any(len(row) != 2 for row in rows):
        raise UsageError(
            "labels are pairs of a key and a value",
            where="--cloud-labels",
            remedy='write pairs as "cost-center=42,env=staging"; a value with = in it takes double quotes',
        )
    return {str(row[0]): str(row[1]) for row in rows}


def _with_metadata(document: Tree, **fields: Value) -> Tree:
    metadata = {**_table(document, "metadata"), **fields}
    return {**document, "metadata": {key: value for key, value in metadata.items() if value is not None}}


def _table(table: Tree, key: str) -> Tree:
    found = table.get(key)
    if not isinstance(found, dict):
        found = table[key] = {}
    return found
