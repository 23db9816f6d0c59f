"""The context of builders: the completed specs through a recording reader, and derived names.

A builder is a function that reads a ``Context`` and yields resources. Each resource is made
by ``Context.make`` in a context of its own, so that ``Resource.source_paths`` are exactly the paths that
were read for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_network
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from kops_core.api.path import FieldPath, render
from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.inference import Inference
from kops_core.infer.reader import Reader
from kops_core.infer.sheet import SHAPE_VIEW, VIEWS
from kops_core.model import names
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Template

if TYPE_CHECKING:
    from kops_core.model.addons.addon import Addon
    from kops_core.model.documents import Document

_R = TypeVar("_R", bound=Resource)
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Role(Enum):
    """The role of an instance group, by its name in tags, paths and IAM roles."""

    CONTROL_PLANE = "control-plane"
    API_SERVER = "apiserver"
    NODE = "node"
    BASTION = "bastion"


ROLES = {
    "Master": Role.CONTROL_PLANE,
    "ControlPlane": Role.CONTROL_PLANE,
    "APIServer": Role.API_SERVER,
    "Node": Role.NODE,
    "Bastion": Role.BASTION,
}
"""Roles by their names in a spec; ``Master`` is v1alpha2's."""


Builder: TypeAlias = "Callable[[Context], Iterator[Resource]]"
"""Yields the resources of one area of a cluster."""


AddonBuilder: TypeAlias = "Callable[[Context, str], Sequence[Addon]]"
"""The add-ons of a cluster, but for the one of a name; "" leaves none out."""


@dataclass(frozen=True)
class CloudModel:
    """One cloud's part of the model: its kinds, builders and add-ons, and a few settings.

    A provider hands it over with the ``ModelSettings``, for the model itself names no cloud.
    """

    name: str
    """As nodeup, kops-controller and etcd-manager know it, e.g. ``aws``."""
    kinds: Mapping[str, type[Resource]]
    """All kinds of its builders, by name, in the order of the screens."""
    builders: tuple[Builder, ...]
    """The builders of all areas. Their order is that of the result; nothing else depends on it."""
    addons: AddonBuilder
    """The add-ons of a cluster, in the order in which the control plane applies them."""
    network_kind: str
    """The kind of a cluster's network."""
    subnet_kind: str
    """The kind of the parts of a network, each in one zone."""
    group_kinds: frozenset[str]
    """Kinds of which one instance group has its own, by the group's name in the cloud."""
    ephemeral_kinds: frozenset[str]
    """Of these a running cluster makes and loses some by itself, so that new ones are no surprise."""
    region_variable: str
    """The environment variable with the region, e.g. ``AWS_REGION``."""
    api_balancer_kind: str
    """The kind of the API's load balancer; the balancer is called ``api.<cluster>``."""
    node_settings: Callable[[Context, Group], Mapping[str, Document]]
    """nodeup's settings for the cloud on the machines of a group."""
    api_settings: Callable[[Context], Mapping[str, Document]]
    """nodeup's settings for the cloud on machines that serve the API."""
    node_identity: Callable[[Context], dict[str, Document]]
    """kops-controller's settings to identify machines of the cluster."""


@dataclass(frozen=True)
class ModelSettings:
    """The input of the model beside specs and facts."""

    cloud: CloudModel
    """The cloud provider's part of the model."""
    kops_version: str
    """The version of kOps whose nodeup the nodes run."""
    ssh_public_keys: tuple[str, ...] = ()
    """The cluster's SSH public keys in OpenSSH form; kOps uses the first."""
    feature_flags: frozenset[str] = frozenset()
    """kOps feature flags that are on, e.g. ``APIServerNodes``."""
    base_url: str = ""
    """The URL of nodeup and other programs of kOps, with the version; "" for the default (KOPS_BASE_URL).

    kOps' images are then fetched from there, too."""
    asset_hash: Callable[[str, str], str | None] = field(default=lambda url, place: None)
    """The SHA-256 (hex) of a download by its canonical URL and where it is fetched; None if unknown."""
    additional_objects: tuple[Tree, ...] = ()
    """The additional objects of the cluster (``clusteraddons/default``)."""
    balancer_known: bool = True
    """Whether node files may contain the address of the API's load balancer.

    Terraform can't wait for it if
    the
    load balancer does not exist yet, so the first module is without, as in kOps; later ones have it."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The program's environment; kOps passes some variables on to its programs."""
    encryption_config_hash: str = ""
    """SHA-256 of the secret ``encryptionconfig``, in URL-safe base64; "" if it is not used."""
    cilium_keys: Mapping[str, Template | str] = field(default_factory=dict, repr=False)
    """Entries of the secret ``ciliumpassword``, for Cilium's IPsec: normally ``keys``. Plans mask them."""


class Context:
    """The completed specs of one cluster, through a reader that records every read."""

    def __init__(
        self, inference: Inference, settings: ModelSettings, known: dict[str, object] | None = None
    ) -> None:
        """known: results of ``once``, shared by the contexts of a cluster."""
        self.inference = inference
        self.settings = settings
        self._known = {} if known is None else known
        self.read: Reader = inference.reader()
        """All reads go through this."""

    def make(self, build: Callable[Concatenate[Context, _P], _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The resource that a function returns, with the paths that it read as ``source_paths``."""
        inner = Context(self.inference, self.settings, self._known)
        made = build(inner, *args, **kwargs)
        paths = dict.fromkeys(_without_view(path) for path in inner.read.seen() if path[0] != SHAPE_VIEW)
        return replace(made, source_paths=tuple(paths))

    def once(self, name: str, find: Callable[[Context], _T]) -> _T:
        """What a function finds in the cluster, looked up once for all resources.

        Its reads are recorded for none of them, so what a resource depends on has to be read again.
        """
        if name not in self._known:
            self._known[name] = find(Context(self.inference, self.settings, self._known))
        return cast("_T", self._known[name])

    def present(self, path: str) -> bool:
        """Whether a path is set or inferred, even if it is an empty structure."""
        return self.read.get(path) is not None

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.read.string("metadata.name") or ""

    @property
    def region(self) -> str:
        """The name of the region."""
        return str(self.read.fact("region"))

    @property
    def account(self) -> str:
        """The id of the account."""
        return str(self.read.fact("account"))

    @property
    def ipv6_only(self) -> bool:
        """Whether pods have IPv6 addresses alone."""
        return is_ipv6(self.read.string("spec.nonMasqueradeCIDR"))

    @property
    def dns(self) -> str:
        """The type of DNS zone of the API's names: ``Public``, ``Private`` or ``None``."""
        return self.read.string("spec.topology.dns.type") or "Public"

    @property
    def publishes_dns(self) -> bool:
        """Whether the API has DNS records. Without them nodes use the load balancer."""
        return self.dns != "None"

    @property
    def dns_publisher(self) -> str:
        """The controller that publishes DNS records: ``dns-controller``, ``external-dns`` or ""."""
        if not self.publishes_dns:
            return ""
        if not self.present("spec.externalDns"):
            return "dns-controller"
        provider = self.read.string("spec.externalDns.provider") or ""
        return provider if provider in ("dns-controller", "external-dns") else ""

    @property
    def load_balancer(self) -> bool:
        """Whether the API has a load balancer."""
        return self.present("spec.api.loadBalancer")

    @property
    def api_balancer(self) -> Key:
        """The key of the API's load balancer, if there is one."""
        return Key(self.settings.cloud.api_balancer_kind, f"api.{self.name}")

    @property
    def cilium_etcd(self) -> bool:
        """Whether the spec has an etcd cluster for Cilium, whose certificates nodes need."""
        return self.present("spec.networking.cilium") and any(
            each == "cilium" for _, each in self.read.each("spec.etcdClusters[*].name")
        )

    @property
    def cilium_etcd_managed(self) -> bool:
        """Whether Cilium uses an etcd cluster of its own, which nodes have to reach."""
        return bool(self.read.boolean("spec.networking.cilium.etcdManaged"))

    @property
    def image_tag(self) -> str:
        """The tag of kOps' own images."""
        return self.settings.kops_version.replace("+", "-")

    def feature(self, name: str) -> bool:
        """Whether a kOps feature flag is on."""
        return name in self.settings.feature_flags

    def tags(self, name: str, *, shared: bool = False) -> dict[str, str]:
        """The tags of a resource of the cluster; a shared one gets the cluster's tag and no name."""
        mark = f"kubernetes.io/cluster/{self.name}"
        if shared:
            return {mark: "shared"}
        return {
            **({"Name": name} if name else {}),
            "KubernetesCluster": self.name,
            mark: "owned",
            **self.strings_by_key("spec.cloudLabels"),
        }

    def strings_by_key(self, path: str) -> dict[str, str]:
        """A map of strings."""
        return {key: str(value) for key, value in self.read.mapping(path).items() if value is not None}

    @property
    def groups(self) -> tuple[Group, ...]:
        """The instance groups, in the spec's order."""
        return tuple(self.group(str(name)) for name in self.read.keys("instanceGroups"))

    def group(self, name: str) -> Group:
        """An instance group."""
        return Group(name, self.read, self.name)

    def groups_of(self, *roles: Role) -> tuple[Group, ...]:
        """The instance groups of some roles."""
        return tuple(group for group in self.groups if group.role in roles)


@dataclass(frozen=True)
class Group:
    """An instance group of the spec."""

    name: str
    read: Reader
    cluster: str

    def path(self, name: str) -> str:
        """The path of a field below the group's spec."""
        return f"{render(('instanceGroups', self.name, 'spec'))}.{name}"

    def text(self, name: str) -> str | None:
        """A string field."""
        return self.read.string(self.path(name))

    def number(self, name: str) -> int | None:
        """An integer field."""
        return self.read.integer(self.path(name))

    def flag(self, name: str) -> bool | None:
        """A boolean field."""
        return self.read.boolean(self.path(name))

    def strings(self, name: str) -> list[str]:
        """A list of strings."""
        return self.read.strings(self.path(name))

    def table(self, name: str) -> Tree:
        """A structure."""
        return self.read.mapping(self.path(name))

    def rows(self, name: str) -> list[Tree]:
        """A list of structures."""
        return self.read.records(self.path(name))

    def get(self, name: str) -> Value:
        """Any field."""
        return self.read.get(self.path(name))

    @property
    def role(self) -> Role:
        """The role of its machines. Raises InvalidSpec for a role that kOps does not know."""
        role = self.text("role") or ""
        if role not in ROLES:
            raise InvalidSpec(
                [
                    FieldError(
                        "Unsupported value", self.path("role"), f"{role!r} is not one of {', '.join(ROLES)}"
                    )
                ]
            )
        return ROLES[role]

    @property
    def cloud_name(self) -> str:
        """Its name in the cloud."""
        return names.group_name(self.name, self.role.value, self.cluster)

    @property
    def runs_api(self) -> bool:
        """Whether its machines serve the API."""
        return self.role in (Role.CONTROL_PLANE, Role.API_SERVER)

    @property
    def karpenter(self) -> bool:
        """Whether Karpenter starts its machines, so that the cloud has no group of them."""
        return self.text("manager") == "Karpenter"


def _without_view(address: FieldPath) -> FieldPath:
    """The path of an address, without the prefix of a view."""
    return address[1:] if address[0] in VIEWS else address


def is_ipv6(cidr: str | None) -> bool:
    """Whether a text is an IPv6 network."""
    return bool(cidr) and ":" in str(cidr) and ip_network(str(cidr), strict=False).version == 6
