"""kube-router: routes between nodes by BGP, and serves services and network policies."""

from __future__ import annotations

import json
from textwrap import indent

from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    SPC,
    Object,
    config_map,
    config_volume,
    container,
    daemon_set,
    host_path,
    http_probe,
    mount,
    only,
    pod,
    pod_field,
    requests,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account

NAME = "kube-router"
IMAGE = "docker.io/cloudnativelabs/kube-router:v2.11.1"
"""As of kOps 1.37, July 2026."""
PODS = {"k8s-app": NAME, "tier": "node"}
CONFIGURATION = "/etc/cni/net.d"
KUBECONFIG = "/var/lib/kube-router/kubeconfig"
SOCKET = "/run/containerd/containerd.sock"
OURS = f"{CONFIGURATION}/10-kuberouter.conflist"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        config_map("kube-router-cfg", {"cni-conf.json": _plugins()}, labels=PODS),
        _daemon_set(c),
        service_account(NAME),
        cluster_role(
            NAME,
            rule("", "namespaces pods services nodes endpoints", "list get watch"),
            rule("networking.k8s.io", "networkpolicies", "list get watch"),
            rule("extensions", "networkpolicies", "get list watch"),
            rule("coordination.k8s.io", "leases", "get create update"),
            rule("", "services/status", "update"),
            rule("discovery.k8s.io", "endpointslices", "get list watch"),
        ),
        cluster_role_binding(NAME, NAME, account(NAME), {"kind": "User", "name": "system:kube-router"}),
    ]


def _plugins() -> str:
    """Configuration of the plugins in kOps' layout."""
    bridge: Object = {
        "name": "kubernetes",
        "type": "bridge",
        "bridge": "kube-bridge",
        "isDefaultGateway": True,
        "hairpinMode": True,
        "ipam": {"type": "host-local"},
    }
    ports: Object = {"type": "portmap", "capabilities": {"snat": True, "portMappings": True}}
    plugins = [
        json.dumps(bridge, indent=3, separators=(",", ":")),
        json.dumps(ports, indent=3),
    ]
    listed = indent(",\n".join(plugins), " " * 6)
    return f'{{\n   "cniVersion":"0.3.0",\n   "name":"mynet",\n   "plugins":[\n{listed}\n   ]\n}}'


def _daemon_set(c: AddonContext) -> Object:
    services = c.text("spec.serviceClusterIPRange")
    nftables = c.read.boolean("spec.networking.kuberouter.useNFTablesForNetpol")
    return daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                IMAGE,
                args=[
                    "--strict-external-ip-validation=false",
                    "--run-router=true",
                    "--run-firewall=true",
                    "--run-service-proxy=true",
                    "--bgp-graceful-restart=true",
                    f"--kubeconfig={KUBECONFIG}",
                    "--metrics-port=12013",
                    f"--runtime-endpoint=unix://{SOCKET}",
                    "--hairpin-mode=true",
                    f'--service-cluster-ip-range="{services}"',
                    *only(nftables, "--use-nftables-for-netpol=true"),
                ],
                env={
                    "NODE_NAME": pod_field("spec.nodeName"),
                    "POD_NAME": pod_field("metadata.name"),
                    "KUBE_ROUTER_CNI_CONF_FILE": OURS,
                },
                mounts=[
                    mount("lib-modules", "/lib/modules", readOnly=True),
                    mount("cni-conf-dir", CONFIGURATION),
                    mount("kubeconfig", KUBECONFIG, readOnly=True),
                    mount("xtables-lock", "/run/xtables.lock", readOnly=False),
                    mount("rt-tables", "/usr/share/iproute2/rt_tables", readOnly=False),
                    mount("containerd-sock", SOCKET, readOnly=True),
                ],
                livenessProbe=http_probe("/healthz", 20244, initialDelaySeconds=10, periodSeconds=3),
                resources=requests("250m", "250Mi"),
                securityContext={"privileged": True},
            ),
            hostNetwork=True,
            hostPID=True,
            initContainers=[_install()],
            priorityClassName=NODE_CRITICAL,
            securityContext={"seLinuxOptions": SPC} if c.selinux else None,
            serviceAccount=NAME,
            serviceAccountName=NAME,
            tolerations=[EVERY_TAINT],
            volumes=[
                host_path("lib-modules", "/lib/modules"),
                host_path("cni-conf-dir", CONFIGURATION),
                config_volume("kube-router-cfg"),
                host_path("kubeconfig", KUBECONFIG),
                host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
                host_path("rt-tables", "/usr/share/iproute2/rt_tables", "FileOrCreate"),
                host_path("containerd-sock", SOCKET),
            ],
        ),
        labels=PODS,
    )


def _install() -> Object:
    """The init container that replaces other plugin configurations by ours, once."""
    others, made = f"{CONFIGURATION}/*.conf", "TMP"
    script = (
        f"set -e -x; if [ ! -f {OURS} ]; then if [ -f {others} ]; then rm -f {others}; fi; "
        f"{made}={CONFIGURATION}/.tmp-kuberouter-cfg; cp /etc/kube-router/cni-conf.json ${{{made}}}; "
        f"mv ${{{made}}} {OURS}; fi"
    )
    return container(
        "install-cni",
        IMAGE,
        command=["/bin/sh", "-c", script],
        mounts=[mount("cni-conf-dir", CONFIGURATION), mount("kube-router-cfg", "/etc/kube-router")],
    )
