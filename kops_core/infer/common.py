"""Helpers of many rules: the Kubernetes version, the IP family, addresses, image names."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_interface

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.reader import Reader

Network = IPv4Network | IPv6Network

REGISTRY = "registry.k8s.io"
"""The registry of Kubernetes' images."""


NODE_KUBERNETES = "nodeKubernetesVersion"
"""Setting: the Kubernetes version that worker groups keep during an upgrade of the control plane."""


def kubernetes(c: Reader) -> Version:
    """The cluster's Kubernetes version without a pre-release part. Raises InvalidSpec if it is none."""
    return _release(c.string("spec.kubernetesVersion") or "")


def at_least(c: Reader, minor: int) -> bool:
    """Whether Kubernetes is 1.``minor`` or later; pre-releases count as their release."""
    version = kubernetes(c)
    return (version.major, version.minor) >= (1, minor)


def is_ipv6(c: Reader) -> bool:
    """Whether pods have IPv6 addresses only: if the range that is not masqueraded is one of IPv6."""
    return is_ipv6_range(c.string("spec.nonMasqueradeCIDR"))


def is_ipv6_range(cidr: str | None) -> bool:
    """Whether a text is a range of IPv6 addresses."""
    network = parse_range(cidr)
    return network is not None and network.version == 6


@lru_cache(maxsize=1024)
def parse_range(cidr: str | None) -> Network | None:
    """The network of a text such as ``10.0.0.0/16``, host bits dropped; None if it is not one."""
    if not cidr or "/" not in cidr:
        return None
    try:
        return ip_interface(cidr).network
    except ValueError:
        return None


def service_address(c: Reader, number: int) -> str | None:
    """The n-th address in the range of services; Kubernetes reserves the first ones for its own services."""
    network = parse_range(c.string("spec.serviceClusterIPRange"))
    return None if network is None else str(network.network_address + number)


def component_image(c: Reader, component: str) -> str:
    """The image of a Kubernetes component in the cluster's version.

    For the URL of a build, the tag is the cloud fact
    ``dockerTags.<component>``. Raises MissingFact if nobody read it.
    """
    version = c.string("spec.kubernetesVersion") or ""
    if not is_build(version):
        return remap_image(c, f"{REGISTRY}/{component}:v{version}")
    return f"{REGISTRY}/{component}-amd64:{c.fact('dockerTags', component)}"


def is_build(version: str) -> bool:
    """Whether a Kubernetes version is the URL of a build instead of a release."""
    return version.startswith(("http:", "https:", "memfs:"))


def remap_image(c: Reader, image: str) -> str:
    """The name of an image in the cluster's pull-through proxy or own registry, if it has one.

    A proxy replaces the registry in the name. A registry of the cluster's own has the
    images with dashes for slashes, and without Kubernetes' registry in the name.
    """
    proxy = c.string("spec.assets.containerProxy")
    if proxy:
        image = _through(proxy.removesuffix("/"), image)
    registry = c.string("spec.assets.containerRegistry")
    if registry:
        plain = image.removeprefix(f"{REGISTRY}/")
        if not plain.startswith(f"{registry}/"):
            plain = f"{registry}/{plain.replace('/', '-')}"
        image = plain
    return image


def join_path(base: str, *parts: str) -> str:
    """A location in a store below another one, with one slash between each two parts."""
    for part in parts:
        base = f"{base}{'' if base.endswith('/') else '/'}{part.removeprefix('/')}"
    return base


def strings(value: Value) -> list[str]:
    """The texts in a list, or nothing."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _through(proxy: str, image: str) -> str:
    host, slash, rest = image.partition("/")
    on_docker_hub = "/" not in rest and not any(mark in host for mark in ".:")
    return f"{proxy}/{image}" if on_docker_hub else f"{proxy}{slash}{rest}"


@lru_cache(maxsize=256)
def _release(text: str) -> Version:
    found = semver.parse_kubernetes(text)
    if found is None:
        raise InvalidSpec(
            [
                FieldError(
                    "Invalid value",
                    "spec.kubernetesVersion",
                    f"{text!r} is not a Kubernetes version: write one like 1.36.0",
                )
            ]
        )
    return found.release()


def below(store: str, folder: str) -> str:
    """A folder below a store's URL, as kOps' virtual file system writes it: without the scheme ``file``."""
    scheme, mark, rest = store.partition("://")
    if not mark or scheme == "file":
        return posixpath.normpath(f"{rest if mark else store}/{folder}")
    bucket, _, key = rest.partition("/")
    return f"{scheme}://{bucket}/{posixpath.normpath(f'{key}/{folder}').lstrip('/')}"
