"""CoreDNS, the DNS server of the cluster, and its autoscaler."""

from __future__ import annotations

from kops_core.model.addons.context import CLUSTER_CRITICAL, CONTROL_PLANE, MASTER, AddonContext
from kops_core.model.addons.manifest import structure
from kops_core.model.addons.objects import (
    SPC,
    Object,
    config_map,
    config_volume,
    container,
    deployment,
    disruption_budget,
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
    spread,
    tolerates,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account
from kops_core.model.documents import Document

NAME = "coredns"
AUTOSCALER = "coredns-autoscaler"
IMAGE = "registry.k8s.io/coredns/coredns:v1.14.2"
AUTOSCALER_IMAGE = "registry.k8s.io/cpa/cluster-proportional-autoscaler:v1.9.0"
"""As of kOps 1.37, July 2026."""
PODS = {"k8s-app": "kube-dns"}
LINUX = {"kubernetes.io/os": "linux"}
CLUSTER_SERVICE = {"kubernetes.io/cluster-service": "true"}
BOOTSTRAPPING = {"kubernetes.io/bootstrapping": "rbac-defaults"}
AT = "spec.kubeDNS"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    role = "system:coredns"
    labels = PODS | CLUSTER_SERVICE | {"kubernetes.io/name": "CoreDNS"}
    return [
        service_account(NAME, labels=CLUSTER_SERVICE),
        cluster_role(
            role,
            rule("", "endpoints services pods namespaces", "list watch"),
            rule("discovery.k8s.io", "endpointslices", "list watch"),
            labels=BOOTSTRAPPING,
        ),
        cluster_role_binding(
            role,
            role,
            account(NAME),
            labels=BOOTSTRAPPING,
            annotations={"rbac.authorization.kubernetes.io/autoupdate": "true"},
        ),
        config_map(
            NAME, {"Corefile": corefile(c)}, labels={"addonmanager.kubernetes.io/mode": "EnsureExists"}
        ),
        _deployment(c, labels),
        dns_service(c, labels, {"prometheus.io/port": "9153", "prometheus.io/scrape": "true"}, metrics=True),
        disruption_budget("kube-dns", PODS, maxUnavailable="33%", unhealthyPodEvictionPolicy="AlwaysAllow"),
        *autoscaler_permissions(AUTOSCALER),
        _autoscaler(c),
    ]


def corefile(c: AddonContext) -> str:
    """CoreDNS' configuration: the user's, or ours."""
    written = c.read.string(f"{AT}.externalCoreFile")
    if written:
        return written
    upstream = " ".join(c.read.strings(f"{AT}.upstreamNameservers")) or "/etc/resolv.conf"
    # Without DNS records, nodes write the API's addresses to their hosts file.
    hosts = [f"hosts /rootfs/etc/hosts {c.name} {{", "  ttl 30", "  fallthrough", "}"]
    lines = [
        "errors",
        "health {",
        "  lameduck 10s",
        "}",
        "ready",
        f"kubernetes {c.text(f'{AT}.domain')}. in-addr.arpa ip6.arpa {{",
        "  pods insecure",
        "  fallthrough in-addr.arpa ip6.arpa",
        "  ttl 30",
        "}",
        *only(not c.publishes_dns, *hosts),
        "prometheus :9153",
        f"forward . {upstream} {{",
        "  max_concurrent 1000",
        "}",
        "cache 30",
        "loop",
        "reload",
        "loadbalance",
        *only(c.ipv6_only, "dns64"),
    ]
    return "\n".join([".:53 {", *(f"    {line}" for line in lines), "}"])


def dns_service(
    c: AddonContext, labels: dict[str, str], annotations: dict[str, str] | None, *, metrics: bool
) -> Object:
    """The DNS service of the cluster."""
    found = service(
        "kube-dns",
        PODS,
        service_port(53, "dns", protocol="UDP"),
        service_port(53, "dns-tcp", protocol="TCP"),
        *only(metrics, service_port(9153, "metrics", protocol="TCP")),
        labels=labels,
        annotations=annotations,
        clusterIP=c.text(f"{AT}.serverIP"),
    )
    # Without this version an update of a service that was created by other means is refused.
    return {**found, "metadata": {**structure(found["metadata"]), "resourceVersion": "0"}}


def tolerations(c: AddonContext, *, control_plane: bool) -> list[Document]:
    """The user's tolerations or ours, and the control plane's if there may be no other node."""
    given: list[Document] = [*c.read.records(f"{AT}.tolerations")] or [*tolerates("CriticalAddonsOnly")]
    return [*given, *(tolerates(MASTER, CONTROL_PLANE) if control_plane else [])]


def _deployment(c: AddonContext, labels: dict[str, str]) -> Object:
    hosts = not c.publishes_dns
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                c.text(f"{AT}.coreDNSImage", IMAGE),
                args=["-conf", "/etc/coredns/Corefile"],
                ports=[port(53, "dns", "UDP"), port(53, "dns-tcp", "TCP"), port(9153, "metrics", "TCP")],
                mounts=[
                    mount("config-volume", "/etc/coredns", readOnly=True),
                    *only(hosts, mount("etc-hosts", "/rootfs/etc/hosts", readOnly=True)),
                ],
                livenessProbe=http_probe(
                    "/health",
                    8080,
                    scheme="HTTP",
                    failureThreshold=5,
                    initialDelaySeconds=60,
                    successThreshold=1,
                    timeoutSeconds=5,
                ),
                readinessProbe=http_probe(
                    "/ready", 8181, scheme="HTTP", failureThreshold=1, periodSeconds=5, timeoutSeconds=5
                ),
                resources=requests(
                    c.text(f"{AT}.cpuRequest"),
                    c.text(f"{AT}.memoryRequest"),
                    limits={"memory": c.text(f"{AT}.memoryLimit")},
                ),
                imagePullPolicy="IfNotPresent",
                securityContext=fields(
                    allowPrivilegeEscalation=False,
                    capabilities={"add": ["NET_BIND_SERVICE"], "drop": ["all"]},
                    readOnlyRootFilesystem=True,
                    seLinuxOptions=SPC if c.selinux else None,
                ),
            ),
            annotations=c.strings_by_key(f"{AT}.podAnnotations"),
            affinity=c.read.mapping(f"{AT}.affinity") or None,
            dnsPolicy="Default",
            nodeSelector=LINUX,
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccountName=NAME,
            tolerations=tolerations(c, control_plane=c.karpenter),
            topologySpreadConstraints=[
                spread("topology.kubernetes.io/zone", PODS),
                spread("kubernetes.io/hostname", PODS, hard=True, nodeTaintsPolicy="Honor"),
            ],
            volumes=[
                config_volume("config-volume", NAME),
                *only(hosts, host_path("etc-hosts", "/etc/hosts", "File")),
            ],
        ),
        labels=labels,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "10%", "maxUnavailable": 1}},
    )


def autoscaler_permissions(name: str) -> list[Object]:
    """Permissions of the proportional autoscaler: to list nodes, and to scale DNS servers."""
    return [
        service_account(name),
        cluster_role(
            name,
            rule("", "nodes", "list watch"),
            rule("", "replicationcontrollers/scale", "get update"),
            rule("extensions|apps", "deployments/scale replicasets/scale", "get update"),
            rule("", "configmaps", "get create"),
        ),
        cluster_role_binding(name, name, account(name)),
    ]


def _autoscaler(c: AddonContext) -> Object:
    return proportional_autoscaler(
        AUTOSCALER,
        NAME,
        c.text(f"{AT}.cpaImage", AUTOSCALER_IMAGE),
        affinity=c.read.mapping(f"{AT}.affinity") or None,
        nodeSelector=LINUX,
        priorityClassName=None if c.karpenter else CLUSTER_CRITICAL,
        tolerations=tolerations(c, control_plane=False),
    )


def proportional_autoscaler(name: str, target: str, image: str, **placement: Document) -> Object:
    """The deployment of an autoscaler that runs a DNS server for each 256 cores or 16 nodes.

    target: the deployment that it scales; placement: further fields of its pod.
    """
    sizes = '{"linear":{"coresPerReplica":256,"nodesPerReplica":16,"preventSinglePointFailure":true}}'
    return deployment(
        name,
        {"k8s-app": name},
        pod(
            {"k8s-app": name},
            container(
                "autoscaler",
                image,
                command=[
                    "/cluster-proportional-autoscaler",
                    "--namespace=kube-system",
                    f"--configmap={name}",
                    f"--target=Deployment/{target}",
                    f"--default-params={sizes}",
                    "--logtostderr=true",
                    "--v=2",
                ],
                resources=requests("20m", "10Mi"),
            ),
            placement={field: value for field, value in placement.items() if value is not None},
            serviceAccountName=name,
        ),
        labels={"k8s-app": name} | CLUSTER_SERVICE,
    )
