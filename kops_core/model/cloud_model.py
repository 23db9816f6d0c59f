"""A cloud provider's part of the model: its kinds, builders and add-ons, and a few settings.

The model itself names no cloud. A provider hands its ``CloudModel``, ``model.py`` in its folder, over with
the ``ModelSettings``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kops_core.model.resource import Resource

if TYPE_CHECKING:
    from kops_core.model.addons.context import AddonContext
    from kops_core.model.addons.entry import Entry
    from kops_core.model.addons.objects import Object
    from kops_core.model.context import Context, Group
    from kops_core.model.documents import Document

Builder: TypeAlias = "Callable[[Context], Iterator[Resource]]"
"""Yields the resources of one area of a cluster."""


@dataclass(frozen=True)
class CloudModel:
    """One cloud's part of the model."""

    name: str
    """As nodeup, kops-controller and etcd-manager know it, e.g. ``aws``."""
    kinds: Mapping[str, type[Resource]]
    """All kinds of its builders, by name, in the order of the screens."""
    builders: tuple[Builder, ...]
    """The builders of all areas. Their order is that of the result; nothing else depends on it."""
    addons: tuple[Entry, ...]
    """The add-ons that a cluster may have, in the order in which the control plane applies them."""
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
    node_identity: Callable[[AddonContext], Object]
    """kops-controller's settings to identify machines of the cluster."""
    with_workload_identity: Callable[[Object, str, AddonContext], Object]
    """A workload with the credentials of its service account's cloud role; any other object unchanged."""
