"""Access to the API: endpoints, authentication, authorization."""

from typing import Annotated

from kops_core.api.v1alpha2.types import UNUSED, Duration, Int64, Lost, Model, Nonzero, OneOf, Quantity, about


class DNSAccessSpec(Model):
    """API access by DNS records of the control plane's machines."""


class LoadBalancerSubnetSpec(Model):
    """A subnet of the API's load balancer."""

    name: Nonzero[str] = about("Name of the subnet.")
    privateIPv4Address: str | None = about("Address of the load balancer in it.")
    allocationId: str | None = about("Elastic IP of the load balancer in it.")


class AccessLogSpec(Model):
    """Access log of the load balancer."""

    interval: Lost[Int64] = about(UNUSED)
    bucket: str | None = about("Bucket for the log.")
    bucketPrefix: str | None = about("Prefix of the log's objects.")


class LoadBalancerAccessSpec(Model):
    """API access by a load balancer."""

    class_: Nonzero[Annotated[str, OneOf(("Classic", "Network"))]] = about(
        "Kind of load balancer.", key="class"
    )
    type: Nonzero[Annotated[str, OneOf(("Public", "Internal"))]] = about(
        "Whether it can be reached from the internet."
    )
    idleTimeoutSeconds: Lost[Int64] = about(UNUSED)
    securityGroupOverride: str | None = about("Id of a security group to use in place of kOps' own.")
    additionalSecurityGroups: list[str] | None = about("Ids of security groups to attach besides kOps' own.")
    useForInternalApi: Nonzero[bool] = about("Whether machines too reach the API by it.")
    sslCertificate: Nonzero[str] = about("ARN of a certificate to serve with.")
    sslPolicy: str | None = about("Security policy of its TLS listener.")
    crossZoneLoadBalancing: bool | None = about("Whether it sends traffic to all zones.")
    subnets: list[LoadBalancerSubnetSpec] | None = about("Subnets it stands in, with addresses.")
    accessLog: AccessLogSpec | None = about("Where its access log goes.")


class APISpec(Model):
    """Access to the Kubernetes API."""

    dns: DNSAccessSpec | None = about("By DNS records of the machines.")
    loadBalancer: LoadBalancerAccessSpec | None = about("By a load balancer.")


class KopeioAuthenticationSpec(Model):
    """Authentication by Kopeio."""


class AWSAuthenticationIdentityMappingSpec(Model):
    """An IAM identity and who it is in the cluster."""

    arn: Nonzero[str] = about("ARN of the user or role.")
    username: Nonzero[str] = about("User name in the cluster.")
    groups: list[str] | None = about("Groups in the cluster.")


class AWSAuthenticationSpec(Model):
    """Authentication by AWS IAM."""

    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    backendMode: Nonzero[Annotated[str, OneOf(("MountedFile", "EKSConfigMap", "CRD"))]] = about(
        "Where the authenticator finds its mappings."
    )
    clusterID: Nonzero[str] = about("Identifier that tokens must be made for.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    identityMappings: list[AWSAuthenticationIdentityMappingSpec] | None = about(
        "IAM identities that may log in."
    )


class AuthenticationSpec(Model):
    """Authentication of users."""

    kopeio: KopeioAuthenticationSpec | None = about("By Kopeio.")
    aws: AWSAuthenticationSpec | None = about("By AWS IAM.")


class AlwaysAllowAuthorizationSpec(Model):
    """Everybody may do everything."""


class RBACAuthorizationSpec(Model):
    """Roles and bindings of Kubernetes."""


class AuthorizationSpec(Model):
    """Authorization of users: set one."""

    alwaysAllow: AlwaysAllowAuthorizationSpec | None = about("Everybody may do everything.")
    rbac: RBACAuthorizationSpec | None = about("Roles and bindings of Kubernetes.")


class NodeAuthorizerSpec(Model):
    """The node authorizer; removed from kOps."""

    authorizer: Nonzero[str] = about("Which authorizer.")
    features: list[str] | None = about("Features of the authorizer.")
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    nodeURL: Nonzero[str] = about("Address that nodes ask.")
    port: Nonzero[Int64] = about("Port it listens on.")
    interval: Duration | None = about("Time between attempts.")
    timeout: Duration | None = about("Time after which an attempt ends.")
    tokenTTL: Duration | None = about("How long a token is good.")


class NodeAuthorizationSpec(Model):
    """Authorization of nodes; removed from kOps."""

    nodeAuthorizer: NodeAuthorizerSpec | None = about("The node authorizer.")
