"""DNS inside the cluster and of the cluster."""

from typing import Annotated

from kops_core.api.v1alpha2.kubernetes import Affinity, Toleration
from kops_core.api.v1alpha2.types import UNUSED, Int64, Lost, Model, Nonzero, OneOf, Quantity, about


class NodeLocalDNSConfig(Model):
    """A DNS cache on each node."""

    enabled: bool | None = about("Whether it is installed.")
    externalCoreFile: Nonzero[str] = about("A whole Corefile in place of kOps'.")
    additionalConfig: Nonzero[str] = about("More servers for its Corefile.")
    image: str | None = about("Image to run instead of the one kOps picks.")
    localIP: Nonzero[str] = about("Address that it listens on.")
    forwardToKubeDNS: bool | None = about("Whether names outside the cluster go to the cluster's DNS too.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    podAnnotations: dict[str, str] | None = about("Annotations for its pods.")


class KubeDNSConfig(Model):
    """The cluster's DNS."""

    cacheMaxSize: Nonzero[Int64] = about("Names in its cache at most.")
    cacheMaxConcurrent: Nonzero[Int64] = about("Queries at once at most.")
    tolerations: list[Toleration] | None = about("Taints that its pods accept.")
    affinity: Affinity | None = about("Where its pods are scheduled.")
    coreDNSImage: Nonzero[str] = about("Image of CoreDNS.")
    cpaImage: Nonzero[str] = about("Image of its autoscaler.")
    domain: Nonzero[str] = about("Domain that it serves.")
    externalCoreFile: Nonzero[str] = about("A whole Corefile in place of kOps'.")
    image: Lost[str] = about(UNUSED)
    replicas: Lost[Int64] = about(UNUSED)
    provider: Nonzero[Annotated[str, OneOf(("CoreDNS", "KubeDNS"))]] = about("Which DNS server.")
    serverIP: Nonzero[str] = about("Address of its service.")
    stubDomains: dict[str, list[str]] | None = about("Domains with name servers of their own.")
    upstreamNameservers: list[str] | None = about("Name servers for other domains.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    nodeLocalDNS: NodeLocalDNSConfig | None = about("A DNS cache on each node.")
    podAnnotations: dict[str, str] | None = about("Annotations for its pods.")


class ExternalDNSConfig(Model):
    """External DNS, which publishes DNS records."""

    disable: Nonzero[bool] = about("Whether there is none.")
    watchIngress: bool | None = about("Whether ingresses get DNS records.")
    watchNamespace: Nonzero[str] = about("Namespace to look at; all if unset.")
    provider: Nonzero[Annotated[str, OneOf(("dns-controller", "external-dns"))]] = about("Which program.")
    priorityClassName: str | None = about("Priority class of its pods.")


class GossipConfigSecondary(Model):
    """A second gossip network; removed from kOps."""

    protocol: str | None = about("Gossip protocol.")
    listen: str | None = about("Address to listen on.")
    secret: str | None = about("Shared secret.")


class GossipConfig(Model):
    """Gossip DNS; removed from kOps."""

    protocol: str | None = about("Gossip protocol.")
    listen: str | None = about("Address to listen on.")
    secret: str | None = about("Shared secret.")
    secondary: GossipConfigSecondary | None = about("A second gossip network.")


class DNSControllerGossipConfigSecondary(Model):
    """A second gossip network of dns-controller; removed from kOps."""

    protocol: str | None = about("Gossip protocol.")
    listen: str | None = about("Address to listen on.")
    secret: str | None = about("Shared secret.")
    seed: str | None = about("First peer.")


class DNSControllerGossipConfig(Model):
    """Gossip of dns-controller; removed from kOps."""

    protocol: str | None = about("Gossip protocol.")
    listen: str | None = about("Address to listen on.")
    secret: str | None = about("Shared secret.")
    secondary: DNSControllerGossipConfigSecondary | None = about("A second gossip network.")
    seed: str | None = about("First peer.")
