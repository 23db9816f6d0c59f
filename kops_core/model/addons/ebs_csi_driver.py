"""The EBS CSI driver: makes volumes, attaches them to nodes and mounts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kops_core.model.addons.context import (
    CLUSTER_CRITICAL,
    CONTROL_PLANE,
    MASTER,
    NODE_CRITICAL,
    AddonContext,
)
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    Object,
    account,
    cluster_role,
    cluster_role_binding,
    config_key,
    container,
    daemon_set,
    deployment,
    disruption_budget,
    empty_dir,
    exists,
    fields,
    host_path,
    http_probe,
    matches,
    merged,
    mount,
    only,
    pod,
    pod_field,
    port,
    requests,
    required_nodes,
    role,
    role_binding,
    rule,
    secret_key,
    service,
    service_account,
    service_port,
    spread_zones_and_hosts,
    thing,
    tolerates,
)
from kops_core.model.documents import Document

CONTROLLER = "ebs-csi-controller"
NODE = "ebs-csi-node"
CONTROLLER_ACCOUNT = "ebs-csi-controller-sa"
NODE_ACCOUNT = "ebs-csi-node-sa"
DRIVER = "ebs.csi.aws.com"
AT = "spec.cloudConfig.awsEBSCSIDriver"
SIDECARS = "registry.k8s.io/sig-storage"
PROVISIONER = "csi-provisioner:v6.2.0"
ATTACHER = "csi-attacher:v4.11.0"
SNAPSHOTTER = "csi-snapshotter:v8.5.0"
RESIZER = "csi-resizer:v2.1.0"
LIVENESS = "livenessprobe:v2.18.0"
REGISTRAR = "csi-node-driver-registrar:v2.16.0"
"""Sidecars, as of kOps 1.37, July 2026."""
APP = {"app.kubernetes.io/name": "aws-ebs-csi-driver", "app.kubernetes.io/instance": "aws-ebs-csi-driver"}
LINUX = {"kubernetes.io/os": "linux"}
SOCKET_DIR = "/var/lib/csi/sockets/pluginproxy/"
PLUGIN_DIR = f"/var/lib/kubelet/plugins/{DRIVER}/"
METRICS = {
    "": 3301,
    "-provisioner": 3302,
    "-attacher": 3303,
    "-resizer": 3304,
    "-liveness-probe": 3305,
    "-snapshotter": 3306,
    "-volumemodifier": 3307,
}
"""Metrics port of each container of the controller, by what the name of its service ends in."""
HARDENED: Object = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
CONFINED: Object = {**HARDENED, "seccompProfile": {"type": "RuntimeDefault"}}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    labels = _labels(c)
    return [
        disruption_budget(CONTROLLER, APP | {"app": CONTROLLER}, labels=labels),
        service_account(CONTROLLER_ACCOUNT, labels=labels, automountServiceAccountToken=True),
        service_account(NODE_ACCOUNT, labels=labels, automountServiceAccountToken=True),
        *_permissions(labels),
        *(_metrics_service(suffix, number) for suffix, number in METRICS.items()),
        _node(c, labels),
        _controller(c, labels),
        thing(
            "storage.k8s.io/v1",
            "CSIDriver",
            DRIVER,
            None,
            labels=labels,
            spec=fields(
                attachRequired=True,
                podInfoOnMount=False,
                nodeAllocatableUpdatePeriodSeconds=10 if c.at_least(35) else None,
                seLinuxMount=True if c.feature("SELinuxMount") else None,
            ),
        ),
    ]


def _labels(c: AddonContext) -> dict[str, str]:
    return APP | {
        "app.kubernetes.io/version": c.text(f"{AT}.version"),
        "app.kubernetes.io/component": "csi-driver",
    }


def _permissions(labels: Mapping[str, str]) -> list[Object]:
    storage, snapshots = "storage.k8s.io", "snapshot.storage.k8s.io"
    group_snapshots = "groupsnapshot.storage.k8s.io"
    events = rule("", "events", "list watch create update patch")
    roles = [
        cluster_role(
            "ebs-external-attacher-role",
            rule("", "persistentvolumes", "get list watch patch"),
            rule(storage, "csinodes", "get list watch"),
            rule(storage, "volumeattachments", "get list watch patch"),
            rule(storage, "volumeattachments/status", "patch"),
            labels=labels,
        ),
        cluster_role(
            "ebs-csi-node-role",
            rule(storage, "volumeattachments", "get list watch"),
            rule("", "nodes", "get"),
            rule("", "nodes", "patch list watch"),
            rule(storage, "csinodes", "get"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-provisioner-role",
            rule("", "persistentvolumes", "get list watch create patch delete"),
            rule("", "persistentvolumeclaims", "get list watch update"),
            rule(storage, "storageclasses", "get list watch"),
            events,
            rule(snapshots, "volumesnapshots", "get list watch update"),
            rule(snapshots, "volumesnapshotcontents", "get list"),
            rule(storage, "csinodes", "get list watch"),
            rule("", "nodes", "get list watch"),
            rule(storage, "volumeattachments", "get list watch"),
            rule(storage, "volumeattributesclasses", "get"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-resizer-role",
            rule("", "persistentvolumes", "get list watch patch"),
            rule("", "persistentvolumeclaims", "get list watch"),
            rule("", "pods", "get list watch"),
            rule("", "persistentvolumeclaims/status", "patch"),
            events,
            rule(storage, "volumeattributesclasses", "get list watch"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-snapshotter-role",
            events,
            rule(snapshots, "volumesnapshotclasses", "get list watch"),
            rule(snapshots, "volumesnapshotcontents", "get list watch update patch"),
            rule(snapshots, "volumesnapshotcontents/status", "update patch"),
            rule(group_snapshots, "volumegroupsnapshotclasses", "get list watch"),
            rule(group_snapshots, "volumegroupsnapshotcontents", "get list watch update patch"),
            rule(group_snapshots, "volumegroupsnapshotcontents/status", "update patch"),
            labels=labels,
        ),
    ]
    bindings = (
        ("ebs-csi-attacher-binding", "ebs-external-attacher-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-node-getter-binding", "ebs-csi-node-role", NODE_ACCOUNT),
        ("ebs-csi-provisioner-binding", "ebs-external-provisioner-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-resizer-binding", "ebs-external-resizer-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-snapshotter-binding", "ebs-external-snapshotter-role", CONTROLLER_ACCOUNT),
    )
    return [
        *roles,
        *(cluster_role_binding(name, bound, account(who), labels=labels) for name, bound, who in bindings),
        role(
            "ebs-csi-leases-role",
            rule("coordination.k8s.io", "leases", "get watch list delete update create"),
            labels=labels,
        ),
        role_binding(
            "ebs-csi-leases-rolebinding", "ebs-csi-leases-role", account(CONTROLLER_ACCOUNT), labels=labels
        ),
    ]


def _metrics_service(suffix: str, number: int) -> Object:
    return service(
        f"{CONTROLLER}{suffix}",
        {"app": CONTROLLER},
        service_port(number, "metrics", number),
        labels={"app": f"{CONTROLLER}{suffix}"},
        annotations={"prometheus.io/port": str(number), "prometheus.io/scrape": "true"},
        type="ClusterIP",
    )


def _part(
    name: str,
    image: str,
    args: Sequence[str],
    mounts: Sequence[Object],
    *,
    env: Mapping[str, str | Object] | None = None,
    ports: Sequence[Object] | None = None,
    security: Object = HARDENED,
    **rest: Document,
) -> Object:
    """A container of the driver; all have the same resources and say why they ended in their logs."""
    return container(
        name,
        image,
        args=args,
        env=env,
        ports=ports,
        mounts=mounts,
        resources=requests("10m", "40Mi", limits={"memory": "256Mi"}),
        imagePullPolicy="IfNotPresent",
        securityContext=security,
        terminationMessagePolicy="FallbackToLogsOnError",
    ) | fields(**rest)


def _plugin(c: AddonContext, args: Sequence[str], mounts: Sequence[Object], **rest: Document) -> Object:
    image = f"registry.k8s.io/provider-aws/aws-ebs-csi-driver:{c.text(f'{AT}.version')}"
    return _part("ebs-plugin", image, args, mounts, **rest)  # type: ignore[arg-type]  # as declared there


def _plugin_env(c: AddonContext, endpoint: str) -> dict[str, str | Object]:
    return {
        **({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"} if c.ipv6_only else {}),
        "AWS_REGION": c.region,
        "CSI_ENDPOINT": endpoint,
        "CSI_NODE_NAME": pod_field("spec.nodeName"),
    }


def _node(c: AddonContext, labels: Mapping[str, str]) -> Object:
    selinux = c.feature("SELinuxMount")
    limit = c.text(f"{AT}.volumeAttachLimit")
    host_network = bool(c.read.flag(f"{AT}.hostNetwork"))
    plugin_dir = mount("plugin-dir", "/csi")
    plugin = _plugin(
        c,
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
        env=_plugin_env(c, "unix:/csi/csi.sock"),
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
    registrar = _part(
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
            plugin,
            registrar,
            _part("liveness-probe", f"{SIDECARS}/{LIVENESS}", ["--csi-address=/csi/csi.sock"], [plugin_dir]),
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


def _controller(c: AddonContext, labels: Mapping[str, str]) -> Object:
    app = APP | {"app": CONTROLLER}
    return deployment(
        CONTROLLER,
        app,
        pod(
            merged(labels, {"app": CONTROLLER}),
            _controller_plugin(c),
            *_sidecars(c),
            annotations=c.strings_by_key(f"{AT}.podAnnotations"),
            affinity=_controller_affinity(c),
            hostNetwork=None if c.irsa else True,
            nodeSelector=LINUX,
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"fsGroup": 1000, "runAsGroup": 1000, "runAsNonRoot": True, "runAsUser": 1000},
            serviceAccountName=CONTROLLER_ACCOUNT,
            tolerations=_controller_tolerations(c),
            topologySpreadConstraints=spread_zones_and_hosts(app),
            volumes=[empty_dir("socket-dir")],
        ),
        labels=labels,
        replicas=c.replicas,
        revisionHistoryLimit=10,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
    )


def _controller_affinity(c: AddonContext) -> Object:
    linux = matches("kubernetes.io/os", "In", "linux")
    elsewhere = matches("eks.amazonaws.com/compute-type", "NotIn", "fargate auto hybrid")
    apart: Object = {
        "labelSelector": {"matchExpressions": [matches("app", "In", CONTROLLER)]},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {
        "nodeAffinity": {
            **required_nodes(*([*only(not c.irsa, exists(role)), linux] for role in (CONTROL_PLANE, MASTER))),
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"preference": {"matchExpressions": [elsewhere]}, "weight": 1}
            ],
        },
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": apart, "weight": 100}]
        },
    }


def _controller_tolerations(c: AddonContext) -> list[Object]:
    if not c.irsa:
        return [EVERY_TAINT]
    return [
        *tolerates("CriticalAddonsOnly"),
        {"effect": "NoExecute", "operator": "Exists", "tolerationSeconds": 300},
        *(tolerates(MASTER, CONTROL_PLANE) if c.karpenter else []),
    ]


def _controller_plugin(c: AddonContext) -> Object:
    probe: Object = {"initialDelaySeconds": 10, "periodSeconds": 10, "timeoutSeconds": 60}
    return _plugin(
        c,
        [
            "controller",
            "--endpoint=$(CSI_ENDPOINT)",
            f"--k8s-tag-cluster-id={c.name}",
            f"--extra-tags={c.cloud_labels}",
            f"--http-endpoint=0.0.0.0:{METRICS['']}",
            "--batching=true",
            "--logging-format=text",
            "--v=5",
        ],
        [mount("socket-dir", SOCKET_DIR)],
        env={
            **_plugin_env(c, f"unix://{SOCKET_DIR}csi.sock"),
            "AWS_ACCESS_KEY_ID": secret_key("aws-secret", "key_id"),
            "AWS_SECRET_ACCESS_KEY": secret_key("aws-secret", "access_key"),
            "AWS_EC2_ENDPOINT": config_key("aws-meta", "endpoint"),
            "AWS_SAGEMAKER_ENDPOINT": config_key("aws-meta", "sagemaker_endpoint"),
        },
        ports=[port(9808, "healthz", "TCP"), port(METRICS[""], "metrics", "TCP")],
        livenessProbe=http_probe("/healthz", "healthz", failureThreshold=10) | probe,
        readinessProbe=http_probe("/healthz", "healthz", failureThreshold=5) | probe,
        security=CONFINED,
    )


def _sidecars(c: AddonContext) -> list[Object]:
    qps, burst = c.text(f"{AT}.kubeAPIQPS", "20"), c.text(f"{AT}.kubeAPIBurst", "100")
    fallback = {"ENABLE_VAC_FALLBACK": "true"}
    return [
        _sidecar(
            PROVISIONER,
            "-provisioner",
            "metrics-prov",
            [
                "--timeout=60s",
                "--csi-address=$(ADDRESS)",
                "--v=5",
                "--feature-gates=Topology=true",
                "--extra-create-metadata",
                "--leader-election=true",
                "--default-fstype=ext4",
                f"--kube-api-qps={qps}",
                f"--kube-api-burst={burst}",
                "--worker-threads=100",
                "--retry-interval-max=30m",
                "--feature-gates=VolumeAttributesClass=false",
            ],
            fallback,
        ),
        _sidecar(
            ATTACHER,
            "-attacher",
            "metrics-attach",
            [
                "--timeout=6m",
                "--csi-address=$(ADDRESS)",
                "--v=5",
                "--leader-election=true",
                "--kube-api-qps=20",
                "--kube-api-burst=100",
                "--worker-threads=100",
                "--retry-interval-max=5m",
                "--feature-gates=MutableCSINodeAllocatableCount=true",
            ],
        ),
        *only(
            c.read.flag("spec.snapshotController.enabled"),
            _sidecar(
                SNAPSHOTTER,
                "-snapshotter",
                "metrics-snap",
                [
                    "--csi-address=$(ADDRESS)",
                    "--leader-election=true",
                    "--v=5",
                    "--extra-create-metadata",
                    "--kube-api-qps=20",
                    "--kube-api-burst=100",
                    "--worker-threads=100",
                    "--retry-interval-max=30m",
                ],
            ),
        ),
        _sidecar(
            RESIZER,
            "-resizer",
            "metrics-resizer",
            [
                "--timeout=60s",
                "--extra-modify-metadata",
                "--csi-address=$(ADDRESS)",
                "--v=5",
                "--handle-volume-inuse-error=false",
                "--leader-election=true",
                "--kube-api-qps=20",
                "--kube-api-burst=100",
                "--workers=100",
                "--retry-interval-max=30m",
                "--feature-gates=VolumeAttributesClass=false",
            ],
            fallback,
        ),
        _part(
            "liveness-probe",
            f"{SIDECARS}/{LIVENESS}",
            [
                "--csi-address=/csi/csi.sock",
                "--probe-timeout=60s",
                f"--metrics-address=0.0.0.0:{METRICS['-liveness-probe']}",
            ],
            [mount("socket-dir", "/csi")],
            ports=[port(METRICS["-liveness-probe"], "metrics-lp", "TCP")],
        ),
    ]


def _sidecar(
    image: str, suffix: str, port_name: str, args: Sequence[str], env: Mapping[str, str] | None = None
) -> Object:
    """A sidecar that works through the driver's socket, named after its image."""
    number = METRICS[suffix]
    return _part(
        image.partition(":")[0],
        f"{SIDECARS}/{image}",
        [*args, f"--http-endpoint=0.0.0.0:{number}"],
        [mount("socket-dir", SOCKET_DIR)],
        env=merged({"ADDRESS": f"{SOCKET_DIR}csi.sock"}, env),
        ports=[port(number, port_name, "TCP")],
        security=CONFINED,
    )
