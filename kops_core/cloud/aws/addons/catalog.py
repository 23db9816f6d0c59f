"""The catalogue of add-ons of clusters on AWS, in the order in which the control plane applies them.

Names, ids, selectors and conditions are kOps' (bootstrapchannelbuilder.go), so that add-ons stay when a
cluster moves between kOps and this program.
"""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.aws.addons import (
    amazon_vpc,
    cloud_controller,
    ebs_csi_driver,
    iam_authenticator,
    karpenter,
    load_balancer_controller,
    node_termination_handler,
    pod_identity_webhook,
    storage_classes,
)
from kops_core.cloud.aws.addons.workload_identity import with_iam_role
from kops_core.model.addons import (
    calico,
    cert_manager,
    cilium,
    cluster_autoscaler,
    coredns,
    dns_controller,
    external_dns,
    flannel,
    gvisor,
    kindnet,
    kopeio,
    kopeio_authentication,
    kops_controller,
    kube_dns,
    kube_router,
    kubelet_api,
    limit_range,
    metrics_server,
    node_local_dns,
    node_problem_detector,
    nvidia,
    snapshot_controller,
)
from kops_core.model.addons.catalog import AddonCatalog
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.entry import AUTHENTICATION, NETWORKING, Entry, always, has, on
from kops_core.model.context import Role


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
CATALOG = AddonCatalog(ENTRIES, with_iam_role)
"""The add-ons of clusters on AWS."""
