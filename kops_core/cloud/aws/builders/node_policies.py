"""IAM policies of the machines of a role."""

from __future__ import annotations

from kops_core.cloud.aws.builders import permissions, service_accounts
from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.builders.policy import Policy
from kops_core.cloud.aws.builders.warm_pool import lifecycle_hook
from kops_core.model.context import Context, Role
from kops_core.model.template import Key, Ref, Template


def policy(c: Context, role: Role) -> Template | str:
    """The inline policy of a role; empty for bastions."""
    p = Policy(c.name, c.region, partition(c))
    if role is Role.BASTION:
        return p.document()
    if role is Role.CONTROL_PLANE:
        permissions.etcd_manager(p)
        permissions.kops_controller(p, ipam=c.ipv6_only)
    permissions.nodeup(
        p,
        lifecycle_hook=role is not Role.CONTROL_PLANE and _any_hook(c, role),
        instance_types=_asks_instance_types(c, role),
        ipam=c.ipv6_only,
    )
    if role is not Role.NODE:
        _store(c, p, role)
        permissions.kms(p, direct=bool(c.read.boolean("spec.encryptionConfig")))
    if role is Role.CONTROL_PLANE and not service_accounts.external_permissions(c):
        _components(c, p)
    _registry(c, p)
    _networking(c, p, role)
    return p.document()


def _any_hook(c: Context, role: Role) -> bool:
    return any(lifecycle_hook(c, group) for group in c.groups_of(role))


def _asks_instance_types(c: Context, role: Role) -> bool:
    gpu = c.read.boolean("spec.containerd.nvidiaGPU.enabled") or any(
        group.flag("containerd.nvidiaGPU.enabled") for group in c.groups_of(role)
    )
    return bool(gpu) or c.present("spec.networking.amazonvpc") or cilium_eni(c)


def cilium_eni(c: Context) -> bool:
    """Whether Cilium assigns addresses of AWS network interfaces to pods (ENI mode)."""
    return c.read.string("spec.networking.cilium.ipam") == "eni"


def _components(c: Context, p: Policy) -> None:
    """Permissions of components without a role of their own, which use the control plane's."""
    if c.publishes_dns:
        permissions.dns_records(p, dns_zone(c))
    permissions.ebs_csi(p, snapshots=bool(c.read.boolean("spec.snapshotController.enabled")))
    permissions.cloud_controller(
        p,
        routes=c.present("spec.networking.kubenet"),
        security_groups=service_accounts.managed_nlb_groups(c),
    )
    if c.read.boolean("spec.awsLoadBalancerController.enabled"):
        service_accounts.load_balancer_controller(c, p)
    service_accounts.cluster_autoscaler(c, p)
    if queue_mode(c):
        permissions.termination_handler(p)


def queue_mode(c: Context) -> bool:
    """Whether the node termination handler reads a queue instead of instance metadata."""
    drains = c.read.boolean("spec.nodeTerminationHandler.enableSQSTerminationDraining")
    return bool(c.read.boolean("spec.nodeTerminationHandler.enabled")) and drains is not False


def dns_zone(c: Context) -> Ref:
    """The id of the hosted zone of the API's names."""
    return Ref(Key("DNSZone", c.read.string("spec.dnsZone") or ""))


def _registry(c: Context, p: Policy) -> None:
    if c.read.boolean("spec.iam.allowContainerRegistry"):
        permissions.container_registry(p)
    if c.read.boolean("spec.containerd.useECRCredentialsForMirrors"):
        permissions.registry_pull_through(p)


def _networking(c: Context, p: Policy, role: Role) -> None:
    if c.present("spec.networking.amazonvpc"):
        permissions.amazon_vpc_cni(p)
    if cilium_eni(c) and role is not Role.NODE:
        permissions.cilium_eni(p)
    if (
        c.present("spec.networking.calico")
        and c.read.string("spec.networking.calico.awsSrcDstCheck") != "DoNothing"
        and not c.ipv6_only
    ):
        permissions.calico_source_check(p)
    if c.present("spec.networking.kuberouter") and role is Role.NODE:
        permissions.source_check(p)
    if c.present("spec.networking.kindnet"):
        permissions.source_check(p)


def _store(c: Context, p: Policy, role: Role) -> None:
    """Permissions for the state store: reading the cluster's folder, writing etcd's backups."""
    buckets: set[str] = set()
    for root in _roots(
        [c.read.string(f"spec.{name}") or "" for name in ("keyStore", "secretStore", "configBase")]
    ):
        path = bucket_path(root, "placeholder-read-bucket")
        permissions.read_bucket(p, path)
        buckets.add(path.partition("/")[0])
    if role is Role.CONTROL_PLANE:
        stores = [str(url) for _, url in c.read.each("spec.etcdClusters[*].backups.backupStore") if url]
        for url in dict.fromkeys(stores):
            path = bucket_path(url, "placeholder-write-bucket")
            permissions.write_bucket(p, path)
            buckets.add(path.partition("/")[0])
    for bucket in sorted(buckets):
        permissions.list_bucket(p, bucket)


def _roots(urls: list[str]) -> list[str]:
    """The locations that are not within others."""
    places = [url.rstrip("/") + "/" for url in urls if url]
    return sorted(
        {each for each in places if not any(each != other and each.startswith(other) for other in places)}
    )


def bucket_path(url: str, placeholder: str) -> str:
    """``bucket/key`` of a store URL. Stores that are not buckets (files, memory) get a placeholder."""
    scheme, _, rest = url.rstrip("/").partition("://")
    return rest if scheme == "s3" else f"{placeholder}/{rest or scheme}"
