"""Creates clusters from options: builds, validates and stores their documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kops_core.api.path import get, set_at
from kops_core.api.values import UNSET, Tree
from kops_core.engine.channels import load
from kops_core.engine.cluster_services import ClusterServices
from kops_core.engine.files.inputs import channel_of, settings_tree
from kops_core.engine.operations.cluster_lock import locked
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.errors import FactsNotRead, InvalidSpec, UsageError
from kops_core.infer.complete import infer, prepare
from kops_core.infer.create.allocation import allocate_ranges
from kops_core.infer.create.create import Created, create
from kops_core.infer.create.options import CreateOptions
from kops_core.store.metadata import name_of
from kops_core.store.state import StateStore
from kops_core.validate.cluster_set import validate_created, validate_planned

CREATE = "create"
"""Kind of the operation, as locks name it."""


def make_cluster(options: CreateOptions, services: ClusterServices, now: Callable[[], datetime]) -> Created:
    """I/O. The documents of a new cluster; nothing is stored.

    Raises UsageError for contradictory options, InvalidSpec for a cluster that kOps would refuse.
    """
    offline = services.settings.cloud_facts is not None or services.settings.sandbox
    # The options are the operator's own, so any file is allowed.
    named = services.settings.channel or options.channel
    channel = load(named, services.settings.environment, offline=offline).document
    settings = settings_tree(services.settings)
    made = create(options, services.facts_for_creation(options), channel, settings, now())
    documents = {CLUSTER: made.cluster, **{name_of(group): group for group in made.instance_groups}}
    inputs = prepare(documents.values(), facts=services.facts(documents), channel=channel, settings=settings)
    errors = (validate_created if options.dry_run else validate_planned)(infer(inputs))
    if errors:
        raise InvalidSpec(errors, remedy="change the options")
    return made


def store_cluster(made: Created, store: StateStore, services: ClusterServices, *, ssh_public_key: str) -> str:
    """I/O. Stores a new cluster; its name. Raises Refused, ObjectExists."""
    services.expect_write("create a cluster")
    keys = [ssh_public_key] if ssh_public_key else []
    return store_new(store, services, made.cluster, list(made.instance_groups), ssh_public_keys=keys)


def store_new(
    store: StateStore,
    services: ClusterServices,
    cluster: Tree,
    instance_groups: Sequence[Tree],
    additional_objects: Sequence[Tree] = (),
    *,
    ssh_public_keys: Sequence[str],
) -> str:
    """I/O. Stores a new cluster under its lock, SSH keys first; its name. If interrupted, it can be repeated.

    Raises ObjectExists, InvalidSpec, LockHeld.
    """
    name = name_of(cluster)
    with locked(store.backend, services.settings, CREATE, name, services.clock, on_lost=lambda: None):
        store.expect_creatable(cluster, instance_groups)
        for key in ssh_public_keys:
            services.key_store(store, cluster, name).add_ssh_public_key(key.encode())
        store.create(cluster, instance_groups, additional_objects)
    return name


def settled_cluster(
    cluster: Tree, groups: Mapping[str, Tree], services: ClusterServices, *, local: bool = False
) -> Tree:
    """I/O. A cluster from a file with the values that kOps adds when it stores a new one.

    Those are the ranges of its network and subnets, and its version; they are stored so that they never
    change. Values that are set stay. The account is only read for shared networks. local: it came from a
    file of this machine. Raises InvalidSpec, CloudError.
    """
    facts: Tree | None = None
    try:
        done = allocate_ranges(cluster, facts)
    except FactsNotRead:
        facts = services.facts({CLUSTER: cluster, **groups})
        done = allocate_ranges(cluster, facts)
    if get(done, _VERSION) in (UNSET, None, ""):
        offline = services.settings.cloud_facts is not None
        channel = channel_of(done, services.settings, offline=offline, local=local).document
        inputs = prepare(
            [done], facts=facts or {}, channel=channel, settings=settings_tree(services.settings)
        )
        version = infer(inputs).value(_VERSION)
        done = done if version is UNSET else set_at(done, _VERSION, version)
    return done


_VERSION = ("spec", "kubernetesVersion")


def ssh_key_of(options: CreateOptions) -> str:
    """The content of the public key file that the options name; "" without one. Raises UsageError."""
    if not options.ssh_public_key:
        return ""
    try:
        return Path(options.ssh_public_key).expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            "the SSH public key can't be read", where=options.ssh_public_key, remedy=error.strerror or ""
        ) from error
