"""What is created is created with kOps' own parameters, call for call.

kOps' calls were recorded by the corpus. Ours may differ where the result is the same: see ``_ALLOWED``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from ruamel.yaml import YAML

from kops_core.api.documents import read_documents
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import ModelSettings
from tests.aws.account import READING, Account
from tests.aws.clusters import IMAGE, SSH_KEY
from tests.corpus import corpus_dir

_ALLOWED = (
    # The emulator that kOps was recorded with lost these tags, and kOps put them on again.
    r'CreateTags {"ResourceId.1": "dopt"',
    # It is false without being set.
    r'ModifySubnetAttribute {"AssignIpv6AddressOnCreation.Value": "false"',
    # Whether AWS adds this rule itself depends on whether the VPC has its IPv6 block by then.
    r"AuthorizeSecurityGroupEgress .*::/0",
    r"CreateTags .*egress-all-0to0-::/0",
)
_ID = re.compile(r"\b(vpc|subnet|igw|rtb|sg|sgr|dopt|eipalloc|nat|lt|vol|eigw|ami)-[0-9a-z]{8,}\b")
_ELSEWHERE = {"s3", "route53"}


def _desired(case: str, zone: str) -> DesiredState:
    facts = (corpus_dir() / "facts" / "generated.json").read_text()
    facts = facts.replace("ZPUBLICEXAMPLE", zone).replace("ami-785db401", IMAGE)
    documents = read_documents((corpus_dir() / "generated" / case / "cluster.yaml").read_bytes(), case)
    inputs = prepare(
        [document.tree for document in documents],
        facts=keyed(json.loads(facts)),
        channel=YAML(typ="safe").load(corpus_dir() / "channels" / "stable.yaml"),
        settings={"kopsVersion": "1.37.0-alpha.1", "featureFlags": []},
    )
    settings = ModelSettings("1.37.0-alpha.1", (SSH_KEY,), asset_hash=lambda url: "0" * 64)
    return desired_resources(infer(inputs), settings)


def _line(operation: str, parameters: Mapping[str, Any], zone: str) -> str:
    """A call in a form in which equal calls are equal: tags by key, ids without their digits."""
    plain: dict[str, Any] = {}
    tags: dict[str, dict[str, str]] = {}
    for name, raw in parameters.items():
        if name in {"Action", "Version", "ClientToken", "PublicKeyMaterial"}:
            continue
        listed = re.fullmatch(r"(.*Tags?\.(?:member\.)?)(\d+)\.(\w+)", name)
        if listed:
            tags.setdefault(listed[1] + listed[2], {"of": listed[1]})[listed[3]] = str(raw)
            continue
        value = raw if isinstance(raw, list | dict) else str(raw)
        if name.endswith("UserData"):
            value = "user data"
        elif isinstance(raw, str) and raw.startswith("{") and name != "EventPattern":
            value = json.loads(raw)
        elif name == "Tags":
            value = sorted((tag["Key"], tag["Value"]) for tag in raw)
        plain[name] = value
    for tag in tags.values():
        plain[f"{tag['of']}{tag['Key']}"] = tag["Value"]
    text = _ID.sub(r"\1", f"{operation} {json.dumps(plain, sort_keys=True)}")
    text = re.sub(r"-([0-9a-f]{2}:){15}[0-9a-f]{2}", "-fingerprint", text).replace(zone, "ZPUBLICEXAMPLE")
    return re.sub(r"(targetgroup|loadbalancer/\w+)/([\w-]+)/[0-9a-f]+", r"\1/\2", text)


def _of_kops(case: str) -> Iterator[str]:
    for call in json.loads((corpus_dir() / "api-calls" / f"{case}.json").read_text())["apply"]:
        if call["service"] not in _ELSEWHERE and not call["action"].startswith(READING):
            yield _line(call["action"], call["params"], "ZPUBLICEXAMPLE")


def _stored_by_kops(case: str) -> set[str]:
    """What kOps' apply wrote, each with its bucket.

    The record lacks a call here and there; a plan right after asks for the ACL of what is there.
    """
    calls = json.loads((corpus_dir() / "api-calls" / f"{case}.json").read_text())
    puts = [call for call in calls["apply"] if call["service"] == "s3" and call["action"] == "PUT"]
    found = [call for call in calls["plan"] if call["service"] == "s3" and call.get("query") == "acl="]
    return {unquote(call["key"]) for call in (*puts, *found) if "key" in call}


def _stored(account: Account) -> set[str]:
    """The same of the account: objects of its store and of the others, each with its bucket."""
    found = {f"kops-state/{key}" for key in account.store.keys("")}
    for url, store in account.other.items():
        found |= {f"{url.partition('://')[2]}/{key}" for key in store.keys("")}
    return found


@pytest.mark.parametrize("case", ["case000", "case002", "case028"])
def test_changing_calls_have_the_parameters_of_kops(case: str, account: Account, tmp_path: Path) -> None:
    ours: list[str] = []

    def note(params: dict[str, Any], model: Any, **rest: object) -> None:
        if model.service_model.service_name in _ELSEWHERE or model.name.startswith(READING):
            return
        body = params["body"]
        ours.append(_line(model.name, body if isinstance(body, dict) else json.loads(body), account.zone))

    cluster = _desired(case, account.zone)
    for client in account.aws.clients():
        client.meta.events.register("before-call.*", note, unique_id="note")
    try:
        outcome = account.apply(cluster, tmp_path)
    finally:
        for client in account.aws.clients():
            client.meta.events.unregister("before-call.*", unique_id="note")
    assert outcome.ok, outcome.failed
    assert _stored(account) == _stored_by_kops(case)
    theirs, mine = Counter(_of_kops(case)), Counter(ours)
    assert sum((theirs & mine).values()) > 80
    different = [*(theirs - mine).elements(), *(mine - theirs).elements()]
    assert [line for line in different if not any(re.match(each, line) for each in _ALLOWED)] == []
