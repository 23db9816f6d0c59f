"""docker"""

from kops_core.api.v1alpha2.containerd import PackagesConfig
from kops_core.api.v1alpha2.types import Int32, Model, Nonzero, about


class DockerConfig(Model):
    """DockerConfig."""

    authorizationPlugins: list[str] | None = about("")
    bridge: str | None = about("")
    bridgeIP: str | None = about("")
    dataRoot: str | None = about("")
    defaultUlimit: list[str] | None = about("")
    defaultRuntime: str | None = about("")
    dns: list[str] | None = about("")
    execOpt: list[str] | None = about("")
    execRoot: str | None = about("")
    experimental: bool | None = about("")
    healthCheck: Nonzero[bool] = about("")
    hosts: list[str] | None = about("")
    ipMasq: bool | None = about("")
    ipTables: bool | None = about("")
    insecureRegistry: str | None = about("")
    insecureRegistries: list[str] | None = about("")
    liveRestore: bool | None = about("")
    logDriver: str | None = about("")
    logLevel: str | None = about("")
    logOpt: list[str] | None = about("")
    maxConcurrentDownloads: Int32 | None = about("")
    maxConcurrentUploads: Int32 | None = about("")
    maxDownloadAttempts: Int32 | None = about("")
    metricsAddress: str | None = about("")
    mtu: Int32 | None = about("")
    packages: PackagesConfig | None = about("")
    registryMirrors: list[str] | None = about("")
    runtimes: list[str] | None = about("")
    selinuxEnabled: bool | None = about("")
    skipInstall: Nonzero[bool] = about("")
    storage: str | None = about("")
    storageOpts: list[str] | None = about("")
    userNamespaceRemap: Nonzero[str] = about("")
    version: str | None = about("")
