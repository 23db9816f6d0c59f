"""A cluster as a Terraform module: the same desired resources, written instead of applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kops_core.cloud.terraform.render import render
from kops_core.cloud.terraform.target import terraform_settings
from kops_core.engine.operations.execution import Prepared
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.plan.snapshot import Snapshot

KEPT_OUTSIDE = frozenset({"Keypair", "Secret"})
"""Kinds that go straight to the store: a private key has no place in a module (kOps does so too)."""

Bucket = Callable[[str], tuple[str, str | None]]
"""From a bucket's name to its region, and the encryption that objects have to ask for."""


def keys_alone(prepared: Prepared) -> Prepared:
    """The part of a plan that is applied before a module can be written: keysets and tokens."""
    changes = tuple(change for change in prepared.plan.changes if change.key.kind in KEPT_OUTSIDE)
    return replace(prepared, plan=replace(prepared.plan, changes=changes))


def has_balancer(snapshot: Snapshot) -> bool:
    """Whether the API's load balancer exists, so that its name may stand in what nodes read."""
    return any(key.kind == "NetworkLoadBalancer" for key in snapshot.resources)


def module_files(
    inference: Inference,
    desired: DesiredState,
    snapshot: Snapshot,
    bucket: Bucket,
    *,
    acl: str = "",
) -> dict[str, bytes]:
    """The module's files by relative name."""
    settings = terraform_settings(inference, snapshot.lookup, bucket, acl=acl)
    return render(desired, settings)
