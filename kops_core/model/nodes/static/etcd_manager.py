"""etcd-manager, which attaches its volume, runs the etcd on it, and takes backups.

Facts: kOps' ``pkg/model/components/etcdmanager``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.api import duration
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.common import remap_image
from kops_core.infer.components.etcd import LATEST_PATCH
from kops_core.model.addons.objects import Object, container, host_path, mount, only, requests
from kops_core.model.context import Context
from kops_core.model.environment import component_environment
from kops_core.model.nodes.static.pod import CRITICAL, pod
from kops_core.model.template import Template

IMAGE = "registry.k8s.io/etcd-manager/etcd-manager-slim:v3.0.20260707"
DEFAULT_LOG_LEVEL = 6


@dataclass(frozen=True)
class Ports:
    """The ports of an etcd cluster and its manager."""

    client: int
    peer: int
    manager: int
    quarantine: int
    """The client port while etcd-manager works on the data."""


PORTS = {
    "main": Ports(client=4001, peer=2380, manager=3996, quarantine=3994),
    "events": Ports(client=4002, peer=2381, manager=3997, quarantine=3995),
    "cilium": Ports(client=4003, peer=2382, manager=3991, quarantine=3992),
    "leases": Ports(client=4004, peer=2383, manager=4006, quarantine=4005),
}


@dataclass(frozen=True)
class Binaries:
    """A version of etcd and the image with its programs."""

    version: str
    image: str
    """The image with the programs."""
    volume: str
    """Name of the volume of that image."""

    @property
    def mount(self) -> Object:
        """The path at which etcd-manager expects the version."""
        return mount(self.volume, f"/opt/etcd-v{self.version}")


def manifest(c: Context, at: int) -> Template:
    """The pod of the etcd cluster at a position. Raises InvalidSpec for a name that kOps has no ports for."""
    etcd = c.read.mapping(f"spec.etcdClusters[{at}]")
    name = str(etcd.get("name", ""))
    if name not in PORTS:
        raise InvalidSpec(
            [
                FieldError(
                    "Unsupported value", f"spec.etcdClusters[{at}].name", f"use one of {', '.join(PORTS)}"
                )
            ]
        )
    manager = _table(etcd, "manager")
    binaries = list(_binaries(c, etcd))
    on_host = bool(c.read.boolean("spec.useHostCertificates"))
    annotations: Object = {}
    if c.feature("APIServerNodes"):
        annotations = {"annotations": {"dns.alpha.kubernetes.io/internal": f"{name}.etcd.internal.{c.name}"}}
    return pod(
        {
            "name": f"etcd-manager-{name}",
            "namespace": "kube-system",
            "labels": {"k8s-app": f"etcd-manager-{name}"},
            **annotations,
        },
        containers=[
            container(
                "etcd-manager",
                remap_image(c.read, str(manager.get("image") or IMAGE)),
                command=["/go-runner"],
                args=[
                    "--log-file=/var/log/etcd.log",
                    "--also-stdout",
                    "/ko-app/etcd-manager",
                    *sorted(_flags(c, etcd, name)),
                ],
                mounts=[
                    mount("rootfs", "/rootfs"),
                    mount("run", "/run"),
                    mount("pki", "/etc/kubernetes/pki/etcd-manager"),
                    *(each.mount for each in binaries),
                    mount("varlogetcd", "/var/log/etcd.log"),
                    *only(on_host, mount("etc-ssl-certs", "/etc/ssl/certs", readOnly=True)),
                ],
                resources=requests(
                    str(etcd.get("cpuRequest") or "200m"),
                    str(etcd.get("memoryRequest") or "100Mi"),
                    numbers=False,
                ),
                securityContext={"privileged": True},
            )
            | {"env": _environment(c, manager)},
        ],
        hostNetwork=True,
        hostPID=True,
        priorityClassName="system-cluster-critical",
        tolerations=CRITICAL,
        volumes=[
            host_path("rootfs", "/", "Directory"),
            host_path("run", "/run", "DirectoryOrCreate"),
            host_path("pki", f"/etc/kubernetes/pki/etcd-manager-{name}", "DirectoryOrCreate"),
            *(_image_volume(volume, image) for volume, image in _volumes(binaries).items()),
            host_path("varlogetcd", f"/var/log/{_cluster_name(name)}.log", "FileOrCreate"),
            *only(on_host, host_path("etc-ssl-certs", "/etc/ssl/certs", "DirectoryOrCreate")),
        ],
    )


def _cluster_name(name: str) -> str:
    """etcd-manager's name of a cluster; that of the main cluster has an older form."""
    return "etcd" if name == "main" else f"etcd-{name}"


def _flags(c: Context, etcd: Tree, name: str) -> Iterator[str]:
    ports, manager = PORTS[name], _table(etcd, "manager")
    insecure = name == "events" and c.feature("EtcdEventsHTTP")
    scheme = "http" if insecure else "https"
    level = manager.get("logLevel")
    if insecure:
        yield "--etcd-insecure=true"
    yield f"--backup-store={_table(etcd, 'backups').get('backupStore', '')}"
    yield f"--client-urls={scheme}://{_client_host(c, name)}:{ports.client}"
    yield f"--cluster-name={_cluster_name(name)}"
    yield "--containerized=true"
    yield f"--dns-suffix=.internal.{c.name}"
    yield f"--grpc-port={ports.manager}"
    yield f"--peer-urls={scheme}://__name__:{ports.peer}"
    yield f"--quarantine-client-urls={scheme}://__name__:{ports.quarantine}"
    yield f"--v={DEFAULT_LOG_LEVEL if level is None else level}"
    yield f"--volume-name-tag=k8s.io/etcd/{name}"
    yield f"--volume-provider={c.settings.cloud.name}"
    for tag in (
        f"k8s.io/etcd/{name}",
        "k8s.io/role/control-plane=1",
        f"kubernetes.io/cluster/{c.name}=owned",
    ):
        yield f"--volume-tag={tag}"
    for flag, field in (
        ("backup-interval", "backupInterval"),
        ("discovery-poll-interval", "discoveryPollInterval"),
    ):
        if manager.get(field) is not None:
            yield f"--{flag}={duration.canonical(str(manager[field]))}"


def _client_host(c: Context, name: str) -> str:
    """The host name of a member for clients; etcd-manager replaces ``__name__`` by the member's name."""
    if c.feature("APIServerNodes"):
        return f"{name}.etcd.internal.{c.name}"
    return f"api.internal.{c.name}" if name == "cilium" else "__name__"


def _environment(c: Context, manager: Tree) -> list[Object]:
    """Variables in kOps' order. The user's are last and override others."""
    found = list(component_environment(c).items())
    days = manager.get("backupRetentionDays")
    if days is not None:
        found.append(("ETCD_MANAGER_DAILY_BACKUPS_RETENTION", f"{days}d"))
    for variable, field in (
        ("ETCD_LISTEN_METRICS_URLS", "listenMetricsURLs"),
        ("ETCD_LISTEN_CLIENT_HTTP_URLS", "listenClientHTTPURLs"),
    ):
        urls = manager.get(field)
        if isinstance(urls, list) and urls:
            found.append((variable, ",".join(map(str, urls))))
    variables: list[Object] = [{"name": name, "value": value} for name, value in found]
    users = manager.get("env")
    return variables + [
        {name: str(each[name]) for name in ("name", "value") if each.get(name)}
        for each in (users if isinstance(users, list) else [])
        if isinstance(each, dict)
    ]


def _binaries(c: Context, etcd: Tree) -> Iterator[Binaries]:
    """All versions that etcd-manager may have to run: older ones are needed to restore backups.

    All patches of a release use the image of the last one. The user's image is the only one if there is one.
    """
    image = str(etcd.get("image") or "")
    if image:
        version = str(etcd.get("version") or "").removeprefix("v")
        yield Binaries(version, remap_image(c.read, image), _volume_name(version))
        return
    for (major, minor), latest in LATEST_PATCH.items():
        newest = f"{major}.{minor}.{latest}"
        place = remap_image(c.read, f"registry.k8s.io/etcd:v{newest}")
        for patch in range(latest + 1):
            yield Binaries(f"{major}.{minor}.{patch}", place, _volume_name(newest))


def _volume_name(version: str) -> str:
    return f"etcd-v{version.replace('.', '-')}"


def _volumes(binaries: list[Binaries]) -> dict[str, str]:
    return {each.volume: each.image for each in binaries}


def _image_volume(name: str, image: str) -> Object:
    return {"name": name, "image": {"reference": image, "pullPolicy": "IfNotPresent"}}


def _table(tree: Tree, name: str) -> Tree:
    found = tree.get(name)
    return found if isinstance(found, dict) else {}
