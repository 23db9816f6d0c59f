"""Cilium's settings: the ConfigMap that agent and operator read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kops_core.model.addons.cilium.features import (
    AT,
    ETCD_CLIENT_PORT,
    HUBBLE_METRICS_PORT,
    PEER_PORT,
    Features,
    localhost,
)
from kops_core.model.addons.context import AddonContext, spell
from kops_core.model.addons.objects import KUBE_SYSTEM

ON = """
    bpf-events-drop-enabled bpf-events-policy-verdict-enabled bpf-events-trace-enabled
    enable-auto-protect-node-port-range enable-health-check-nodeport enable-health-checking
    enable-internal-traffic-policy enable-k8s-networkpolicy enable-lb-ipam
    enable-non-default-deny-policies enable-source-ip-verification enable-svc-source-range-check
    enable-tcx enable-xt-socket-fallback mesh-auth-enabled node-port-bind-protection
    remove-cilium-node-taints set-cilium-is-up-condition set-cilium-node-taints
    synchronize-k8s-nodes tofqdns-enable-dns-compression tofqdns-preallocate-identities
"""
OFF = """
    bpf-distributed-lru bpf-lb-algorithm-annotation bpf-lb-external-clusterip bpf-lb-mode-annotation
    bpf-lb-source-range-all-types clustermesh-enable-endpoint-sync clustermesh-enable-mcs-api
    custom-cni-conf direct-routing-skip-unreachable enable-bpf-clock-probe
    enable-endpoint-lockdown-on-policy-overflow enable-health-check-loadbalancer-ip
    enable-ipv4-big-tcp enable-ipv6-big-tcp enable-ipv6-masquerade enable-l2-neigh-discovery
    enable-masquerade-to-route-source enable-node-selector-labels enable-sctp enable-vtep
    enable-well-known-identities envoy-keep-cap-netbindservice external-envoy-proxy
    install-no-conntrack-iptables-rules iptables-random-fully k8s-require-ipv4-pod-cidr
    k8s-require-ipv6-pod-cidr policy-default-local-cluster
"""
EMPTY = "debug-verbose nodeport-addresses policy-cidr-match-mode vtep-cidr vtep-endpoint vtep-mac vtep-mask"
CHOSEN = MappingProxyType(
    {
        "agent-not-ready-taint-key": "node.cilium.io/agent-not-ready",
        "bpf-lb-acceleration": "disabled",
        "bpf-lb-map-max": "65536",
        "bpf-map-dynamic-size-ratio": "0.0025",
        "bpf-policy-map-max": "16384",
        "bpf-policy-stats-map-max": "65536",
        "bpf-root": "/sys/fs/bpf",
        "cgroup-root": "/run/cilium/cgroupv2",
        "cilium-endpoint-gc-interval": "5m0s",
        "cni-log-file": "/var/run/cilium/cilium-cni.log",
        "datapath-mode": "veth",
        "default-lb-service-ipam": "lbipam",
        "dnsproxy-socket-linger-timeout": "10",
        "egress-gateway-reconciliation-trigger-interval": "1s",
        "enable-policy": "default",
        "envoy-access-log-buffer-size": "4096",
        "envoy-base-id": "0",
        "health-check-icmp-failure-threshold": "3",
        "http-retry-count": "3",
        "http-stream-idle-timeout": "300",
        "identity-gc-interval": "15m0s",
        "identity-heartbeat-timeout": "30m0s",
        "identity-management-mode": "agent",
        "max-connected-clusters": "255",
        "mesh-auth-gc-interval": "5m0s",
        "mesh-auth-queue-size": "1024",
        "mesh-auth-rotated-identities-queue-size": "1024",
        "metrics-sampling-interval": "5m",
        "monitor-aggregation-flags": "all",
        "monitor-aggregation-interval": "5s",
        "nat-map-stats-entries": "32",
        "nat-map-stats-interval": "30s",
        "nodes-gc-interval": "5m0s",
        "procfs": "/host/proc",
        "proxy-connect-timeout": "2",
        "proxy-idle-timeout-seconds": "60",
        "proxy-initial-fetch-timeout": "30",
        "proxy-max-concurrent-retries": "128",
        "proxy-max-connection-duration-seconds": "0",
        "proxy-max-requests-per-connection": "0",
        "proxy-xff-num-trusted-hops-egress": "0",
        "proxy-xff-num-trusted-hops-ingress": "0",
        "tofqdns-endpoint-max-ip-per-hostname": "1000",
        "tofqdns-idle-connection-grace-period": "0s",
        "tofqdns-max-deferred-connection-deletes": "10000",
        "tofqdns-proxy-response-max-delay": "100ms",
        "unmanaged-pod-watcher-interval": "15",
        "write-cni-conf-when-ready": "/host/etc/cni/net.d/05-cilium.conflist",
    }
)
"""kOps' settings for every cluster, for Cilium 1.18 (kOps 1.37, July 2026)."""

TEXTS = MappingProxyType(
    {
        "identity-allocation-mode": "identityAllocationMode",
        "identity-change-grace-period": "identityChangeGracePeriod",
        "monitor-aggregation": "monitorAggregation",
        "cluster-name": "clusterName",
        "tofqdns-dns-reject-response-code": "toFqdnsDnsRejectResponseCode",
    }
)
"""Settings that are a text field of the spec."""
FLAGS = MappingProxyType(
    {
        "auto-direct-node-routes": "autoDirectNodeRoutes",
        "bpf-lb-sock": "bpfLBSock",
        "bpf-lb-sock-hostns-only": "bpfLBSockHostNSOnly",
        "cni-exclusive": "cniExclusive",
        "debug": "debug",
        "disable-endpoint-crd": "disableEndpointCRD",
        "enable-endpoint-health-checking": "enableEndpointHealthChecking",
        "enable-host-firewall": "enableHostFirewall",
        "enable-l7-proxy": "enableL7Proxy",
        "enable-local-redirect-policy": "enableLocalRedirectPolicy",
        "enable-node-port": "enableNodePort",
        "enable-service-topology": "enableServiceTopology",
        "kube-proxy-replacement": "enableNodePort",
        "preallocate-bpf-maps": "preallocateBPFMaps",
    }
)
"""Settings that are a flag of the spec."""


def settings(c: AddonContext, has: Features) -> dict[str, str]:
    """The settings, without those that the user adds by name."""
    return {
        **dict.fromkeys(ON.split(), "true"),
        **dict.fromkeys(OFF.split(), "false"),
        **dict.fromkeys(EMPTY.split(), ""),
        **CHOSEN,
        **{name: c.text(f"{AT}.{field}") for name, field in TEXTS.items()},
        **{name: c.say(f"{AT}.{field}") for name, field in FLAGS.items()},
        **_addresses(c),
        **_routing(c, has),
        **_encryption(c),
        **(_etcd(c) if has.etcd else {}),
        **(_metrics(c) if has.metrics else {}),
        **(_hubble(c, has) if has.hubble else {}),
        **_ingress(c, has),
        **_gateway(c, has),
    }


def _addresses(c: AddonContext) -> dict[str, str]:
    host = f"[{localhost(c)}]" if c.ipv6_only else localhost(c)
    masquerade = not c.read.boolean(f"{AT}.disableMasquerade")
    in_bpf = bool(c.read.boolean(f"{AT}.enableBPFMasquerade")) and not c.ipv6_only
    return {
        "enable-ipv4": spell(not c.ipv6_only),
        "enable-ipv6": spell(c.ipv6_only),
        "enable-ipv4-masquerade": spell(masquerade),
        "enable-bpf-masquerade": spell(in_bpf),
        "operator-api-serve-addr": f"{host}:9234",
    }


def _routing(c: AddonContext, has: Features) -> dict[str, str]:
    found: dict[str, str] = {}
    tunnel = c.text(f"{AT}.tunnel")
    if tunnel == "disabled":
        found["routing-mode"] = "native"
    else:
        found |= {
            "routing-mode": "tunnel",
            "tunnel-protocol": tunnel,
            "tunnel-source-port-range": "0-0",
            "service-no-backend-response": "reject",
        }
    chained = c.text(f"{AT}.chainingMode")
    if chained:
        # Another plugin connects the pods, which Cilium's host routing would bypass.
        found |= {"enable-host-legacy-routing": "true", "cni-chaining-mode": chained}
        if chained != "portmap":
            found["enable-local-node-route"] = "false"
    else:
        found["dnsproxy-enable-transparent-mode"] = "true"
    if cluster_id := c.read.integer(f"{AT}.clusterID"):
        found["cluster-id"] = str(cluster_id)
    if ipam := c.text(f"{AT}.ipam"):
        found |= {
            "ipam": ipam,
            "ipam-cilium-node-update-rate": "15s",
            "cluster-pool-ipv4-mask-size": "24",
        }
    if has.eni:
        found |= {
            "enable-endpoint-routes": "true",
            "auto-create-cilium-node-resource": "true",
            "eni-tags": c.cloud_labels,
        }
    return found


def _encryption(c: AddonContext) -> dict[str, str]:
    if not c.read.boolean(f"{AT}.enableEncryption"):
        return {}
    kinds: Mapping[str, dict[str, str]] = {
        "ipsec": {
            "enable-ipsec": "true",
            "ipsec-key-file": "/etc/ipsec/keys",
            "enable-ipsec-key-watcher": "true",
            "ipsec-key-rotation-duration": "5m",
            "enable-ipsec-encrypted-overlay": "false",
        },
        "wireguard": {"enable-wireguard": "true"},
    }
    return {
        "encrypt-node": c.say(f"{AT}.nodeEncryption"),
        **kinds.get(c.text(f"{AT}.encryptionType"), {}),
    }


def _etcd(c: AddonContext) -> dict[str, str]:
    secrets = "/var/lib/etcd-secrets"
    lines = [
        "---",
        "endpoints:",
        f"  - https://api.internal.{c.name}:{ETCD_CLIENT_PORT}",
        f"trusted-ca-file: '{secrets}/etcd-ca.crt'",
        f"key-file: '{secrets}/etcd-client-cilium.key'",
        f"cert-file: '{secrets}/etcd-client-cilium.crt'",
    ]
    return {
        "kvstore": "etcd",
        "kvstore-opt": '{"etcd.config": "/var/lib/etcd-config/etcd.config"}',
        "etcd-config": "\n".join(lines),
    }


def _metrics(c: AddonContext) -> dict[str, str]:
    chosen = " ".join(c.read.strings(f"{AT}.metrics"))
    return {
        "prometheus-serve-addr": f":{c.text(f'{AT}.agentPrometheusPort')}",
        **({"metrics": chosen} if chosen else {}),
        "controller-group-metrics": "write-cni-file sync-host-ips sync-lb-maps-with-k8s-services",
        "proxy-prometheus-port": "9964",
        "operator-prometheus-serve-addr": ":9963",
        "enable-metrics": "true",
    }


def _hubble(c: AddonContext, has: Features) -> dict[str, str]:
    tls = "/var/lib/cilium/tls/hubble"
    metrics = {
        "hubble-metrics-server": f":{HUBBLE_METRICS_PORT}",
        "hubble-metrics-server-enable-tls": "false",
        "enable-hubble-open-metrics": "false",
        "hubble-metrics": " ".join(c.read.strings(f"{AT}.hubble.metrics")),
    }
    return {
        "enable-hubble": "true",
        "hubble-socket-path": "/var/run/cilium/hubble.sock",
        **(metrics if has.hubble_metrics else {}),
        "hubble-network-policy-correlation-enabled": "true",
        "hubble-listen-address": f":{PEER_PORT}",
        "hubble-disable-tls": "false",
        "hubble-tls-cert-file": f"{tls}/server.crt",
        "hubble-tls-key-file": f"{tls}/server.key",
        "hubble-tls-client-ca-files": f"{tls}/client-ca.crt",
    }


def _ingress(c: AddonContext, has: Features) -> dict[str, str]:
    found: dict[str, str] = {}
    if has.ingress or has.gateway:
        found |= {
            "enable-envoy-config": "true",
            "envoy-config-retry-interval": "15s",
            "envoy-secrets-namespace": KUBE_SYSTEM,
        }
    if has.ingress:
        given = {
            "enforce-ingress-https": "enforceHttps",
            "enable-ingress-secrets-sync": "enableSecretsSync",
            "ingress-lb-annotation-prefixes": "loadBalancerAnnotationPrefixes",
            "ingress-default-lb-mode": "defaultLoadBalancerMode",
            "ingress-shared-lb-service-name": "sharedLoadBalancerServiceName",
        }
        found |= {
            "enable-ingress-controller": "true",
            "enable-ingress-proxy-protocol": "false",
            "ingress-secrets-namespace": KUBE_SYSTEM,
            "ingress-hostnetwork-enabled": "false",
            "ingress-hostnetwork-shared-listener-port": "8080",
            "ingress-hostnetwork-nodelabelselector": "",
            **{name: value for name, field in given.items() if (value := c.text(f"{AT}.ingress.{field}"))},
        }
    return found


def _gateway(c: AddonContext, has: Features) -> dict[str, str]:
    if not has.gateway:
        return {}
    sync = c.text(f"{AT}.gatewayAPI.enableSecretsSync")
    return {
        "enable-gateway-api": "true",
        **({"enable-gateway-api-secrets-sync": sync} if sync else {}),
        "enable-gateway-api-proxy-protocol": "false",
        "enable-gateway-api-app-protocol": "false",
        "enable-gateway-api-alpn": "false",
        "gateway-api-xff-num-trusted-hops": "0",
        "gateway-api-service-externaltrafficpolicy": "Cluster",
        "gateway-api-secrets-namespace": KUBE_SYSTEM,
        "gateway-api-hostnetwork-enabled": "false",
        "gateway-api-hostnetwork-nodelabelselector": "",
    }
