"""The cloud providers and additional stores of a run, opened when first needed, shared by all clusters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from kops_core.api.path import get
from kops_core.api.values import Tree
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.offline_provider import OfflineProvider
from kops_core.cloud.provider import Provider, ProviderSettings
from kops_core.cloud.providers import PROVIDERS, OpenProvider
from kops_core.engine.settings import Settings
from kops_core.errors import Refused
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.open import StoreOpener


def _as_is(backend: Backend) -> Backend:
    return backend


class Clouds:
    """Providers by name. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        opener: StoreOpener,
        opened: Callable[[Backend], Backend] = _as_is,
        *,
        providers: Mapping[str, OpenProvider] = PROVIDERS,
    ) -> None:
        """opened: replacements of additional stores that specs name."""
        self._settings = settings
        self._opened = opened
        self._opener = opener
        self._openers = providers
        self._provider_settings = ProviderSettings(settings.environment, opener.login, now)
        self._providers: dict[str, Provider] = {}
        self._lock = threading.Lock()

    @property
    def default(self) -> Provider:
        """The provider if no cluster is named."""
        return self._named(next(iter(self._openers)))

    def of(self, cluster: Tree) -> Provider:
        """The provider of a Cluster document. Raises Refused for an unsupported one."""
        name = get(cluster, ("spec", "cloudProvider")) or get(cluster, ("spec", "legacyCloudProvider"))
        if not isinstance(name, str) or not name:
            return self.default
        if name not in self._openers:
            known = ", ".join(self._openers)
            raise Refused(
                f"kops-tui does not work with the cloud {name} yet",
                where="spec.cloudProvider",
                remedy=f"use kOps for this cluster; kops-tui knows {known}",
            )
        return self._named(name)

    def _named(self, name: str) -> Provider:
        with self._lock:
            if name not in self._providers:
                self._providers[name] = self._open(name)
            return self._providers[name]

    def _open(self, name: str) -> Provider:
        return self._openers[name](self._provider_settings)

    def files(self, store: Backend, cluster: Tree, name: str) -> ClusterStore:
        """One cluster's files, keys and secrets in its stores."""
        return ClusterStore.of(store, cluster, name, self.open_base)

    def open_base(self, url: str) -> Backend:
        """Another store that a cluster's spec names by its URL."""
        return self._opened(self._opener.open(url))


class OfflineClouds(Clouds):
    """Providers over a file of facts: no cloud is called, and every store is in memory."""

    def __init__(self, settings: Settings, now: Callable[[], datetime], facts: Tree) -> None:
        """facts: by kind and key."""
        super().__init__(settings, now, StoreOpener(settings.environment))
        self._facts = facts
        self._bases: dict[str, Backend] = {}

    def _open(self, name: str) -> Provider:
        return OfflineProvider(super()._open(name), self._provider_settings, self._facts)

    def open_base(self, url: str) -> Backend:
        """A store in memory."""
        return self._bases.setdefault(url, MemoryBackend(url))
