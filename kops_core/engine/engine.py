"""The engine over the configured stores: the fleet, clusters opened to be worked on, new clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.api.values import Tree
from kops_core.cloud.ports import FactsWanted
from kops_core.engine import manifests
from kops_core.engine.access import Access
from kops_core.engine.clouds import Clouds, Identity
from kops_core.engine.draft import CLUSTER
from kops_core.engine.fleet import ClusterStatus, ClusterSummary
from kops_core.engine.inputs import channel_of, documents_of, facts_of, settings_tree
from kops_core.engine.past import PastOperation, past_operations
from kops_core.engine.settings import Settings
from kops_core.engine.status import status_of
from kops_core.engine.stores import Stores
from kops_core.engine.surroundings import Surroundings
from kops_core.engine.wanted import facts_wanted, region_of
from kops_core.engine.workspace import Workspace
from kops_core.errors import InvalidSpec, KopsError, UsageError
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed
from kops_core.store.state import name_of
from kops_core.validate.whole import validate_planned

if TYPE_CHECKING:
    from kops_core.infer.create.create import Created
    from kops_core.infer.create.options import CreateOptions


class Engine:
    """What the screens and the commands talk to. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.settings = settings
        self._now = now
        self._stores = Stores(settings, now)
        self._clouds = Clouds(settings, now)
        self._access = Access(settings, self._clouds, now)

    def clusters(self) -> Iterator[ClusterSummary]:
        """I/O. Every cluster of every store as it is read; a store that fails is a row without a name."""
        return self._stores.clusters()

    def identity(self) -> Identity:
        """I/O. Who calls AWS, and where. Raises CloudError."""
        return self._clouds.identity()

    def open(self, name: str) -> Workspace:
        """I/O. A cluster to be worked on. Raises ObjectNotFound, InvalidSpec, CloudError."""
        store = self._stores.holding(name)
        stored = store.read_cluster(name)
        if stored.errors:
            raise stored.errors[0]
        documents = {CLUSTER: stored.cluster, **stored.instance_groups}
        channel = channel_of(stored.cluster, self.settings, offline=self.settings.cloud_facts is not None)
        around = Surroundings(
            self._facts(facts_wanted(documents), region_of(documents)),
            channel.document,
            settings_tree(self.settings),
            (channel.warning,) if channel.warning else (),
        )
        return Workspace(store, stored, around, self._access)

    def status(self, name: str) -> ClusterStatus:
        """I/O. How a cluster's cloud is, compared with its spec. What goes wrong is in the status."""
        past = past_operations(self.settings.journals, name)
        last = past[0] if past else None
        status = ClusterStatus(
            name,
            self._now(),
            last_operation=f"{last.what} {last.result}" if last else "",
            last_operation_at=last.at if last else None,
        )
        try:
            workspace = self.open(name)
            return status_of(status, workspace.plan().plan, workspace.groups())
        except KopsError as error:
            return replace(status, error=str(error))

    def history(self, name: str) -> list[PastOperation]:
        """I/O. Operations on a cluster from this machine, the last first."""
        return past_operations(self.settings.journals, name)

    def facts(self, name: str) -> Tree:
        """I/O. What the account holds that a cluster (or, for "", any new one) goes by."""
        if not name:
            return self._facts(FactsWanted(), "")
        stored = self._stores.holding(name).read_cluster(name)
        documents = {CLUSTER: stored.cluster, **stored.instance_groups}
        return self._facts(facts_wanted(documents), region_of(documents))

    def create(self, files: Mapping[str, bytes]) -> list[str]:
        """I/O. Store new objects from files; what was created, as ``kind/name``."""
        self._access.expect_write("create objects")
        return manifests.create(self._stores.first(), manifests.bundles(documents_of(files)))

    def replace(self, files: Mapping[str, bytes], *, force: bool) -> list[str]:
        """I/O. Store over existing objects from files; what was stored, as ``kind/name``."""
        self._access.expect_write("replace objects")
        return manifests.replace(self._stores.first(), manifests.bundles(documents_of(files)), force=force)

    def create_options(self, words: Sequence[str]) -> CreateOptions:
        """The options of ``create cluster`` from its words. Raises UsageError."""
        from kops_core.infer.create.flags import from_flags

        return from_flags(words, self.settings.feature_flags)

    def make_cluster(self, options: CreateOptions) -> Created:
        """I/O. The documents of a new cluster; nothing is stored.

        Raises UsageError for options that make no sense, InvalidSpec for a cluster that kOps would refuse.
        """
        from kops_core.infer.create.create import create

        zones = (*options.zones, *options.control_plane_zones)
        region = region_of({CLUSTER: {"spec": {"subnets": [{"zone": zone} for zone in zones]}}})
        wanted = FactsWanted(
            vpcs=(options.network_id,) if options.network_id else (),
            subnets=(*options.subnet_ids, *options.utility_subnet_ids),
            instance_types=(*options.node_sizes, *options.control_plane_sizes),
        )
        channel = channel_of({"spec": {"channel": options.channel}}, self.settings, offline=False)
        tree = settings_tree(self.settings)
        facts = self._facts(wanted, region)
        made = create(options, facts, channel.document, tree, self._now())
        documents = {CLUSTER: made.cluster, **{name_of(group): group for group in made.instance_groups}}
        if self.settings.cloud_facts is None:
            facts = self._facts(facts_wanted(documents), region)
        inputs = prepare(documents.values(), facts=facts, channel=channel.document, settings=tree)
        errors = validate_planned(infer(inputs))
        if errors:
            raise InvalidSpec(errors, remedy="change the options")
        return made

    def store_cluster(self, made: Created, *, ssh_public_key: str = "") -> str:
        """I/O. Store a new cluster; its name. Raises ObjectExists."""
        self._access.expect_write("create a cluster")
        store = self._stores.first()
        stored = store.create(made.cluster, list(made.instance_groups))
        if ssh_public_key:
            self._clouds.vault(store, stored.cluster, stored.name).add_ssh_public_key(ssh_public_key.encode())
        return stored.name

    def ssh_key_of(self, options: CreateOptions) -> str:
        """The public key that the options name. Raises UsageError if the file can't be read."""
        if not options.ssh_public_key:
            return ""
        try:
            return Path(options.ssh_public_key).expanduser().read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(
                "the SSH public key can't be read", where=options.ssh_public_key, remedy=error.strerror or ""
            ) from error

    def _facts(self, wanted: FactsWanted, region: str) -> Tree:
        if self.settings.cloud_facts is not None:
            return keyed(facts_of(self.settings))
        return self._clouds.facts(wanted, region)
