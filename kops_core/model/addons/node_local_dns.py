"""NodeLocal DNSCache: a DNS cache on each node, at a link-local address."""

from __future__ import annotations

from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    SPC,
    Object,
    config_map,
    config_volume,
    container,
    daemon_set,
    fields,
    host_path,
    http_probe,
    mount,
    only,
    pod,
    port,
    requests,
    service,
    service_port,
    tolerates,
)
from kops_core.model.addons.rbac import service_account

NAME = "node-local-dns"
AT = "spec.kubeDNS.nodeLocalDNS"
PODS = {"k8s-app": NAME}
HEALTH_PORT = 3989
RECONCILED = {"addonmanager.kubernetes.io/mode": "Reconcile"}
LABELS = RECONCILED | {"kubernetes.io/cluster-service": "true"}
TO_BE_REPLACED = "__PILLAR__CLUSTER__DNS__"
"""Replaced by the cache itself with the address of the upstream service."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        service_account(NAME, labels=LABELS),
        service(
            "kube-dns-upstream",
            {"k8s-app": "kube-dns"},
            service_port(53, "dns", 53, "UDP"),
            service_port(53, "dns-tcp", 53, "TCP"),
            labels=LABELS | {"k8s-app": "kube-dns", "kubernetes.io/name": "KubeDNSUpstream"},
        ),
        config_map(NAME, {"Corefile": corefile(c)}, labels=RECONCILED),
        _daemon_set(c),
    ]


def corefile(c: AddonContext) -> str:
    """The cache's configuration: the user's, or ours followed by the user's zones."""
    written = c.read.string(f"{AT}.externalCoreFile")
    if written:
        return written
    here = c.text(f"{AT}.localIP")
    with_ipvs = c.read.string("spec.kubeProxy.proxyMode") == "ipvs"
    cluster_dns = c.text("spec.kubeDNS.serverIP") if with_ipvs else TO_BE_REPLACED
    to_cluster = [f"forward . {cluster_dns} {{", "  force_tcp", "}"]
    common = ["reload", "loop", f"bind {here}"]
    address = f"[{here}]" if ":" in here else here
    first = [
        "errors",
        "cache {",
        "  success 9984 30",
        "  denial 9984 5",
        "}",
        *common,
        *to_cluster,
        "prometheus :9253",
        f"health {address}:{HEALTH_PORT}",
    ]
    cached = ["errors", "cache 30", *common]
    to_upstream = ["forward . __PILLAR__UPSTREAM__SERVERS__", "prometheus :9253", *only(c.ipv6_only, "dns64")]
    inside = [*cached, *to_cluster, "prometheus :9253"]
    zones = {f"{c.text('spec.kubeDNS.domain')}:53": first}
    if c.read.boolean(f"{AT}.forwardToKubeDNS"):
        zones[".:53"] = inside
    else:
        zones |= {"in-addr.arpa:53": inside, "ip6.arpa:53": inside, ".:53": [*cached, *to_upstream]}
    blocks = "".join(_block(zone, lines) for zone, lines in zones.items())
    return blocks + c.text(f"{AT}.additionalConfig")


def _block(zone: str, lines: list[str]) -> str:
    return "\n".join([f"{zone} {{", *(f"    {line}" for line in lines), "}", ""])


def _daemon_set(c: AddonContext) -> Object:
    here = c.text(f"{AT}.localIP")
    prometheus = {"prometheus.io/port": "9253", "prometheus.io/scrape": "true"}
    return daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                "node-cache",
                c.text(f"{AT}.image"),
                args=[
                    f"-localip={here}",
                    "-conf=/etc/Corefile",
                    "-upstreamsvc=kube-dns-upstream",
                    "-setupiptables=false",
                ],
                ports=[port(53, "dns", "UDP"), port(53, "dns-tcp", "TCP"), port(9253, "metrics", "TCP")],
                mounts=[
                    mount("xtables-lock", "/run/xtables.lock", readOnly=False),
                    mount("config-volume", "/etc/coredns"),
                    mount("kube-dns-config", "/etc/kube-dns"),
                ],
                livenessProbe=http_probe(
                    "/health", HEALTH_PORT, host=here, initialDelaySeconds=60, timeoutSeconds=5
                ),
                resources=requests(c.text(f"{AT}.cpuRequest"), c.text(f"{AT}.memoryRequest")),
                securityContext=fields(
                    capabilities={"add": ["NET_ADMIN"]}, seLinuxOptions=SPC if c.selinux else None
                ),
            ),
            annotations=prometheus | c.strings_by_key(f"{AT}.podAnnotations"),
            dnsPolicy="Default",
            hostNetwork=True,
            priorityClassName=NODE_CRITICAL,
            serviceAccountName=NAME,
            tolerations=[
                *tolerates("CriticalAddonsOnly"),
                {"effect": "NoExecute", "operator": "Exists"},
                {"effect": "NoSchedule", "operator": "Exists"},
            ],
            volumes=[
                host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
                config_volume("kube-dns-config", "kube-dns", optional=True),
                config_volume("config-volume", NAME, items=[{"key": "Corefile", "path": "Corefile.base"}]),
            ],
        ),
        labels=LABELS | PODS,
        updateStrategy={"type": "OnDelete"},
    )
