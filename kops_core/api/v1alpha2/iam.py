"""Permissions in the cloud of machines and service accounts."""

from kops_core.api.v1alpha2.types import Always, Model, Nonzero, about


class AWSPermission(Model):
    """Permissions of a service account on AWS."""

    policyARNs: list[str] | None = about("ARNs of policies to attach.")
    inlinePolicy: Nonzero[str] = about("A policy as JSON.")


class ServiceAccountExternalPermission(Model):
    """Permissions of a service account in the cloud."""

    name: Always[str] = about("Name of the service account.")
    namespace: Always[str] = about("Its namespace.")
    aws: AWSPermission | None = about("What it may do on AWS.")


class IAMSpec(Model):
    """Permissions of machines in the cloud."""

    legacy: Always[bool] = about("Whether machines have the broad policies of old versions.")
    allowContainerRegistry: Nonzero[bool] = about("Whether nodes may pull from ECR.")
    permissionsBoundary: str | None = about("ARN of a permissions boundary for all roles.")
    useServiceAccountExternalPermissions: bool | None = about(
        "Whether add-ons use roles of their own (IRSA)."
    )
    serviceAccountExternalPermissions: list[ServiceAccountExternalPermission] | None = about(
        "Service accounts that get roles."
    )


class DiscoveryServiceOptions(Model):
    """A hosted discovery service."""

    url: Nonzero[str] = about("Its URL.")


class ServiceAccountIssuerDiscoveryConfig(Model):
    """Discovery of the keys of service account tokens."""

    discoveryStore: Nonzero[str] = about("Public place for the keys, like s3://bucket/path.")
    discoveryService: DiscoveryServiceOptions | None = about("A hosted service for the keys.")
    enableAWSOIDCProvider: Nonzero[bool] = about("Whether IAM trusts the issuer.")
    additionalAudiences: list[str] | None = about("Further audiences that IAM accepts.")
