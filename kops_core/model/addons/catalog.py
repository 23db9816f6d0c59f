"""Which add-ons a cluster has, in the order in which the control plane applies them.

Names, ids, selectors and conditions are kOps' (bootstrapchannelbuilder.go), so that a
cluster that kOps made keeps its add-ons, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from kops_core.api.path import FieldPath
from kops_core.api.values import Tree
from kops_core.infer.common import remap_image
from kops_core.infer.inference import Inference
from kops_core.model.addons import (
    amazon_vpc,
    calico,
    cert_manager,
    cilium,
    cloud_controller,
    cluster_autoscaler,
    coredns,
    dns_controller,
    ebs_csi_driver,
    external_dns,
    flannel,
    gvisor,
    iam_authenticator,
    karpenter,
    kindnet,
    kopeio,
    kopeio_authentication,
    kops_controller,
    kube_dns,
    kube_router,
    kubelet_api,
    limit_range,
    load_balancer_controller,
    metrics_server,
    node_local_dns,
    node_problem_detector,
    node_termination_handler,
    nvidia,
    pod_identity_webhook,
    snapshot_controller,
    storage_classes,
)
from kops_core.model.addons.addon import Addon
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.manifest import (
    ADDON_NAME,
    manifest_text,
    marked,
    prune_rules,
    structure,
    with_iam_role,
    with_images,
)
from kops_core.model.addons.objects import Object
from kops_core.model.context import ModelSettings, Role

NETWORKING = {"role.kubernetes.io/networking": "1"}
"""Selector of all network add-ons, so that one replaces the other."""
AUTHENTICATION = {"role.kubernetes.io/authentication": "1"}


@dataclass(frozen=True)
class Entry:
    """One manifest that a cluster may have."""

    name: str
    id: str
    wanted: Callable[[AddonContext], bool]
    objects: Callable[[AddonContext], Sequence[Object]] | None = None
    """Its objects; None for an empty manifest, which only prunes."""
    file: str = ""
    """File name of the manifest; "" if it is the id."""
    selector: Mapping[str, str] | None = None
    """Labels of all its objects; None for ``k8s-addon`` with its name."""
    rolls: str = ""
    """Which nodes a change makes stale."""
    needs_pki: Callable[[AddonContext], bool] = field(default=lambda c: False)
    prunes: bool = False
    prunes_also: tuple[tuple[str, str], ...] = ()
    account: str = ""
    """Service account that has an IAM role of its own where service accounts have them."""
    replaceable: bool = False
    """Whether the user may bring the add-on, by objects that have its name as a label."""


def on(path: str) -> Callable[[AddonContext], bool]:
    """Whether a boolean field is true."""
    return lambda c: bool(c.read.boolean(path))


def has(path: str) -> Callable[[AddonContext], bool]:
    """Whether a structure is there."""
    return lambda c: c.read.has(path)


def always(c: AddonContext) -> bool:
    """Every cluster has it."""
    return True


def _dns_provider(name: str) -> Callable[[AddonContext], bool]:
    return lambda c: (c.read.string("spec.kubeDNS.provider") or "CoreDNS") == name


def _gpus(c: AddonContext) -> bool:
    return bool(c.read.boolean("spec.containerd.nvidiaGPU.enabled")) or any(
        group.flag("containerd.nvidiaGPU.enabled") for group in c.groups
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "kops-controller.addons.k8s.io", "k8s-1.16", always, kops_controller.objects, rolls="control-plane"
    ),
    Entry("kube-dns.addons.k8s.io", "k8s-1.12", _dns_provider("KubeDNS"), kube_dns.objects),
    Entry("coredns.addons.k8s.io", "k8s-1.12", _dns_provider("CoreDNS"), coredns.objects),
    Entry("kubelet-api.rbac.addons.k8s.io", "k8s-1.9", always, kubelet_api.objects),
    Entry("limit-range.addons.k8s.io", "", always, limit_range.objects, file="v1.5.0"),
    Entry(
        "dns-controller.addons.k8s.io",
        "k8s-1.12",
        lambda c: c.dns_publisher == "dns-controller",
        dns_controller.objects,
        account="dns-controller",
    ),
    Entry(
        "dns-controller.addons.k8s.io",
        "k8s-1.12",
        lambda c: c.dns_publisher != "dns-controller",
        prunes=True,
    ),
    Entry(
        "external-dns.addons.k8s.io",
        "k8s-1.19",
        lambda c: c.dns_publisher == "external-dns",
        external_dns.objects,
        account="external-dns",
    ),
    Entry(
        "nodelocaldns.addons.k8s.io",
        "k8s-1.12",
        lambda c: _dns_provider("CoreDNS")(c) and bool(c.read.boolean("spec.kubeDNS.nodeLocalDNS.enabled")),
        node_local_dns.objects,
        rolls="all",
    ),
    Entry(
        "cluster-autoscaler.addons.k8s.io",
        "k8s-1.15",
        on("spec.clusterAutoscaler.enabled"),
        cluster_autoscaler.objects,
        account="cluster-autoscaler",
    ),
    Entry(
        "metrics-server.addons.k8s.io",
        "k8s-1.11",
        on("spec.metricsServer.enabled"),
        metrics_server.objects,
        selector={"k8s-app": "metrics-server"},
        needs_pki=lambda c: not c.read.boolean("spec.metricsServer.insecure"),
    ),
    Entry(
        "certmanager.io",
        "k8s-1.16",
        lambda c: (
            bool(c.read.boolean("spec.certManager.enabled"))
            and c.read.boolean("spec.certManager.managed") is not False
        ),
        cert_manager.objects,
        selector={},
        prunes=True,
        account="cert-manager",
    ),
    Entry(
        "node-termination-handler.aws",
        "k8s-1.11",
        on("spec.nodeTerminationHandler.enabled"),
        node_termination_handler.objects,
        prunes=True,
        account="aws-node-termination-handler",
    ),
    Entry(
        "node-problem-detector.addons.k8s.io",
        "k8s-1.17",
        on("spec.nodeProblemDetector.enabled"),
        node_problem_detector.objects,
        prunes=True,
    ),
    Entry("nvidia.addons.k8s.io", "k8s-1.16", _gpus, nvidia.objects),
    Entry(
        "gvisor.addons.k8s.io",
        "k8s-1.20",
        lambda c: any(group.flag("containerd.gvisor.enabled") for group in c.groups_of(Role.NODE)),
        gvisor.objects,
    ),
    Entry(
        "aws-load-balancer-controller.addons.k8s.io",
        "k8s-1.19",
        lambda c: bool(c.read.boolean("spec.awsLoadBalancerController.enabled")) and not c.irsa,
        load_balancer_controller.objects,
        needs_pki=always,
        prunes=True,
    ),
    Entry(
        "aws-load-balancer-controller.addons.k8s.io",
        "k8s-1.19-irsa",
        lambda c: bool(c.read.boolean("spec.awsLoadBalancerController.enabled")) and c.irsa,
        load_balancer_controller.objects,
        needs_pki=always,
        prunes=True,
        account="aws-load-balancer-controller",
    ),
    Entry(
        "eks-pod-identity-webhook.addons.k8s.io",
        "k8s-1.16",
        on("spec.podIdentityWebhook.enabled"),
        pod_identity_webhook.objects,
        needs_pki=always,
    ),
    Entry(
        "storage-aws.addons.k8s.io",
        "v1.15.0",
        on("spec.cloudConfig.manageStorageClasses"),
        storage_classes.objects,
    ),
    Entry(
        "networking.kope.io",
        "k8s-1.12",
        has("spec.networking.kopeio"),
        kopeio.objects,
        selector=NETWORKING,
        prunes=True,
        replaceable=True,
    ),
    Entry(
        "networking.flannel",
        "k8s-1.25",
        has("spec.networking.flannel"),
        flannel.objects,
        selector=NETWORKING,
        prunes=True,
    ),
    Entry(
        "networking.projectcalico.org",
        "k8s-1.25",
        has("spec.networking.calico"),
        calico.objects,
        selector=NETWORKING,
        prunes=True,
    ),
    Entry(
        "networking.kuberouter",
        "k8s-1.12",
        has("spec.networking.kuberouter"),
        kube_router.objects,
        selector=NETWORKING,
        account="kube-router",
    ),
    Entry(
        "networking.amazon-vpc-routed-eni",
        "k8s-1.16",
        has("spec.networking.amazonvpc"),
        amazon_vpc.objects,
        selector=NETWORKING,
        rolls="all",
    ),
    Entry(
        "networking.kindnet",
        "k8s-1.32",
        has("spec.networking.kindnet"),
        kindnet.objects,
        selector=NETWORKING,
        rolls="all",
    ),
    Entry(
        "networking.cilium.io",
        "k8s-1.16",
        has("spec.networking.cilium"),
        cilium.objects,
        file="k8s-1.16-v1.15",
        selector=NETWORKING,
        rolls="all",
        needs_pki=on("spec.networking.cilium.hubble.enabled"),
        replaceable=True,
    ),
    Entry(
        "authentication.kope.io",
        "k8s-1.12",
        has("spec.authentication.kopeio"),
        kopeio_authentication.objects,
        selector=AUTHENTICATION,
    ),
    Entry(
        "authentication.aws",
        "k8s-1.12",
        has("spec.authentication.aws"),
        iam_authenticator.objects,
        selector=AUTHENTICATION,
    ),
    Entry(
        "aws-cloud-controller.addons.k8s.io",
        "k8s-1.18",
        always,
        cloud_controller.objects,
        account="aws-cloud-controller-manager",
    ),
    Entry(
        "aws-ebs-csi-driver.addons.k8s.io",
        "k8s-1.17",
        lambda c: c.read.boolean("spec.cloudConfig.awsEBSCSIDriver.managed") is not False,
        ebs_csi_driver.objects,
        account="ebs-csi-controller-sa",
    ),
    Entry(
        "snapshot-controller.addons.k8s.io",
        "k8s-1.20",
        on("spec.snapshotController.enabled"),
        snapshot_controller.objects,
        needs_pki=always,
    ),
    Entry(
        "karpenter.sh",
        "k8s-1.19",
        on("spec.karpenter.enabled"),
        karpenter.objects,
        prunes=True,
        prunes_also=(("karpenter.k8s.aws", "EC2NodeClass"), ("karpenter.sh", "NodePool")),
        account="karpenter",
    ),
)
CUSTOM = "cluster-addons.kops.k8s.io"
"""Name of the add-on that holds the user's additional objects."""
FOR_NODES = (("kubescheduler.config.k8s.io", "KubeSchedulerConfiguration"),)
"""Group and kind of additional objects that nodes read from a file, so that nothing applies them."""


def addons(inference: Inference, settings: ModelSettings, *, without: str = "") -> list[Addon]:
    """The add-ons of a cluster, in the order of the bootstrap channel.

    without: name of one that is not wanted. Raises InvalidSpec for a spec that can't be read and
    MissingFact for a cloud fact that nobody read.
    """
    users = settings.additional_objects
    found: list[Addon] = []
    for entry in ENTRIES:
        c = AddonContext(inference, settings)
        if (
            entry.name != without
            and entry.wanted(c)
            and not (entry.replaceable and _brings(users, entry.name))
        ):
            found.append(_build(entry, c))
    return [*found, *_custom(users)]


def _build(entry: Entry, c: AddonContext) -> Addon:
    selector = {"k8s-addon": entry.name} if entry.selector is None else entry.selector
    objects: Sequence[Object] = ()
    if entry.objects is not None:
        objects = [_finished(each, entry, c) for each in marked(entry.objects(c), entry.name, selector)]
    return Addon(
        name=entry.name,
        id=entry.id,
        manifest=f"{entry.name}/{entry.file or entry.id}.yaml",
        selector=selector,
        objects=tuple(objects),
        contents=manifest_text(objects),
        needs_rolling_update=entry.rolls,
        needs_pki=entry.needs_pki(c),
        prune=prune_rules(objects, entry.name, entry.prunes_also) if entry.prunes else None,
        built_from=_paths(c),
    )


def _finished(each: Object, entry: Entry, c: AddonContext) -> Object:
    if entry.account and c.irsa and _has_role(entry, c):
        arn_prefix = f"arn:{c.partition}:iam::{c.account}:role/"
        each = with_iam_role(each, entry.account, c.name, arn_prefix)
    return structure(with_images(each, partial(remap_image, c.read)))


def _has_role(entry: Entry, c: AddonContext) -> bool:
    return entry.account != "cert-manager" or bool(c.read.strings("spec.certManager.hostedZoneIDs"))


def _paths(c: AddonContext) -> tuple[FieldPath, ...]:
    return tuple(path for path in c.read.seen() if path and str(path[0])[:1] != "@")


def _brings(users: Sequence[Tree], name: str) -> bool:
    """Whether the user's objects are an add-on, by its name as their label."""
    return any(
        structure(structure(each.get("metadata")).get("labels")).get(ADDON_NAME) == name for each in users
    )


def _custom(users: Sequence[Tree]) -> list[Addon]:
    objects: list[Object] = [{**each} for each in users if _group_and_kind(each) not in FOR_NODES]
    if not objects:
        return []
    return [
        Addon(
            name=CUSTOM,
            id="",
            manifest=f"{CUSTOM}/default.yaml",
            selector={"k8s-addon": CUSTOM},
            objects=tuple(objects),
            contents=manifest_text(objects),
        )
    ]


def _group_and_kind(each: Mapping[str, object]) -> tuple[str, str]:
    group, slash, _ = str(each.get("apiVersion", "")).partition("/")
    return (group if slash else "", str(each.get("kind", "")))
