"""The features of Cilium that a cluster uses, and constants shared by Cilium's modules."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, config_volume, host_path, mount, only, pod_field

AT = "spec.networking.cilium"
CONFIG = "cilium-config"
PART = {"app.kubernetes.io/part-of": "cilium"}
AGENT = {"k8s-app": "cilium"}
LINUX = {"kubernetes.io/os": "linux"}
ETCD_CLIENT_PORT = 4003
HUBBLE_METRICS_PORT = 9965
PEER_PORT = 4244
OWNER_ONLY = 0o400
SPC_OPTIONS: Object = {"level": "s0", "type": "spc_t"}


@dataclass(frozen=True)
class Features:
    """The features of Cilium that are on."""

    hubble: bool
    hubble_metrics: bool
    ingress: bool
    gateway: bool
    metrics: bool
    etcd: bool
    """Whether Cilium keeps its state in an etcd cluster of its own."""
    eni: bool
    """Whether pods get addresses of the machine's network interfaces."""
    debug: bool
    password: bool
    """Whether there are keys for IPsec."""

    @classmethod
    def of(cls, c: AddonContext) -> Features:
        """The features of a cluster."""
        hubble = bool(c.read.boolean(f"{AT}.hubble.enabled"))
        return cls(
            hubble=hubble,
            hubble_metrics=hubble and bool(c.read.strings(f"{AT}.hubble.metrics")),
            ingress=bool(c.read.boolean(f"{AT}.ingress.enabled")),
            gateway=bool(c.read.boolean(f"{AT}.gatewayAPI.enabled")),
            metrics=bool(c.read.boolean(f"{AT}.enablePrometheusMetrics")),
            etcd=bool(c.read.boolean(f"{AT}.etcdManaged")),
            eni=c.read.string(f"{AT}.ipam") == "eni",
            debug=bool(c.read.boolean(f"{AT}.debug")),
            password=bool(c.settings.cilium_keys),
        )


def image(c: AddonContext, name: str) -> str:
    """An image of Cilium's by its name."""
    return f"{c.text(f'{AT}.registry', 'quay.io')}/cilium/{name}:{c.text(f'{AT}.version')}"


def localhost(c: AddonContext) -> str:
    """The loopback address."""
    return "::1" if c.ipv6_only else "127.0.0.1"


def api_env(c: AddonContext) -> dict[str, str]:
    """The endpoint of the API as variables, without services, which Cilium itself provides."""
    return {"KUBERNETES_SERVICE_HOST": f"api.internal.{c.name}", "KUBERNETES_SERVICE_PORT": "443"}


def node_env() -> dict[str, str | Object]:
    """Variables with the pod's node and namespace."""
    return {
        "K8S_NODE_NAME": pod_field("spec.nodeName", "v1"),
        "CILIUM_K8S_NAMESPACE": pod_field("metadata.namespace", "v1"),
    }


def etcd_mounts(has: Features) -> list[Object]:
    """The mounts of the configuration and certificates for Cilium's etcd."""
    return only(
        has.etcd,
        mount("etcd-config-path", "/var/lib/etcd-config", readOnly=True),
        mount("etcd-secrets", "/var/lib/etcd-secrets", readOnly=True),
    )


def etcd_volumes(has: Features) -> list[Object]:
    """The volumes of those mounts."""
    items = [{"key": "etcd-config", "path": "etcd.config"}]
    return only(
        has.etcd,
        config_volume("etcd-config-path", CONFIG, defaultMode=OWNER_ONLY, items=items),
        host_path("etcd-secrets", "/etc/kubernetes/pki/cilium", "Directory"),
    )


def files_of_secret(name: str, files: dict[str, str], *, optional: bool | None = True) -> Object:
    """A secret as a source of a volume: file name by key."""
    items = [{"key": key, "path": path} for key, path in files.items()]
    source: Object = {"name": name, "items": items}
    return {"secret": source | {"optional": True} if optional else source}
