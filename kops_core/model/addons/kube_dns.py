"""kube-dns, which older clusters still use in place of CoreDNS, and its autoscaler."""

from __future__ import annotations

import json

from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext
from kops_core.model.addons.coredns import (
    CLUSTER_SERVICE,
    autoscaler_permissions,
    dns_service,
    proportional_autoscaler,
)
from kops_core.model.addons.objects import (
    Object,
    config_map,
    config_volume,
    container,
    deployment,
    disruption_budget,
    http_probe,
    matches,
    mount,
    only,
    pod,
    port,
    requests,
    tolerates,
)
from kops_core.model.addons.rbac import service_account

NAME = "kube-dns"
AUTOSCALER = "kube-dns-autoscaler"
VERSION = "1.15.13"
AUTOSCALER_IMAGE = "registry.k8s.io/cpa/cluster-proportional-autoscaler:v1.8.8"
"""As of kOps 1.37, July 2026."""
AT = "spec.kubeDNS"
PODS = {"k8s-app": NAME}
LABELS = PODS | CLUSTER_SERVICE


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *_settings(c),
        _autoscaler(c),
        _deployment(c),
        service_account(NAME, labels=LABELS),
        dns_service(c, LABELS | {"kubernetes.io/name": "KubeDNS"}, None, metrics=False),
        *autoscaler_permissions(AUTOSCALER),
        disruption_budget(NAME, PODS, maxUnavailable="50%"),
    ]


def _settings(c: AddonContext) -> list[Object]:
    given = {
        "upstreamNameservers": c.read.strings(f"{AT}.upstreamNameservers"),
        "stubDomains": c.read.mapping(f"{AT}.stubDomains"),
    }
    data = {
        name: json.dumps(value, separators=(",", ":"), sort_keys=True) + "\n"
        for name, value in given.items()
        if value
    }
    return only(data, config_map(NAME, data))


def _autoscaler(c: AddonContext) -> Object:
    return proportional_autoscaler(
        AUTOSCALER,
        NAME,
        c.text(f"{AT}.cpaImage", AUTOSCALER_IMAGE),
        priorityClassName=CLUSTER_CRITICAL,
        tolerations=tolerates("CriticalAddonsOnly"),
    )


def _deployment(c: AddonContext) -> Object:
    apart: Object = {
        "labelSelector": {"matchExpressions": [matches("k8s-app", "In", NAME)]},
        "topologyKey": "kubernetes.io/hostname",
    }
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            _server(c),
            _cache(c),
            _prober(c),
            annotations={"prometheus.io/scrape": "true", "prometheus.io/port": "10055"},
            affinity={
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "podAffinityTerm": apart}
                    ]
                }
            },
            dnsPolicy="Default",
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccountName=NAME,
            volumes=[config_volume("kube-dns-config", NAME, optional=True)],
        ),
        labels=LABELS,
        strategy={"rollingUpdate": {"maxSurge": "10%", "maxUnavailable": 0}},
    )


def _alive(path: str) -> Object:
    return http_probe(
        path,
        10054,
        scheme="HTTP",
        failureThreshold=5,
        initialDelaySeconds=60,
        successThreshold=1,
        timeoutSeconds=5,
    )


def _server(c: AddonContext) -> Object:
    return container(
        "kubedns",
        f"registry.k8s.io/k8s-dns-kube-dns:{VERSION}",
        args=[
            "--config-dir=/kube-dns-config",
            "--dns-port=10053",
            f"--domain={c.text(f'{AT}.domain')}.",
            "--v=2",
        ],
        env={"PROMETHEUS_PORT": "10055"},
        ports=[
            port(10053, "dns-local", "UDP"),
            port(10053, "dns-tcp-local", "TCP"),
            port(10055, "metrics", "TCP"),
        ],
        mounts=[mount("kube-dns-config", "/kube-dns-config")],
        livenessProbe=_alive("/healthcheck/kubedns"),
        readinessProbe=http_probe("/readiness", 8081, scheme="HTTP", initialDelaySeconds=3, timeoutSeconds=5),
        resources=requests("100m", "70Mi", limits={"memory": "170Mi"}),
    )


def _cache(c: AddonContext) -> Object:
    return container(
        "dnsmasq",
        f"registry.k8s.io/k8s-dns-dnsmasq-nanny:{VERSION}",
        args=[
            "-v=2",
            "-logtostderr",
            "-configDir=/etc/k8s/dns/dnsmasq-nanny",
            "-restartDnsmasq=true",
            "--",
            "-k",
            f"--cache-size={c.text(f'{AT}.cacheMaxSize')}",
            f"--dns-forward-max={c.text(f'{AT}.cacheMaxConcurrent')}",
            "--no-negcache",
            "--log-facility=-",
            f"--server=/{c.text(f'{AT}.domain')}/127.0.0.1#10053",
            "--server=/in-addr.arpa/127.0.0.1#10053",
            "--server=/in6.arpa/127.0.0.1#10053",
            "--min-port=1024",
        ],
        ports=[port(53, "dns", "UDP"), port(53, "dns-tcp", "TCP")],
        mounts=[mount("kube-dns-config", "/etc/k8s/dns/dnsmasq-nanny")],
        livenessProbe=_alive("/healthcheck/dnsmasq"),
        resources=requests("150m", "20Mi"),
    )


def _prober(c: AddonContext) -> Object:
    asked = f"kubernetes.default.svc.{c.text(f'{AT}.domain')},5,A"
    return container(
        "sidecar",
        f"registry.k8s.io/k8s-dns-sidecar:{VERSION}",
        args=[
            "--v=2",
            "--logtostderr",
            f"--probe=kubedns,127.0.0.1:10053,{asked}",
            f"--probe=dnsmasq,127.0.0.1:53,{asked}",
        ],
        ports=[port(10054, "metrics", "TCP")],
        livenessProbe=_alive("/metrics"),
        resources=requests("10m", "20Mi"),
    )
