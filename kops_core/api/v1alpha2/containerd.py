"""The container runtime and what it starts."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Duration, IntOrString, Model, Nonzero, OneOf, about


class PackagesConfig(Model):
    """Archives to install from."""

    hashAmd64: str | None = about("Hash of the archive for amd64.")
    hashArm64: str | None = about("Hash of the archive for arm64.")
    urlAmd64: str | None = about("URL of the archive for amd64.")
    urlArm64: str | None = about("URL of the archive for arm64.")


class DCGMExporterConfig(Model):
    """Metrics of NVIDIA GPUs."""

    enabled: Nonzero[bool] = about("Whether it is installed.")


class NvidiaGPUConfig(Model):
    """NVIDIA's driver and runtime."""

    package: Nonzero[str] = about("Driver package.")
    enabled: bool | None = about("Whether driver and runtime are installed.")
    image: Nonzero[str] = about("Image of the device plugin.")
    dcgmExporter: DCGMExporterConfig | None = about("Metrics of the GPUs.")


class GVisorConfig(Model):
    """gVisor, a sandbox for containers."""

    enabled: bool | None = about("Whether it is installed.")
    platform: Nonzero[str] = about("How it catches system calls.")


class Runc(Model):
    """runc, which starts containers."""

    version: str | None = about("Version of runc.")
    packages: PackagesConfig | None = about("Where its packages come from, and their hashes.")


class NRIConfig(Model):
    """containerd's plugin interface."""

    enabled: bool | None = about("Whether plugins may connect.")
    pluginRegistrationTimeout: Duration | None = about("Time that a plugin has to register.")
    pluginRequestTimeout: Duration | None = about("Time that a plugin has for a request.")


class ContainerdConfig(Model):
    """containerd, the container runtime."""

    address: str | None = about("Socket that it listens on.")
    configAdditions: dict[str, IntOrString] | None = about("Settings to add to its configuration, by path.")
    configOverride: str | None = about("A whole configuration in place of kOps'.")
    logLevel: Annotated[str, OneOf(("trace", "debug", "info", "warn", "error", "fatal", "panic"))] | None = (
        about("Verbosity of its log.")
    )
    packages: PackagesConfig | None = about("Where its packages come from, and their hashes.")
    registryMirrors: dict[str, list[str]] | None = about("Mirrors by registry.")
    root: str | None = about("Folder of its data.")
    skipInstall: Nonzero[bool] = about("Whether the image has it already.")
    state: str | None = about("Folder of its state.")
    version: str | None = about("Version of containerd.")
    nvidiaGPU: NvidiaGPUConfig | None = about("NVIDIA's driver and runtime.")
    gvisor: GVisorConfig | None = about("gVisor, a sandbox for containers.")
    runc: Runc | None = about("runc, which starts containers.")
    selinuxEnabled: Nonzero[bool] = about("Whether SELinux is used.")
    nri: NRIConfig | None = about("Its plugin interface.")
    useECRCredentialsForMirrors: Nonzero[bool] = about("Whether mirrors are called with ECR's credentials.")
    installCriCtl: Nonzero[bool] = about("Whether crictl is installed.")
    installNerdCtl: Nonzero[bool] = about("Whether nerdctl is installed.")
    sandboxImage: str | None = about("Image of the pause container.")
