"""Validation of a Cluster, with the paths and types of errors of kOps.

Shallow, of the user spec, when it is written; strict, of the completed spec, before a plan. Facts: kOps'
pkg/apis/kops/validation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kops_core.api import semver
from kops_core.api.names import CLUSTER, name_problem
from kops_core.api.semver import Version
from kops_core.api.values import Tree
from kops_core.errors import FieldError
from kops_core.infer.aws_regions import USUAL, dns_suffix
from kops_core.validate import common, components, spec_queries
from kops_core.validate.addons import check_addons
from kops_core.validate.containerd import containerd
from kops_core.validate.etcd import check_etcd
from kops_core.validate.field import Field, Findings, document
from kops_core.validate.formats import check_network, is_label_value, is_qualified_name, url
from kops_core.validate.iam import check_iam, check_issuer
from kops_core.validate.load_balancer import check_load_balancer
from kops_core.validate.networking import check_ranges, check_subnets, check_topology
from kops_core.validate.pod_networks import check_pod_network
from kops_core.validate.supported import CLOUDS

_COMPLETED = (
    "kubelet",
    "masterKubelet",
    "kubeControllerManager",
    "kubeDNS",
    "kubeScheduler",
    "kubeAPIServer",
    "kubeProxy",
)
"""Fields that a completed spec always has."""
_NO_CLOUD_PROVIDER_FLAG = Version(1, 33, 0, "alpha.3")
_OF_OTHER_CLOUDS = (
    "gceServiceAccount",
    "gceUseStartupScript",
    "gcpPDCSIDriver",
    "multizone",
    "nodeTags",
    "nodeInstancePrefix",
)
"""Fields of ``spec.cloudConfig`` that kOps ignores on AWS."""


def validate_cluster(
    cluster: Tree,
    *,
    strict: bool = False,
    features: Collection[str] = (),
    clouds: Sequence[str] = CLOUDS,
) -> list[FieldError]:
    """The errors of a Cluster document, in kOps' order.

    strict: the document is completed, before a plan. features: feature flags that are on.
    clouds: values of ``spec.cloudProvider`` that are supported.
    Without a Kubernetes version nothing else is checked.
    """
    root = document(cluster)
    version = root.at("spec.kubernetesVersion")
    found = semver.parse_kubernetes(version.text)
    if not version.text:
        return [version.required("set the version of Kubernetes, e.g. 1.36.0")]
    if found is None:
        return [version.invalid(f"{version.text!r} is not a version: write it like 1.36.0")]
    findings = _findings(root, found, strict=strict, features=features, clouds=clouds)
    return list(dict.fromkeys(findings))


def _findings(
    root: Field, kubernetes: Version, *, strict: bool, features: Collection[str], clouds: Sequence[str]
) -> Findings:
    spec = root.at("spec")
    if strict:
        for name in _COMPLETED:
            if not spec.at(name).is_set:
                yield spec.at(name).required("the completed spec lacks it")
    yield from components.kube_controller_manager(spec, strict=strict)
    yield from components.kube_dns(spec, own_cluster_dns="ExperimentalClusterDNS" in features)
    yield from components.cloud_providers(
        spec, strict=strict, external_only_from_133=kubernetes >= _NO_CLOUD_PROVIDER_FLAG
    )
    yield from _metadata(root)
    yield from _access(spec)
    yield from _gone(spec)
    yield from spec.at("updatePolicy").unless_in(common.UPDATE_POLICIES)
    yield from common.check_hooks(spec.at("hooks"), of_cluster=True)
    yield from common.check_file_assets(spec.at("fileAssets"))
    yield from components.kube_api_server(spec, strict=strict)
    yield from components.kube_scheduler(spec)
    yield from components.kube_proxy(spec)
    yield from components.kubelet(spec.at("kubelet"))
    yield from components.kubelet(spec.at("masterKubelet"))
    yield from check_ranges(spec, strict=strict)
    yield from check_subnets(spec, strict=strict)
    yield from check_topology(root)
    yield from check_pod_network(spec)
    yield from check_addons(spec)
    yield from check_iam(spec, strict=strict)
    yield from check_etcd(spec, strict=strict)
    yield from containerd(spec.at("containerd"), of_cluster=True)
    yield from _stores(spec)
    yield from _assets(spec)
    yield from common.check_sysctls(spec.at("sysctlParameters"))
    yield from common.check_rolling_update(spec.at("rollingUpdate"), of_control_plane=False)
    yield from check_load_balancer(spec, strict=strict)
    yield from _cloud(spec, clouds)
    yield from check_issuer(spec)


def _metadata(root: Field) -> Findings:
    name = root.at("metadata.name")
    if not name.text:
        yield name.required("the cluster needs a name, e.g. k8s.example.com")
    elif problem := name_problem(CLUSTER, name.text):
        yield name.invalid(problem)
    elif "." not in name.text and spec_queries.dns_kind(root.at("spec")) != "None":
        imported = root.at("metadata.annotations").key("kops.kubernetes.io/management").text
        if imported != "imported":
            yield name.invalid("it must be a full DNS name such as k8s.example.com, or set DNS to None")
    yield from check_metadata(root.at("metadata"))


def check_metadata(metadata: Field) -> Findings:
    """Labels, annotations and namespace of an object of kOps."""
    if metadata.at("namespace").text:
        yield metadata.at("namespace").forbidden("objects of kOps have no namespace: remove it")
    labels, annotations = metadata.at("labels"), metadata.at("annotations")
    for key, label in labels.entries:
        if not is_qualified_name(key):
            yield labels.invalid(f"{key!r} can't be the key of a label")
        if not is_label_value(label.text):
            yield labels.invalid(f"{label.text!r} can't be the value of a label")
    for key, _ in annotations.entries:
        if not is_qualified_name(key.lower()):
            yield annotations.invalid(f"{key!r} can't be the key of an annotation")


def _access(spec: Field) -> Findings:
    for name in ("sshAccess", "kubernetesApiAccess", "nodePortAccess"):
        for place in spec.at(name).items:
            if not place.text.startswith("pl-"):
                yield from check_network(place)


def _gone(spec: Field) -> Findings:
    for name in ("gossipConfig", "dnsControllerGossipConfig"):
        if spec.at(name).is_set:
            yield spec.at(name).forbidden("gossip names are gone since kOps 1.37: remove it")
    if spec.at("nodeAuthorization").is_set:
        yield spec.at("nodeAuthorization").forbidden("it is built in since Kubernetes 1.19: remove it")
    if spec.at("docker").is_set:
        yield spec.at("docker").forbidden("Docker is gone since Kubernetes 1.24: remove it, containerd runs")
    runtime = spec.at("containerRuntime")
    if runtime.text == "docker":
        yield runtime.forbidden("Docker is gone since Kubernetes 1.24: remove it, containerd runs")
    yield from runtime.if_given_in(("containerd", "docker"))


def _stores(spec: Field) -> Findings:
    """Checks that Azure storage is only used for all of the configuration."""
    backups = [etcd.at("backups.backupStore") for etcd in spec.at("etcdClusters").items]
    for store in (spec.at("keyStore"), spec.at("secretStore"), *backups):
        if store.text.startswith("azureblob://") and not spec.at("configBase").text.startswith(
            "azureblob://"
        ):
            yield store.invalid("clusters on AWS can't use it: write a URL that starts with s3://")


def _assets(spec: Field) -> Findings:
    assets = spec.at("assets")
    if assets.at("containerProxy").is_set and assets.at("containerRegistry").is_set:
        yield assets.at("containerProxy").forbidden("it excludes containerRegistry: keep one")
    files = assets.at("fileRepository")
    if not files.is_set:
        return
    parts = url(files.text)
    if parts is None:
        yield files.invalid(f"{files.text!r} is not a URL")
        return
    if parts.scheme not in ("http", "https", "s3"):
        yield files.invalid("it must be an http, https or s3 URL")
    if not parts.host:
        yield files.invalid("the URL must name a host")
    if parts.scheme == "s3" and dns_suffix(_region(spec)) != USUAL:
        yield files.forbidden(f"s3 can't be used in {_region(spec)}: use an https URL")


def _region(spec: Field) -> str:
    zones = [subnet.at("zone").text for subnet in spec.at("subnets").items]
    return next((zone[:-1] for zone in zones if zone), "")


def _cloud(spec: Field, clouds: Sequence[str]) -> Findings:
    cloud, config = spec.at("cloudProvider"), spec.at("cloudConfig")
    if not cloud.text:
        yield cloud.required("say which cloud: " + ", ".join(clouds))
    yield from cloud.if_given_in(tuple(clouds))
    for name in _OF_OTHER_CLOUDS:
        if config.at(name).text or (config.at(name).is_set and name != "gceServiceAccount"):
            yield config.at(name).forbidden("it is for another cloud: remove it")
    driver = config.at("awsEBSCSIDriver.enabled")
    if driver.flag is False:
        yield driver.forbidden(
            "the EBS CSI driver can't be turned off; set managed to false to install your own"
        )
    yield from config.at("nlbSecurityGroupMode").unless_in(("Managed",))
    names = config.at("useIPBasedNodeNames")
    if names.on and spec_queries.is_ipv6(spec):
        yield names.forbidden("nodes of IPv6 clusters can't be named by IPv4 addresses: remove it")
