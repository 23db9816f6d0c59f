"""Validation of Kubernetes components: API server, controller manager, scheduler, kube-proxy, kubelet."""

from __future__ import annotations

import posixpath

from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import address, belongs_to, nanoseconds, network, port_range, url

_LOG_FORMATS = ("text", "json")
_SECOND = 1_000_000_000

_AUTHORIZATION_MODES = ("ABAC", "Webhook", "Node", "RBAC", "AlwaysAllow", "AlwaysDeny")

_GONE_FROM_KUBELET = {
    "configureCbr0": "the flag is gone since Kubernetes 1.5",
    "apiServers": "the flag is gone since Kubernetes 1.6",
    "podInfraContainerImage": "the flag is gone: set spec.containerd.sandboxImage instead",
    "requireKubeconfig": "the flag is gone since Kubernetes 1.10",
    "experimentalAllowedUnsafeSysctls": "it is called allowedUnsafeSysctls now",
    "bootstrapKubeconfig": "nodes do not join with bootstrap tokens",
    "enableCadvisorJsonEndpoints": "the flag is gone since Kubernetes 1.21",
    "cpuCFSQuotaPeriod": "the flag is gone since Kubernetes 1.20",
    "networkPluginName": "the flag is gone since Kubernetes 1.24",
    "networkPluginMTU": "the flag is gone since Kubernetes 1.24",
    "nonMasqueradeCIDR": "the flag is gone since Kubernetes 1.24: set spec.nonMasqueradeCIDR",
}
_REFUSED_WHEN_EMPTY = set(_GONE_FROM_KUBELET) - {
    "apiServers",
    "podInfraContainerImage",
    "bootstrapKubeconfig",
}
"""Fields that may not be set, not even to an empty value."""

_OIDC_FIELDS = (
    "oidcUsernameClaim",
    "oidcUsernamePrefix",
    "oidcGroupsClaim",
    "oidcGroupsPrefix",
    "oidcIssuerURL",
    "oidcClientID",
    "oidcRequiredClaim",
)


def kube_api_server(spec: Field, *, strict: bool) -> Findings:
    """``spec.kubeAPIServer``; strict: the completed spec."""
    server = spec.at("kubeAPIServer")
    if not server.is_set:
        return
    own_config = server.at("authenticationConfigFile")
    if own_config.text and any(server.at(name).is_set for name in _OIDC_FIELDS):
        yield own_config.forbidden("it excludes the oidc options: remove them, or this")
    for claim in server.at("oidcRequiredClaim").items:
        if "=" not in claim.text:
            yield claim.invalid("a claim needs a value: write it like claim=value")
    if server.at("enableBootstrapTokenAuth").on:
        yield server.at("enableBootstrapTokenAuth").forbidden(
            "nodes do not join with bootstrap tokens: remove it"
        )
    yield from _admission(server)
    if server.at("proxyClientCertFile").is_set != server.at("proxyClientKeyFile").is_set:
        yield server.forbidden("set both proxyClientCertFile and proxyClientKeyFile, or neither")
    ports = server.at("serviceNodePortRange")
    if ports.text and port_range(ports.text) is None:
        yield ports.invalid(f"{ports.text!r} is no range of ports: write it like 30000-32767")
    yield from _authorization(spec, server)
    yield from server.at("logFormat").if_given_in(_LOG_FORMATS)
    yield from _audit(server)
    services = server.at("serviceClusterIPRange")
    if services.text != spec.at("serviceClusterIPRange").text and (strict or services.text):
        yield services.forbidden("it differs from spec.serviceClusterIPRange: set only that")


def _admission(server: Field) -> Findings:
    control = server.at("admissionControl")
    if control.items:
        if server.at("disableAdmissionPlugins").items:
            yield control.forbidden("it excludes disableAdmissionPlugins: use enableAdmissionPlugins")
        yield control.forbidden("it was replaced by enableAdmissionPlugins: use that")
    for plugins in (server.at("enableAdmissionPlugins"), control):
        if "PodSecurityPolicy" in plugins.texts:
            yield plugins.forbidden("PodSecurityPolicy is gone since Kubernetes 1.25: remove it")


def _authorization(spec: Field, server: Field) -> Findings:
    mode = server.at("authorizationMode")
    if not mode.is_set:
        return
    if "Webhook" in mode.text and not server.at("authorizationWebhookConfigFile").is_set:
        yield server.at("authorizationWebhookConfigFile").required(
            "the authorization mode Webhook needs it: name the file"
        )
    if not spec.at("authorization.rbac").is_set:
        return
    modes = mode.text.split(",")
    if any(each not in _AUTHORIZATION_MODES for each in modes):
        yield mode.unsupported(_AUTHORIZATION_MODES)
    if not {"Node", "RBAC"} <= set(modes):
        yield mode.required("must include Node and RBAC: write Node,RBAC")


def _audit(server: Field) -> Findings:
    policy, webhook = server.at("auditPolicyFile").text, server.at("auditWebhookConfigFile")
    if not webhook.text:
        return
    if not policy:
        yield webhook.invalid("it needs an audit policy: set auditPolicyFile")
    elif posixpath.dirname(posixpath.normpath(policy)) != posixpath.dirname(posixpath.normpath(webhook.text)):
        yield webhook.invalid("it must lie in the same folder as auditPolicyFile")


def kube_controller_manager(spec: Field, *, strict: bool) -> Findings:
    """``spec.kubeControllerManager``; strict: before a plan."""
    manager = spec.at("kubeControllerManager")
    old = manager.at("experimentalClusterSigningDuration")
    if old.is_set:
        yield old.forbidden("it is called clusterSigningDuration now")
    period = manager.at("attachDetachReconcileSyncPeriod")
    length = nanoseconds(period)
    if strict and length and length < _SECOND:  # kOps lets 0s through, as if it were unset
        yield period.invalid("the controller takes no less than 1s: set 1s or more")
    cidr = manager.at("clusterCIDR")
    if cidr.text:
        own, around = network(cidr.text), network(spec.at("nonMasqueradeCIDR").text)
        if own is None:
            yield cidr.invalid(f"{cidr.text!r} is not a range: write it like 100.96.0.0/11")
        elif around is not None and not belongs_to(around, own):
            yield cidr.forbidden(f"it must lie within spec.nonMasqueradeCIDR, {around}")


def kube_scheduler(spec: Field) -> Findings:
    """``spec.kubeScheduler``."""
    old = spec.at("kubeScheduler.usePolicyConfigMap")
    if old.is_set:
        yield old.forbidden("it is gone: add a KubeSchedulerConfiguration object instead")


def kube_proxy(spec: Field) -> Findings:
    """``spec.kubeProxy``."""
    proxy = spec.at("kubeProxy")
    for cidr in proxy.at("ipvsExcludeCidrs").items:
        if network(cidr.text) is None:
            yield cidr.invalid(f"{cidr.text!r} is not a range: write it like 10.0.0.0/16")
    master = proxy.at("master")
    if master.text:
        parts = url(master.text)
        if parts is None or not parts.scheme or not parts.host:
            yield master.invalid("it must be the URL of an API server, like https://10.0.0.1:443")


def kubelet(config: Field) -> Findings:
    """A kubelet's configuration: ``spec.kubelet``, ``spec.masterKubelet``."""
    for name, reason in _GONE_FROM_KUBELET.items():
        field = config.at(name)
        if field.text or (field.is_set and name in _REFUSED_WHEN_EMPTY):
            yield field.forbidden(f"{reason}; remove it")
    yield from config.at("topologyManagerPolicy").if_given_in(
        ("none", "best-effort", "restricted", "single-numa-node")
    )
    yield from config.at("logFormat").if_given_in(_LOG_FORMATS)
    yield from _shutdown(config)
    restart = config.at("crashLoopBackOffMaxContainerRestartPeriod")
    length = nanoseconds(restart)
    if length is not None and not _SECOND <= length <= 300 * _SECOND:
        yield restart.invalid("it must be from 1s to 300s")
    yield from config.at("memorySwapBehavior").if_given_in(("LimitedSwap", "UnlimitedSwap"))


def _shutdown(config: Field) -> Findings:
    critical, whole = config.at("shutdownGracePeriodCriticalPods"), config.at("shutdownGracePeriod")
    if not critical.is_set:
        return
    if not whole.is_set:
        yield critical.forbidden("it is a part of shutdownGracePeriod: set that too")
    elif (nanoseconds(whole) or 0) < (nanoseconds(critical) or 0):
        yield critical.invalid("it can't be longer than shutdownGracePeriod")


def cloud_providers(spec: Field, *, strict: bool, external_only_from_133: bool) -> Findings:
    """``cloudProvider`` of the components: that of the cluster, or external.

    external_only_from_133: the API server has no such flag (Kubernetes 1.33 and later).
    """
    names = ["kubelet", "masterKubelet", "kubeAPIServer", "kubeControllerManager"]
    if external_only_from_133:
        names.remove("kubeAPIServer")
    for name in names:
        field = spec.at(f"{name}.cloudProvider")
        if spec.at(name).is_set and (strict or field.text) and field.text not in ("external", "aws"):
            yield field.forbidden("it must be external, or left unset")


def kube_dns(spec: Field, *, own_cluster_dns: bool) -> Findings:
    """``spec.kubeDNS``. own_cluster_dns: the feature flag ExperimentalClusterDNS is on."""
    dns = spec.at("kubeDNS")
    if dns.at("serverIP").text:
        yield from _server_ip(spec, dns, own_cluster_dns=own_cluster_dns)
        local = dns.at("nodeLocalDNS")
        if local.at("enabled").on:
            if dns.at("provider").text not in ("CoreDNS", ""):
                yield dns.at("provider").forbidden("node-local DNS works with CoreDNS only: set CoreDNS")
            yield from _node_local_dns(spec, local)
    for server in dns.at("upstreamNameservers").items:
        if address(server.text) is None:
            yield server.invalid(f"{server.text!r} is not an IP address")
    for _, servers in dns.at("stubDomains").entries:
        if not servers.items:
            yield servers.invalid("the domain has no name servers: give one or remove it")
        for server in servers.items:
            if address(server.text) is None:
                yield server.invalid(f"{server.text!r} is not an IP address")


def _server_ip(spec: Field, dns: Field, *, own_cluster_dns: bool) -> Findings:
    field = dns.at("serverIP")
    found, services = address(field.text), network(spec.at("serviceClusterIPRange").text)
    if found is None:
        yield field.invalid(f"{field.text!r} is not an IP address")
        return
    if services is not None and found not in services:
        yield field.forbidden(f"it must lie within spec.serviceClusterIPRange, {services}")
    local = dns.at("nodeLocalDNS")
    if own_cluster_dns or not local.is_set:
        return
    for name in ("kubelet", "masterKubelet"):
        used = spec.at(f"{name}.clusterDNS")
        if spec.at(name).is_set and used.text not in (field.text, local.at("localIP").text):
            yield used.forbidden("it must be kubeDNS.serverIP or kubeDNS.nodeLocalDNS.localIP")


def _node_local_dns(spec: Field, local: Field) -> Findings:
    ip = local.at("localIP")
    if ip.text and address(ip.text) is None:
        yield ip.invalid(f"{ip.text!r} is not an IP address")
    if spec.at("kubeProxy.proxyMode").text == "ipvs" or spec.at("networking.cilium").is_set:
        for name in ("kubelet", "masterKubelet"):
            used = spec.at(f"{name}.clusterDNS")
            if used.text and used.text != ip.text:
                yield used.forbidden("with node-local DNS it must be kubeDNS.nodeLocalDNS.localIP")
