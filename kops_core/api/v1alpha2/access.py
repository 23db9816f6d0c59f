"""access"""

from typing import Annotated

from kops_core.api.v1alpha2.types import UNUSED, Duration, Int64, Lost, Model, Nonzero, OneOf, Quantity, about


class DNSAccessSpec(Model):
    """DNSAccessSpec."""


class LoadBalancerSubnetSpec(Model):
    """LoadBalancerSubnetSpec."""

    name: Nonzero[str] = about("")
    privateIPv4Address: str | None = about("")
    allocationId: str | None = about("")


class AccessLogSpec(Model):
    """AccessLogSpec."""

    interval: Lost[Int64] = about(UNUSED)
    bucket: str | None = about("")
    bucketPrefix: str | None = about("")


class LoadBalancerAccessSpec(Model):
    """LoadBalancerAccessSpec."""

    class_: Nonzero[Annotated[str, OneOf(("Classic", "Network"))]] = about("", key="class")
    type: Nonzero[Annotated[str, OneOf(("Public", "Internal"))]] = about("")
    idleTimeoutSeconds: Lost[Int64] = about(UNUSED)
    securityGroupOverride: str | None = about("")
    additionalSecurityGroups: list[str] | None = about("")
    useForInternalApi: Nonzero[bool] = about("")
    sslCertificate: Nonzero[str] = about("")
    sslPolicy: str | None = about("")
    crossZoneLoadBalancing: bool | None = about("")
    subnets: list[LoadBalancerSubnetSpec] | None = about("")
    accessLog: AccessLogSpec | None = about("")


class APISpec(Model):
    """APISpec."""

    dns: DNSAccessSpec | None = about("")
    loadBalancer: LoadBalancerAccessSpec | None = about("")


class KopeioAuthenticationSpec(Model):
    """KopeioAuthenticationSpec."""


class AWSAuthenticationIdentityMappingSpec(Model):
    """AWSAuthenticationIdentityMappingSpec."""

    arn: Nonzero[str] = about("")
    username: Nonzero[str] = about("")
    groups: list[str] | None = about("")


class AWSAuthenticationSpec(Model):
    """AWSAuthenticationSpec."""

    image: Nonzero[str] = about("")
    backendMode: Nonzero[str] = about("")
    clusterID: Nonzero[str] = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
    cpuLimit: Quantity | None = about("")
    identityMappings: list[AWSAuthenticationIdentityMappingSpec] | None = about("")


class AuthenticationSpec(Model):
    """AuthenticationSpec."""

    kopeio: KopeioAuthenticationSpec | None = about("")
    aws: AWSAuthenticationSpec | None = about("")


class AlwaysAllowAuthorizationSpec(Model):
    """AlwaysAllowAuthorizationSpec."""


class RBACAuthorizationSpec(Model):
    """RBACAuthorizationSpec."""


class AuthorizationSpec(Model):
    """AuthorizationSpec."""

    alwaysAllow: AlwaysAllowAuthorizationSpec | None = about("")
    rbac: RBACAuthorizationSpec | None = about("")


class NodeAuthorizerSpec(Model):
    """NodeAuthorizerSpec."""

    authorizer: Nonzero[str] = about("")
    features: list[str] | None = about("")
    image: Nonzero[str] = about("")
    nodeURL: Nonzero[str] = about("")
    port: Nonzero[Int64] = about("")
    interval: Duration | None = about("")
    timeout: Duration | None = about("")
    tokenTTL: Duration | None = about("")


class NodeAuthorizationSpec(Model):
    """NodeAuthorizationSpec."""

    nodeAuthorizer: NodeAuthorizerSpec | None = about("")
