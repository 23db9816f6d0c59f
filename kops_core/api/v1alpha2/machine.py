"""machine"""

from kops_core.api.v1alpha2.types import Model, Nonzero, about


class ExecContainerAction(Model):
    """ExecContainerAction."""

    image: Nonzero[str] = about("")
    command: list[str] | None = about("")
    environment: dict[str, str] | None = about("")


class HookSpec(Model):
    """HookSpec."""

    name: Nonzero[str] = about("")
    disabled: bool | None = about("")
    roles: list[str] | None = about("")
    requires: list[str] | None = about("")
    before: list[str] | None = about("")
    execContainer: ExecContainerAction | None = about("")
    manifest: Nonzero[str] = about("")
    useRawManifest: Nonzero[bool] = about("")


class FileAssetSpec(Model):
    """FileAssetSpec."""

    name: Nonzero[str] = about("")
    path: Nonzero[str] = about("")
    roles: list[str] | None = about("")
    content: Nonzero[str] = about("")
    isBase64: Nonzero[bool] = about("")
    mode: Nonzero[str] = about("")


class AssetsSpec(Model):
    """AssetsSpec."""

    containerRegistry: str | None = about("")
    fileRepository: str | None = about("")
    containerProxy: str | None = about("")


class NTPConfig(Model):
    """NTPConfig."""

    managed: bool | None = about("")


class TerraformSpec(Model):
    """TerraformSpec."""

    providerExtraConfig: dict[str, str] | None = about("")
    filesProviderExtraConfig: dict[str, str] | None = about("")


class TargetSpec(Model):
    """TargetSpec."""

    terraform: TerraformSpec | None = about("")
