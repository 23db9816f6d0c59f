"""Protocols of the engine, as far as the screens use it.

Methods marked I/O block, for seconds or for an hour, and are only called from worker
threads. All others answer within a keystroke and are called from the screens' thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kops_core import (
        AddonStatus,
        ApiAccess,
        CancelToken,
        ClusterStatus,
        ClusterSummary,
        Created,
        CreateOptions,
        DriftReport,
        EtcdClusters,
        Event,
        Explanation,
        Exported,
        FieldError,
        FieldPath,
        FleetCache,
        FleetWork,
        GroupDeletion,
        GroupDeletionOptions,
        GroupOptions,
        GroupStatus,
        Identity,
        KeptEdits,
        KeypairChange,
        KeypairSummary,
        KubeconfigOptions,
        MachineType,
        MfaPrompt,
        Operations,
        PastOperation,
        Plan,
        PlannedChange,
        PlanRequest,
        SaveReview,
        Settings,
        SpecRow,
        SpecWrite,
        StagePreview,
        StoredCluster,
        Tree,
        UpgradeProposal,
        UpgradeRequest,
        Validation,
        ValidationAttempt,
        ValidationRequest,
        WhatIf,
    )

CLUSTER = "cluster"
"""Name of the Cluster document among a workspace's objects."""


class SpecHistory(Protocol):
    """The writes of a cluster's specs, and going back to what was before them."""

    def writes(self) -> Sequence[SpecWrite]:
        """I/O. The last first."""
        ...

    def before(self, write: str, /) -> Mapping[str, Tree]:
        """I/O. The documents before a write."""
        ...

    def differences(self, write: str, until: str = "", /) -> Sequence[str]:
        """I/O. What differs between the documents before a write and before another, or now; a line each."""
        ...


class GroupDeleter(Protocol):
    """The deletion of an instance group."""

    def plan(self) -> GroupDeletion:
        """I/O. What would be deleted. Raises Refused if it may not be, KubernetesError, CloudError."""
        ...


class Workspace(Protocol):
    """One cluster being worked on: its documents, edits and what follows from them."""

    @property
    def name(self) -> str: ...
    @property
    def store(self) -> str: ...
    @property
    def edits(self) -> int:
        """How many edits are not saved."""
        ...

    def objects(self) -> tuple[str, ...]:
        """``cluster``, then the instance groups."""
        ...

    def rows(self, name: str, /) -> list[SpecRow]: ...
    def explain(self, path: FieldPath, /) -> Explanation: ...
    def set(self, path: FieldPath, text: str, /) -> None:
        """Set a field from text. Raises InvalidSpec if the text does not fit its type."""
        ...

    def unset(self, path: FieldPath, /) -> None: ...
    def pin(self, path: FieldPath, /) -> None:
        """Write the inferred value as the user's own."""
        ...

    def structure(self, path: FieldPath, /) -> str:
        """A list, map or struct as YAML; "" if there is none."""
        ...

    def set_structure(self, path: FieldPath, text: str, /) -> None:
        """Set a list, map or struct from YAML. Raises InvalidSpec, then nothing is changed."""
        ...

    def next_item(self, path: FieldPath, /) -> FieldPath | None:
        """The path of one more item of a list; None for a field that is no list."""
        ...

    def move_item(self, path: FieldPath, by: int, /) -> None:
        """Move an item of a list by some places. Raises UsageError."""
        ...

    def document_lines(self, name: str, /) -> Mapping[FieldPath, int]:
        """The line of each field in the YAML of an object, from 1."""
        ...

    def what_if(self, path: FieldPath, text: str, /) -> WhatIf:
        """What a value would change, without an edit. Raises InvalidSpec, MissingFact."""
        ...

    def undo(self) -> object: ...
    def redo(self) -> object: ...
    def errors(self) -> tuple[FieldError, ...]: ...
    def moved(self) -> int:
        """How many inferred values the unsaved edits move."""
        ...

    def document(self, name: str, /) -> str:
        """An object as YAML, as the user wrote it."""
        ...

    def replace_document(self, name: str, text: str, /) -> None:
        """Take an edited document. Raises InvalidSpec, then nothing is changed."""
        ...

    def add_group(self, group: Tree, /) -> str:
        """Make an unsaved edit of a new instance group; its name. Raises ObjectExists, InvalidSpec."""
        ...

    def copy_group(self, name: str, new: str, /) -> None:
        """Make an unsaved edit of a copy of an instance group. Raises ObjectExists, InvalidSpec."""
        ...

    @property
    def protected(self) -> Collection[str]:
        """The saved objects that are protected against deletion, by name."""
        ...

    def machine_types(self, group: str, /) -> Sequence[MachineType]:
        """I/O. The machine types that an instance group may have."""
        ...

    def group_deleter(self, group: str, options: GroupDeletionOptions, /) -> GroupDeleter:
        """The deletion of a saved instance group. Raises ObjectNotFound."""
        ...

    def review(self) -> SaveReview:
        """What a save would store, with the errors that would refuse it. Raises MissingFact."""
        ...

    def unsaved(self) -> KeptEdits:
        """The unsaved edits, to be kept on disk."""
        ...

    def take_up(self, kept: KeptEdits, /) -> bool:
        """Make kept edits again. True if they were made on the spec as it is now. Raises UsageError."""
        ...

    def go_back(self, documents: Mapping[str, Tree], what: str, /) -> None:
        """Make an unsaved edit of earlier documents. Raises UsageError."""
        ...

    def save(self) -> object:
        """I/O. Write the edits to the store."""
        ...

    def plan(
        self, request: PlanRequest = ..., *, causes: bool = ..., emit: Callable[[Event], None] = ...
    ) -> PlannedChange:
        """I/O. Plan what would change in cloud and store; ``emit`` gets an event when the cloud throttles.

        causes: whether the causes of the changes are looked for.
        """
        ...

    def drift(self) -> DriftReport:
        """I/O. Differences between spec and account, and which side was changed since the last apply."""
        ...

    def preview_reconciliation(self) -> Sequence[StagePreview]:
        """I/O. What each stage of a reconciliation would do."""
        ...

    def validate(
        self,
        request: ValidationRequest,
        report: Callable[[ValidationAttempt], None],
        cancel: CancelToken,
        /,
    ) -> Validation:
        """I/O. Whether the running cluster works. Raises CloudError, KubernetesError."""
        ...

    def propose_upgrade(self, request: UpgradeRequest, /) -> UpgradeProposal:
        """I/O. Make the edits of an upgrade. Raises Refused, UsageError, InvalidSpec; then there is none."""
        ...

    def refresh(self) -> None:
        """I/O. Read the cluster again, after an operation has saved its edits; other edits stay."""
        ...

    @property
    def facts_read(self) -> bool:
        """Whether the cloud was asked for facts: before, most inferred values are not known."""
        ...

    def read_facts(self) -> None:
        """I/O. Read the cloud facts unless they were read."""
        ...

    def look_up(self) -> None:
        """I/O. Read the cloud facts that the edits call for, after something raised MissingFact."""
        ...

    def groups(self) -> Sequence[GroupStatus]:
        """I/O. The instance groups with their instances."""
        ...

    def groups_to_roll(
        self, *, access: ApiAccess | None, warn: Callable[[str], None]
    ) -> Sequence[GroupStatus]:
        """I/O. The instance groups with their instances and the nodes on them, if Kubernetes answers."""
        ...

    def addons(self, access: ApiAccess, /) -> Sequence[AddonStatus]:
        """I/O. The add-ons that the cluster runs, and those of its store. Raises KubernetesError."""
        ...

    def etcd_clusters(self) -> EtcdClusters:
        """Its etcd clusters, with their backups. Raises FactsNotRead."""
        ...

    def stored_addons(self) -> Sequence[AddonStatus]:
        """I/O. The add-ons of the store, as if the cluster ran none."""
        ...


class Keypairs(Protocol):
    """The keysets of one cluster."""

    def summaries(self, *, distrusted: bool) -> Sequence[KeypairSummary]:
        """I/O. Every keypair without its key, oldest first in each keyset."""
        ...

    def create(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        """I/O. Add a keypair to a keyset. Raises Refused, LockHeld."""
        ...

    def promote(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        """I/O. Let the newest keypair sign. Raises Refused, LockHeld."""
        ...

    def distrust(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        """I/O. Distrust all keypairs that are older than the primary one. Raises Refused, LockHeld."""
        ...


class Deletion(Protocol):
    """A cluster to be deleted."""

    def plan(self) -> Plan:
        """I/O. Resources that would be deleted, those that would stay, and those that block the deletion."""
        ...

    def protected(self) -> Sequence[str]:
        """Objects that are protected against deletion."""
        ...


class Fleet(Protocol):
    """The clusters of all stores."""

    @property
    def cache(self) -> FleetCache:
        """The clusters as an earlier run has read them, on disk."""
        ...

    def clusters(self) -> Iterator[ClusterSummary]:
        """I/O. Clusters of all stores as they answer; a dead store is a summary with an error."""
        ...

    def status(self, name: str, /) -> ClusterStatus:
        """I/O. By a plan."""
        ...

    def glances(self, summaries: Collection[ClusterSummary], /) -> Iterator[ClusterStatus]:
        """I/O. By a glance at each account, as the accounts answer."""
        ...

    def work(self, summaries: Collection[ClusterSummary], /) -> FleetWork:
        """I/O. Operations, unsaved edits, and the locks of these clusters."""
        ...


class Engine(Protocol):
    """The entry point of the engine."""

    @property
    def settings(self) -> Settings: ...
    @property
    def operations(self) -> Operations:
        """Operations on clusters, this program's and others'."""
        ...

    @property
    def mfa_prompt(self) -> MfaPrompt:
        """Asks the operator for the code of a multi-factor device."""
        ...

    @property
    def fleet(self) -> Fleet:
        """The clusters of all stores."""
        ...

    def stored(self, name: str, /) -> StoredCluster:
        """I/O. A cluster as it is in its store, readable or not."""
        ...

    def replace(self, files: Mapping[str, bytes], /, *, force: bool) -> object:
        """I/O. Store objects from files over those that are there."""
        ...

    def identity(self) -> Identity:
        """I/O."""
        ...

    def open(self, name: str, /) -> Workspace:
        """I/O."""
        ...

    def open_files(self, files: Mapping[str, bytes], /, *, ssh_public_key: str = "") -> Workspace:
        """I/O. A cluster that is in files, not in a store; it can be looked at and planned."""
        ...

    def facts(self, name: str, /) -> Tree:
        """I/O. Cloud facts that a cluster needs, or for "" any new one."""
        ...

    def create_options(self, words: Sequence[str], /) -> CreateOptions:
        """The arguments of ``create cluster``. Raises UsageError."""
        ...

    def make_cluster(self, options: CreateOptions, /) -> Created:
        """I/O. The documents of a new cluster; nothing is stored. Raises UsageError, InvalidSpec."""
        ...

    def make_group(self, cluster: str, options: GroupOptions, /) -> Tree:
        """I/O. A new instance group, checked; nothing is stored. Raises UsageError, InvalidSpec."""
        ...

    def protect(self, cluster: str, group: str = "", *, on: bool = True) -> bool:
        """I/O. Set or remove the protection of a cluster or instance group; whether it changed."""
        ...

    def store_cluster(self, made: Created, /, *, ssh_public_key: str = "") -> str:
        """I/O. Store a new cluster; its name."""
        ...

    def history(self, name: str, /) -> Sequence[PastOperation]:
        """I/O. Operations on a cluster, the last first."""
        ...

    def spec_history(self, name: str, /) -> SpecHistory:
        """I/O. What was written of a cluster's specs."""
        ...

    def export_kubeconfig(self, name: str, options: KubeconfigOptions, /) -> Exported:
        """I/O. Write a cluster to a kubeconfig; changes nothing in store and cloud."""
        ...

    def keypairs(self, name: str, /) -> Keypairs:
        """I/O."""
        ...

    def deletion(self, name: str, /) -> Deletion:
        """I/O. A cluster to be deleted."""
        ...
