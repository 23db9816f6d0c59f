"""addons"""

from kops_core.api.v1alpha2.types import Int64, Model, Nonzero, Quantity, about


class AddonSpec(Model):
    """AddonSpec."""

    manifest: Nonzero[str] = about("")


class NodeProblemDetectorConfig(Model):
    """NodeProblemDetectorConfig."""

    enabled: bool | None = about("")
    image: str | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
    cpuLimit: Quantity | None = about("")


class MetricsServerConfig(Model):
    """MetricsServerConfig."""

    enabled: bool | None = about("")
    image: str | None = about("")
    insecure: bool | None = about("")


class CertManagerConfig(Model):
    """CertManagerConfig."""

    enabled: bool | None = about("")
    managed: bool | None = about("")
    image: str | None = about("")
    defaultIssuer: str | None = about("")
    nameservers: list[str] | None = about("")
    hostedZoneIDs: list[str] | None = about("")
    featureGates: dict[str, bool] | None = about("")


class SnapshotControllerConfig(Model):
    """SnapshotControllerConfig."""

    enabled: bool | None = about("")
    installDefaultClass: Nonzero[bool] = about("")


class KarpenterConfig(Model):
    """KarpenterConfig."""

    enabled: Nonzero[bool] = about("")
    logEncoding: Nonzero[str] = about("")
    logLevel: Nonzero[str] = about("")
    image: Nonzero[str] = about("")
    featureGates: Nonzero[str] = about("")
    memoryLimit: Quantity | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")


class PodIdentityWebhookSpec(Model):
    """PodIdentityWebhookSpec."""

    enabled: Nonzero[bool] = about("")
    replicas: Nonzero[Int64] = about("")


class LoadBalancerControllerSpec(Model):
    """LoadBalancerControllerSpec."""

    enabled: bool | None = about("")
    version: str | None = about("")
    enableWAF: Nonzero[bool] = about("")
    enableWAFv2: Nonzero[bool] = about("")
    enableShield: Nonzero[bool] = about("")
    cpuRequest: Quantity | None = about("")
    cpuLimit: Quantity | None = about("")
    memoryRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
