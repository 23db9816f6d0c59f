"""The driver's controller, which creates and attaches volumes, and its sidecars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kops_core.cloud.aws.addons.ebs_csi_driver.parts import (
    APP,
    AT,
    ATTACHER,
    CONFINED,
    CONTROLLER,
    CONTROLLER_ACCOUNT,
    LINUX,
    LIVENESS,
    METRICS,
    PROVISIONER,
    RESIZER,
    SIDECARS,
    SNAPSHOTTER,
    SOCKET_DIR,
    part,
    plugin_env,
    plugin_image,
)
from kops_core.model.addons.context import CLUSTER_CRITICAL, CONTROL_PLANE, MASTER, AddonContext
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    Object,
    config_key,
    deployment,
    empty_dir,
    exists,
    http_probe,
    matches,
    merged,
    mount,
    only,
    pod,
    port,
    required_nodes,
    secret_key,
    spread_zones_and_hosts,
    tolerates,
)


def controller(c: AddonContext, labels: Mapping[str, str]) -> Object:
    """The controller's deployment, with a sidecar for each task."""
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
    return part(
        "ebs-plugin",
        plugin_image(c),
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
            **plugin_env(c, f"unix://{SOCKET_DIR}csi.sock"),
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
            c.read.boolean("spec.snapshotController.enabled"),
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
        part(
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
    return part(
        image.partition(":")[0],
        f"{SIDECARS}/{image}",
        [*args, f"--http-endpoint=0.0.0.0:{number}"],
        [mount("socket-dir", SOCKET_DIR)],
        env=merged({"ADDRESS": f"{SOCKET_DIR}csi.sock"}, env),
        ports=[port(number, port_name, "TCP")],
        security=CONFINED,
    )
