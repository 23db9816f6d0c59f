"""openstack"""

from kops_core.api.v1alpha2.types import Int64, Model, Nonzero, about


class OpenstackLoadbalancerConfig(Model):
    """OpenstackLoadbalancerConfig."""

    method: str | None = about("")
    provider: str | None = about("")
    useOctavia: bool | None = about("")
    floatingNetwork: str | None = about("")
    floatingNetworkID: str | None = about("")
    floatingSubnet: str | None = about("")
    subnetID: str | None = about("")
    manageSecurityGroups: bool | None = about("")
    enableIngressHostname: bool | None = about("")
    ingressHostnameSuffix: str | None = about("")
    flavorID: str | None = about("")


class OpenstackMonitor(Model):
    """OpenstackMonitor."""

    delay: str | None = about("")
    timeout: str | None = about("")
    maxRetries: Int64 | None = about("")


class OpenstackRouter(Model):
    """OpenstackRouter."""

    externalNetwork: str | None = about("")
    dnsServers: str | None = about("")
    externalSubnet: str | None = about("")
    availabilityZoneHints: list[str | None] | None = about("")


class OpenstackBlockStorageConfig(Model):
    """OpenstackBlockStorageConfig."""

    bs_version: str | None = about("", key="bs-version")
    ignore_volume_az: bool | None = about("", key="ignore-volume-az")
    override_volume_az: str | None = about("", key="override-volume-az")
    ignore_volume_microversion: bool | None = about("", key="ignore-volume-microversion")
    metricsEnabled: bool | None = about("")
    createStorageClass: bool | None = about("")
    csiPluginImage: Nonzero[str] = about("")
    csiTopologySupport: bool | None = about("")
    clusterName: Nonzero[str] = about("")


class OpenstackNetwork(Model):
    """OpenstackNetwork."""

    availabilityZoneHints: list[str | None] | None = about("")
    ipv6SupportDisabled: bool | None = about("")
    publicNetworkNames: list[str | None] | None = about("")
    internalNetworkNames: list[str | None] | None = about("")
    addressSortOrder: str | None = about("")


class OpenstackMetadata(Model):
    """OpenstackMetadata."""

    configDrive: bool | None = about("")


class OpenstackSpec(Model):
    """OpenstackSpec."""

    loadbalancer: OpenstackLoadbalancerConfig | None = about("")
    monitor: OpenstackMonitor | None = about("")
    router: OpenstackRouter | None = about("")
    blockStorage: OpenstackBlockStorageConfig | None = about("")
    insecureSkipVerify: bool | None = about("")
    network: OpenstackNetwork | None = about("")
    metadata: OpenstackMetadata | None = about("")
