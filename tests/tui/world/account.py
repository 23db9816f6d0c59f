"""A cloud account in memory, behind the engine's port of cloud providers: AWS' kinds of resources.

It knows nothing of AWS' calls and delays, which the tests on the embedded AWS are for: what is created is
there, with an id, and a group has its machines.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kops_core.api.values import Tree
from kops_core.cloud.aws.provider import AwsProvider
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.offline import OfflineCloud
from kops_core.cloud.offline_provider import OfflineProvider
from kops_core.cloud.ports import GroupState, Instance, Replaced
from kops_core.cloud.provider import Identity, ProviderSettings
from kops_core.cloud.sandbox.kubernetes.machines import Machine
from kops_core.cloud.stored_files import delete_file, observed_file, put_file
from kops_core.infer.create.selection import MachineType, machine_types_of
from kops_core.infer.facts import keyed
from kops_core.model.resource import Resource
from kops_core.model.store_resources import Keypair, ManagedFile, Secret
from kops_core.model.template import Key
from kops_core.plan.snapshot import DiscoveredResource, Observed, Snapshot

ACCOUNT, REGION = "123456789012", "us-east-1"
_PREFIXES = {
    "DHCPOptions": "dopt",
    "EBSVolume": "vol",
    "Instance": "i",
    "InternetGateway": "igw",
    "LaunchTemplate": "lt",
    "RouteTable": "rtb",
    "SecurityGroup": "sg",
    "SecurityGroupRule": "sgr",
    "Subnet": "subnet",
    "VPC": "vpc",
}
_OUTPUTS = ("arn", "dns_name", "hosted_zone_id", "cidr_block", "ipv6_cidr_block", "addresses", "public_ip")
_VERSION = re.compile(r"^KubernetesVersion: (\S+)$", re.MULTILINE)
"""In the configuration that machines boot with."""


@dataclass(frozen=True)
class Server:
    """A machine of a group."""

    instance: Instance
    started: datetime
    kubernetes: str


@dataclass
class Account:
    """The resources of all clusters. Its fields are plain data: a copy is a pickle of it."""

    clusters: dict[str, dict[Key, Observed]] = field(default_factory=dict)
    templates: dict[str, list[LaunchTemplate]] = field(default_factory=dict)
    """The versions of each launch template, by its id."""
    servers: dict[str, list[Server]] = field(default_factory=dict)
    """By the name of their group."""
    others: dict[str, tuple[DiscoveredResource, ...]] = field(default_factory=dict)
    """What else a search by tags finds, by cluster: shared with others, or in the way of a deletion."""
    versions: dict[str, str] = field(default_factory=dict)
    """The version of Kubernetes that new machines of a cluster boot with."""
    made: Counter[str] = field(default_factory=Counter)
    """How many there were of each name."""

    def new_id(self, kind: str, name: str) -> str:
        """An id, as AWS has them; many kinds have their name. Threads that race for it change none."""
        prefix = _PREFIXES.get(kind)
        if prefix is None:
            return name
        self.made[f"{kind}/{name}"] += 1
        digest = hashlib.sha256(f"{kind}/{name}/{self.made[f'{kind}/{name}']}".encode()).hexdigest()
        return f"{prefix}-0{digest[:16]}"

    def put(self, cluster: str, resource: Resource, id_: str) -> Observed:
        """Create or change a resource."""
        outputs = {each: f"{each}-of-{id_}" for each in _OUTPUTS}
        found = Observed(resource, id_, outputs)
        self.clusters.setdefault(cluster, {})[resource.key] = found
        if isinstance(resource, LaunchTemplate):
            self.templates.setdefault(id_, []).append(resource)
        return found

    def source(self, group: AutoscalingGroup) -> str:
        """What a group makes its machines from."""
        id_ = str(group.launch_template)
        return f"{id_}:{len(self.templates.get(id_, ()))}"

    def groups(self, cluster: str) -> Iterator[AutoscalingGroup]:
        """The groups of a cluster."""
        for each in self.clusters.get(cluster, {}).values():
            if isinstance(each.resource, AutoscalingGroup):
                yield each.resource

    def fill(self, cluster: str, now: datetime) -> None:
        """Start machines until each group has as many as it wants."""
        for group in self.groups(cluster):
            servers = self.servers.setdefault(group.name, [])
            source = self.source(group)
            template = self.templates[str(group.launch_template)][-1]
            while sum(each.instance.lifecycle != "Detached" for each in servers) < (group.min_size or 0):
                id_ = self.new_id("Instance", group.name)
                made = Instance(
                    id_,
                    "InService",
                    True,
                    source,
                    str(template.instance_type),
                    "us-east-1a",
                    f"172.20.{int(id_[3:5], 16)}.{int(id_[5:7], 16)}",
                )
                servers.append(Server(made, now, self.versions[cluster]))

    def state(self, group: AutoscalingGroup) -> GroupState:
        """A group as a roll sees it."""
        servers = tuple(each.instance for each in self.servers.get(group.name, ()))
        least, most = group.min_size or 0, group.max_size or 0
        return GroupState(group.name, self.source(group), least, most, least, servers)

    def machines(self, cluster: str) -> list[Machine]:
        """The machines of a cluster, as its Kubernetes sees them."""
        return [
            Machine(
                each.instance.id,
                group.instance_group,
                "control-plane" if "control-plane" in group.instance_group else "node",
                each.instance.zone,
                each.started,
                each.kubernetes,
                each.instance.private_ip,
                each.instance.machine_type,
            )
            for group in self.groups(cluster)
            for each in self.servers.get(group.name, ())
        ]


Watch = Callable[[str, str], None]
"""Called before each call that the engine makes, with its name and what it is about; may raise or wait."""


@dataclass
class AccountCluster(OfflineCloud):
    """One cluster in the account: observed, changed, discovered, and its groups of machines."""

    account: Account
    files: ClusterStore | None
    name: str
    facts: Tree
    now: Callable[[], datetime]
    watch: Watch

    def __post_init__(self) -> None:
        if self.files is not None:
            super().__init__(self.facts, self.files.key_store, now=self.now)

    @property
    def _there(self) -> dict[Key, Observed]:
        return self.account.clusters.setdefault(self.name, {})

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """As Observer says."""
        self.watch("observe", self.name)
        found = {**super().observe(desired).resources}
        assert self.files is not None
        for each in desired:
            if isinstance(each, ManagedFile):
                stored = observed_file(self.files, each, None)
                if stored is not None:
                    found[each.key] = stored
            elif each.key in self._there:
                found[each.key] = self._there[each.key]
        left = tuple(self._there[key] for key in sorted(self._there.keys() - found.keys(), key=str))
        return Snapshot(self.now(), found, left)

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """As Mutator says."""
        self.watch("create", str(desired.key))
        if isinstance(desired, Keypair | Secret):
            return super().create(desired, token, since=since)
        if isinstance(desired, ManagedFile):
            return self._write(desired)
        return self._put(desired, self.account.new_id(desired.key.kind, desired.name))

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        """As Mutator says."""
        self.watch("update", str(desired.key))
        if isinstance(desired, ManagedFile):
            return self._write(desired)
        return self._put(desired, observed.id)

    def _put(self, desired: Resource, id_: str) -> Observed:
        made = self.account.put(self.name, desired, id_)
        self._fill()
        return made

    def _fill(self) -> None:
        self.account.fill(self.name, self.now())

    def _write(self, desired: ManagedFile) -> Observed:
        assert self.files is not None
        if version := _VERSION.search(str(desired.contents)):
            self.account.versions[self.name] = version[1]
        return Observed(desired, put_file(self.files, desired))

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        """As Mutator says."""
        self.watch("replace", str(desired.key))
        return Replaced(self._put(desired, self.account.new_id(desired.key.kind, desired.name)))

    def delete(self, observed: Observed | DiscoveredResource) -> None:
        """As Mutator and Discovery say."""
        key = observed.resource.key if isinstance(observed, Observed) else observed.key
        self.watch("delete", str(key))
        if isinstance(observed, Observed) and isinstance(observed.resource, ManagedFile):
            assert self.files is not None
            delete_file(self.files, observed.resource)
            return
        for known, each in list(self._there.items()):
            if (known.kind, each.id) == (key.kind, observed.id):
                del self._there[known]
                self.account.servers.pop(known.name, None)

    def discover(self) -> Snapshot:
        """As Discovery says."""
        self.watch("discover", self.name)
        ids = {each.id for each in self._there.values()}
        found = tuple(
            DiscoveredResource(
                key.kind,
                each.id,
                key.name,
                uses=frozenset(ids & set(_texts(each.resource))) - {each.id},
                area=each.resource.spec.area,
                risk=each.resource.spec.risk.of_loss(each.resource),
            )
            for key, each in self._there.items()
        )
        return Snapshot(self.now(), discovered=found + self.account.others.get(self.name, ()))

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """As InstanceGroups says."""
        self.watch("groups", self.name)
        return {
            each.name: self.account.state(each)
            for each in self.account.groups(self.name)
            if each.name in names
        }

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says: every machine is a group's."""
        return dict.fromkeys(names, ())

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """As InstanceGroups says: the names of the fields, without their values."""
        return {(old, new): _changed(self._version(old), self._version(new)) for old, new in pairs}

    def _version(self, source: str) -> LaunchTemplate:
        id_, _, number = source.partition(":")
        return self.account.templates[id_][int(number) - 1]

    def terminate(self, instance: str) -> None:
        """As InstanceGroups says."""
        self.watch("terminate", instance)
        for group in self.account.groups(self.name):
            servers = self.account.servers[group.name]
            servers[:] = [each for each in servers if each.instance.id != instance]
        self._fill()

    def detach(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""
        self.watch("detach", instance)
        servers = self.account.servers[group]
        servers[:] = [
            replace(each, instance=replace(each.instance, lifecycle="Detached"))
            if each.instance.id == instance
            else each
            for each in servers
        ]
        self._fill()

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        """As InstanceGroups says: it has left at once."""
        return ()

    def register(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""


class AccountProvider(OfflineProvider):
    """A Provider over the account, with AWS' model and the recorded facts of a region."""

    def __init__(self, account: Account, facts: Tree, watch: Watch, settings: ProviderSettings) -> None:
        super().__init__(AwsProvider(settings), settings, keyed(facts))
        self._account = account
        self._watch = watch
        self._now = settings.now
        self._listed = facts

    def identity(self, region: str = "") -> Identity:
        """As Provider says."""
        self._watch("identity", region)
        return Identity(ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:user/ops")

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """As Provider says."""
        self._watch("facts", "")
        return super().facts(cluster, groups)

    def cluster(self, name: str, region: str, files: ClusterStore) -> AccountCluster:
        """As Provider says."""
        self._watch("open", name)
        return AccountCluster(self._account, files, name, self._facts, self._now, self._watch)

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> AccountCluster:
        """As Provider says."""
        return self.cluster(name, region, files)

    def instance_groups(self, name: str, region: str) -> AccountCluster:
        """As Provider says."""
        return AccountCluster(self._account, None, name, self._facts, self._now, self._watch)

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        """As Provider says."""
        self._watch("glance", region)
        return {
            name: {each.name: self._account.state(each) for each in self._account.groups(name)}
            for name in self._account.clusters
        }

    def machine_types(self, region: str) -> Collection[MachineType]:
        """As Provider says."""
        return machine_types_of(self._listed.get("instanceTypes"))

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """As Provider says."""
        self._watch("etcd", name)
        names = {key.name for key in self._account.clusters.get(name, {}) if key.kind == "EBSVolume"}
        return [each for each in ("main", "events") if any(f"etcd-{each}" in volume for volume in names)]

    def api_address(self, name: str, region: str) -> str:
        """As Provider says."""
        return f"api-{name.replace('.', '-')}.elb.example"


def _texts(resource: Resource) -> Iterator[str]:
    """Every text in the fields of a resource."""
    for _, _, value in resource.attributes():
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, str))


def _changed(old: Resource, new: Resource) -> tuple[str, ...]:
    before = {name: value for name, _, value in old.attributes()}
    return tuple(name.replace("_", " ") for name, _, value in new.attributes() if value != before[name])
