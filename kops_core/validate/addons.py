"""Validation of add-ons: autoscaler, DNS, cert-manager, AWS controllers, Karpenter."""

from __future__ import annotations

from kops_core.validate import spec_queries
from kops_core.validate.field import Field, Findings

_NEEDS_CERT_MANAGER = "its webhook needs certificates: turn on spec.certManager"


def check_addons(spec: Field) -> Findings:
    """The errors of all managed add-ons and the user's own."""
    yield from _cluster_autoscaler(spec)
    yield from _external_dns(spec)
    yield from _with_certificates(spec)
    yield from _node_termination_handler(spec)
    yield from check_warm_pool_sizes(spec.at("warmPool"))
    pool = spec.at("warmPool")
    high = pool.at("maxSize").number
    in_order = high is not None and high >= max(0, pool.at("minSize").number or 0)
    if in_order and pool.at("additionalImages").items:
        yield pool.at("additionalImages").forbidden(
            "it can be set for single instance groups only: set it there"
        )
    for addon in spec.at("addons").items:
        if addon.at("manifest").text.startswith("file://"):
            yield addon.at("manifest").invalid(
                "nodes can't read it: put it in the state store or another bucket"
            )
    external = spec.at("iam.useServiceAccountExternalPermissions").on
    if spec.at("karpenter.enabled").on and not external:
        yield spec.at("karpenter.enabled").forbidden(
            "Karpenter needs IAM roles for service accounts: set iam.useServiceAccountExternalPermissions"
        )
    manager = spec.at("certManager")
    if manager.at("enabled").on and manager.at("hostedZoneIDs").items and not external:
        yield manager.forbidden(
            "hostedZoneIDs need IAM roles for service accounts: set iam.useServiceAccountExternalPermissions"
        )


def check_warm_pool_sizes(pool: Field) -> Findings:
    """Sizes of a warm pool, of the cluster or of an instance group."""
    low, high = pool.at("minSize"), pool.at("maxSize")
    if high.number is not None:
        if high.number < 0:
            yield high.invalid("it can't be negative")
        elif (low.number or 0) > high.number:
            yield high.invalid("it can't be less than minSize")
    if (low.number or 0) < 0:
        yield low.invalid("it can't be negative")


def _cluster_autoscaler(spec: Field) -> Findings:
    expander = spec.at("clusterAutoscaler.expander")
    yield from expander.if_given_in(("least-waste", "random", "most-pods", "price", "priority"))
    if expander.text == "price":
        yield expander.forbidden("price works on GCE only: use least-waste or priority")


def _external_dns(spec: Field) -> Findings:
    config = spec.at("externalDns")
    provider, namespace = config.at("provider"), config.at("watchNamespace")
    yield from provider.if_given_in(("dns-controller", "external-dns", "none"))
    if namespace.text not in ("", "kube-system"):
        yield namespace.forbidden("it watches all namespaces or kube-system: remove it, or write kube-system")
    if provider.text == "external-dns" and spec_queries.dns_kind(spec) == "None":
        yield provider.forbidden("it needs a hosted zone: set spec.topology.dns.type to Public or Private")


def _with_certificates(spec: Field) -> Findings:
    if spec_queries.has_cert_manager(spec):
        return
    metrics = spec.at("metricsServer")
    if metrics.at("enabled").on and not metrics.at("insecure").on:
        yield metrics.at("insecure").forbidden("serving safely needs certificates: turn on spec.certManager")
    if spec.at("snapshotController.enabled").on:
        yield spec.at("snapshotController.enabled").forbidden(_NEEDS_CERT_MANAGER)
    for name in ("awsLoadBalancerController", "podIdentityWebhook"):
        if spec.at(f"{name}.enabled").on:
            yield spec.at(name).forbidden(_NEEDS_CERT_MANAGER)


def _node_termination_handler(spec: Field) -> Findings:
    handler = spec.at("nodeTerminationHandler")
    if not handler.is_set:
        return
    enabled = handler.at("enabled").flag
    if enabled is not False and spec.at("karpenter.enabled").on:
        yield handler.forbidden("Karpenter does its work: set enabled to false")
    if not enabled or handler.at("enableSQSTerminationDraining").flag is False:
        return
    if handler.at("enableSpotInterruptionDraining").flag is False:
        yield handler.at("enableSpotInterruptionDraining").forbidden(
            "with a queue it is always on: remove it"
        )
    if handler.at("enableRebalanceMonitoring").on and not handler.at("enableRebalanceDraining").on:
        yield handler.at("enableRebalanceMonitoring").forbidden(
            "with a queue, rebalancing can only drain: use enableRebalanceDraining"
        )
