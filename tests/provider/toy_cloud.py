"""A second provider for tests of the provider interface: networks, firewalls and server groups, in memory.

It has kOps' name of a cloud that the product does not support, so that specs can name it.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from kops_core.api.path import get, parse
from kops_core.api.values import Tree
from kops_core.cloud import keys
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import GroupState, Instance, Replaced
from kops_core.cloud.provider import BucketLookup, Identity, ProviderSettings, ThrottleListener
from kops_core.cloud.stored_files import delete_file, observed_file, put_file
from kops_core.errors import CloudConflict, CloudError, UsageError
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.create.selection import MachineType
from kops_core.infer.inference import Inference
from kops_core.model import keys as key_builders
from kops_core.model.build import DesiredState
from kops_core.model.context import CloudModel, Context
from kops_core.model.kind_spec import Area, NotInTerraform, Phase, Risk, RiskProfile
from kops_core.model.nodes.files import completed_spec
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.store_resources import Keypair, ManagedFile, Secret
from kops_core.model.template import Key, Link, Ref
from kops_core.plan.snapshot import DiscoveredResource, Observed, Ownership, Snapshot

NAME = "hetzner"
_NO_TERRAFORM = NotInTerraform("the toy cloud has no Terraform")


@dataclass(frozen=True, kw_only=True)
class Network(Resource):
    """A private network. Outputs: ``id``."""

    spec = KindSpec(area=Area.NETWORK, phase=Phase.NETWORK, terraform=_NO_TERRAFORM)

    ip_range: str | None = attr(replace=True)


@dataclass(frozen=True, kw_only=True)
class Firewall(Resource):
    """The ports of a network that are open. Outputs: ``id``."""

    spec = KindSpec(area=Area.FIREWALL, phase=Phase.SECURITY, terraform=_NO_TERRAFORM)

    network: Link = attr(replace=True)
    open_to: tuple[str, ...] | None = attr(unordered=True)


@dataclass(frozen=True, kw_only=True)
class ServerGroup(Resource):
    """Servers of one type. A changed type applies to servers that are created later. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        rolls_nodes=True,
        risk=RiskProfile(on_loss=Risk.INTERRUPTS_API),
        terraform=_NO_TERRAFORM,
    )

    network: Link = attr(immutable=True)
    server_type: str | None = attr()
    size: int | None = attr()


def _network(c: Context) -> Iterator[Resource]:
    yield Network(name=c.name, ip_range=c.read.string("spec.networkCIDR"))


def _firewall(c: Context) -> Iterator[Resource]:
    yield Firewall(
        name=c.name,
        network=Ref(Key("Network", c.name)),
        open_to=tuple(c.read.strings("spec.kubernetesApiAccess")),
    )


def _servers(c: Context) -> Iterator[Resource]:
    for group in c.groups:
        yield ServerGroup(
            name=group.cloud_name,
            instance_group=group.name,
            network=Ref(Key("Network", c.name)),
            server_type=group.text("machineType"),
            size=group.number("minSize"),
        )


MODEL = CloudModel(
    name=NAME,
    kinds={each.__name__: each for each in (Network, Firewall, ServerGroup, ManagedFile, Keypair, Secret)},
    builders=(_network, _firewall, _servers, key_builders.keys, completed_spec),
    addons=lambda c, without: (),
    network_kind="Network",
    subnet_kind="Network",
    group_kinds=frozenset(),
    ephemeral_kinds=frozenset(),
    region_variable="HCLOUD_LOCATION",
    api_balancer_kind="LoadBalancer",
    node_settings=lambda c, group: {},
    api_settings=lambda c: {},
    node_identity=lambda c: {},
)


@dataclass
class ToyAccount:
    """All resources of the cloud, and the calls that changed them."""

    resources: dict[str, Resource] = field(default_factory=dict)
    """By id."""
    servers: dict[str, list[Instance]] = field(default_factory=dict)
    """By the id of their group."""
    changes: list[str] = field(default_factory=list)
    asked: int = 0
    """How often facts were read."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def add(self, resource: Resource) -> str:
        """Adds a resource; its id."""
        id_ = f"{resource.key.kind.lower()}-{next(self._numbers)}"
        self.resources[id_] = resource
        self.changes.append(f"create {resource.key}")
        self.fill(id_)
        return id_

    def fill(self, id_: str) -> None:
        """Starts servers until a group has its desired number."""
        group = self.resources[id_]
        if isinstance(group, ServerGroup):
            servers = self.servers.setdefault(id_, [])
            while len(servers) < (group.size or 0):
                server_type = group.server_type or ""
                servers.append(
                    Instance(f"server-{next(self._numbers)}", "InService", True, server_type, server_type)
                )

    def terminate(self, server: str) -> None:
        """Terminates a server; its group starts another."""
        for id_, servers in self.servers.items():
            self.servers[id_] = [each for each in servers if each.id != server]
            self.changes.append(f"terminate {server}") if self.servers[id_] != servers else None
            self.fill(id_)

    def uses(self, id_: str) -> frozenset[str]:
        """The ids that a resource refers to."""
        network = getattr(self.resources[id_], "network", None)
        return frozenset({network} if isinstance(network, str) else ())

    def delete(self, id_: str) -> None:
        """Deletes a resource. Raises CloudConflict while another refers to it."""
        if any(id_ in self.uses(other) for other in self.resources):
            raise CloudConflict(f"{id_} is in use")
        self.servers.pop(id_, None)
        self.changes.append(f"delete {self.resources.pop(id_).key}")


class ToyCluster:
    """ClusterCloud, Discovery and InstanceGroups of one cluster."""

    def __init__(self, account: ToyAccount, files: ClusterStore | None, now: datetime) -> None:
        self._account = account
        self._files = files
        self._now = now

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """As Observer says."""
        there = {each.key: (id_, each) for id_, each in self._account.resources.items()}
        found: dict[Key, Observed] = {}
        for wanted in desired:
            if wanted.key in there:
                id_, each = there[wanted.key]
                found[wanted.key] = Observed(each, id_)
            elif self._files is not None and (stored := self._stored(wanted)) is not None:
                found[wanted.key] = stored
        foreign = tuple(Observed(each, id_) for key, (id_, each) in there.items() if key not in found)
        return Snapshot(self._now, found, foreign)

    def _stored(self, wanted: Resource) -> Observed | None:
        assert self._files is not None
        if isinstance(wanted, ManagedFile):
            return observed_file(self._files, wanted, None)
        if isinstance(wanted, Keypair):
            return keys.observed_keypair(self._files.key_store, wanted)
        if isinstance(wanted, Secret):
            return next(iter(keys.observed_secrets(self._files.key_store, [wanted])), None)
        return None

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """As Mutator says."""
        assert self._files is not None
        if isinstance(desired, ManagedFile):
            return Observed(desired, put_file(self._files, desired))
        if isinstance(desired, Keypair):
            return keys.made_keypair(self._files.key_store, desired, self._now)
        if isinstance(desired, Secret):
            return keys.made_secret(self._files.key_store, desired)
        return Observed(desired, self._account.add(desired))

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        """As Mutator says."""
        if isinstance(desired, ManagedFile):
            return self.create(desired, token)
        self._account.resources[observed.id] = desired
        self._account.changes.append(f"update {desired.key}")
        self._account.fill(observed.id)
        return replace(observed, resource=desired)

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        """As Mutator says."""
        return Replaced(self.create(desired, token), left=observed)

    def delete(self, observed: Observed | DiscoveredResource) -> None:
        """As Mutator and Discovery say."""
        if isinstance(observed, Observed) and isinstance(observed.resource, ManagedFile):
            assert self._files is not None
            delete_file(self._files, observed.resource)
        elif observed.id in self._account.resources:
            self._account.delete(observed.id)

    def discover(self) -> Snapshot:
        """As Discovery says."""
        found = tuple(
            DiscoveredResource(
                each.key.kind,
                id_,
                each.name,
                Ownership.OWNED,
                uses=self._account.uses(id_),
                area=each.spec.area,
            )
            for id_, each in self._account.resources.items()
        )
        return Snapshot(self._now, discovered=found)

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """As InstanceGroups says."""
        return {
            each.name: GroupState(
                each.name,
                each.server_type or "",
                each.size or 0,
                each.size or 0,
                each.size or 0,
                tuple(self._account.servers[id_]),
            )
            for id_, each in self._account.resources.items()
            if isinstance(each, ServerGroup) and each.name in names
        }

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says: every machine is a group's."""
        return dict.fromkeys(names, ())

    def terminate(self, instance: str) -> None:
        """As InstanceGroups says."""
        self._account.terminate(instance)

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """As InstanceGroups says."""
        return {}

    def detach(self, instance: str, group: str) -> None:
        """As InstanceGroups says; this cloud can't."""
        raise CloudError(f"{instance} can't leave its group")

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        """As InstanceGroups says; this cloud has no load balancers."""
        return ()

    def register(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""


class ToyProvider:
    """A Provider over one account."""

    model = MODEL

    def __init__(self, account: ToyAccount, settings: ProviderSettings) -> None:
        self._account = account
        self._settings = settings

    def region_of(self, cluster: Tree) -> str:
        """As Provider says."""
        return str(get(cluster, parse("spec.subnets[0].region")))

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """As Provider says."""
        self._account.asked += 1
        types: Tree = {"cx22": {"architectures": ["x86_64"]}, "cx32": {"architectures": ["x86_64"]}}
        return {
            "region": self.region_of(cluster),
            "zones": ["fsn1"],
            "hostedZones": {},
            "images": {"1": {"name": "ubuntu-24.04", "architecture": "x86_64"}},
            "instanceTypes": types,
        }

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """As Provider says."""
        return {}

    def identity(self, region: str = "") -> Identity:
        """As Provider says."""
        return Identity("toy", region, "toy")

    def cluster(self, name: str, region: str, files: ClusterStore) -> ToyCluster:
        """As Provider says."""
        return ToyCluster(self._account, files, self._settings.now())

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> ToyCluster:
        """As Provider says."""
        return ToyCluster(self._account, files, self._settings.now())

    def instance_groups(self, name: str, region: str) -> ToyCluster:
        """As Provider says."""
        return ToyCluster(self._account, None, self._settings.now())

    def region_of_zone(self, zone: str) -> str:
        """As Provider says."""
        return zone

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        """As Provider says."""
        return {}

    def machine_types(self, region: str) -> Collection[MachineType]:
        """As Provider says."""
        return ()

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """As Provider says."""
        return ()

    def api_address(self, name: str, region: str) -> str:
        """As Provider says."""
        return ""

    def buckets(self, region: str) -> BucketLookup:
        """As Provider says."""
        return lambda name: (region, None)

    def terraform(
        self, inference: Inference, desired: DesiredState, snapshot: Snapshot, bucket: BucketLookup
    ) -> dict[str, bytes]:
        """Raises UsageError."""
        raise UsageError("the toy cloud has no Terraform")

    @contextmanager
    def throttling(self, listener: ThrottleListener) -> Iterator[None]:
        """As Provider says."""
        yield
