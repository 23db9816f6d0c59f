"""Downloads of nodes, with hashes: Kubernetes, container runtime, CNI plugins, nodeup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import normpath
from string import ascii_letters, digits

from kops_core.api.semver import Version, parse_kubernetes
from kops_core.api.values import Tree
from kops_core.errors import KopsError
from kops_core.infer.common import NODE_KUBERNETES, is_build
from kops_core.model.context import Context, Group, Role

ARCHITECTURES = ("amd64", "arm64")
CNI_VERSIONS = (((1, 36), "1.9.1"), ((1, 35), "1.8.0"), ((1, 34), "1.7.1"), ((1, 32), "1.6.2"))
"""Version of the CNI plugins by the least Kubernetes version, newest first (kOps 1.37)."""
CLOUD_PROVIDER_AWS = "https://artifacts.k8s.io/binaries/cloud-provider-aws/v1.31.7"
"""URL of the ECR credential provider (kOps 1.37)."""
KOPS = "https://artifacts.k8s.io/binaries/kops"
KUBERNETES = "https://dl.k8s.io/release"
CNI = "https://github.com/containernetworking/plugins/releases/download"
CONTAINERD = "https://github.com/containerd/containerd/releases/download"
RUNC = "https://github.com/opencontainers/runc/releases/download"
NERDCTL = "https://github.com/containerd/nerdctl/releases/download"
CRICTL = "https://github.com/kubernetes-sigs/cri-tools/releases/download"
NERDCTL_VERSION, CRICTL_VERSION = "1.7.4", "1.29.0"


class UnknownHash(KopsError):
    """The SHA-256 of a download is unknown, so no node may use it."""


@dataclass(frozen=True)
class Asset:
    """One file that nodes download."""

    url: str
    sha256: str
    mirrors: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """All URLs to fetch it from, in order."""
        return (self.url, *self.mirrors)

    def __str__(self) -> str:
        """nodeup's notation: the hash, then all URLs."""
        return f"{self.sha256}@{','.join(self.places)}"


def asset(c: Context, url: str, sha256: str = "") -> Asset:
    """A download with its hash, from the cluster's own file repository if it has one.

    Raises UnknownHash if the hash is unknown.
    """
    place = in_repository(c.read.string("spec.assets.fileRepository") or "", url)
    known = sha256 or c.settings.asset_hash(url, place)
    if not known:
        raise UnknownHash(
            "the SHA-256 of this download is not known",
            where=place,
            remedy="give it in the spec where there is a field, or a folder of hashes with --asset-hashes",
        )
    return Asset(place, known)


def in_repository(repository: str, url: str) -> str:
    """The URL of a download's copy in a file repository: with the whole path of the original."""
    scheme, found, place = repository.partition("://")
    if not found:
        return url
    host, _, folder = place.partition("/")
    _, _, original = url.partition("://")
    original_host, _, path = original.partition("/")
    if host == original_host:
        return url
    whole = f"/{normpath(f'{folder}/{path}').lstrip('/')}"
    # A comma would end the URL in a list of URLs.
    return f"{scheme}://{host}{escaped(unescaped(whole), keep='$&+:;=@')}"


def escaped(path: str, *, keep: str = "") -> str:
    """A path with everything but letters, digits, ``/-._~`` and ``keep`` percent-encoded."""
    kept = frozenset(f"{ascii_letters}{digits}/-._~{keep}".encode())
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in path.encode())


def unescaped(path: str) -> str:
    """A path with percent-encoding undone."""
    plain = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), path.encode())
    return plain.decode(errors="replace")


def kubernetes_of(c: Context, group: Group) -> str:
    """The Kubernetes version of a group's machines: the cluster's, or the one that worker groups keep."""
    held = c.read.setting(NODE_KUBERNETES)
    return str(held) if held and not group.runs_api else c.read.string("spec.kubernetesVersion") or ""


def node_assets(c: Context, group: Group, architecture: str) -> list[str]:
    """All downloads of one architecture in the order that nodeup reads them."""
    version = kubernetes_of(c, group).removeprefix("v")
    base = version if "://" in version else f"{KUBERNETES}/v{version}"
    location = c.read.string("spec.cloudConfig.binariesLocation") or CLOUD_PROVIDER_AWS
    urls = [
        f"{base}/bin/linux/{architecture}/kubelet",
        f"{base}/bin/linux/{architecture}/kubectl",
        f"{location}/linux/{architecture}/ecr-credential-provider-linux-{architecture}",
    ]
    if installs_cni(c):
        plugins = cni_version(parse_kubernetes(version))
        urls.append(f"{CNI}/v{plugins}/cni-plugins-linux-{architecture}-v{plugins}.tgz")
    found = [str(asset(c, url)) for url in urls]
    if c.read.boolean("spec.containerd.skipInstall"):
        return found
    return [*found, *_runtime(c, architecture)]


def _runtime(c: Context, architecture: str) -> list[str]:
    containerd = c.read.string("spec.containerd.version") or ""
    runc = c.read.string("spec.containerd.runc.version") or ""
    found = [
        _packaged(
            c,
            c.read.mapping("spec.containerd.packages"),
            architecture,
            f"{CONTAINERD}/v{containerd}/containerd-{containerd}-linux-{architecture}.tar.gz",
        ),
        _packaged(
            c,
            c.read.mapping("spec.containerd.runc.packages"),
            architecture,
            f"{RUNC}/v{runc}/runc.{architecture}",
        ),
    ]
    if c.read.boolean("spec.containerd.installNerdCtl"):
        name = f"nerdctl-{NERDCTL_VERSION}-linux-{architecture}.tar.gz"
        found.append(asset(c, f"{NERDCTL}/v{NERDCTL_VERSION}/{name}"))
    if c.read.boolean("spec.containerd.installCriCtl"):
        name = f"crictl-v{CRICTL_VERSION}-linux-{architecture}.tar.gz"
        found.append(asset(c, f"{CRICTL}/v{CRICTL_VERSION}/{name}"))
    return [str(each) for each in found]


def _packaged(c: Context, packages: Tree, architecture: str, url: str) -> Asset:
    """The user's package, which has a hash, or the published one."""
    suffix = architecture.capitalize()
    given, sha256 = packages.get(f"url{suffix}"), packages.get(f"hash{suffix}")
    if given and sha256:
        return asset(c, str(given), str(sha256))
    return asset(c, url)


def installs_cni(c: Context) -> bool:
    """Whether nodeup installs the CNI project's plugins; some networks have their own."""
    if c.present("spec.networking.cilium"):
        return c.read.string("spec.networking.cilium.chainingMode") == "portmap"
    return not c.present("spec.networking.amazonvpc") and not c.present("spec.networking.calico")


def cni_version(version: Version | None) -> str:
    """Version of the CNI plugins for a Kubernetes version."""
    here = (version.major, version.minor) if version is not None else CNI_VERSIONS[0][0]
    return next((plugins for least, plugins in CNI_VERSIONS if here >= least), CNI_VERSIONS[-1][1])


def nodeup(c: Context, architecture: str) -> Asset:
    """nodeup, at kOps' URL and its mirror or at the user's."""
    version = c.settings.kops_version
    found = asset(c, f"{_kops(c)}/linux/{architecture}/nodeup")
    if not found.url.startswith(f"{KOPS}/{version}/"):
        return found
    mirror = f"https://github.com/kubernetes/kops/releases/download/v{version}/nodeup-linux-{architecture}"
    return Asset(found.url, found.sha256, (mirror,))


def preloaded_images(c: Context, group: Group, architecture: str) -> list[Asset]:
    """Archives of images that are in no registry: of a Kubernetes build, and of kOps' own programs."""
    urls: list[str] = []
    version = c.read.string("spec.kubernetesVersion") or ""
    if is_build(version):
        components = ["kube-proxy", *BUILT[group.role]]
        urls += [f"{version.rstrip('/')}/bin/linux/{architecture}/{each}.tar" for each in components]
    if c.settings.base_url:
        urls += [f"{_kops(c)}/images/{each}-{architecture}.tar.gz" for each in OF_KOPS[group.role]]
    return [asset(c, url) for url in urls]


BUILT: Mapping[Role, tuple[str, ...]] = {
    Role.CONTROL_PLANE: ("kube-apiserver", "kube-controller-manager", "kube-scheduler"),
    Role.API_SERVER: ("kube-apiserver",),
    Role.NODE: (),
    Role.BASTION: (),
}
"""Kubernetes components of a role, without kube-proxy."""
OF_KOPS: Mapping[Role, tuple[str, ...]] = {
    Role.CONTROL_PLANE: ("kops-controller", "kops-channels", "dns-controller", "kube-apiserver-healthcheck"),
    Role.API_SERVER: ("kube-apiserver-healthcheck",),
    Role.NODE: (),
    Role.BASTION: (),
}
"""kOps' programs of a role."""


def _kops(c: Context) -> str:
    return c.settings.base_url or f"{KOPS}/{c.settings.kops_version}"
