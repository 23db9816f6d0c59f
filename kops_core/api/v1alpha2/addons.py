"""Add-ons that kOps installs."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Int64, Model, Nonzero, OneOf, Quantity, about


class AddonSpec(Model):
    """An add-on of your own."""

    manifest: Nonzero[str] = about("Place of its manifest.")


class NodeProblemDetectorConfig(Model):
    """Node problem detector, which reports sick nodes."""

    enabled: bool | None = about("Whether it is installed.")
    image: str | None = about("Image to run instead of the one kOps picks.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")


class MetricsServerConfig(Model):
    """Metrics server, for kubectl top and autoscaling."""

    enabled: bool | None = about("Whether it is installed.")
    image: str | None = about("Image to run instead of the one kOps picks.")
    insecure: bool | None = about("Whether kubelets' certificates are not checked.")


class CertManagerConfig(Model):
    """cert-manager."""

    enabled: bool | None = about("Whether it is installed.")
    managed: bool | None = about("Whether kOps installs it, or you do.")
    image: str | None = about("Image to run instead of the one kOps picks.")
    defaultIssuer: str | None = about("Issuer for ingresses that name none.")
    nameservers: list[str] | None = about("Name servers used to check DNS challenges.")
    hostedZoneIDs: list[str] | None = about("Hosted zones that it may change.")
    featureGates: dict[str, bool] | None = about("Feature gates to switch, by name.")


class SnapshotControllerConfig(Model):
    """Snapshots of volumes."""

    enabled: bool | None = about("Whether it is installed.")
    installDefaultClass: Nonzero[bool] = about("Whether a default snapshot class is installed.")


class KarpenterConfig(Model):
    """Karpenter, which starts machines as pods need them."""

    enabled: Nonzero[bool] = about("Whether it is installed.")
    logEncoding: Nonzero[str] = about("Format of its log.")
    logLevel: Nonzero[Annotated[str, OneOf(("debug", "info", "warn", "error"))]] = about(
        "Verbosity of its log."
    )
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    featureGates: Nonzero[str] = about("Feature gates, as name=value by comma.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")


class PodIdentityWebhookSpec(Model):
    """Pod identity webhook, which gives pods IAM roles."""

    enabled: Nonzero[bool] = about("Whether it is installed.")
    replicas: Nonzero[Int64] = about("Its pods.")


class LoadBalancerControllerSpec(Model):
    """AWS load balancer controller."""

    enabled: bool | None = about("Whether it is installed.")
    version: str | None = about("Version to run instead of the one kOps picks.")
    enableWAF: Nonzero[bool] = about("Whether it may use WAF Classic.")
    enableWAFv2: Nonzero[bool] = about("Whether it may use WAF.")
    enableShield: Nonzero[bool] = about("Whether it may use Shield.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
