"""The engine over the configured stores: the fleet, workspaces of clusters, new clusters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.api.values import Tree
from kops_core.engine.connections import Connections
from kops_core.engine.fleet.fleet import Fleet
from kops_core.engine.settings import Settings
from kops_core.engine.stores import Stores
from kops_core.engine.workspace.draft import CLUSTER, documents_of
from kops_core.errors import UsageError
from kops_core.operations.clock import Clock, SystemClock
from kops_core.store.aws_login import AwsLogin, MfaPrompt
from kops_core.store.open import StoreOpener

if TYPE_CHECKING:
    from kops_core.cloud.provider import Identity
    from kops_core.engine.background.launch import Launcher
    from kops_core.engine.background.operations import Operations
    from kops_core.engine.clouds import Clouds
    from kops_core.engine.cluster_services import ClusterServices
    from kops_core.engine.credentials.keypairs import Keypairs
    from kops_core.engine.credentials.kubeconfig import KubeconfigOptions
    from kops_core.engine.credentials.kubeconfig_export import Exported
    from kops_core.engine.credentials.stored import Credentials
    from kops_core.engine.files.folder import FolderResult
    from kops_core.engine.files.manifests import Bundle
    from kops_core.engine.operations.cluster_lock import LockStatus
    from kops_core.engine.operations.deletion import Deletion
    from kops_core.engine.operations.group_creation import SelectionOptions
    from kops_core.engine.operations.history import PastOperation
    from kops_core.engine.operations.spec_history import SpecHistory
    from kops_core.engine.workspace.workspace import Workspace
    from kops_core.infer.create.create import Created
    from kops_core.infer.create.group import GroupOptions
    from kops_core.infer.create.options import CreateOptions
    from kops_core.store.call_log import CallLog
    from kops_core.store.certificates import ClientCertificate
    from kops_core.store.key_store import KeyStore
    from kops_core.store.reading import StoredCluster
    from kops_core.store.state import StateStore

# The fleet is shown before anything is planned, so modules that only plans need are imported late.


class Engine:
    """The entry point of screens and commands. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        connections: Connections | None = None,
        detached: bool = True,
        calls: CallLog | None = None,
    ) -> None:
        """connections: stores, clouds and APIs that are given; others are opened as the settings say.

        detached: whether operations run in processes of their own, which outlive this one. calls: a log of
        the calls that the SDK of the cloud makes.
        """
        self._detached = detached
        self._connections = connections or Connections()
        providers = self._connections.providers
        self.settings = settings if providers is None else replace(settings, clouds=tuple(providers))
        self._clock = clock or SystemClock()
        self._now = self._clock.now
        self.mfa_prompt = MfaPrompt()
        """The prompt for codes of multi-factor devices."""
        kept = settings.cache_dir / "sdk" if settings.cache_dir != Path() else None
        login = AwsLogin(prompt=self.mfa_prompt, descriptions=kept, calls=calls)
        self._opener = StoreOpener(settings.environment, login, self._connections.backends)
        self._stores = Stores(self.settings, self._now, self._accept, self._opener)

    @cached_property
    def _clouds(self) -> Clouds:
        from kops_core.cloud.providers import PROVIDERS
        from kops_core.engine.clouds import Clouds

        providers = self._connections.providers or PROVIDERS
        return Clouds(self.settings, self._now, self._opener, providers=providers)

    @cached_property
    def _services(self) -> ClusterServices:
        from kops_core.engine.cluster_services import ClusterServices

        return ClusterServices(self.settings, self._clouds, self._clock, connections=self._connections)

    def _accept(self, before: StoredCluster | None, cluster: Tree, groups: Mapping[str, Tree]) -> None:
        from kops_core.engine.workspace.update_validation import Acceptance

        Acceptance(self.settings, self._etcd_created)(before, cluster, groups)

    def _etcd_created(self, stored: StoredCluster) -> Collection[str]:
        return self._services.etcd_created(self._stores.holding(stored.name), stored)

    @cached_property
    def operations(self) -> Operations:
        """The operations on clusters: apply, rolling update, delete."""
        from kops_core.engine.background.launch import InProcessLauncher, ProcessLauncher
        from kops_core.engine.background.operations import Operations

        viewer = self.settings.operator
        launcher: Launcher
        if self._detached:
            launcher = ProcessLauncher(self.settings.operations, viewer, self._now)
        else:
            from kops_core.engine.background.carry_out import carry_out

            launcher = InProcessLauncher(partial(carry_out, self), viewer, self._now)
        return Operations(self.settings, launcher, self._now)

    @cached_property
    def fleet(self) -> Fleet:
        """The clusters of all stores."""
        return Fleet(
            self.settings,
            self._stores,
            clouds=lambda: self._clouds,
            operations=lambda: self.operations,
            open_=self.open,
            now=self._now,
        )

    def applied_by(self, name: str) -> str:
        """I/O. The version of kOps that applied a cluster last; "" if none did. Raises ObjectNotFound."""
        return self._stores.holding(name).applied_by(name)

    def identity(self) -> Identity:
        """I/O. Who calls the cloud, and where. Raises CloudError."""
        return self._clouds.default.identity()

    def open(self, name: str) -> Workspace:
        """I/O.

        Opens the workspace of a cluster; no cloud is called. Raises ObjectNotFound, InvalidSpec,
        CloudError.
        """
        from kops_core.engine.workspace.opening import open_cluster

        return open_cluster(*self._stores.read(name), self._services)

    def stored(self, name: str) -> StoredCluster:
        """I/O. A cluster as it is in its store. Raises ObjectNotFound.

        Invalid specs are in its ``errors``, with their text in ``text``; ``replace`` repairs them.
        """
        return self._stores.read(name, whatever=True)[1]

    def open_files(self, files: Mapping[str, bytes], *, ssh_public_key: str = "") -> Workspace:
        """I/O. Opens a cluster from files, to be planned and written as Terraform; the store does not change.

        With recorded facts neither cloud nor store is reached. ssh_public_key: for machines that have none.
        Raises InvalidSpec, UsageError, StoreError, CloudError.
        """
        from kops_core.engine.files.offline import open_files

        return open_files(
            files, self.settings, self._stores, self._clock, self._opener, ssh_public_key=ssh_public_key
        )

    def history(self, name: str) -> list[PastOperation]:
        """I/O. Operations on a cluster from this machine, newest first."""
        from kops_core.engine.operations.history import past_operations

        return past_operations(self.settings.journals, name)

    def spec_history(self, name: str) -> SpecHistory:
        """I/O. The writes and backups of a cluster's specs, and going back to them. Raises ObjectNotFound."""
        from kops_core.engine.cluster_services import ClusterLocation
        from kops_core.engine.operations.spec_history import SpecHistory

        store, stored = self._stores.read(name, whatever=True)
        return SpecHistory(self._services, ClusterLocation(store, name, documents_of(stored)))

    def lock(self, name: str) -> LockStatus | None:
        """I/O. The lock of a cluster; None if nobody has it. Raises StoreError if it is damaged."""
        from kops_core.engine.operations.cluster_lock import lock_status
        from kops_core.store.lock import Lock

        holder = Lock(self._stores.holding(name).backend, name, now=self._now).holder()
        return None if holder is None else lock_status(holder, self._now())

    def break_lock(self, name: str, seen: LockStatus | None) -> None:
        """I/O. Removes the lock that was seen on a cluster; with None, one that can't be read.

        Raises Refused if the session is read-only, or the lock has changed.
        """
        from kops_core.store.lock import Lock

        self._services.expect_write("remove a lock")
        Lock(self._stores.holding(name).backend, name, now=self._now).force_release(
            seen.holder if seen is not None else None
        )

    def keypairs(self, name: str) -> Keypairs:
        """I/O. The keysets of a cluster. Raises ObjectNotFound, InvalidSpec."""
        from kops_core.engine.credentials.keypairs import Keypairs

        store, _, key_store = self._locate(name)
        return Keypairs(store, name, key_store, self._services)

    def credentials(self, name: str) -> Credentials:
        """I/O. The secrets and SSH public keys of a cluster. Raises ObjectNotFound, InvalidSpec."""
        from kops_core.engine.credentials.stored import Credentials

        return Credentials(name, self._locate(name)[2], self._services)

    def export_kubeconfig(self, name: str, options: KubeconfigOptions) -> Exported:
        """I/O. Writes a cluster to a kubeconfig, optionally with a new administrator's certificate.

        Changes nothing in store and cloud. Raises UsageError, ObjectNotFound, CloudError, Refused.
        """
        from kops_core.engine.credentials.kubeconfig_export import export

        store, cluster, key_store = self._locate(name)
        return export(
            key_store,
            cluster,
            name,
            options,
            self.settings,
            state=store.backend.url,
            address=partial(self._services.api_address, name, cluster),
            now=self._now(),
        )

    def client_certificate(self, name: str, life: timedelta) -> ClientCertificate:
        """I/O. A certificate for an administrator of a cluster, with a lifetime. Raises ObjectNotFound."""
        from kops_core.engine.credentials.kubeconfig_export import client_certificate

        return client_certificate(self._locate(name)[2], name, self.settings, life, self._now())

    def _locate(self, name: str) -> tuple[StateStore, Tree, KeyStore]:
        store, stored = self._stores.read(name)
        cluster = stored.cluster
        return store, cluster, self._clouds.files(store.backend, cluster, name).key_store

    def deletion(
        self, name: str, *, region: str = "", external: bool = False, unregister: bool = False
    ) -> Deletion:
        """I/O. The deletion of a cluster, to be planned and executed. Raises ObjectNotFound."""
        from kops_core.engine.operations.deletion import deletion

        return deletion(
            name,
            self._stores.holding,
            self._clouds,
            self._services,
            region=region,
            external=external,
            unregister=unregister,
        )

    def protect(self, cluster: str, group: str = "", *, on: bool = True) -> bool:
        """I/O.

        Sets or removes the protection of a cluster or instance group against deletion; whether it changed.
        """
        from kops_core.engine.operations.deletion import protect

        self._services.expect_write("protect")
        return protect(self._stores.holding(cluster), cluster, group, on=on)

    def facts(self, name: str) -> Tree:
        """I/O. The cloud facts that a cluster (or, for "", any new one) needs, as lists."""
        from kops_core.infer.create.options import CreateOptions
        from kops_core.infer.facts import listed

        if not name:
            return listed(self._services.facts_for_creation(CreateOptions()))
        stored = self._stores.read(name)[1]
        return listed(self._services.facts(documents_of(stored)))

    def create(self, files: Mapping[str, bytes]) -> list[str]:
        """I/O. Stores new objects from files; the created ones, as ``kind/name``."""
        from kops_core.engine.files import inputs, manifests

        self._services.expect_write("create objects")
        bundles = manifests.bundles(inputs.documents_of(files))
        store = self._stores.first()
        done = manifests.create(store, bundles, self._settle_clusters(files), self._store_new(store))
        return done + self._keep_ssh_keys(bundles)

    def replace(self, files: Mapping[str, bytes], *, force: bool) -> list[str]:
        """I/O. Replaces existing objects by those from files; the stored ones, as ``kind/name``."""
        from kops_core.engine.files import inputs, manifests

        self._services.expect_write("replace objects")
        bundles = manifests.bundles(inputs.documents_of(files))
        store = self._stores.first()
        settled, store_new = self._settle_clusters(files), self._store_new(store)
        done = manifests.replace(store, bundles, settled, store_new, force=force)
        return done + self._keep_ssh_keys(bundles)

    def store_folder(self, files: Mapping[str, bytes], *, overwrite: bool = False) -> list[FolderResult]:
        """I/O. Stores the clusters of a folder's files as they have them; what that changed.

        overwrite: also over changes by hand. Raises Refused, with the difference, if somebody changed the
        store by hand, InvalidSpec, UsageError.
        """
        from kops_core.engine.files import inputs, manifests
        from kops_core.engine.files.folder import store_folder

        self._services.expect_write("store the specs of files")
        bundles = manifests.bundles(inputs.documents_of(files))
        if self.settings.cluster:
            bundles = {name: each for name, each in bundles.items() if name == self.settings.cluster}
        if not bundles:
            raise UsageError("the files hold no such cluster", where=self.settings.cluster)
        store = self._stores.first()
        settle, store_new = self._settle_clusters(files), self._store_new(store)
        done = [
            store_folder(store, name, bundle, overwrite=overwrite, settle=settle, store_new=store_new)
            for name, bundle in bundles.items()
        ]
        self._keep_ssh_keys(bundles)
        return done

    def _store_new(self, store: StateStore) -> Callable[[Tree, Bundle], object]:
        from kops_core.engine.operations.creation import store_new

        def store_bundle(cluster: Tree, bundle: Bundle) -> object:
            groups, keys = list(bundle.groups.values()), bundle.ssh_public_keys
            return store_new(store, self._services, cluster, groups, bundle.additional, ssh_public_keys=keys)

        return store_bundle

    def _settle_clusters(self, files: Collection[str]) -> Callable[[Tree, Mapping[str, Tree]], Tree]:
        from kops_core.engine.files.inputs import is_local
        from kops_core.engine.operations.creation import settled_cluster

        return partial(settled_cluster, services=self._services, local=is_local(files))

    def _keep_ssh_keys(self, bundles: Mapping[str, Bundle]) -> list[str]:
        keys = [(name, key) for name, bundle in bundles.items() for key in bundle.ssh_public_keys]
        for name, key in keys:
            self._locate(name)[2].add_ssh_public_key(key.encode())
        return [f"sshpublickey/{name}" for name, _ in keys]

    def file_differences(self, files: Mapping[str, bytes]) -> list[str]:
        """I/O. The fields in which the clusters in files differ from the stored ones, a line each."""
        from kops_core.engine.files import inputs, manifests
        from kops_core.engine.operations.spec_history import document_differences

        found = []
        for name, bundle in manifests.bundles(inputs.documents_of(files)).items():
            stored = documents_of(self._stores.read(name)[1])
            wanted = {**stored, **bundle.groups, **({CLUSTER: bundle.cluster} if bundle.cluster else {})}
            found += document_differences(stored, wanted)
        return found

    def clusters_in(self, files: Mapping[str, bytes]) -> list[str]:
        """The names of the clusters in files. Raises InvalidSpec, UsageError for objects of other kinds."""
        from kops_core.engine.files import inputs, manifests

        bundles = manifests.bundles(inputs.documents_of(files))
        return manifests.clusters_of(bundles)

    def create_options(self, words: Sequence[str]) -> CreateOptions:
        """Parses the arguments of ``create cluster``. Raises UsageError."""
        from kops_core.infer.create.flags import from_flags

        return from_flags(words, self.settings.feature_flags)

    def make_group(self, cluster: str, options: GroupOptions) -> Tree:
        """I/O. A new instance group, checked; nothing is stored.

        Raises ObjectNotFound, ObjectExists, UsageError, InvalidSpec.
        """
        from kops_core.engine.operations.group_creation import make_group

        return make_group(self._stores.holding(cluster), cluster, options, self._services)

    def select_groups(self, cluster: str, options: SelectionOptions) -> list[Tree]:
        """I/O. New instance groups of the machine types that meet some criteria; nothing is stored.

        Raises UsageError if there are none, ObjectNotFound, ObjectExists, InvalidSpec, CloudError.
        """
        from kops_core.engine.operations.group_creation import select_groups

        return select_groups(self._stores.holding(cluster), cluster, options, self._services)

    def store_group(self, cluster: str, text: str) -> str:
        """I/O. Stores a new instance group from YAML; its name. Raises InvalidSpec, ObjectExists."""
        from kops_core.engine.operations.group_creation import store_group

        return store_group(self._stores.holding(cluster), cluster, text, self._services)

    def make_cluster(self, options: CreateOptions) -> Created:
        """I/O. The documents of a new cluster, checked; nothing is stored. Raises UsageError, InvalidSpec."""
        from kops_core.engine.operations import creation

        return creation.make_cluster(options, self._services, self._now)

    def store_cluster(self, made: Created, *, ssh_public_key: str = "") -> str:
        """I/O. Stores a new cluster; its name. Raises ObjectExists."""
        from kops_core.engine.operations import creation

        return creation.store_cluster(
            made, self._stores.first(), self._services, ssh_public_key=ssh_public_key
        )
