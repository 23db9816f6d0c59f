"""Hooks, files and assets of machines, and settings of targets."""

from kops_core.api.v1alpha2.types import Model, Nonzero, about


class ExecContainerAction(Model):
    """A container to run on machines."""

    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    command: list[str] | None = about("Its command.")
    environment: dict[str, str] | None = about("Its environment.")


class HookSpec(Model):
    """A unit or container to run on machines."""

    name: Nonzero[str] = about("Name, unique in its list.")
    disabled: bool | None = about("Whether the hook of this name is left out.")
    roles: list[str] | None = about("Roles of the instance groups that it applies to; all if unset.")
    requires: list[str] | None = about("Units that it requires.")
    before: list[str] | None = about("Units that it runs before.")
    execContainer: ExecContainerAction | None = about("A container to run.")
    manifest: Nonzero[str] = about("The unit's service section.")
    useRawManifest: Nonzero[bool] = about("Whether manifest is a whole unit.")


class FileAssetSpec(Model):
    """A file to place on machines."""

    name: Nonzero[str] = about("Name, unique in its list.")
    path: Nonzero[str] = about("Where the file goes.")
    roles: list[str] | None = about("Roles of the instance groups that it applies to; all if unset.")
    content: Nonzero[str] = about("What it holds.")
    isBase64: Nonzero[bool] = about("Whether content is base64.")
    mode: Nonzero[str] = about("Its mode, octal.")


class AssetsSpec(Model):
    """Other places for images and files."""

    containerRegistry: str | None = about("Registry that holds copies of all images.")
    fileRepository: str | None = about("URL that holds copies of all files.")
    containerProxy: str | None = about("Registry that images are pulled through.")


class NTPConfig(Model):
    """Time."""

    managed: bool | None = about("Whether kOps sets up a time service.")


class TerraformSpec(Model):
    """Settings for the Terraform target."""

    providerExtraConfig: dict[str, str] | None = about("More arguments of the provider.")
    filesProviderExtraConfig: dict[str, str] | None = about("More arguments of the provider for files.")


class TargetSpec(Model):
    """Settings for targets."""

    terraform: TerraformSpec | None = about("For Terraform.")
