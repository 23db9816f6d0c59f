"""Flannel: an overlay network between nodes."""

from __future__ import annotations

import json

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
    matches,
    mount,
    pod,
    pod_field,
    port,
    requests,
    required_nodes,
    thing,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account

NAME = "flannel"
NAMESPACE = "kube-flannel"
IMAGE = "ghcr.io/flannel-io/flannel:v0.28.9"
PLUGIN_IMAGE = "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3"
"""As of kOps 1.37, July 2026."""
AT = "spec.networking.flannel"
APP = {"k8s-app": NAME}
PODS = {"app": NAME, "tier": "node"}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        thing(
            "v1",
            "Namespace",
            NAMESPACE,
            None,
            labels=APP | {"pod-security.kubernetes.io/enforce": "privileged"},
        ),
        cluster_role(
            NAME,
            rule("", "pods", "get"),
            rule("", "nodes", "get list watch"),
            rule("", "nodes/status", "patch"),
            labels=APP,
        ),
        cluster_role_binding(NAME, NAME, account(NAME, NAMESPACE), labels=APP),
        service_account(NAME, NAMESPACE, labels=APP),
        config_map(
            "kube-flannel-cfg",
            {"cni-conf.json": _json(_plugins()) + "\n", "net-conf.json": _json(_network(c))},
            NAMESPACE,
            labels=APP | PODS,
        ),
        _daemon_set(c),
    ]


def _plugins() -> Object:
    return {
        "name": "cbr0",
        "cniVersion": "0.3.1",
        "plugins": [
            {"type": "flannel", "delegate": {"hairpinMode": True, "isDefaultGateway": True}},
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def _network(c: AddonContext) -> Object:
    return {
        "Network": c.text("spec.nonMasqueradeCIDR"),
        "EnableNFTables": False,
        "Backend": {"Type": c.text(f"{AT}.backend", "udp")},
    }


def _json(tree: Object) -> str:
    return json.dumps(tree, indent=2)


def _daemon_set(c: AddonContext) -> Object:
    files, configuration = mount("flannel-cfg", "/etc/kube-flannel/"), "/etc/cni/net.d"
    return daemon_set(
        "kube-flannel-ds",
        PODS,
        pod(
            PODS,
            container(
                "kube-flannel",
                IMAGE,
                command=["/opt/bin/flanneld"],
                args=[
                    "--ip-masq",
                    "--kube-subnet-mgr",
                    f"--iptables-resync={c.text(f'{AT}.iptablesResyncSeconds', '5')}",
                    "--healthz-port=8081",
                ],
                env={
                    "POD_NAME": pod_field("metadata.name"),
                    "POD_NAMESPACE": pod_field("metadata.namespace"),
                    "EVENT_QUEUE_DEPTH": "5000",
                    "CONT_WHEN_CACHE_NOT_READY": "false",
                },
                ports=[port(8081, "healthz", "TCP")],
                mounts=[mount("run", "/run/flannel"), files, mount("xtables-lock", "/run/xtables.lock")],
                livenessProbe=http_probe("/healthz", "healthz", initialDelaySeconds=10, periodSeconds=30),
                readinessProbe=http_probe("/readyz", "healthz", initialDelaySeconds=5, periodSeconds=10),
                resources=requests("100m", "50Mi"),
                securityContext=fields(
                    capabilities={"add": ["NET_ADMIN", "NET_RAW"]},
                    privileged=False,
                    seLinuxOptions=SPC if c.selinux else None,
                ),
            ),
            affinity={"nodeAffinity": required_nodes([matches("kubernetes.io/os", "In", "linux")])},
            hostNetwork=True,
            initContainers=[
                container(
                    "install-cni-plugin",
                    PLUGIN_IMAGE,
                    command=["cp"],
                    args=["-f", "/flannel", "/opt/cni/bin/flannel"],
                    mounts=[mount("cni-plugin", "/opt/cni/bin")],
                ),
                container(
                    "install-cni",
                    IMAGE,
                    command=["/opt/bin/install-conf"],
                    args=["/etc/kube-flannel/cni-conf.json", f"{configuration}/10-flannel.conflist"],
                    mounts=[mount("cni", configuration), files],
                ),
            ],
            priorityClassName=NODE_CRITICAL,
            serviceAccountName=NAME,
            tolerations=[{"effect": "NoSchedule", "operator": "Exists"}],
            volumes=[
                host_path("run", "/run/flannel"),
                host_path("cni-plugin", "/opt/cni/bin"),
                host_path("cni", configuration),
                config_volume("flannel-cfg", "kube-flannel-cfg"),
                host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
            ],
        ),
        NAMESPACE,
        labels=APP | PODS,
    )
