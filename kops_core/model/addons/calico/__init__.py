"""Calico: pod network and network policies, its controllers, and Typha for large clusters."""

from __future__ import annotations

from kops_core.model.addons.calico import typha
from kops_core.model.addons.calico.controllers import CONTROLLERS, controllers
from kops_core.model.addons.calico.names import AT, CNI, CONFIG, NODE
from kops_core.model.addons.calico.node import node
from kops_core.model.addons.calico.permissions import permissions
from kops_core.model.addons.context import AddonContext, spell
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import Object, config_map, disruption_budget, each_object, only
from kops_core.model.addons.rbac import service_account


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    with_typha = bool(c.read.integer(f"{AT}.typhaReplicas"))
    # In BPF mode Calico replaces kube-proxy, so it can't reach the API through a service.
    api = {"KUBERNETES_SERVICE_HOST": f"api.internal.{c.name}", "KUBERNETES_SERVICE_PORT": "443"}
    return each_object(
        only(c.read.boolean(f"{AT}.bpfEnabled"), config_map("kubernetes-services-endpoint", api)),
        disruption_budget(CONTROLLERS, {"k8s-app": CONTROLLERS}, labels={"k8s-app": CONTROLLERS}),
        only(with_typha, disruption_budget(typha.NAME, typha.PODS, labels=typha.PODS)),
        service_account(CONTROLLERS),
        service_account(NODE),
        service_account(CNI),
        config_map(CONFIG, _settings(c, with_typha)),
        read_table("calico/calico").definitions(),
        read_table("network_policies").definitions(),
        permissions(),
        only(with_typha, typha.service()),
        node(c, with_typha),
        controllers(c),
        only(with_typha, typha.deployment(c)),
    )


def _settings(c: AddonContext, with_typha: bool) -> dict[str, str]:
    mode = c.text(f"{AT}.encapsulationMode")
    return {
        "calico_backend": "bird" if mode == "ipip" else mode,
        "cni_network_config": _plugins(c),
        "typha_service_name": typha.NAME if with_typha else "none",
        "veth_mtu": c.text(f"{AT}.mtu", "0"),
    }


def _plugins(c: AddonContext) -> str:
    """The plugin configuration; Calico fills in node, MTU and kubeconfig when it installs it."""
    addresses = ['"type": "calico-ipam"']
    if c.ipv6_only:
        addresses = ['"type": "host-local",', '"ranges": [[{ "subnet": "usePodCidrIPv6" }]]']
    forwarding = ['"container_settings": {', '    "allow_ip_forwarding": true', "},"]
    lines = [
        "{",
        '  "name": "k8s-pod-network",',
        '  "cniVersion": "0.3.1",',
        '  "plugins": [',
        "    {",
        '      "type": "calico",',
        '      "log_level": "info",',
        '      "log_file_path": "/var/log/calico/cni/cni.log",',
        '      "datastore_type": "kubernetes",',
        '      "nodename": "__KUBERNETES_NODE_NAME__",',
        '      "mtu": __CNI_MTU__,',
        '      "ipam": {',
        f'          "assign_ipv4": "{spell(not c.ipv6_only)}",',
        f'          "assign_ipv6": "{spell(c.ipv6_only)}",',
        *(f"          {line}" for line in addresses),
        "      },",
        *only(c.read.boolean(f"{AT}.allowIPForwarding"), *(f"      {line}" for line in forwarding)),
        '      "policy": {',
        '          "type": "k8s"',
        "      },",
        '      "kubernetes": {',
        '          "kubeconfig": "__KUBECONFIG_FILEPATH__"',
        "      }",
        "    },",
        "    {",
        '      "type": "portmap",',
        '      "snat": true,',
        '      "capabilities": {"portMappings": true}',
        "    }",
        "  ]",
        "}",
    ]
    return "\n".join(lines)
