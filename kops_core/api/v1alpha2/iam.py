"""iam"""

from kops_core.api.v1alpha2.types import Always, Model, Nonzero, about


class AWSPermission(Model):
    """AWSPermission."""

    policyARNs: list[str] | None = about("")
    inlinePolicy: Nonzero[str] = about("")


class ServiceAccountExternalPermission(Model):
    """ServiceAccountExternalPermission."""

    name: Always[str] = about("")
    namespace: Always[str] = about("")
    aws: AWSPermission | None = about("")


class IAMSpec(Model):
    """IAMSpec."""

    legacy: Always[bool] = about("")
    allowContainerRegistry: Nonzero[bool] = about("")
    permissionsBoundary: str | None = about("")
    useServiceAccountExternalPermissions: bool | None = about("")
    serviceAccountExternalPermissions: list[ServiceAccountExternalPermission] | None = about("")


class DiscoveryServiceOptions(Model):
    """DiscoveryServiceOptions."""

    url: Nonzero[str] = about("")


class ServiceAccountIssuerDiscoveryConfig(Model):
    """ServiceAccountIssuerDiscoveryConfig."""

    discoveryStore: Nonzero[str] = about("")
    discoveryService: DiscoveryServiceOptions | None = about("")
    enableAWSOIDCProvider: Nonzero[bool] = about("")
    additionalAudiences: list[str] | None = about("")
