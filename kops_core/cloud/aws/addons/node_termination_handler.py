"""AWS node termination handler, which drains nodes before EC2 terminates their machines.

It reads events from a queue (one deployment), or from instance metadata (a pod on each node).
"""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.names import queue_name
from kops_core.model.addons.context import CLUSTER_CRITICAL, NODE_CRITICAL, AddonContext, on_control_plane
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    SPC,
    Object,
    container,
    daemon_set,
    deployment,
    disruption_budget,
    fields,
    host_path,
    http_probe,
    matches,
    merged,
    mount,
    pod,
    pod_field,
    port,
    requests,
    required_nodes,
    spread_zones_and_hosts,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account
from kops_core.model.documents import Document

NAME = "aws-node-termination-handler"
AT = "spec.nodeTerminationHandler"
APP = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/instance": NAME}
LINUX = {"kubernetes.io/os": "linux"}
K8S_APP = {"k8s-app": NAME}
QUEUE_MODE = {"kops.k8s.io/nth-mode": "sqs"}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    labels = APP | {"app.kubernetes.io/version": version(c), "app.kubernetes.io/part-of": NAME}
    queue = c.read.boolean(f"{AT}.enableSQSTerminationDraining") is not False
    return [
        service_account(NAME, labels=labels | K8S_APP),
        cluster_role(
            NAME,
            rule("", "nodes", "get list patch update"),
            rule("", "pods", "list get"),
            rule("", "pods/eviction", "create"),
            rule("extensions", "daemonsets", "get"),
            rule("apps", "daemonsets", "get"),
            rule("", "events", "create patch"),
            labels=labels,
        ),
        cluster_role_binding(NAME, NAME, account(NAME), labels=labels),
        *(_queue_mode(c, labels | K8S_APP) if queue else [_imds_mode(c, labels | K8S_APP)]),
    ]


def version(c: AddonContext) -> str:
    """Tag of its image."""
    return c.text(f"{AT}.version")


def queue_url(c: AddonContext) -> str:
    """URL of the cluster's queue."""
    domain = "amazonaws.com.cn" if "cn-" in c.region else "amazonaws.com"
    return f"https://sqs.{c.region}.{domain}/{c.account}/{queue_name(c.name)}"


def _queue_mode(c: AddonContext, labels: Mapping[str, str]) -> list[Object]:
    component = {"app.kubernetes.io/component": "deployment"}
    placement = fields() if c.irsa else {"hostNetwork": True, **on_control_plane()}
    return [
        deployment(
            NAME,
            APP | LINUX,
            pod(
                merged(APP, component, K8S_APP, LINUX, QUEUE_MODE),
                _container(
                    c,
                    _queue_env(c),
                    ports=[port(8080, "liveness-probe", "TCP"), port(9092, "metrics", "TCP")],
                    livenessProbe=http_probe("/healthz", 8080, initialDelaySeconds=5, periodSeconds=5),
                    securityContext=_security(runAsUser=1000),
                ),
                null="nodeSelector",
                priorityClassName=CLUSTER_CRITICAL,
                securityContext={"fsGroup": 1000},
                serviceAccountName=NAME,
                topologySpreadConstraints=spread_zones_and_hosts(APP | QUEUE_MODE),
                placement=placement,
            ),
            labels=merged(labels, component),
            replicas=c.replicas,
        ),
        disruption_budget(NAME, APP | QUEUE_MODE, labels=APP),
    ]


def _imds_mode(c: AddonContext, labels: Mapping[str, str]) -> Object:
    component = {"app.kubernetes.io/component": "daemonset"}
    return daemon_set(
        NAME,
        APP | LINUX,
        pod(
            merged(APP, component, LINUX, K8S_APP),
            _container(
                c,
                _imds_env(c),
                volumeMounts=[mount("uptime", "/proc/uptime", readOnly=True)],
                securityContext=_security(seLinuxOptions=SPC if c.selinux else None),
            ),
            affinity={
                "nodeAffinity": required_nodes(
                    [matches("eks.amazonaws.com/compute-type", "NotIn", "fargate")]
                )
            },
            dnsPolicy="ClusterFirstWithHostNet",
            hostNetwork=True,
            nodeSelector=LINUX,
            priorityClassName=NODE_CRITICAL,
            securityContext={"fsGroup": 1000},
            serviceAccountName=NAME,
            tolerations=[EVERY_TAINT],
            volumes=[host_path("uptime", "/proc/uptime")],
        ),
        labels=merged(labels, component),
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%"}},
    )


def _container(c: AddonContext, env: Mapping[str, str | Object], **rest: Document) -> Object:
    memory_limit = c.text(f"{AT}.memoryLimit")
    return container(
        NAME,
        f"public.ecr.aws/aws-ec2/aws-node-termination-handler:{version(c)}",
        env=merged(env, _webhook(c)),
        resources=requests(
            c.text(f"{AT}.cpuRequest"),
            c.text(f"{AT}.memoryRequest"),
            limits={"memory": memory_limit} if memory_limit else None,
        ),
        imagePullPolicy="IfNotPresent",
    ) | fields(**rest)


def _security(**rest: Document) -> Object:
    return fields(
        allowPrivilegeEscalation=False,
        readOnlyRootFilesystem=True,
        runAsGroup=1000,
        runAsNonRoot=True,
        **rest,
    )


def _common_env(c: AddonContext, *, queue: bool) -> dict[str, str | Object]:
    return {
        "NODE_NAME": pod_field("spec.nodeName"),
        "POD_NAME": pod_field("metadata.name"),
        "NAMESPACE": pod_field("metadata.namespace"),
        "ENABLE_PROBES_SERVER": "true" if queue else "false",
        "PROBES_SERVER_PORT": "8080",
        "PROBES_SERVER_ENDPOINT": "/healthz",
        "LOG_LEVEL": "info",
        "JSON_LOGGING": "true",
        "LOG_FORMAT_VERSION": "2",
        "ENABLE_PROMETHEUS_SERVER": c.say(f"{AT}.prometheusEnable"),
        "PROMETHEUS_SERVER_PORT": "9092",
    }


def _drain_env(c: AddonContext) -> dict[str, str | Object]:
    return {
        "DRY_RUN": "false",
        "CORDON_ONLY": "false",
        "TAINT_NODE": c.say(f"{AT}.taintNode"),
        "ENABLE_OUT_OF_SERVICE_TAINT": c.say(f"{AT}.enableOutOfServiceTaint"),
        "EXCLUDE_FROM_LOAD_BALANCERS": c.say(f"{AT}.excludeFromLoadBalancers", default=True),
        "DELETE_LOCAL_DATA": "true",
        "IGNORE_DAEMON_SETS": "true",
        "POD_TERMINATION_GRACE_PERIOD": c.text(f"{AT}.podTerminationGracePeriod"),
        "NODE_TERMINATION_GRACE_PERIOD": "120",
        "EMIT_KUBERNETES_EVENTS": "true",
    }


def _queue_env(c: AddonContext) -> dict[str, str | Object]:
    return {
        **_common_env(c, queue=True),
        "CHECK_TAG_BEFORE_DRAINING": "true",
        "MANAGED_TAG": c.text(f"{AT}.managedASGTag"),
        "USE_PROVIDER_ID": "true",
        **_drain_env(c),
        "COMPLETE_LIFECYCLE_ACTION_DELAY_SECONDS": "-1",
        "ENABLE_SQS_TERMINATION_DRAINING": "true",
        "QUEUE_URL": queue_url(c),
        "DELETE_SQS_MSG_IF_NODE_NOT_FOUND": c.say(f"{AT}.deleteSQSMsgIfNodeNotFound"),
        "WORKERS": "10",
        "HEARTBEAT_INTERVAL": "-1",
        "HEARTBEAT_UNTIL": "-1",
        "SQS_MSG_VISIBILITY_TIMEOUT_SEC": "20",
    }


def _imds_env(c: AddonContext) -> dict[str, str | Object]:
    return {
        **_common_env(c, queue=False),
        "METADATA_TRIES": "3",
        **_drain_env(c),
        "ENABLE_SPOT_INTERRUPTION_DRAINING": c.say(f"{AT}.enableSpotInterruptionDraining", default=True),
        "ENABLE_ASG_LIFECYCLE_DRAINING": "true",
        "ENABLE_SCHEDULED_EVENT_DRAINING": c.say(f"{AT}.enableScheduledEventDraining", default=True),
        "ENABLE_REBALANCE_MONITORING": c.say(f"{AT}.enableRebalanceMonitoring"),
        "ENABLE_REBALANCE_DRAINING": c.say(f"{AT}.enableRebalanceDraining"),
        "ENABLE_SQS_TERMINATION_DRAINING": "false",
        "UPTIME_FROM_FILE": "/proc/uptime",
    }


def _webhook(c: AddonContext) -> dict[str, str | Object]:
    given = {"WEBHOOK_TEMPLATE": c.text(f"{AT}.webhookTemplate"), "WEBHOOK_URL": c.text(f"{AT}.webhookURL")}
    return {name: value for name, value in given.items() if value}
