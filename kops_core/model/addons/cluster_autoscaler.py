"""The cluster autoscaler: grows and shrinks instance groups as pods need."""

from __future__ import annotations

from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext, on_control_plane
from kops_core.model.addons.objects import (
    Object,
    config_map,
    container,
    deployment,
    disruption_budget,
    each_object,
    fields,
    http_probe,
    matches,
    merged,
    only,
    pod,
    port,
    requests,
    service,
    service_port,
    spread_zones_and_hosts,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    role,
    role_binding,
    rule,
    service_account,
)
from kops_core.model.context import Group, Role

NAME = "cluster-autoscaler"
AT = "spec.clusterAutoscaler"
LABELS = {"app.kubernetes.io/name": NAME, "k8s-app": NAME}
PODS = {"app": NAME}
METRICS_PORT = 8085


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    by_priority = c.read.string(f"{AT}.expander") == "priority" and bool(
        c.read.boolean(f"{AT}.createPriorityExpanderConfig")
    )
    return each_object(
        disruption_budget(NAME, {"k8s-app": NAME}, labels=LABELS),
        service_account(NAME, labels=LABELS, automountServiceAccountToken=True),
        cluster_role(NAME, *_cluster_rules(), labels=LABELS),
        cluster_role_binding(NAME, NAME, account(NAME), labels=LABELS),
        role(
            NAME,
            rule("", "configmaps", "create"),
            rule("", "configmaps", "delete get update", names="cluster-autoscaler-status"),
            labels=LABELS,
        ),
        role_binding(NAME, NAME, account(NAME), labels=LABELS),
        service(
            NAME,
            {"app.kubernetes.io/name": NAME},
            service_port(METRICS_PORT, "http", METRICS_PORT, "TCP"),
            labels=LABELS,
            type="ClusterIP",
        ),
        only(
            by_priority,
            config_map("cluster-autoscaler-priority-expander", {"priorities": _priorities(c)}, labels=LABELS),
        ),
        _deployment(c),
    )


def _cluster_rules() -> list[Object]:
    follow = "watch list get"
    return [
        rule("", "events endpoints", "create patch"),
        rule("", "pods/eviction", "create"),
        rule("", "pods/status", "update"),
        rule("", "endpoints", "get update", names=NAME),
        rule("", "nodes", f"{follow} update"),
        rule("resource.k8s.io", "resourceslices deviceclasses resourceclaims", follow),
        rule(
            "",
            "namespaces pods services replicationcontrollers persistentvolumeclaims persistentvolumes",
            follow,
        ),
        rule("batch", "jobs cronjobs", follow),
        rule("batch|extensions", "jobs", "get list patch watch"),
        rule("extensions", "replicasets daemonsets", follow),
        rule("policy", "poddisruptionbudgets", "watch list"),
        rule("apps", "daemonsets replicasets statefulsets", follow),
        rule(
            "storage.k8s.io",
            "storageclasses csinodes csidrivers csistoragecapacities volumeattachments",
            follow,
        ),
        rule("", "configmaps", "list watch get"),
        rule("coordination.k8s.io", "leases", "create"),
        rule("coordination.k8s.io", "leases", "get update", names=NAME),
    ]


def _workers(c: AddonContext) -> list[Group]:
    return sorted(c.groups_of(Role.NODE), key=lambda group: group.name)


def _priorities(c: AddonContext) -> str:
    """Instance groups by priority: the user's table, or one of the groups' own priorities."""
    table: dict[str, list[str]] = {}
    given = c.read.mapping(f"{AT}.customPriorityExpanderConfig")
    for priority, names in given.items():
        table[priority] = [str(name) for name in names] if isinstance(names, list) else []
    if not given:
        for group in _workers(c):
            if group.flag("autoscale") is not None:
                priority = str(group.number("autoscalePriority") or 0)
                table.setdefault(priority, []).append(f"{group.name}.{c.name}")
    lines: list[str] = []
    for priority in sorted(table):
        lines += [f"{priority}:", *(f"- {name}" for name in table[priority])]
    return "\n".join(lines)


def command(c: AddonContext) -> list[str]:
    """Its command line."""
    fields_of_spec = {
        "ignore-daemonsets-utilization": "ignoreDaemonSetsUtilization",
        "scale-down-utilization-threshold": "scaleDownUtilizationThreshold",
        "skip-nodes-with-custom-controller-pods": "skipNodesWithCustomControllerPods",
        "skip-nodes-with-local-storage": "skipNodesWithLocalStorage",
        "skip-nodes-with-system-pods": "skipNodesWithSystemPods",
        "scale-down-delay-after-add": "scaleDownDelayAfterAdd",
        "scale-down-unneeded-time": "scaleDownUnneededTime",
        "scale-down-unready-time": "scaleDownUnreadyTime",
        "new-pod-scale-up-delay": "newPodScaleUpDelay",
        "max-node-provision-time": "maxNodeProvisionTime",
    }
    scaled = [group for group in _workers(c) if group.flag("autoscale") is not False]
    return [
        "./cluster-autoscaler",
        f"--balance-similar-node-groups={c.text(f'{AT}.balanceSimilarNodeGroups')}",
        f"--emit-per-nodegroup-metrics={c.text(f'{AT}.emitPerNodegroupMetrics')}",
        "--cloud-provider=aws",
        f"--aws-use-static-instance-list={c.text(f'{AT}.awsUseStaticInstanceList')}",
        f"--expander={c.text(f'{AT}.expander')}",
        *(
            f"--nodes={group.number('minSize') or 0}:{group.number('maxSize') or 0}:{group.name}.{c.name}"
            for group in scaled
        ),
        *(f"--{flag}={c.text(f'{AT}.{field}')}" for flag, field in fields_of_spec.items()),
        f"--cordon-node-before-terminating={c.say(f'{AT}.cordonNodeBeforeTerminating', default=True)}",
        "--logtostderr=true",
        "--stderrthreshold=info",
        "--v=4",
    ]


def _deployment(c: AddonContext) -> Object:
    if c.irsa:
        avoid: Object = {
            "weight": 1,
            "preference": {
                "matchExpressions": [matches("node-role.kubernetes.io/spot-worker", "DoesNotExist")]
            },
        }
        placement = fields(
            affinity={"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [avoid]}}
        )
    else:
        placement = on_control_plane() | {"hostNetwork": True}
    prometheus = {"prometheus.io/port": str(METRICS_PORT), "prometheus.io/scrape": "true"}
    return deployment(
        NAME,
        PODS,
        pod(
            merged(PODS, LABELS, {"k8s-addon": "cluster-autoscaler.addons.k8s.io"}),
            container(
                NAME,
                c.text(f"{AT}.image"),
                command=command(c),
                env={c.settings.cloud.region_variable: c.region},
                ports=[port(METRICS_PORT, "http", "TCP")],
                livenessProbe=http_probe(
                    "/health-check",
                    "http",
                    scheme="HTTP",
                    failureThreshold=3,
                    periodSeconds=10,
                    successThreshold=1,
                    timeoutSeconds=1,
                ),
                resources=requests(
                    c.text(f"{AT}.cpuRequest", "100m"), c.text(f"{AT}.memoryRequest", "300Mi")
                ),
                imagePullPolicy="IfNotPresent",
            ),
            annotations=prometheus | c.strings_by_key(f"{AT}.podAnnotations"),
            placement=placement,
            dnsPolicy="ClusterFirst",
            null="nodeSelector",
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccountName=NAME,
            topologySpreadConstraints=spread_zones_and_hosts(PODS),
        ),
        labels=LABELS,
        replicas=c.replicas,
        # On the host's network, two on one node would want the same port.
        strategy=None if c.irsa else {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0}},
    )
