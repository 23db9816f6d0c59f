"""An entry of the catalogue of add-ons: a manifest, and the condition under which a cluster has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object

NETWORKING = {"role.kubernetes.io/networking": "1"}
"""Selector of all network add-ons, so that one replaces the other."""
AUTHENTICATION = {"role.kubernetes.io/authentication": "1"}


@dataclass(frozen=True)
class Entry:
    """A manifest that a cluster may have."""

    name: str
    id: str
    wanted: Callable[[AddonContext], bool]
    objects: Callable[[AddonContext], Sequence[Object]] | None = None
    """Its objects; None for an empty manifest, which only prunes."""
    file: str = ""
    """File name of the manifest; "" if it is the id."""
    selector: Mapping[str, str] | None = None
    """Labels of all its objects; None for ``k8s-addon`` with its name."""
    rolls: str = ""
    """The nodes that need a rolling update after a change."""
    needs_pki: Callable[[AddonContext], bool] = field(default=lambda c: False)
    prunes: bool = False
    prunes_also: tuple[tuple[str, str], ...] = ()
    account: str = ""
    """The service account that gets an IAM role of its own if service accounts have roles (IRSA)."""
    replaceable: bool = False
    """Whether the user may replace the add-on by additional objects with its name as a label."""


def on(path: str) -> Callable[[AddonContext], bool]:
    """Whether a boolean field is true."""
    return lambda c: bool(c.read.boolean(path))


def has(path: str) -> Callable[[AddonContext], bool]:
    """Whether a structure is set."""
    return lambda c: c.read.has(path)


def always(c: AddonContext) -> bool:
    """True for every cluster."""
    return True
