"""node-problem-detector, which reports problems of a node's kernel and daemons to the API."""

from __future__ import annotations

from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    Object,
    container,
    daemon_set,
    host_path,
    matches,
    mount,
    pod,
    pod_field,
    requests,
    required_nodes,
    tolerates,
)
from kops_core.model.addons.rbac import account, cluster_role_binding, service_account

NAME = "node-problem-detector"
AT = "spec.nodeProblemDetector"
PODS = {"app": NAME}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        service_account(NAME, labels=PODS),
        cluster_role_binding(NAME, "system:node-problem-detector", account(NAME), labels=PODS),
        _daemon_set(c),
    ]


def _daemon_set(c: AddonContext) -> Object:
    given = {"cpu": c.text(f"{AT}.cpuLimit"), "memory": c.text(f"{AT}.memoryLimit")}
    limits = {name: value for name, value in given.items() if value}
    return daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                c.text(f"{AT}.image"),
                command=[
                    "/node-problem-detector",
                    "--logtostderr",
                    f"--config.system-log-monitor={_files('kernel-monitor', 'systemd-monitor')}",
                    "--config.custom-plugin-monitor="
                    + _files("kernel-monitor-counter", "systemd-monitor-counter"),
                    f"--config.system-stats-monitor={_files('system-stats-monitor')}",
                ],
                env={"NODE_NAME": pod_field("spec.nodeName")},
                mounts=[
                    mount("log", "/var/log", readOnly=True),
                    mount("kmsg", "/dev/kmsg", readOnly=True),
                    mount("localtime", "/etc/localtime", readOnly=True),
                    mount("machine-id", "/etc/machine-id", readOnly=True),
                    mount("systemd", "/run/systemd/system"),
                    mount("dbus", "/var/run/dbus/", mountPropagation="Bidirectional"),
                ],
                resources=requests(
                    c.text(f"{AT}.cpuRequest"),
                    c.text(f"{AT}.memoryRequest"),
                    limits=limits,
                ),
                securityContext={"privileged": True},
            ),
            affinity={"nodeAffinity": required_nodes([matches("kubernetes.io/os", "In", "linux")])},
            priorityClassName=NODE_CRITICAL,
            serviceAccountName=NAME,
            tolerations=[
                {"effect": "NoExecute", "operator": "Exists"},
                {"effect": "NoSchedule", "operator": "Exists"},
                *tolerates("CriticalAddonsOnly"),
            ],
            volumes=[
                host_path("log", "/var/log/"),
                host_path("kmsg", "/dev/kmsg"),
                host_path("localtime", "/etc/localtime", "FileOrCreate"),
                host_path("machine-id", "/etc/machine-id", "File"),
                host_path("systemd", "/run/systemd/system/", ""),
                host_path("dbus", "/var/run/dbus/", ""),
            ],
        ),
        labels=PODS,
    )


def _files(*names: str) -> str:
    return ",".join(f"/config/{name}.json" for name in names)
