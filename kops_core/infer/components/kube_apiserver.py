"""kube-apiserver. Facts: kOps' ``components/apiserver.go``, ``discovery.go``, ``wellknownports``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.common import at_least, component_image, is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

PORTS = {"main": 4001, "events": 4002, "cilium": 4003, "leases": 4004}
"""Client ports of the etcd clusters on every control-plane node."""

ADMISSION_PLUGINS = (
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "MutatingAdmissionWebhook",
    "NamespaceLifecycle",
    "NodeRestriction",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
)
"""Kubernetes' recommended admission plugins, as of kOps 1.37."""

_OVERRIDES = {"events": "/events", "leases": "coordination.k8s.io/leases"}
"""The resources in an etcd cluster of their own, by the name of that cluster."""


@rule("spec.kubeAPIServer.apiServerCount", because="each member of the main etcd cluster has an API server")
def api_server_count(c: Reader) -> Value:
    count = 0
    for position, name in c.each("spec.etcdClusters[*].name"):
        if name == "main":
            count = len(c.keys(f"spec.etcdClusters[{position}].etcdMembers"))
    if not count:
        raise InvalidSpec(
            [
                FieldError(
                    "Required value", "spec.etcdClusters", "there is none named main: add it, with members"
                )
            ]
        )
    return count


@rule("spec.kubeAPIServer.storageBackend", because="it is the major version of the first etcd cluster")
def storage_backend(c: Reader) -> Value:
    version = c.string("spec.etcdClusters[0].version")
    return f"etcd{version.removeprefix('v').partition('.')[0]}" if version else None


@rule(
    "spec.kubeAPIServer.authenticationTokenWebhookConfigFile",
    because="tokens are checked by kopeio's authenticator",
    when=lambda c: c.has("spec.authentication.kopeio"),
)
def authentication_token_webhook_config_file(c: Reader) -> Value:
    return "/etc/kubernetes/authn.config"


@rule(
    "spec.kubeAPIServer.authorizationMode",
    because="requests are allowed by roles, those of nodes by what runs on them",
)
def authorization_mode(c: Reader) -> Value:
    if c.has("spec.authorization.alwaysAllow"):
        c.because("spec.authorization allows every request")
        return "AlwaysAllow"
    return "Node,RBAC" if c.has("spec.authorization.rbac") else None


@rule("spec.kubeAPIServer.image", because="it is the cluster's version of Kubernetes")
def image(c: Reader) -> Value:
    return component_image(c, "kube-apiserver")


@rule(
    "spec.kubeAPIServer.cloudProvider", because="API servers before 1.33 are told that the cloud is external"
)
def cloud_provider(c: Reader) -> Value:
    return None if at_least(c, 33) else "external"


@rule("spec.kubeAPIServer.bindAddress", because="it listens on all addresses of the cluster's IP family")
def bind_address(c: Reader) -> Value:
    return "::" if is_ipv6(c) else "0.0.0.0"  # noqa: S104 - what kube-apiserver is to listen on


@rule("spec.kubeAPIServer.serviceClusterIPRange", because="it hands out the addresses of services")
def service_cluster_ip_range(c: Reader) -> Value:
    return c.string("spec.serviceClusterIPRange")


@rule(
    "spec.kubeAPIServer.etcdServers", because="the main etcd cluster has a member on each control-plane node"
)
def etcd_servers(c: Reader) -> Value:
    return [
        f"https://127.0.0.1:{PORTS['main']}"
        for _, name in c.each("spec.etcdClusters[*].name")
        if name == "main"
    ] or None


@rule(
    "spec.kubeAPIServer.etcdServersOverrides",
    because="events and leases are kept in etcd clusters of their own, where there are any",
)
def etcd_servers_overrides(c: Reader) -> Value:
    scheme = "http" if "EtcdEventsHTTP" in _feature_flags(c) else "https"
    return [
        f"{_OVERRIDES[name]}#{scheme}://127.0.0.1:{PORTS[name]}"
        for _, name in c.each("spec.etcdClusters[*].name")
        if isinstance(name, str) and name in _OVERRIDES
    ] or None


@rule(
    "spec.kubeAPIServer.enableAdmissionPlugins",
    because="Kubernetes recommends these plugins; yours from appendAdmissionPlugins come after them",
)
def enable_admission_plugins(c: Reader) -> Value:
    return [*ADMISSION_PLUGINS, *c.strings("spec.kubeAPIServer.appendAdmissionPlugins")]


@rule(
    "spec.kubeAPIServer.enableAggregatorRouting",
    because="requests to metrics-server are balanced over its replicas",
    when=lambda c: c.boolean("spec.metricsServer.enabled") is True,
)
def enable_aggregator_routing(c: Reader) -> Value:
    return True


@rule("spec.kubeAPIServer.apiAudiences", because="tokens of service accounts are for the cluster itself")
def api_audiences(c: Reader) -> Value:
    return ["kubernetes.svc.default"]


@rule("spec.kubeAPIServer.serviceAccountJWKSURI", because="the keys are published below the issuer's address")
def service_account_jwks_uri(c: Reader) -> Value:
    issuer = c.string("spec.kubeAPIServer.serviceAccountIssuer")
    return None if issuer is None else f"{issuer}/openid/v1/jwks"


FIXED = fixed(
    __name__,
    "spec.kubeAPIServer",
    {
        "kubeletPreferredAddressTypes": (
            ["InternalIP", "Hostname", "ExternalIP"],
            "kubelets are reached by their internal address first",
        ),
        "requestheaderAllowedNames": (["aggregator"], "only the aggregator may vouch for a user"),
        "requestheaderExtraHeaderPrefixes": (["X-Remote-Extra-"], "the aggregator uses Kubernetes' headers"),
        "requestheaderGroupHeaders": (["X-Remote-Group"], "the aggregator uses Kubernetes' headers"),
        "requestheaderUsernameHeaders": (["X-Remote-User"], "the aggregator uses Kubernetes' headers"),
        "logLevel": (2, "it is kOps' log level for components of Kubernetes"),
        "securePort": (443, "the API is served on HTTPS' own port"),
        "allowPrivileged": (True, "networking and storage run in privileged pods"),
        "anonymousAuth": (False, "requests without credentials are refused"),
    },
)


def _feature_flags(c: Reader) -> list[str]:
    found = c.setting("featureFlags")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
