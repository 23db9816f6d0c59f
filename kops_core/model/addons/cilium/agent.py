"""Cilium's agent, which connects the pods of its node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kops_core.model.addons import objects as kube
from kops_core.model.addons.cilium.features import (
    AGENT,
    AT,
    CONFIG,
    HUBBLE_METRICS_PORT,
    LINUX,
    OWNER_ONLY,
    PART,
    PEER_PORT,
    SPC_OPTIONS,
    Features,
    api_env,
    etcd_mounts,
    etcd_volumes,
    files_of_secret,
    image,
    localhost,
    node_env,
)
from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    Object,
    config_key,
    container,
    empty_dir,
    fields,
    host_path,
    mount,
    only,
    pod,
    port,
    requests,
    secret_volume,
)
from kops_core.model.documents import Document

FROM_HOST = "HostToContainer"
BPF, CGROUP, RUN, TMP = "/sys/fs/bpf", "/run/cilium/cgroupv2", "/var/run/cilium", "/tmp"  # noqa: S108 - in the pod
UNCONFINED = "container.apparmor.security.beta.kubernetes.io/"
IN_NODE = "nsenter --mount=/hostproc/1/ns/mnt"
REMOVE_VPC_CNI_RULES = """\
set -euo pipefail
rules='AWS-SNAT-CHAIN|AWS-CONNMARK-CHAIN'
if iptables-save | grep -qE "$rules"; then
    iptables-save | grep -vE "$rules" | iptables-restore
fi
"""
"""The rules that Amazon's VPC CNI may have left on the node drop traffic of pods with ENI addresses."""


def daemon_set(c: AddonContext, has: Features) -> Object:
    """The agents."""
    matched = AGENT | {"kubernetes.io/cluster-service": "true"}
    labels = matched | PART | {"app.kubernetes.io/name": "cilium-agent"}
    alone: Object = {"labelSelector": {"matchLabels": AGENT}, "topologyKey": "kubernetes.io/hostname"}
    return kube.daemon_set(
        "cilium",
        matched,
        pod(
            labels,
            _agent(c, has),
            *only(has.debug, _monitor(c)),
            annotations=_annotations(c, has),
            affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [alone]}},
            automountServiceAccountToken=True,
            hostNetwork=True,
            initContainers=_first(c),
            nodeSelector=LINUX,
            priorityClassName=NODE_CRITICAL,
            restartPolicy="Always",
            securityContext={"seccompProfile": {"type": "Unconfined"}},
            serviceAccountName="cilium",
            terminationGracePeriodSeconds=1,
            tolerations=[EVERY_TAINT],
            volumes=_volumes(has),
        ),
        labels=labels,
        updateStrategy={"type": "OnDelete"},
    )


def _annotations(c: AddonContext, has: Features) -> dict[str, str]:
    metrics = {"prometheus.io/port": c.text(f"{AT}.agentPrometheusPort"), "prometheus.io/scrape": "true"}
    unconfined = ("cilium-agent", "clean-cilium-state", "mount-cgroup", "apply-sysctl-overwrites")
    return {
        **(metrics if has.metrics else {}),
        **{f"{UNCONFINED}{name}": "unconfined" for name in unconfined},
        "kubectl.kubernetes.io/default-container": "cilium-agent",
        **c.strings_by_key(f"{AT}.agentPodAnnotations"),
    }


def _container(
    c: AddonContext,
    name: str,
    *,
    command: Sequence[str],
    mounts: Sequence[Object],
    args: Sequence[str] | None = None,
    env: Mapping[str, str | Object] | None = None,
    ports: Sequence[Object] | None = None,
    null: str = "",
    **rest: Document,
) -> Object:
    """A container with the agent's image."""
    return container(
        name,
        image(c, "cilium"),
        command=command,
        args=args,
        env=env,
        ports=ports,
        mounts=mounts,
        null=null,
        imagePullPolicy="IfNotPresent",
        terminationMessagePolicy="FallbackToLogsOnError",
        **rest,
    )


def _capable(*capabilities: str) -> Object:
    """A security context with a few capabilities, unconfined by SELinux."""
    return {
        "capabilities": fields(add=capabilities or None, drop=["ALL"]),
        "seLinuxOptions": SPC_OPTIONS,
    }


def _agent(c: AddonContext, has: Features) -> Object:
    health: Object = {"path": "/healthz", "port": 9879, "scheme": "HTTP", "host": localhost(c)}
    brief: Object = {"name": "brief", "value": "true"}
    ready: Object = {"httpGet": health | {"httpHeaders": [brief]}}
    with_api: Object = {"httpHeaders": [brief, {"name": "require-k8s-connectivity", "value": "true"}]}
    clean_up: Object = {"exec": {"command": ["bash", "-c", REMOVE_VPC_CNI_RULES]}}
    slowly: Object = {"periodSeconds": 30, "successThreshold": 1, "timeoutSeconds": 5}
    return _container(
        c,
        "cilium-agent",
        command=["cilium-agent"],
        args=["--config-dir=/tmp/cilium/config-map"],
        env={
            **node_env(),
            "CILIUM_CLUSTERMESH_CONFIG": "/var/lib/cilium/clustermesh/",
            "GOMEMLIMIT": {"resourceFieldRef": {"divisor": "1", "resource": "limits.memory"}},
            "KUBE_CLIENT_BACKOFF_BASE": "1",
            "KUBE_CLIENT_BACKOFF_DURATION": "120",
            **api_env(c),
        },
        ports=_ports(c, has),
        null="ports",
        mounts=_mounts(has),
        livenessProbe={"httpGet": health | with_api, "failureThreshold": 10, **slowly},
        readinessProbe=ready | {"failureThreshold": 3, **slowly},
        startupProbe=ready
        | {"failureThreshold": 300, "initialDelaySeconds": 5, "periodSeconds": 2, "successThreshold": 1},
        resources=requests(c.text(f"{AT}.cpuRequest", "25m"), c.text(f"{AT}.memoryRequest", "128Mi")),
        lifecycle=fields(
            postStart=clean_up if has.eni else None, preStop={"exec": {"command": ["/cni-uninstall.sh"]}}
        ),
        securityContext=_capable(
            "CHOWN",
            "KILL",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "SYS_MODULE",
            "SYS_ADMIN",
            "SYS_RESOURCE",
            "DAC_OVERRIDE",
            "FOWNER",
            "SETGID",
            "SETUID",
        ),
    )


def _ports(c: AddonContext, has: Features) -> list[Object]:
    agent_metrics = c.read.integer(f"{AT}.agentPrometheusPort") or 0
    return [
        *only(has.hubble, port(PEER_PORT, "peer-service", "TCP", hostPort=PEER_PORT)),
        *only(
            has.hubble_metrics,
            port(HUBBLE_METRICS_PORT, "hubble-metrics", "TCP", hostPort=HUBBLE_METRICS_PORT),
        ),
        *only(has.metrics, port(agent_metrics, "prometheus", "TCP")),
    ]


def _mounts(has: Features) -> list[Object]:
    return [
        mount("host-proc-sys-net", "/host/proc/sys/net"),
        mount("host-proc-sys-kernel", "/host/proc/sys/kernel"),
        mount("bpf-maps", BPF, mountPropagation=FROM_HOST),
        mount("cilium-cgroup", CGROUP),
        mount("cilium-run", RUN),
        mount("cilium-netns", f"{RUN}/netns", mountPropagation=FROM_HOST),
        mount("etc-cni-netd", "/host/etc/cni/net.d"),
        *etcd_mounts(has),
        mount("clustermesh-secrets", "/var/lib/cilium/clustermesh", readOnly=True),
        mount("lib-modules", "/lib/modules", readOnly=True),
        mount("xtables-lock", "/run/xtables.lock"),
        *only(has.password, mount("cilium-ipsec-secrets", "/etc/ipsec")),
        *only(has.hubble, mount("hubble-tls", "/var/lib/cilium/tls/hubble", readOnly=True)),
        mount("tmp", TMP),
    ]


def _monitor(c: AddonContext) -> Object:
    """The monitor, which prints each packet once the agent's socket exists."""
    socket = f"{RUN}/monitor1_2.sock"
    lines = [
        "for i in {1..5}; do \\",
        f"  [ -S {socket} ] && break || sleep 10;\\",
        "  done; \\",
        "cilium-dbg monitor",
    ]
    return _container(
        c,
        "cilium-monitor",
        command=["/bin/bash", "-c", "--"],
        args=["\n".join(lines)],
        mounts=[mount("cilium-run", RUN)],
    )


def _first(c: AddonContext) -> list[Object]:
    """The init containers that prepare the node, each with the least privileges."""
    on_host = [mount("hostproc", "/hostproc"), mount("cni-path", "/hostbin")]
    prepare = _capable("SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE")
    in_cgroup = "nsenter --cgroup=/hostproc/1/ns/cgroup --mount=/hostproc/1/ns/mnt"
    return [
        _container(
            c,
            "config",
            command=["cilium-dbg", "build-config"],
            env={**node_env(), **api_env(c)},
            mounts=[mount("tmp", TMP)],
        ),
        _container(
            c,
            "mount-cgroup",
            command=["sh", "-ec", _run_on_node("cilium-mount", in_cgroup, " $CGROUP_ROOT")],
            env={"CGROUP_ROOT": CGROUP, "BIN_PATH": "/opt/cni/bin"},
            mounts=on_host,
            securityContext=prepare,
        ),
        _container(
            c,
            "apply-sysctl-overwrites",
            command=["sh", "-ec", _run_on_node("cilium-sysctlfix", IN_NODE)],
            env={"BIN_PATH": "/opt/cni/bin"},
            mounts=on_host,
            securityContext=prepare,
        ),
        _container(
            c,
            "mount-bpf-fs",
            command=["/bin/bash", "-c", "--"],
            args=[f'mount | grep "{BPF} type bpf" || mount -t bpf bpf {BPF}'],
            mounts=[mount("bpf-maps", BPF, mountPropagation="Bidirectional")],
            securityContext={"privileged": True},
        ),
        _container(
            c,
            "clean-cilium-state",
            command=["/init-container.sh"],
            env={
                "CILIUM_ALL_STATE": config_key(CONFIG, "clean-cilium-state"),
                "CILIUM_BPF_STATE": config_key(CONFIG, "clean-cilium-bpf-state"),
                "WRITE_CNI_CONF_WHEN_READY": config_key(CONFIG, "write-cni-conf-when-ready"),
                **api_env(c),
            },
            mounts=[
                mount("bpf-maps", BPF),
                mount("cilium-cgroup", CGROUP, mountPropagation=FROM_HOST),
                mount("cilium-run", RUN),
            ],
            securityContext=_capable("NET_ADMIN", "SYS_MODULE", "SYS_ADMIN", "SYS_RESOURCE"),
        ),
        _container(
            c,
            "install-cni-binaries",
            command=["/install-plugin.sh"],
            mounts=[mount("cni-path", "/host/opt/cni/bin")],
            resources=requests("100m", "10Mi"),
            securityContext=_capable(),
        ),
    ]


def _run_on_node(program: str, enter: str, arguments: str = "") -> str:
    """A script that runs a static program of the image in the node's namespaces."""
    return (
        f"cp /usr/bin/{program} /hostbin/{program};\n"
        f'{enter} "${{BIN_PATH}}/{program}"{arguments};\n'
        f"rm /hostbin/{program}\n"
    )


def _volumes(has: Features) -> list[Object]:
    made = "DirectoryOrCreate"
    return [
        empty_dir("tmp"),
        host_path("cilium-run", RUN, made),
        host_path("cilium-netns", "/var/run/netns", made),
        host_path("bpf-maps", BPF, made),
        host_path("hostproc", "/proc", "Directory"),
        host_path("cilium-cgroup", CGROUP, made),
        host_path("cni-path", "/opt/cni/bin", made),
        host_path("etc-cni-netd", "/etc/cni/net.d", made),
        host_path("lib-modules", "/lib/modules"),
        host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
        *etcd_volumes(has),
        _projected(
            "clustermesh-secrets",
            {"secret": {"name": "cilium-clustermesh", "optional": True}},
            _mesh_client("clustermesh-apiserver-remote-cert", "common"),
            _mesh_client("clustermesh-apiserver-local-cert", "local"),
        ),
        *only(has.password, secret_volume("cilium-ipsec-secrets", "cilium-ipsec-keys")),
        host_path("host-proc-sys-net", "/proc/sys/net", "Directory"),
        host_path("host-proc-sys-kernel", "/proc/sys/kernel", "Directory"),
        *only(
            has.hubble,
            _projected(
                "hubble-tls",
                files_of_secret(
                    "hubble-server-certs",
                    {"tls.crt": "server.crt", "tls.key": "server.key", "ca.crt": "client-ca.crt"},
                ),
            ),
        ),
    ]


def _projected(name: str, *sources: Object) -> Object:
    return {"name": name, "projected": {"defaultMode": OWNER_ONLY, "sources": sources}}


def _mesh_client(secret: str, prefix: str) -> Object:
    """The certificate by which the agent reads another cluster of a mesh."""
    names = {"tls.key": "client.key", "tls.crt": "client.crt", "ca.crt": "client-ca.crt"}
    return files_of_secret(secret, {key: f"{prefix}-etcd-{name}" for key, name in names.items()})
