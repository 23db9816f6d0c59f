"""The etcd clusters."""

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
    """A member of an etcd cluster."""

    name: Nonzero[str] = about("Name, unique in its list.")
    instanceGroup: str | None = about("Instance group that runs it.")
    volumeType: str | None = about("Kind of its volume.")
    volumeIops: Int32 | None = about("IOPS of its volume.")
    volumeThroughput: Int32 | None = about("Throughput of its volume, MB/s.")
    volumeSize: Int32 | None = about("Size of its volume, GB.")
    kmsKeyId: str | None = about("KMS key that encrypts its volume.")
    encryptedVolume: bool | None = about("Whether its volume is encrypted.")


class EtcdBackupSpec(Model):
    """Location of etcd's backups."""

    backupStore: Nonzero[str] = about("Place of the backups, like s3://bucket/path.")
    image: Nonzero[str] = about("Image of a backup sidecar.")


class EnvVar(Model):
    """An environment variable."""

    name: Always[str] = about("Name of the variable.")
    value: Nonzero[str] = about("Its value.")


class EtcdManagerSpec(Model):
    """etcd-manager, which runs and backs up etcd."""

    image: Nonzero[str] = about("Image of etcd-manager.")
    env: list[EnvVar] | None = about("Environment; ETCD_ names are passed on to etcd.")
    backupInterval: Duration | None = about("Time between backups.")
    backupRetentionDays: UInt32 | None = about("Days that backups are kept.")
    discoveryPollInterval: Duration | None = about("Time between looks for other members.")
    listenMetricsURLs: list[str] | None = about("URLs that serve metrics and health.")
    listenClientHTTPURLs: list[str] | None = about("URLs that serve clients over HTTP alone.")
    logLevel: Int32 | None = about("Verbosity of its log.")


class EtcdClusterSpec(Model):
    """An etcd cluster."""

    name: Nonzero[Annotated[str, OneOf(("main", "events", "cilium", "leases"))]] = about(
        "Which: main, events, cilium or leases."
    )
    provider: Nonzero[Annotated[str, OneOf(("Manager",))]] = about("What runs it.")
    etcdMembers: list[EtcdMemberSpec] | None = about("Its members, an odd number.")
    enableEtcdTLS: Lost[bool] = about(UNUSED)
    enableTLSAuth: Lost[bool] = about(UNUSED)
    version: Nonzero[str] = about("Version of etcd.")
    leaderElectionTimeout: Duration | None = about(
        "Time without a heartbeat after which a leader is elected."
    )
    heartbeatInterval: Duration | None = about("Time between heartbeats of the leader.")
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    backups: EtcdBackupSpec | None = about("Where its backups go.")
    manager: EtcdManagerSpec | None = about("What runs and backs it up.")
    memoryRequest: Quantity | None = about("Memory that a member asks for.")
    cpuRequest: Quantity | None = about("CPU that a member asks for.")
