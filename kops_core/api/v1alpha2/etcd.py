"""etcd"""

from typing import Annotated

from kops_core.api.v1alpha2.types import (
    UNUSED,
    Always,
    Duration,
    Int32,
    Lost,
    Model,
    Nonzero,
    OneOf,
    Quantity,
    UInt32,
    about,
)


class EtcdMemberSpec(Model):
    """EtcdMemberSpec."""

    name: Nonzero[str] = about("")
    instanceGroup: str | None = about("")
    volumeType: str | None = about("")
    volumeIops: Int32 | None = about("")
    volumeThroughput: Int32 | None = about("")
    volumeSize: Int32 | None = about("")
    kmsKeyId: str | None = about("")
    encryptedVolume: bool | None = about("")


class EtcdBackupSpec(Model):
    """EtcdBackupSpec."""

    backupStore: Nonzero[str] = about("")
    image: Nonzero[str] = about("")


class EnvVar(Model):
    """EnvVar."""

    name: Always[str] = about("")
    value: Nonzero[str] = about("")


class EtcdManagerSpec(Model):
    """EtcdManagerSpec."""

    image: Nonzero[str] = about("")
    env: list[EnvVar] | None = about("")
    backupInterval: Duration | None = about("")
    backupRetentionDays: UInt32 | None = about("")
    discoveryPollInterval: Duration | None = about("")
    listenMetricsURLs: list[str] | None = about("")
    listenClientHTTPURLs: list[str] | None = about("")
    logLevel: Int32 | None = about("")


class EtcdClusterSpec(Model):
    """EtcdClusterSpec."""

    name: Nonzero[str] = about("")
    provider: Nonzero[Annotated[str, OneOf(("Manager", "Legacy"))]] = about("")
    etcdMembers: list[EtcdMemberSpec] | None = about("")
    enableEtcdTLS: Lost[bool] = about(UNUSED)
    enableTLSAuth: Lost[bool] = about(UNUSED)
    version: Nonzero[str] = about("")
    leaderElectionTimeout: Duration | None = about("")
    heartbeatInterval: Duration | None = about("")
    image: Nonzero[str] = about("")
    backups: EtcdBackupSpec | None = about("")
    manager: EtcdManagerSpec | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
