"""dns-controller: publishes the addresses of the API and of annotated services in Route 53."""

from __future__ import annotations

from kops_core.model.addons.context import (
    API_ON_THIS_NODE,
    CLUSTER_CRITICAL,
    AddonContext,
    on_control_plane,
    spell,
)
from kops_core.model.addons.objects import Object, container, deployment, merged, only, pod, requests
from kops_core.model.addons.rbac import (
    account_user,
    cluster_role,
    cluster_role_binding,
    rule,
    service_account,
)
from kops_core.model.environment import proxy_environment

NAME = "dns-controller"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    labels = {"k8s-app": NAME, "version": f"v{c.image_tag}"}
    return [
        deployment(
            NAME,
            {"k8s-app": NAME},
            pod(
                merged({"k8s-addon": "dns-controller.addons.k8s.io"}, labels),
                container(
                    NAME,
                    f"registry.k8s.io/kops/dns-controller:{c.image_tag}",
                    args=arguments(c),
                    env=merged(API_ON_THIS_NODE, proxy_variables(c)),
                    null="command",
                    resources=requests("50m", "50Mi"),
                    securityContext={"runAsNonRoot": True},
                ),
                dnsPolicy="Default",
                hostNetwork=True,
                null="nodeSelector",
                priorityClassName=c.text("spec.externalDns.priorityClassName", CLUSTER_CRITICAL),
                serviceAccount=NAME,
                placement=on_control_plane(uninitialized=True),
            ),
            labels=labels,
            replicas=1,
            strategy={"type": "Recreate"},
        ),
        service_account(NAME),
        cluster_role(
            "kops:dns-controller",
            rule("", "endpoints services pods ingress nodes", "get list watch"),
            rule("networking.k8s.io", "ingresses", "get list watch"),
        ),
        cluster_role_binding("kops:dns-controller", "kops:dns-controller", account_user(NAME)),
    ]


def arguments(c: AddonContext) -> list[str]:
    """Its command line: the cluster's zone first, then any zone, for names of users' services."""
    watch = bool(c.read.boolean("spec.externalDns.watchIngress"))
    namespace = c.read.string("spec.externalDns.watchNamespace")
    zone = c.read.string("spec.dnsZone") or ""
    return [
        f"--watch-ingress={spell(watch)}",
        *only(namespace, f"--watch-namespace={namespace}"),
        "--dns=aws-route53",
        *only(zone, f"--zone={zone}" if "." in zone else f"--zone=*/{zone}"),
        "--internal-ipv6" if c.ipv6_only else "--internal-ipv4",
        "--zone=*/*",
        "-v=2",
    ]


def proxy_variables(c: AddonContext) -> dict[str, str]:
    """The proxy's variables that are not empty."""
    return {name: value for name, value in proxy_environment(c).items() if value not in ("", "http://")}
