"""Settings for OpenStack."""

from kops_core.api.v1alpha2.types import Int64, Model, Nonzero, about


class OpenstackLoadbalancerConfig(Model):
    """Load balancers on OpenStack."""

    method: str | None = about("How a backend is chosen.")
    provider: str | None = about("What makes the load balancers.")
    useOctavia: bool | None = about("Whether Octavia does.")
    floatingNetwork: str | None = about("Network of floating addresses.")
    floatingNetworkID: str | None = about("Id of that network.")
    floatingSubnet: str | None = about("Subnet of floating addresses.")
    subnetID: str | None = about("Subnet of the load balancers.")
    manageSecurityGroups: bool | None = about("Whether security groups are managed.")
    enableIngressHostname: bool | None = about("Whether services are given host names.")
    ingressHostnameSuffix: str | None = about("Suffix of those names.")
    flavorID: str | None = about("Flavor of the load balancers.")


class OpenstackMonitor(Model):
    """Health checks of load balancers on OpenStack."""

    delay: str | None = about("Time between checks.")
    timeout: str | None = about("Time after which a check fails.")
    maxRetries: Int64 | None = about("Failures before a backend is out.")


class OpenstackRouter(Model):
    """The router on OpenStack."""

    externalNetwork: str | None = about("Network outside.")
    dnsServers: str | None = about("DNS servers, by comma.")
    externalSubnet: str | None = about("Subnet outside.")
    availabilityZoneHints: list[str | None] | None = about("Preferred zones.")


class OpenstackBlockStorageConfig(Model):
    """Volumes on OpenStack."""

    bs_version: str | None = about("Version of the block storage API.", key="bs-version")
    ignore_volume_az: bool | None = about("Whether a volume's zone is ignored.", key="ignore-volume-az")
    override_volume_az: str | None = about("Zone for all volumes.", key="override-volume-az")
    ignore_volume_microversion: bool | None = about(
        "Whether the API's microversion is ignored.", key="ignore-volume-microversion"
    )
    metricsEnabled: bool | None = about("Whether metrics are served.")
    createStorageClass: bool | None = about("Whether a storage class is installed.")
    csiPluginImage: Nonzero[str] = about("Image of the driver.")
    csiTopologySupport: bool | None = about("Whether volumes keep to zones.")
    clusterName: Nonzero[str] = about("Name of the cluster, as the component is told.")


class OpenstackNetwork(Model):
    """Networks on OpenStack."""

    availabilityZoneHints: list[str | None] | None = about("Preferred zones.")
    ipv6SupportDisabled: bool | None = about("Whether IPv6 addresses are ignored.")
    publicNetworkNames: list[str | None] | None = about("Networks whose addresses are public.")
    internalNetworkNames: list[str | None] | None = about("Networks whose addresses are internal.")
    addressSortOrder: str | None = about("Which addresses come first.")


class OpenstackMetadata(Model):
    """Metadata on OpenStack."""

    configDrive: bool | None = about("Whether machines read it from a drive.")


class OpenstackSpec(Model):
    """Settings for OpenStack."""

    loadbalancer: OpenstackLoadbalancerConfig | None = about("Load balancers.")
    monitor: OpenstackMonitor | None = about("Health checks of load balancers.")
    router: OpenstackRouter | None = about("The router.")
    blockStorage: OpenstackBlockStorageConfig | None = about("Volumes.")
    insecureSkipVerify: bool | None = about("Whether certificates are not checked.")
    network: OpenstackNetwork | None = about("Networks.")
    metadata: OpenstackMetadata | None = about("Where machines read their metadata.")
