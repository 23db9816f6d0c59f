"""The address of the API on machines without DNS records."""

from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.documents import yaml_document
from kops_core.model.resolve import resolve
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key, Ref, Template, YamlListEntry
from kops_core.plan.diff import text_of
from tests.conformance.node_files import _boot
from tests.conformance.resources import desired

NAME = "kops-controller.internal.minimal.example.com"
BALANCER = "api-1.elb.amazonaws.com"


def _known(
    addresses: str, case: str = "minimal-dns-none", cluster: str = "minimal"
) -> tuple[dict[str, object], str]:
    """The boot configuration of a worker and the node configuration of the control plane."""
    values = {"dns_name": BALANCER, "addresses": addresses}
    state = desired("upstream/update", case).by_key()
    node, server = (
        resolve(state[key], lambda ref: values.get(ref.attribute, "x"))
        for key in (
            Key("LaunchTemplate", f"nodes.{cluster}.example.com"),
            Key("ManagedFile", "nodeupconfig-master-us-test-1a"),
        )
    )
    assert isinstance(node, LaunchTemplate)
    assert isinstance(server, ManagedFile)
    return _boot(str(node.user_data)) or {}, str(server.contents)


def test_workers_get_the_addresses_that_they_can_route_to() -> None:
    boot, server = _known("172.20.9.9 203.0.113.5 172.20.3.4")
    assert boot["APIServerIPs"] == ["172.20.3.4", "172.20.9.9"]
    config_server = boot["ConfigServer"]
    assert isinstance(config_server, dict)
    assert config_server["servers"] == ["https://172.20.3.4:3988/", "https://172.20.9.9:3988/"]
    assert config_server["tlsServerName"] == NAME
    found = YAML(typ="safe").load(server)["ApiserverAdditionalIPs"]
    assert found == ["172.20.3.4", "172.20.9.9", "203.0.113.5", BALANCER]
    assert f"\n- {BALANCER}\n" in server


def test_machines_with_ipv6_alone_get_no_other_addresses() -> None:
    boot, _ = _known("172.20.3.4 2001:db8::1", "minimal-ipv6-dns-none", "minimal-ipv6")
    assert boot["APIServerIPs"] == ["2001:db8::1"]
    assert "https://[2001:db8::1]:3988/" in str(boot["ConfigServer"])


def test_without_an_address_they_look_for_the_name() -> None:
    boot, server = _known("")
    assert "APIServerIPs" not in boot
    assert boot["ConfigServer"] == {"CACertificates": "x", "servers": [f"https://{NAME}:3988/"]}
    assert YAML(typ="safe").load(server)["ApiserverAdditionalIPs"] == [BALANCER]


@pytest.mark.parametrize(("words", "there"), [("b a", {"k": ["a", "b"], "z": 1}), ("", {"z": 1})])
def test_a_list_is_as_long_as_it_turns_out_to_be(words: str, there: dict[str, object]) -> None:
    listed = YamlListEntry(Template.of(Ref(Key("VPC", "x"))))
    text = yaml_document({"outer": {"a": 0, "k": listed, "z": 1}, "end": "x"})
    assert "k: (known after apply)" in text_of(text)
    known = text.resolve(lambda ref: words)
    assert known is not None
    assert YAML(typ="safe").load(known) == {"outer": {"a": 0, **there}, "end": "x"}
