"""Service accounts with IAM roles of their own: those of add-ons, and those the user lists."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree
from kops_core.cloud.aws.builders import permissions
from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.builders.policy import Policy, ec2_service
from kops_core.cloud.aws.names import iam_name
from kops_core.model.context import Context
from kops_core.model.template import Key, Ref, Template


@dataclass(frozen=True)
class ServiceAccount:
    """A Kubernetes service account with an IAM role."""

    name: str
    namespace: str = "kube-system"
    inline_policy: str = ""
    """The user's statements, as JSON; "" for built-in permissions."""
    policy_arns: tuple[str, ...] = ()
    """Managed policies that the user attaches."""
    builtin: bool = True


def external_permissions(c: Context) -> bool:
    """Whether add-ons have roles of their own instead of their machine's."""
    return bool(c.read.boolean("spec.iam.useServiceAccountExternalPermissions"))


def of_cluster(c: Context) -> tuple[ServiceAccount, ...]:
    """All service accounts that have a role."""
    return (*_users(c), *(ServiceAccount(name) for name in _builtin(c)))


def _users(c: Context) -> list[ServiceAccount]:
    found = []
    for row in c.read.records("spec.iam.serviceAccountExternalPermissions"):
        aws = row.get("aws")
        given: Tree = aws if isinstance(aws, dict) else {}
        arns = given.get("policyARNs")
        found.append(
            ServiceAccount(
                str(row.get("name", "")),
                str(row.get("namespace", "")),
                str(given.get("inlinePolicy") or ""),
                tuple(str(arn) for arn in arns) if isinstance(arns, list) else (),
                builtin=False,
            )
        )
    return found


def _builtin(c: Context) -> list[str]:
    """Names of add-ons' accounts, in kOps' order of add-ons."""
    found: list[str] = []
    if (
        c.read.boolean("spec.certManager.enabled")
        and c.read.boolean("spec.certManager.managed") is not False
        and c.read.strings("spec.certManager.hostedZoneIDs")
    ):
        found.append("cert-manager")
    if not external_permissions(c):
        return found
    if c.dns_publisher:
        found.append(c.dns_publisher)
    if c.read.boolean("spec.clusterAutoscaler.enabled"):
        found.append("cluster-autoscaler")
    if c.read.boolean("spec.nodeTerminationHandler.enabled"):
        found.append("aws-node-termination-handler")
    if c.read.boolean("spec.awsLoadBalancerController.enabled"):
        found.append("aws-load-balancer-controller")
    if c.present("spec.networking.kuberouter"):
        found.append("kube-router")
    if c.present("spec.cloudControllerManager"):
        found.append("aws-cloud-controller-manager")
    if c.read.boolean("spec.cloudConfig.awsEBSCSIDriver.managed") is not False:
        found.append("ebs-csi-controller-sa")
    if c.read.boolean("spec.karpenter.enabled"):
        found.append("karpenter")
    return found


def policy(c: Context, account: ServiceAccount) -> Template | str:
    """The permissions of an account; none for the user's own without statements."""
    p = Policy(c.name, c.region, partition(c))
    if not account.builtin:
        return ""
    match account.name:
        case "dns-controller" | "external-dns":
            permissions.dns_records(p, Ref(Key("DNSZone", c.read.string("spec.dnsZone") or "")))
        case "cert-manager":
            permissions.cert_manager(p, c.read.strings("spec.certManager.hostedZoneIDs"))
        case "cluster-autoscaler":
            cluster_autoscaler(c, p)
        case "aws-node-termination-handler":
            permissions.termination_handler(p)
        case "aws-load-balancer-controller":
            load_balancer_controller(c, p)
        case "kube-router":
            permissions.source_check(p)
        case "aws-cloud-controller-manager":
            permissions.cloud_controller(
                p,
                routes=c.present("spec.networking.kubenet"),
                security_groups=managed_nlb_groups(c),
            )
        case "ebs-csi-controller-sa":
            permissions.ebs_csi(p, snapshots=bool(c.read.boolean("spec.snapshotController.enabled")))
        case "karpenter":
            _karpenter(c, p)
    return p.document()


def managed_nlb_groups(c: Context) -> bool:
    """Whether the cloud controller manages security groups of network load balancers."""
    return c.read.string("spec.cloudConfig.nlbSecurityGroupMode") == "Managed"


def cluster_autoscaler(c: Context, p: Policy) -> None:
    """Permissions of the cluster autoscaler as configured."""
    static = bool(c.read.boolean("spec.clusterAutoscaler.awsUseStaticInstanceList"))
    permissions.cluster_autoscaler(p, static_instance_list=static)


def load_balancer_controller(c: Context, p: Policy) -> None:
    """Permissions of the AWS Load Balancer Controller as configured."""
    at = "spec.awsLoadBalancerController"
    permissions.load_balancer_controller(
        p,
        waf=bool(c.read.boolean(f"{at}.enableWAF")),
        wafv2=bool(c.read.boolean(f"{at}.enableWAFv2")),
        shield=bool(c.read.boolean(f"{at}.enableShield")),
    )


def _karpenter(c: Context, p: Policy) -> None:
    groups = [group for group in c.groups if group.karpenter]
    permissions.karpenter(
        p,
        own_profiles=any(group.text("iam.profile") for group in groups),
        own_keys=any(
            group.flag("rootVolumeEncryption") and group.text("rootVolumeEncryptionKey") for group in groups
        ),
        ec2_service=ec2_service(c.region),
        node_role=iam_name("nodes", c.name),
    )
