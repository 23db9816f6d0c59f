"""NVIDIA GPUs: the device plugin, and the exporter of metrics."""

from __future__ import annotations

from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    SPC,
    Object,
    config_map,
    container,
    daemon_set,
    fields,
    host_path,
    http_probe,
    mount,
    pod,
    port,
    service,
    service_port,
    thing,
    tolerates,
)
from kops_core.model.addons.rbac import account, role, role_binding, rule, service_account

NAME = "nvidia-device-plugin-daemonset"
PODS = {"name": "nvidia-device-plugin-ds"}
AT = "spec.containerd.nvidiaGPU"
WHOLE_CLUSTER = "an instance group has GPUs, but the device plugin's image is the cluster's: set enabled"
PLUGIN_DIR = "/var/lib/kubelet/device-plugins"
GPU_NODES = {"kops.k8s.io/gpu": "1"}
EXPORTER = "dcgm-exporter"
EXPORTER_VERSION = "2.6.10"
EXPORTER_IMAGE = "nvcr.io/nvidia/k8s/dcgm-exporter:2.4.6-2.6.10-ubuntu20.04"
"""As of kOps 1.37, July 2026."""
EXPORTER_PORT = 9400
EXPORTER_PODS = {"app.kubernetes.io/name": EXPORTER, "app.kubernetes.io/component": EXPORTER}
EXPORTER_LABELS = EXPORTER_PODS | {"app.kubernetes.io/version": EXPORTER_VERSION}
METRICS = {
    "SM_CLOCK": "gauge, clock of the multiprocessors (MHz)",
    "MEM_CLOCK": "gauge, clock of the memory (MHz)",
    "MEMORY_TEMP": "gauge, temperature of the memory (C)",
    "GPU_TEMP": "gauge, temperature of the GPU (C)",
    "POWER_USAGE": "gauge, power draw (W)",
    "TOTAL_ENERGY_CONSUMPTION": "counter, energy used since boot (mJ)",
    "PCIE_REPLAY_COUNTER": "counter, PCIe retries",
    "GPU_UTIL": "gauge, use of the GPU (%)",
    "MEM_COPY_UTIL": "gauge, use of the memory bus (%)",
    "ENC_UTIL": "gauge, use of the encoder (%)",
    "DEC_UTIL": "gauge, use of the decoder (%)",
    "XID_ERRORS": "gauge, last XID error",
    "FB_FREE": "gauge, free framebuffer (MiB)",
    "FB_USED": "gauge, used framebuffer (MiB)",
    "NVLINK_BANDWIDTH_TOTAL": "counter, bandwidth of all NVLink lanes",
    "VGPU_LICENSE_STATUS": "gauge, state of the vGPU licence",
    "UNCORRECTABLE_REMAPPED_ROWS": "counter, rows remapped after uncorrectable errors",
    "CORRECTABLE_REMAPPED_ROWS": "counter, rows remapped after correctable errors",
    "ROW_REMAP_FAILURE": "gauge, whether remapping of rows failed",
}
"""Type and help of each device metric, without its prefix."""
PROFILING = {
    "GR_ENGINE_ACTIVE": "gauge, share of time that the graphics engine is busy",
    "PIPE_TENSOR_ACTIVE": "gauge, share of cycles that the tensor pipe is busy",
    "DRAM_ACTIVE": "gauge, share of cycles that the memory interface is busy",
    "PCIE_TX_BYTES": "counter, bytes sent over PCIe",
    "PCIE_RX_BYTES": "counter, bytes received over PCIe",
}
"""Type and help of each profiling metric."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects. Raises InvalidSpec if GPUs are on in instance groups only."""
    if not c.present(AT):
        raise InvalidSpec([FieldError("Required value", AT, WHOLE_CLUSTER)])
    tolerations = tolerates("nvidia.com/gpu", effect="NoSchedule")
    plugin = daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                "nvidia-device-plugin-ctr",
                c.text(f"{AT}.image"),
                args=["--fail-on-init-error=false"],
                mounts=[mount("device-plugin", PLUGIN_DIR)],
                securityContext=fields(
                    allowPrivilegeEscalation=False,
                    capabilities={"drop": ["ALL"]},
                    seLinuxOptions=SPC if c.selinux else None,
                ),
            ),
            nodeSelector=GPU_NODES,
            priorityClassName=NODE_CRITICAL,
            runtimeClassName="nvidia",
            tolerations=tolerations,
            volumes=[host_path("device-plugin", PLUGIN_DIR)],
        ),
        updateStrategy={"type": "RollingUpdate"},
    )
    runtime = thing(
        "node.k8s.io/v1",
        "RuntimeClass",
        "nvidia",
        None,
        handler="nvidia",
        scheduling={"nodeSelector": GPU_NODES, "tolerations": tolerations},
    )
    exports = bool(c.read.boolean(f"{AT}.dcgmExporter.enabled"))
    return [plugin, runtime, *(_exporter(c, tolerations) if exports else [])]


def _exporter(c: AddonContext, tolerations: list[Object]) -> list[Object]:
    configuration, reader = "exporter-metrics-config-map", "dcgm-exporter-read-cm"
    names = [f"DCGM_FI_DEV_{name}, {rest}" for name, rest in METRICS.items()]
    names += [f"DCGM_FI_PROF_{name}, {rest}" for name, rest in PROFILING.items()]
    health = http_probe("/health", EXPORTER_PORT, initialDelaySeconds=45)
    return [
        service_account(EXPORTER, labels=EXPORTER_LABELS),
        config_map(configuration, {"metrics": "\n".join(names)}),
        role(reader, rule("", "configmaps", "get", names=configuration), labels=EXPORTER_LABELS),
        role_binding(EXPORTER, reader, account(EXPORTER), labels=EXPORTER_LABELS),
        service(
            EXPORTER,
            {"app.kubernetes.io/name": EXPORTER},
            service_port(EXPORTER_PORT, "metrics", EXPORTER_PORT, "TCP"),
            labels=EXPORTER_LABELS,
            type="ClusterIP",
        ),
        daemon_set(
            EXPORTER,
            EXPORTER_PODS,
            pod(
                EXPORTER_PODS,
                container(
                    "exporter",
                    EXPORTER_IMAGE,
                    args=["-f", "/etc/dcgm-exporter/dcp-metrics-included.csv"],
                    env={"DCGM_EXPORTER_KUBERNETES": "true", "DCGM_EXPORTER_LISTEN": f":{EXPORTER_PORT}"},
                    ports=[port(EXPORTER_PORT, "metrics")],
                    mounts=[mount("pod-gpu-resources", "/var/lib/kubelet/pod-resources", readOnly=True)],
                    livenessProbe=health | {"periodSeconds": 5},
                    readinessProbe=health,
                    imagePullPolicy="IfNotPresent",
                    securityContext=fields(
                        capabilities={"add": ["SYS_ADMIN"]},
                        runAsNonRoot=False,
                        runAsUser=0,
                        seLinuxOptions=SPC if c.selinux else None,
                    ),
                ),
                nodeSelector=GPU_NODES,
                runtimeClassName="nvidia",
                serviceAccountName=EXPORTER,
                tolerations=tolerations,
                volumes=[host_path("pod-gpu-resources", "/var/lib/kubelet/pod-resources")],
            ),
            labels=EXPORTER_LABELS,
            updateStrategy={"type": "RollingUpdate"},
        ),
    ]
