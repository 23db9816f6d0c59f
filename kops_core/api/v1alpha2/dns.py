"""dns"""

from typing import Annotated

from kops_core.api.v1alpha2.kubernetes import Affinity, Toleration
from kops_core.api.v1alpha2.types import UNUSED, Int64, Lost, Model, Nonzero, OneOf, Quantity, about


class NodeLocalDNSConfig(Model):
    """NodeLocalDNSConfig."""

    enabled: bool | None = about("")
    externalCoreFile: Nonzero[str] = about("")
    additionalConfig: Nonzero[str] = about("")
    image: str | None = about("")
    localIP: Nonzero[str] = about("")
    forwardToKubeDNS: bool | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    podAnnotations: dict[str, str] | None = about("")


class KubeDNSConfig(Model):
    """KubeDNSConfig."""

    cacheMaxSize: Nonzero[Int64] = about("")
    cacheMaxConcurrent: Nonzero[Int64] = about("")
    tolerations: list[Toleration] | None = about("")
    affinity: Affinity | None = about("")
    coreDNSImage: Nonzero[str] = about("")
    cpaImage: Nonzero[str] = about("")
    domain: Nonzero[str] = about("")
    externalCoreFile: Nonzero[str] = about("")
    image: Lost[str] = about(UNUSED)
    replicas: Lost[Int64] = about(UNUSED)
    provider: Nonzero[str] = about("")
    serverIP: Nonzero[str] = about("")
    stubDomains: dict[str, list[str]] | None = about("")
    upstreamNameservers: list[str] | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
    nodeLocalDNS: NodeLocalDNSConfig | None = about("")
    podAnnotations: dict[str, str] | None = about("")


class ExternalDNSConfig(Model):
    """ExternalDNSConfig."""

    disable: Nonzero[bool] = about("")
    watchIngress: bool | None = about("")
    watchNamespace: Nonzero[str] = about("")
    provider: Nonzero[Annotated[str, OneOf(("dns-controller", "external-dns"))]] = about("")
    priorityClassName: str | None = about("")


class GossipConfigSecondary(Model):
    """GossipConfigSecondary."""

    protocol: str | None = about("")
    listen: str | None = about("")
    secret: str | None = about("")


class GossipConfig(Model):
    """GossipConfig."""

    protocol: str | None = about("")
    listen: str | None = about("")
    secret: str | None = about("")
    secondary: GossipConfigSecondary | None = about("")


class DNSControllerGossipConfigSecondary(Model):
    """DNSControllerGossipConfigSecondary."""

    protocol: str | None = about("")
    listen: str | None = about("")
    secret: str | None = about("")
    seed: str | None = about("")


class DNSControllerGossipConfig(Model):
    """DNSControllerGossipConfig."""

    protocol: str | None = about("")
    listen: str | None = about("")
    secret: str | None = about("")
    secondary: DNSControllerGossipConfigSecondary | None = about("")
    seed: str | None = about("")
