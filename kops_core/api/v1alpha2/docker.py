"""Docker, which kOps no longer installs; its fields are still known."""

from kops_core.api.v1alpha2.containerd import PackagesConfig
from kops_core.api.v1alpha2.types import Int32, Model, Nonzero, about


class DockerConfig(Model):
    """Docker; removed from kOps. A cluster that still has this section is refused."""

    authorizationPlugins: list[str] | None = about("Authorization plugins.")
    bridge: str | None = about("Bridge to attach to.")
    bridgeIP: str | None = about("Address of the bridge.")
    dataRoot: str | None = about("Folder of its data.")
    defaultUlimit: list[str] | None = about("Default ulimits.")
    defaultRuntime: str | None = about("Default runtime.")
    dns: list[str] | None = about("DNS servers.")
    execOpt: list[str] | None = about("Options of the runtime.")
    execRoot: str | None = about("Folder of its state.")
    experimental: bool | None = about("Whether experimental features are on.")
    healthCheck: Nonzero[bool] = about("Whether its health is checked.")
    hosts: list[str] | None = about("Sockets that it listens on.")
    ipMasq: bool | None = about("Whether traffic is masqueraded.")
    ipTables: bool | None = about("Whether iptables rules are written.")
    insecureRegistry: str | None = about("A registry without TLS.")
    insecureRegistries: list[str] | None = about("Registries without TLS.")
    liveRestore: bool | None = about("Whether containers outlive the daemon.")
    logDriver: str | None = about("Driver for logs.")
    logLevel: str | None = about("Verbosity of its log.")
    logOpt: list[str] | None = about("Options of that driver.")
    maxConcurrentDownloads: Int32 | None = about("Downloads at once.")
    maxConcurrentUploads: Int32 | None = about("Uploads at once.")
    maxDownloadAttempts: Int32 | None = about("Attempts of a download.")
    metricsAddress: str | None = about("Address of its metrics.")
    mtu: Int32 | None = about("MTU of the pod network's interfaces; chosen by the plugin if unset.")
    packages: PackagesConfig | None = about("Where its packages come from, and their hashes.")
    registryMirrors: list[str] | None = about("Mirrors of registries.")
    runtimes: list[str] | None = about("Runtimes to register.")
    selinuxEnabled: bool | None = about("Whether SELinux is used.")
    skipInstall: Nonzero[bool] = about("Whether the image has it already.")
    storage: str | None = about("Storage driver.")
    storageOpts: list[str] | None = about("Options of the storage driver.")
    userNamespaceRemap: Nonzero[str] = about("User that containers' root is mapped to.")
    version: str | None = about("Version to run instead of the one kOps picks.")
