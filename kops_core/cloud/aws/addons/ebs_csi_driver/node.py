"""The driver's daemon set, which mounts volumes."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.addons.ebs_csi_driver.parts import (
    APP,
    AT,
    DRIVER,
    LINUX,
    LIVENESS,
    NODE,
    NODE_ACCOUNT,
    PLUGIN_DIR,
    REGISTRAR,
    SIDECARS,
    part,
    plugin_env,
    plugin_image,
)
from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    Object,
    daemon_set,
    empty_dir,
    exists,
    host_path,
    http_probe,
    matches,
    merged,
    mount,
    only,
    pod,
    port,
    required_nodes,
)


def node(c: AddonContext, labels: Mapping[str, str]) -> Object:
    """The pods on the nodes."""
    selinux = c.feature("SELinuxMount")
    limit = c.text(f"{AT}.volumeAttachLimit")
    host_network = bool(c.read.boolean(f"{AT}.hostNetwork"))
    plugin_dir = mount("plugin-dir", "/csi")
    driver = part(
        "ebs-plugin",
        plugin_image(c),
        [
            "node",
            "--endpoint=$(CSI_ENDPOINT)",
            f"--csi-mount-point-prefix=/var/lib/kubelet/plugins/kubernetes.io/csi/{DRIVER}/",
            *only(limit, f"--volume-attach-limit={limit}"),
            "--logging-format=text",
            "--v=5",
        ],
        [
            mount("kubelet-dir", "/var/lib/kubelet", mountPropagation="Bidirectional"),
            plugin_dir,
            mount("device-dir", "/dev"),
            *only(selinux, mount("etc-selinux", "/etc/selinux"), mount("sys-fs", "/sys/fs")),
        ],
        env=plugin_env(c, "unix:/csi/csi.sock"),
        ports=[port(9808, "healthz", "TCP")],
        livenessProbe=http_probe(
            "/healthz",
            "healthz",
            failureThreshold=5,
            initialDelaySeconds=10,
            periodSeconds=10,
            timeoutSeconds=3,
        ),
        readinessProbe=http_probe(
            "/healthz", "healthz", failureThreshold=3, periodSeconds=5, timeoutSeconds=3
        ),
        lifecycle={"preStop": {"exec": {"command": ["/bin/aws-ebs-csi-driver", "pre-stop-hook"]}}},
        security={"privileged": True, "readOnlyRootFilesystem": True},
    )
    registrar = part(
        "node-driver-registrar",
        f"{SIDECARS}/{REGISTRAR}",
        [
            "--csi-address=$(ADDRESS)",
            "--kubelet-registration-path=$(DRIVER_REG_SOCK_PATH)",
            "--http-endpoint=0.0.0.0:9809",
            "--v=5",
        ],
        [plugin_dir, mount("registration-dir", "/registration"), mount("probe-dir", PLUGIN_DIR)],
        env={"ADDRESS": "/csi/csi.sock", "DRIVER_REG_SOCK_PATH": f"{PLUGIN_DIR}csi.sock"},
        ports=[port(9809, "healthz-ndr")],
        livenessProbe=http_probe(
            "/healthz", "healthz-ndr", initialDelaySeconds=30, periodSeconds=90, timeoutSeconds=15
        ),
    )
    small_arm = " ".join(f"a1.{size}" for size in ("medium", "large", "xlarge", "2xlarge", "4xlarge"))
    app = APP | {"app": NODE}
    return daemon_set(
        NODE,
        app,
        pod(
            merged(labels, {"app": NODE}),
            driver,
            registrar,
            part("liveness-probe", f"{SIDECARS}/{LIVENESS}", ["--csi-address=/csi/csi.sock"], [plugin_dir]),
            annotations=c.strings_by_key(f"{AT}.podAnnotations"),
            affinity={
                "nodeAffinity": required_nodes(
                    [
                        *only(not host_network, exists("topology.kubernetes.io/zone")),
                        matches("eks.amazonaws.com/compute-type", "NotIn", "fargate auto hybrid"),
                        matches("node.kubernetes.io/instance-type", "NotIn", small_arm),
                    ]
                )
            },
            hostNetwork=host_network,
            nodeSelector=LINUX,
            priorityClassName=NODE_CRITICAL,
            securityContext={"fsGroup": 0, "runAsGroup": 0, "runAsNonRoot": False, "runAsUser": 0},
            serviceAccountName=NODE_ACCOUNT,
            terminationGracePeriodSeconds=30,
            tolerations=[EVERY_TAINT],
            volumes=[
                host_path("kubelet-dir", "/var/lib/kubelet", "Directory"),
                host_path("plugin-dir", PLUGIN_DIR, "DirectoryOrCreate"),
                host_path("registration-dir", "/var/lib/kubelet/plugins_registry/", "Directory"),
                host_path("device-dir", "/dev", "Directory"),
                *only(
                    selinux,
                    host_path("etc-selinux", "/etc/selinux", "DirectoryOrCreate"),
                    host_path("sys-fs", "/sys/fs", "Directory"),
                ),
                empty_dir("probe-dir"),
            ],
        ),
        labels=labels,
        revisionHistoryLimit=10,
        updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
    )
