"""Address, authorities and credentials in a kubeconfig, and entries that are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kops_core.api import yaml_reader
from kops_core.api.values import Tree, Value
from kops_core.engine.credentials.kubeconfig import (
    Endpoint,
    KubeconfigOptions,
    edited,
    edits,
    endpoint,
    lifetime,
    read,
    wants_balancer,
)
from kops_core.errors import UsageError
from kops_core.store.certificates import ClientCertificate
from kops_core.store.secret import Secret
from tests.store.documents import NOW

NAME = "a.example.com"
CA = b"authority\n"
ADMIN = KubeconfigOptions(admin=timedelta(hours=18))
PLAIN = KubeconfigOptions()
INTERNAL = KubeconfigOptions(internal=True)
GIVEN = KubeconfigOptions(api_server="https://127.0.0.1:6443")

NETWORK: Tree = {"api": {"loadBalancer": {"class": "Network"}}}
OWN: Tree = {"api": {"loadBalancer": {"class": "Network", "sslCertificate": "arn:aws:acm:x"}}}
OWN_WITHOUT_CLASS: Tree = {"api": {"loadBalancer": {"sslCertificate": "arn:aws:acm:x"}}}
NAMED: Tree = {"masterPublicName": "k8s.example.com"}
NAMED_BY_ADDRESS: Tree = {"masterPublicName": "2001:db8::1"}
DNS: Tree = {"api": {"dns": {}}}


@pytest.mark.parametrize(
    ("spec", "options", "server", "believes"),
    [
        (DNS, PLAIN, "https://api.a.example.com", True),
        (DNS, ADMIN, "https://api.a.example.com", True),
        (DNS, INTERNAL, "https://api.internal.a.example.com", True),
        (NAMED, PLAIN, "https://k8s.example.com", True),
        (NAMED_BY_ADDRESS, PLAIN, "https://[2001:db8::1]", True),
        (NETWORK, PLAIN, "https://lb.example.net", True),
        (NETWORK, ADMIN, "https://lb.example.net", True),
        (NETWORK, INTERNAL, "https://api.internal.a.example.com", True),
        (NETWORK, GIVEN, "https://127.0.0.1:6443", True),
        # The balancer's own certificate is for the public name; certificates of clients need its other port.
        (OWN, PLAIN, "https://api.a.example.com", True),
        (OWN, ADMIN, "https://lb.example.net:8443", True),
        (OWN, replace(ADMIN, internal=True), "https://api.internal.a.example.com:8443", True),
        (OWN, replace(ADMIN, api_server="https://x:1"), "https://x:1", True),
        (OWN_WITHOUT_CLASS, PLAIN, "https://api.a.example.com", False),
        (OWN_WITHOUT_CLASS, INTERNAL, "https://api.internal.a.example.com", True),
    ],
)
def test_server_and_authorities(spec: Tree, options: KubeconfigOptions, server: str, believes: bool) -> None:
    cluster: Tree = {"spec": spec}
    balancer = "lb.example.net" if wants_balancer(cluster, options) else ""
    found = endpoint(cluster, NAME, options, balancer=balancer, authorities=CA)
    assert found == Endpoint(server, "api.internal.a.example.com", CA if believes else b"")


def test_without_the_balancer_the_name_is_left() -> None:
    found = endpoint({"spec": NETWORK}, NAME, PLAIN, balancer="", authorities=CA)
    assert found.server == "https://api.a.example.com"


OTHERS = """\
# mine, with a token
apiVersion: v1
kind: Config
clusters:
- name: a.example.com
  cluster:
    server: https://old   # moved
    certificate-authority-data: b2xk
    proxy-url: socks5://127.0.0.1:1080
- cluster: {server: "https://other"}
  name: other
contexts:
- {name: other, context: {cluster: other, user: other, namespace: x}}
- name: a.example.com
  context: {cluster: a.example.com, namespace: team, user: dex}
current-context: other
users:
- name: other
  user: {token: hunter2}
x-future: [1, 2]
"""
WHERE = Endpoint("https://new", "api.internal.a.example.com", CA)


def items(tree: Tree, section: str) -> list[Value]:
    found = tree[section]
    assert isinstance(found, list)
    return found


def test_what_others_wrote_stays() -> None:
    before = read(OTHERS, "x")
    changes = edits(before, NAME, WHERE, PLAIN, certificate=None, plugin=())
    after = edited(OTHERS, changes)
    tree = read(after, "x")
    assert items(tree, "clusters")[0] == {
        "name": NAME,
        "cluster": {
            "server": "https://new",
            "proxy-url": "socks5://127.0.0.1:1080",
            "tls-server-name": "api.internal.a.example.com",
            "certificate-authority-data": "YXV0aG9yaXR5Cg==",
        },
    }
    # No credential was exported, so the context keeps the one that it has.
    assert items(tree, "contexts")[1] == {
        "name": NAME,
        "context": {"cluster": NAME, "namespace": "team", "user": "dex"},
    }
    untouched = [line for line in OTHERS.splitlines() if "other" in line or "hunter2" in line or "#" in line]
    untouched.remove("    server: https://old   # moved")
    assert [line for line in untouched if line not in after.splitlines()] == []
    assert tree["x-future"] == [1, 2]
    assert edited(after, edits(tree, NAME, WHERE, PLAIN, certificate=None, plugin=())) == after


def test_a_new_credential_takes_the_place_of_every_other() -> None:
    users = f"users:\n- name: {NAME}\n  user: {{client-key-data: aHVudGVyMg==, password: x, keep: 1}}\n"
    options = KubeconfigOptions(auth_plugin=True)
    changes = edits(read(users, "x"), NAME, WHERE, options, certificate=None, plugin=("prog", "--cluster=a"))
    (user,) = items(read(edited(users, changes), "x"), "users")
    assert user == {
        "name": NAME,
        "user": {
            "keep": 1,
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1beta1",
                "command": "prog",
                "args": ["--cluster=a"],
            },
        },
    }
    text = edited(users, changes)
    issued = ClientCertificate(b"certificate", Secret(b"key"), NOW)
    after = edited(text, edits(read(text, "x"), NAME, WHERE, ADMIN, certificate=issued, plugin=()))
    (user,) = items(read(after, "x"), "users")
    assert user == {
        "name": NAME,
        "user": {"keep": 1, "client-certificate-data": "Y2VydGlmaWNhdGU=", "client-key-data": "a2V5"},
    }


@pytest.mark.parametrize(
    "text", ["", "\n", "clusters: null\nusers:\ncontexts: []\n", '{"clusters": [], "users": []}\n']
)
def test_empty_ones(text: str) -> None:
    after = edited(text, edits(read(text, "x"), NAME, WHERE, PLAIN, certificate=None, plugin=()))
    tree = yaml_reader.read(after)[0].value
    assert isinstance(tree, dict)
    assert len(items(tree, "clusters")) == len(items(tree, "contexts")) == 1
    assert not tree["users"]


@pytest.mark.parametrize("text", ["hunter2", "- hunter2", "a: {hunter2", "a: 1\n---\nb: hunter2\n"])
def test_what_is_no_kubeconfig_is_not_quoted(text: str) -> None:
    with pytest.raises(UsageError, match="can't be read") as caught:
        read(text, "config")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_lifetimes() -> None:
    assert lifetime("18h") == timedelta(hours=18)
    assert lifetime("90m30s") == timedelta(minutes=90, seconds=30)
    assert lifetime("") is lifetime("0s") is None
    with pytest.raises(UsageError, match="not a duration"):
        lifetime("tomorrow")
    with pytest.raises(UsageError, match="can't go together"):
        replace(ADMIN, user="dex").checked()
