"""Cilium as an ingress controller and as a Gateway API controller."""

from __future__ import annotations

from kops_core.model.addons.cilium.features import AGENT, AT, PART, Features
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, only, service, service_port, thing

PLACEHOLDER = "192.192.192.192"
"""An address of no machine: the shared service needs an endpoint, but Cilium intercepts its traffic."""


def services(c: AddonContext, has: Features) -> list[Object]:
    """The service of Envoy's metrics and the service that ingresses share."""
    envoy = service(
        "cilium-agent",
        AGENT,
        service_port(9964, "envoy-metrics", "envoy-metrics", "TCP"),
        labels=AGENT | PART | {"app.kubernetes.io/name": "cilium-agent"},
        annotations={"prometheus.io/scrape": "true", "prometheus.io/port": "9964"},
        clusterIP="None",
        type="ClusterIP",
    )
    shared = thing(
        "v1",
        "Service",
        _shared_name(c),
        labels=PART | {"cilium.io/ingress": "true"},
        spec={
            "ports": [service_port(80, "http", protocol="TCP"), service_port(443, "https", protocol="TCP")],
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Cluster",
        },
    )
    return [*only(has.gateway and has.metrics, envoy), *only(_shares(c, has), shared)]


def classes(has: Features) -> list[Object]:
    """The ingress class of Cilium."""
    return only(
        has.ingress,
        thing(
            "networking.k8s.io/v1",
            "IngressClass",
            "cilium",
            None,
            spec={"controller": "cilium.io/ingress-controller"},
        ),
    )


def shared_endpoints(c: AddonContext, has: Features) -> list[Object]:
    """The endpoint of the shared service, and the gateway class of Cilium."""
    subset: Object = {"addresses": [{"ip": PLACEHOLDER}], "ports": [{"port": 9999}]}
    gateway_class: Object = {
        "controllerName": "io.cilium/gateway-controller",
        "description": "The default Cilium GatewayClass",
    }
    return [
        *only(_shares(c, has), thing("v1", "Endpoints", _shared_name(c), subsets=[subset])),
        *only(
            has.gateway,
            thing("gateway.networking.k8s.io/v1", "GatewayClass", "cilium", None, spec=gateway_class),
        ),
    ]


def _shares(c: AddonContext, has: Features) -> bool:
    return has.ingress and c.text(f"{AT}.ingress.defaultLoadBalancerMode", "shared") == "shared"


def _shared_name(c: AddonContext) -> str:
    return c.text(f"{AT}.ingress.sharedLoadBalancerServiceName")
