"""nodeup's configuration in the state store, one document for each instance group."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api import quantity
from kops_core.api.conversion.table import OIDC_FIELDS, RENAMED
from kops_core.api.values import Tree, Value
from kops_core.infer.components.containerd import NVIDIA_DRIVER
from kops_core.model.context import Context, Group, Role
from kops_core.model.documents import Document, yaml_document
from kops_core.model.keys import keyset
from kops_core.model.nodes.assets import (
    ARCHITECTURES,
    installs_cni,
    kubernetes_of,
    node_assets,
    preloaded_images,
)
from kops_core.model.nodes.images import warm_pool_images
from kops_core.model.nodes.static import CHANNELS, HEALTH_CHECK, HEALTH_CHECK_KEY, etcd_manifest
from kops_core.model.template import Ref, Template, YamlListEntry

ROLE_NAMES = {
    Role.CONTROL_PLANE: "ControlPlane",
    Role.API_SERVER: "APIServer",
    Role.NODE: "Node",
    Role.BASTION: "Bastion",
}
"""Roles as nodeup knows them."""
SCHEDULER_CONFIG_PATH = "/var/lib/kube-scheduler/config.yaml"
NETWORKS = {
    "amazonvpc": "amazonVPC",
    "calico": "calico",
    "cilium": "cilium",
    "flannel": "flannel",
    "kuberouter": "kubeRouter",
    "kindnet": "kindnet",
}
"""Networks in nodeup's configuration: the spec's name and nodeup's name."""


def has_config(group: Group) -> bool:
    """Whether a group has one: bastions run no nodeup, unless their user data has scripts."""
    return group.role is not Role.BASTION or bool(group.rows("additionalUserData"))


def nodeup_config(c: Context, group: Group) -> Template:
    """The document for a group."""
    document: dict[str, Document] = {
        "Assets": {each: list(node_assets(c, group, each)) for each in ARCHITECTURES},
        "ClusterName": c.name,
        "KubernetesVersion": kubernetes_of(c, group).removeprefix("v"),
        "KubeletConfig": _internal("KubeletConfigSpec", group.table("kubelet")),
        "Networking": _networking(c, group),
        "UpdatePolicy": group.text("updatePolicy") or c.read.string("spec.updatePolicy") or "automatic",
        "Hooks": [
            _hooks(group.rows("hooks"), group, turned=False),
            _hooks(c.read.records("spec.hooks"), group, turned=True),
        ],
        "KubeProxy": _kube_proxy(c, group),
        "usesNoneDNS": not c.publishes_dns,
        **_trust(c, group),
    }
    optional: dict[str, Document] = {
        "InstallCNIAssets": installs_cni(c),
        "UseCiliumEtcd": c.cilium_etcd,
        "UsesKubenet": any(c.present(f"spec.networking.{name}") for name in ("kubenet", "kopeio")),
        "NTPUnmanaged": c.read.boolean("spec.ntp.managed") is False,
        **c.settings.cloud.node_settings(c, group),
        "DefaultMachineType": _machine_type(c, group),
        "ServiceNodePortRange": c.read.string("spec.kubeAPIServer.serviceNodePortRange"),
        "SysctlParameters": _sysctls(c, group),
        "VolumeMounts": group.rows("volumeMounts"),
        "FileAssets": _files(c, group),
        "packages": [*c.read.strings("spec.packages"), *group.strings("packages")],
        "containerdConfig": _containerd(c, group),
        "warmPoolImages": list(warm_pool_images(c, group)),
        "NvidiaGPU": _nvidia(c, group),
        "GVisor": _gvisor(group),
        "images": _images(c, group),
        "discoveryServiceWithUniverse": c.read.mapping("spec.serviceAccountIssuerDiscovery.discoveryService"),
        "useIPBasedNodeNames": bool(c.read.boolean("spec.cloudConfig.useIPBasedNodeNames")),
    }
    if group.runs_api:
        optional |= _api_server(c)
    if group.role is Role.CONTROL_PLANE:
        optional |= _control_plane(c, group)
    document |= {name: value for name, value in optional.items() if value not in (None, False, [], {}, "")}
    if group.runs_api:
        document |= c.settings.cloud.api_settings(c)
    return yaml_document(document)


def _images(c: Context, group: Group) -> dict[str, Document]:
    """Archives of images by architecture, as nodeup loads them."""
    found = {each: preloaded_images(c, group, each) for each in ARCHITECTURES}
    return {
        architecture: [{"sources": [each.url], "hash": each.sha256} for each in archives]
        for architecture, archives in found.items()
        if archives
    }


def _trust(c: Context, group: Group) -> dict[str, Document]:
    """Trusted certificates and the ids of keys. Workers get kubernetes-ca while booting."""
    trusted: list[str] = []
    if group.role is not Role.BASTION:
        trusted.append("kubernetes-ca")
        etcds = _etcd_names(c)
        if "cilium" in etcds:
            trusted.append("etcd-clients-ca-cilium")
        if group.role is Role.CONTROL_PLANE:
            trusted.append("etcd-clients-ca")
            for name in etcds:
                trusted += [f"etcd-manager-ca-{name}", f"etcd-peers-ca-{name}"]
        if group.runs_api:
            trusted += ["apiserver-aggregator-ca", "etcd-clients-ca"]
    signers = [*trusted, "service-account"] if group.runs_api else trusted
    if group.role is Role.CONTROL_PLANE and c.read.string(
        "spec.serviceAccountIssuerDiscovery.discoveryService.url"
    ):
        signers.append("discovery-ca")
    return {
        "CAs": {
            name: keyset(name, "certificates")
            for name in trusted
            if group.runs_api or name != "kubernetes-ca"
        },
        "KeypairIDs": {name: keyset(name) for name in signers},
    }


def _etcd_names(c: Context) -> list[str]:
    return [str(name) for _, name in c.read.each("spec.etcdClusters[*].name")]


def _networking(c: Context, group: Group) -> dict[str, Document]:
    made: dict[str, Document] = {}
    for name in ("nonMasqueradeCIDR", "serviceClusterIPRange"):
        if value := c.read.string(f"spec.{name}"):
            made[name] = value
    for name, internal in NETWORKS.items():
        if c.present(f"spec.networking.{name}"):
            made[internal] = _network(c, name)
    if c.read.boolean("spec.networking.cni.usesSecondaryIP"):
        made["cni"] = {"usesSecondaryIP": True}
    if group.runs_api and c.present("spec.egressProxy"):
        made["egressProxy"] = c.read.mapping("spec.egressProxy")
    return made


def _network(c: Context, name: str) -> dict[str, Document]:
    if (
        name == "calico"
        and (encrypts := c.read.boolean("spec.networking.calico.wireguardEnabled")) is not None
    ):
        return {"wireguardEnabled": encrypts}
    if name == "cilium" and c.read.string("spec.networking.cilium.ipam") == "eni":
        return {"ipam": "eni"}
    return {}


def _machine_type(c: Context, group: Group) -> str | None:
    """The group's machine type, a fallback for networks that count interface addresses."""
    counts = c.present("spec.networking.amazonvpc") or (c.read.string("spec.networking.cilium.ipam") == "eni")
    return (group.text("machineType") or "").split(",")[0] if counts else None


def _kube_proxy(c: Context, group: Group) -> Tree | None:
    """kube-proxy's settings; None if it does not run, as on an isolated control plane."""
    found = c.read.mapping("spec.kubeProxy")
    isolated = group.role is Role.CONTROL_PLANE and c.read.boolean("spec.isolateMasters")
    if isolated or found.get("enabled") is False:
        return None
    return _internal("KubeProxyConfig", found)


def _containerd(c: Context, group: Group) -> Tree:
    merged = _merged(c.read.mapping("spec.containerd"), group.table("containerd"))
    return merged if _runs_gvisor(group) else {name: merged[name] for name in merged if name != "gvisor"}


def _runs_gvisor(group: Group) -> bool:
    return group.role is Role.NODE and bool(group.flag("containerd.gvisor.enabled"))


def _gvisor(group: Group) -> Tree:
    return {"platform": "systrap", **group.table("containerd.gvisor")} if _runs_gvisor(group) else {}


def _nvidia(c: Context, group: Group) -> Tree:
    merged = _merged(c.read.mapping("spec.containerd.nvidiaGPU"), group.table("containerd.nvidiaGPU"))
    return {"package": NVIDIA_DRIVER, **merged} if merged else {}


def _merged(one: Tree, other: Tree) -> Tree:
    """Merges the second into the first, recursively."""
    made = dict(one)
    for name, value in other.items():
        below = made.get(name)
        made[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return made


def _sysctls(c: Context, group: Group) -> list[Document]:
    """The lines of a sysctl file, which nodeup writes unchanged."""
    lines: list[Document] = []
    for origin, found in (
        ("instance group", group.strings("sysctlParameters")),
        ("cluster", c.read.strings("spec.sysctlParameters")),
    ):
        if found:
            lines += [f"# Custom sysctl parameters from {origin} spec", "", *found]
    return lines


def _hooks(rows: list[Tree], group: Group, *, turned: bool) -> Document:
    """Hooks of this group's role.

    nodeup reads ``enabled``. kOps negates ``disabled`` of a cluster, but passes that of an instance group
    unchanged, so that it means the opposite there.
    """
    found: list[Document] = []
    for row in _for_role(rows, group, ("Master",)):
        disabled = row.pop("disabled", None)
        if isinstance(disabled, bool):
            row["enabled"] = disabled is not turned
        found.append(row)
    return found or None


def _for_role(rows: list[Tree], group: Group, aliases: tuple[str, ...] = ()) -> Iterator[dict[str, Value]]:
    """Items of this group's role, without the list of roles.

    kOps knows v1alpha2's ``Master`` in the roles of hooks; in those of files it is no role, so a file for
    ``Master`` alone is on no machine. Roles without groups are
    no error either.
    """
    names = {ROLE_NAMES[group.role], *(aliases if group.role is Role.CONTROL_PLANE else ())}
    for row in rows:
        roles = row.get("roles")
        if not roles or (isinstance(roles, list) and names & {str(role) for role in roles}):
            yield {name: value for name, value in row.items() if name != "roles"}


def _files(c: Context, group: Group) -> list[Document]:
    found: list[Document] = []
    for rows in (group.rows("fileAssets"), c.read.records("spec.fileAssets")):
        found += _for_role(rows, group)
    if group.runs_api:
        found.append({"content": _scheduler_config(c), "path": SCHEDULER_CONFIG_PATH})
    return found


def _scheduler_config(c: Context) -> Template:
    """The scheduler's configuration file: the user's object of that kind, with required fields added."""
    given: Tree = next((each for each in c.settings.additional_objects if _is_scheduler(each)), {})
    connection = given.get("clientConnection")
    made: dict[str, Document] = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        **given,
    }
    client: dict[str, Document] = dict(connection) if isinstance(connection, dict) else {}
    client["kubeconfig"] = "/var/lib/kube-scheduler/kubeconfig"
    # kOps moves these two out of the completed spec into this file.
    qps, burst = c.read.user_value("spec.kubeScheduler.qps"), c.read.user_value("spec.kubeScheduler.burst")
    if qps is not None:
        amount = quantity.parse(str(qps)).value
        client["qps"] = int(amount) if amount % 1 == 0 else float(amount)
    if isinstance(burst, int):
        client["burst"] = burst
    return yaml_document({**made, "clientConnection": client})


def _is_scheduler(document: Tree) -> bool:
    group = str(document.get("apiVersion", "")).partition("/")[0]
    return group == "kubescheduler.config.k8s.io" and document.get("kind") == "KubeSchedulerConfiguration"


def _api_server(c: Context) -> dict[str, Document]:
    api: dict[str, Document] = {}
    if c.present("spec.api.dns"):
        api["dns"] = {}
    if c.read.boolean("spec.api.loadBalancer.useForInternalApi"):
        api["loadBalancer"] = {"useForInternalAPI": True}
    if name := c.read.string("spec.masterPublicName"):
        api["publicName"] = name
    if more := c.read.strings("spec.additionalSans"):
        api["additionalSANs"] = list(more)
    server: dict[str, Document] = {
        "API": api,
        "ClusterDNSDomain": c.read.string("spec.clusterDNSDomain") or "",
        "KubeAPIServer": {
            name: value
            for name, value in _internal("KubeAPIServerConfig", c.read.mapping("spec.kubeAPIServer")).items()
            if name not in OIDC_FIELDS
        },
        "ServiceAccountPublicKeys": keyset("service-account", "public_keys"),
    }
    if c.read.boolean("spec.encryptionConfig"):
        server["EncryptionConfigSecretHash"] = c.settings.encryption_config_hash
    oidc = _oidc(c)
    if c.present("spec.authentication") or oidc:
        written = c.read.mapping("spec.authentication")
        server["Authentication"] = {
            **{name: {} if name == "aws" else value for name, value in written.items()},
            **({"oidc": oidc} if oidc else {}),
        }
    return {
        "APIServerConfig": server,
        "ApiserverAdditionalIPs": _balancer_addresses(c),
        "configStore": {
            "keypairs": c.read.string("spec.keyStore") or "",
            "secrets": c.read.string("spec.secretStore") or "",
        },
        "staticManifests": [
            {
                "key": HEALTH_CHECK_KEY,
                "path": HEALTH_CHECK,
            }
        ],
        "nodeIPFamilies": list(c.read.strings("spec.cloudConfig.nodeIPFamilies")),
    }


def _balancer_addresses(c: Context) -> Document:
    """Names and addresses of the API's load balancer, for the API server's certificate."""
    if not c.load_balancer or not c.settings.balancer_known:
        return []
    name = Ref(c.api_balancer, "dns_name")
    more = () if c.publishes_dns else (" ", Ref(c.api_balancer, "addresses"))
    return YamlListEntry(Template.of(name, *more))


def _oidc(c: Context) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for name, value in c.read.mapping("spec.kubeAPIServer").items():
        if name == "oidcGroupsClaim":
            found["groupsClaims"] = list(str(value).split(","))
        elif name == "oidcRequiredClaim" and isinstance(value, list):
            found["requiredClaims"] = dict(str(claim).split("=", 1) for claim in value)
        elif name in OIDC_FIELDS:
            found[OIDC_FIELDS[name]] = value
    return found


def _internal(kind: str, settings: Tree) -> Tree:
    """Settings with kOps' internal names, for nodeup. kind: their v1alpha2 type."""
    renamed = RENAMED[kind]
    return {renamed.get(name, name): value for name, value in settings.items()}


def _control_plane(c: Context, group: Group) -> dict[str, Document]:
    base = (c.read.string("spec.configBase") or "").rstrip("/")
    manifests: list[Document] = []
    for at, name in c.read.each("spec.etcdClusters[*].name"):
        members = c.read.records(f"spec.etcdClusters[{at}].etcdMembers")
        manifests += [
            f"{base}/{etcd_manifest(str(name), group.name)}"
            for member in members
            if member.get("instanceGroup") == group.name
        ]
    return {
        "ControlPlaneConfig": {
            "KubeControllerManager": _internal(
                "KubeControllerManagerConfig", c.read.mapping("spec.kubeControllerManager")
            ),
            "KubeScheduler": c.read.mapping("spec.kubeScheduler"),
        },
        "DNSZone": c.read.string("spec.dnsZone"),
        "EtcdClusterNames": list(_etcd_names(c)),
        "etcdManifests": manifests,
        "channelsManifest": f"{base}/{CHANNELS}",
    }
