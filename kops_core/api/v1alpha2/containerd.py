"""containerd"""

from kops_core.api.v1alpha2.types import Duration, IntOrString, Model, Nonzero, about


class PackagesConfig(Model):
    """PackagesConfig."""

    hashAmd64: str | None = about("")
    hashArm64: str | None = about("")
    urlAmd64: str | None = about("")
    urlArm64: str | None = about("")


class DCGMExporterConfig(Model):
    """DCGMExporterConfig."""

    enabled: Nonzero[bool] = about("")


class NvidiaGPUConfig(Model):
    """NvidiaGPUConfig."""

    package: Nonzero[str] = about("")
    enabled: bool | None = about("")
    image: Nonzero[str] = about("")
    dcgmExporter: DCGMExporterConfig | None = about("")


class GVisorConfig(Model):
    """GVisorConfig."""

    enabled: bool | None = about("")
    platform: Nonzero[str] = about("")


class Runc(Model):
    """Runc."""

    version: str | None = about("")
    packages: PackagesConfig | None = about("")


class NRIConfig(Model):
    """NRIConfig."""

    enabled: bool | None = about("")
    pluginRegistrationTimeout: Duration | None = about("")
    pluginRequestTimeout: Duration | None = about("")


class ContainerdConfig(Model):
    """ContainerdConfig."""

    address: str | None = about("")
    configAdditions: dict[str, IntOrString] | None = about("")
    configOverride: str | None = about("")
    logLevel: str | None = about("")
    packages: PackagesConfig | None = about("")
    registryMirrors: dict[str, list[str]] | None = about("")
    root: str | None = about("")
    skipInstall: Nonzero[bool] = about("")
    state: str | None = about("")
    version: str | None = about("")
    nvidiaGPU: NvidiaGPUConfig | None = about("")
    gvisor: GVisorConfig | None = about("")
    runc: Runc | None = about("")
    selinuxEnabled: Nonzero[bool] = about("")
    nri: NRIConfig | None = about("")
    useECRCredentialsForMirrors: Nonzero[bool] = about("")
    installCriCtl: Nonzero[bool] = about("")
    installNerdCtl: Nonzero[bool] = about("")
    sandboxImage: str | None = about("")
