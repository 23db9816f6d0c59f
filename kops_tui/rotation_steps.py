"""The steps of rotating a keyset: which is next, and what has to be done after each."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core import KeypairSummary

_KUBERNETES_CA = "kubernetes-ca"


class RotationStep(Enum):
    """A step of a rotation; after each the cluster is applied and its nodes are replaced."""

    CREATE = "create"
    """A new keypair, so that everything trusts both."""
    PROMOTE = "promote"
    """The new one signs."""
    DISTRUST = "distrust"
    """Nothing trusts the old one any more."""


def next_step(keypairs: Sequence[KeypairSummary]) -> RotationStep | None:
    """The next step of rotating one keyset; None for one that is not rotated by hand, or that is empty.

    keypairs: those of the keyset, the oldest first.
    """
    from kops_core import is_rotatable

    states = [each.state for each in keypairs]
    if "primary" not in states or not is_rotatable(keypairs[0].keyset):
        return None
    primary = states.index("primary")
    if "trusted" in states[:primary]:
        return RotationStep.DISTRUST
    newer = keypairs[primary + 1 :]
    if any(each.state == "trusted" and each.has_private_key for each in newer):
        return RotationStep.PROMOTE
    return RotationStep.CREATE


def roll_out(cluster: str, purpose: str) -> list[tuple[str, str]]:
    """The two steps that bring something from the store to every node."""
    return [
        (f"update cluster {cluster} --yes", purpose),
        (f"rolling-update cluster {cluster} --yes", "nodes read it only when they start"),
    ]


def after_create(keysets: set[str], cluster: str, primary: bool) -> list[tuple[str, str]]:
    """What follows on the creation of keypairs, unless they sign at once."""
    steps = roll_out(cluster, "so that everything trusts the new keypair")
    if _KUBERNETES_CA in keysets:
        steps.append((f"export kubeconfig {cluster}", "give clients the new authority before it signs"))
    if not primary:
        chosen = "all" if len(keysets) > 1 else next(iter(keysets))
        steps.append((f"promote keypair {chosen} --name {cluster}", "only once all nodes are replaced"))
    return steps


def after_promote(keysets: set[str], cluster: str) -> list[tuple[str, str]]:
    """What follows on a promotion."""
    steps = roll_out(cluster, "new nodes can't join until this and the next are done")
    if _KUBERNETES_CA in keysets:
        steps.append((f"export kubeconfig {cluster} --admin", "new credentials for administrators"))
    chosen = "all" if len(keysets) > 1 else next(iter(keysets))
    steps.append((f"distrust keypair {chosen} --name {cluster}", "only once all nodes are replaced"))
    return steps


def after_distrust(keysets: set[str], cluster: str) -> list[tuple[str, str]]:
    """What follows when keypairs are distrusted."""
    steps = roll_out(cluster, "so that nothing trusts the old keypair")
    if _KUBERNETES_CA in keysets:
        steps.append((f"export kubeconfig {cluster}", "take the old authority from clients"))
    return steps


def after_trust(keysets: set[str], cluster: str) -> list[tuple[str, str]]:
    """What follows when keypairs are trusted again."""
    return roll_out(cluster, "so that the keypair is trusted again")
