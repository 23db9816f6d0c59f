"""The options of ``create cluster``."""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = ("0.0.0.0/0", "::/0")
"""All IPv4 and IPv6 addresses, kOps' default for access to the API."""


@dataclass(frozen=True)
class CreateOptions:
    """The options of ``create cluster``. "", 0, () and None mean: not given."""

    cluster_name: str = ""
    cloud_provider: str = ""
    """By default guessed from the state store."""
    channel: str = "stable"
    config_base: str = ""
    """By default the cluster's folder in the state store."""
    discovery_store: str = ""
    public_discovery_service_url: str = ""

    kubernetes_version: str = ""
    kubernetes_feature_gates: tuple[str, ...] = ()
    """Names; ``-`` before one turns it off, ``+`` or nothing turns it on."""
    authorization: str = "RBAC"
    admin_access: tuple[str, ...] = EVERYWHERE
    ssh_access: tuple[str, ...] = ()
    """By default as ``admin_access``."""

    zones: tuple[str, ...] = ()
    control_plane_zones: tuple[str, ...] = ()
    network_id: str = ""
    subnet_ids: tuple[str, ...] = ()
    utility_subnet_ids: tuple[str, ...] = ()
    network_cidrs: tuple[str, ...] = ()
    """The network's range, then additional ranges."""
    egress: str = ""
    ipv6: bool = False
    disable_subnet_tags: bool = False
    networking: str = "cilium"
    topology: str = ""
    dns_type: str = ""
    dns_zone: str = ""
    api_load_balancer_type: str = ""
    api_ssl_certificate: str = ""
    api_public_name: str = ""
    bastion: bool = False

    control_plane_count: int = 0
    api_server_count: int = 0
    etcd_count: int = 0
    scheduler_count: int = 0
    kube_controller_manager_count: int = 0
    node_count: int = 0
    instance_manager: str = "cloudgroups"
    image: str = ""
    control_plane_image: str = ""
    node_image: str = ""
    bastion_image: str = ""
    control_plane_sizes: tuple[str, ...] = ()
    api_server_sizes: tuple[str, ...] = ()
    etcd_sizes: tuple[str, ...] = ()
    scheduler_sizes: tuple[str, ...] = ()
    kube_controller_manager_sizes: tuple[str, ...] = ()
    node_sizes: tuple[str, ...] = ()
    control_plane_volume_size: int = 0
    """GB"""
    node_volume_size: int = 0
    """GB"""
    control_plane_volume_type: str = ""
    node_volume_type: str = ""
    control_plane_security_groups: tuple[str, ...] = ()
    node_security_groups: tuple[str, ...] = ()
    control_plane_tenancy: str = ""
    node_tenancy: str = ""
    associate_public_ip: bool | None = None
    cloud_labels: str = ""
    """``key=value`` pairs joined by commas; a part with ``=`` in it stands in double quotes."""
    spotinst_product: str = ""
    spotinst_orientation: str = ""

    etcd_clusters: tuple[str, ...] = ("main", "events")
    encrypt_etcd_storage: bool | None = None
    """By default on."""
    etcd_storage_type: str = ""

    sets: tuple[str, ...] = ()
    """``path=value`` with kOps' internal field names."""
    unsets: tuple[str, ...] = ()

    container_runtime: str = ""
    addon_paths: tuple[str, ...] = ()
    ssh_public_key: str = ""
    """Path of a file; whoever calls ``create`` reads it."""
    target: str = "direct"
    out_dir: str = ""
    dry_run: bool = False
    output: str = ""
    yes: bool = False
