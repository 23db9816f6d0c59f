"""The AWS Provider of a run: one session for each region, created when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kops_core.api.path import get, leaves
from kops_core.api.values import Tree
from kops_core.cloud.aws.api_address import api_address
from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.errors import code_of, translated
from kops_core.cloud.aws.etcd_status import etcd_clusters
from kops_core.cloud.aws.fact_query import FactQuery, fact_query, region_of, region_of_zone
from kops_core.cloud.aws.facts import AwsFacts
from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.model import AWS
from kops_core.cloud.aws.session import AwsSession, AwsSettings
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import GroupState
from kops_core.cloud.provider import BucketLookup, Identity, ProviderSettings, ThrottleListener
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.plan.snapshot import Snapshot
from kops_core.store.s3_client import region_at

if TYPE_CHECKING:
    from kops_core.cloud.aws.discovery.discover import AwsDiscovery
    from kops_core.cloud.aws.instances import AwsInstanceGroups
    from kops_core.infer.create.options import CreateOptions
    from kops_core.infer.create.selection import MachineType

# A plan needs none of what is imported in methods.

NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
"""S3's error code for a bucket without default encryption."""


class AwsProvider:
    """A Provider: sessions by region, with one limiter for all. Safe to use from several threads."""

    model = AWS

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._limiter = Limiter()
        self._sessions: dict[str, AwsSession] = {}
        self._lock = threading.Lock()

    def session(self, region: str) -> AwsSession:
        """The session of a region; "" for the AWS SDK's default. Raises CloudError."""
        with self._lock:
            if region not in self._sessions:
                role = self._settings.environment.get("KOPS_AWS_ROLE_ARN", "")
                settings = AwsSettings(region=region, role_arn=role, locked_only=True)
                self._sessions[region] = AwsSession.open(
                    settings, login=self._settings.login, limiter=self._limiter
                )
            return self._sessions[region]

    def region_of(self, cluster: Tree) -> str:
        """As Provider says."""
        return region_of(cluster)

    def facts(self, cluster: Tree, groups: Mapping[str, Tree]) -> Tree:
        """As Provider says."""
        return AwsFacts(self.session(region_of(cluster))).read(fact_query(cluster, groups.values()))

    def facts_for_creation(self, options: CreateOptions) -> Tree:
        """As Provider says."""
        zones = (*options.zones, *options.control_plane_zones)
        query = FactQuery(
            vpcs=(options.network_id,) if options.network_id else (),
            subnets=(*options.subnet_ids, *options.utility_subnet_ids),
            instance_types=(*options.node_sizes, *options.control_plane_sizes),
            dns_names=tuple(name for name in (options.cluster_name, options.dns_zone) if name),
        )
        return AwsFacts(self.session(region_of_zone(zones[0]) if zones else "")).read(query)

    def identity(self, region: str = "") -> Identity:
        """As Provider says."""
        session = self.session(region)
        return Identity(session.account, session.region, session.arn)

    def cluster(self, name: str, region: str, files: ClusterStore) -> AwsCloud:
        """As Provider says."""
        return AwsCloud(self.session(region), files, name, now=self._settings.now)

    def discovery(
        self, name: str, region: str, files: ClusterStore, documents: Collection[Tree]
    ) -> AwsDiscovery:
        """As Provider says."""
        from kops_core.cloud.aws.discovery.discover import AwsDiscovery

        return AwsDiscovery(
            self.session(region),
            files,
            name,
            now=self._settings.now,
            named=_texts(documents),
            untagged_subnets=frozenset(cidr for each in documents for cidr in untagged_subnets(each)),
        )

    def instance_groups(self, name: str, region: str) -> AwsInstanceGroups:
        """As Provider says: auto-scaling groups."""
        from kops_core.cloud.aws.instances import AwsInstanceGroups

        return AwsInstanceGroups(self.session(region), name)

    def region_of_zone(self, zone: str) -> str:
        """As Provider says."""
        return region_of_zone(zone)

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        """As Provider says: auto-scaling groups."""
        from kops_core.cloud.aws.fleet import groups_of_all_clusters

        return groups_of_all_clusters(self.session(region))

    def machine_types(self, region: str) -> Collection[MachineType]:
        """As Provider says."""
        from kops_core.cloud.aws.machine_types import read_machine_types

        return read_machine_types(self.session(region))

    def etcd_created(self, name: str, region: str) -> Collection[str]:
        """As Provider says: those that have volumes."""
        return etcd_clusters(self.session(region), name)

    def api_address(self, name: str, region: str) -> str:
        """As Provider says."""
        return api_address(self.session(region), name)

    def buckets(self, region: str) -> BucketLookup:
        """As Provider says."""
        s3 = self.session(region).s3

        @cache  # a module names its bucket in every file
        def bucket(name: str) -> tuple[str, str | None]:
            with translated(f"bucket {name}"):
                region = region_at(s3.get_bucket_location(Bucket=name)["LocationConstraint"])
                try:
                    s3.get_bucket_encryption(Bucket=name)
                except ClientError as error:
                    if code_of(error) != NO_ENCRYPTION:
                        raise
                    return region, "AES256"
            return region, None

        return bucket

    def terraform(
        self, inference: Inference, desired: DesiredState, snapshot: Snapshot, bucket: BucketLookup
    ) -> dict[str, bytes]:
        """As Provider says."""
        from kops_core.cloud.aws.terraform.render import render
        from kops_core.cloud.aws.terraform.target import terraform_settings

        acl = self._settings.environment.get("KOPS_STATE_S3_ACL", "")
        return render(desired, terraform_settings(inference, snapshot.lookup, bucket, acl=acl))

    @contextmanager
    def throttling(self, listener: ThrottleListener) -> Iterator[None]:
        """As Provider says."""
        with self._limiter.subscribed(listener):
            yield


def _texts(documents: Collection[Tree]) -> frozenset[str]:
    """Every text in the specs of a cluster."""
    specs = (document.get("spec") for document in documents)
    return frozenset(
        value
        for spec in specs
        if isinstance(spec, dict)
        for _, value in leaves(spec)
        if isinstance(value, str)
    )


def untagged_subnets(document: Tree) -> Iterator[str]:
    """CIDRs of the subnets that a cluster creates without tags (``DisableSubnetTags``)."""
    subnets = get(document, ("spec", "subnets"))
    if get(document, ("spec", "DisableSubnetTags")) is not True or not isinstance(subnets, list):
        return
    for each in subnets:
        if isinstance(each, dict) and not each.get("id") and isinstance(cidr := each.get("cidr"), str):
            yield cidr
