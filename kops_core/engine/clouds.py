"""AWS as a run of the program reaches it: one session a region, made when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kops_core.api.values import Tree
from kops_core.cloud.ports import FactQuery
from kops_core.engine.settings import Settings
from kops_core.store.aws_login import AwsLogin
from kops_core.store.backend import Backend
from kops_core.store.key_store import KeyStore, places
from kops_core.store.memory import MemoryBackend
from kops_core.store.open import open_store
from kops_core.store.settings import StoreSettings
from kops_core.store.state import StateStore

if TYPE_CHECKING:
    from kops_core.cloud.aws.cloud import AwsCloud
    from kops_core.cloud.aws.instances import AwsInstanceGroups
    from kops_core.cloud.aws.limiter import Limiter
    from kops_core.cloud.aws.session import AwsSession
    from kops_core.cloud.recorded import RecordedCloud


NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
"""S3's answer for a bucket that does not encrypt by default."""


@dataclass(frozen=True)
class Identity:
    """Whose hands these are."""

    account: str
    region: str
    arn: str


def _as_is(backend: Backend) -> Backend:
    return backend


class Clouds:
    """Sessions by region, with one limiter for all. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        login: AwsLogin,
        opened: Callable[[Backend], Backend] = _as_is,
    ) -> None:
        """opened: what is used in place of each further store that a spec names."""
        self._settings = settings
        self._now = now
        self._login = login
        self._opened = opened
        self._sessions: dict[str, AwsSession] = {}
        self._lock = threading.Lock()
        self._limiter: Limiter | None = None

    @property
    def limiter(self) -> Limiter:
        """What slows all calls down when AWS asks for it."""
        from kops_core.cloud.aws.limiter import Limiter

        with self._lock:
            if self._limiter is None:
                self._limiter = Limiter()
            return self._limiter

    def session(self, region: str) -> AwsSession:
        """The session of a region; "" is the one that the AWS SDK is set to. Raises CloudError."""
        from kops_core.cloud.aws.session import AwsSession, AwsSettings

        limiter = self.limiter
        with self._lock:
            if region not in self._sessions:
                role = self._settings.environment.get("KOPS_AWS_ROLE_ARN", "")
                settings = AwsSettings(region=region, role_arn=role, locked_only=True)
                self._sessions[region] = AwsSession.open(settings, login=self._login, limiter=limiter)
            return self._sessions[region]

    def identity(self, region: str = "") -> Identity:
        """I/O. Who calls, and where. Raises CloudError."""
        session = self.session(region)
        return Identity(session.account, session.region, session.arn)

    def facts(self, wanted: FactQuery, region: str) -> Tree:
        """I/O. What the account holds. Raises CloudError."""
        from kops_core.cloud.aws.facts import AwsFacts

        return AwsFacts(self.session(region)).read(wanted)

    def of_cluster(
        self, store: StateStore, cluster: Tree, name: str, region: str
    ) -> AwsCloud | RecordedCloud:
        """Observer and mutator of one cluster."""
        from kops_core.cloud.aws.cloud import AwsCloud
        from kops_core.cloud.cluster_store import ClusterStore

        files = ClusterStore.of(store.backend, cluster, name, self.open_base)
        return AwsCloud(self.session(region), files, name, now=self._now)

    def buckets(self, region: str) -> Callable[[str], tuple[str, str | None]]:
        """A look-up of buckets: region, and the encryption to ask for (None: it is the default there)."""
        s3 = self.session(region).s3

        def bucket(name: str) -> tuple[str, str | None]:
            from botocore.exceptions import ClientError

            from kops_core.cloud.aws.errors import translated
            from kops_core.store.s3_client import region_at

            with translated(f"bucket {name}"):
                region = region_at(s3.get_bucket_location(Bucket=name)["LocationConstraint"])
                try:
                    s3.get_bucket_encryption(Bucket=name)
                except ClientError as error:
                    if error.response.get("Error", {}).get("Code") != NO_ENCRYPTION:
                        raise
                    return region, "AES256"
            return region, None

        return bucket

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """I/O. The etcd clusters of a cluster that have volumes. Raises CloudError."""
        from kops_core.cloud.aws.etcd_status import etcd_clusters

        return etcd_clusters(self.session(region), name)

    def groups_of(self, name: str, region: str) -> AwsInstanceGroups:
        """The auto-scaling groups of one cluster."""
        from kops_core.cloud.aws.instances import AwsInstanceGroups

        return AwsInstanceGroups(self.session(region), name)

    def vault(self, store: StateStore, cluster: Tree, name: str) -> KeyStore:
        """The keys and secrets of one cluster."""
        _, keys, secrets = places(store.backend, cluster, name, self.open_base)
        return KeyStore(keys, secrets)

    def open_base(self, url: str) -> Backend:
        """Another store that a cluster's spec names by its URL."""
        return self._opened(open_store(url, StoreSettings.of(self._settings.environment, self._login)))


class RecordedClouds(Clouds):
    """The same over a file of facts: calls no cloud, and every store is one in memory."""

    def __init__(self, settings: Settings, now: Callable[[], datetime], facts: Tree) -> None:
        super().__init__(settings, now, AwsLogin())
        self._facts = facts
        self._bases: dict[str, Backend] = {}

    def facts(self, wanted: FactQuery, region: str) -> Tree:
        """The recorded facts."""
        return self._facts

    def of_cluster(self, store: StateStore, cluster: Tree, name: str, region: str) -> RecordedCloud:
        """Observer and mutator of one cluster."""
        from kops_core.cloud.recorded import RecordedCloud

        return RecordedCloud(self._facts, self.vault(store, cluster, name), now=self._now)

    def buckets(self, region: str) -> Callable[[str], tuple[str, str | None]]:
        """Buckets lie where the facts say, or in the region, and encrypt nothing by default."""
        listed = self._facts.get("buckets")

        def bucket(name: str) -> tuple[str, str | None]:
            about = listed.get(name) if isinstance(listed, dict) else None
            place = about.get("region") if isinstance(about, dict) else None
            return str(place or self._facts.get("region") or region), "AES256"

        return bucket

    def open_base(self, url: str) -> Backend:
        """A store in memory."""
        return self._bases.setdefault(url, MemoryBackend(url))
