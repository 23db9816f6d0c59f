"""Creations and deletions are the same as kOps' recorded calls, parameter by parameter.

kOps' calls were recorded by the corpus. Ours may differ where the result is the same: see ``_ALLOWED``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.aws.account import READING, Account, clients
from tests.aws.generated import furnish
from tests.corpus import corpus_dir
from tests.operations.deleting import delete

pytestmark = pytest.mark.full

_ALLOWED = (
    # The emulator that kOps was recorded with lost these tags, and kOps put them on again.
    r'CreateTags {"ResourceId.1": "dopt"',
    # It is false without being set.
    r'ModifySubnetAttribute {"AssignIpv6AddressOnCreation.Value": "false"',
    # Whether AWS adds this rule itself depends on whether the VPC has its IPv6 block by then.
    r"AuthorizeSecurityGroupEgress .*::/0",
    r"CreateTags .*egress-all-0to0-::/0",
)
_ID = re.compile(r"\b(vpc|subnet|igw|rtb|sg|sgr|dopt|eipalloc|nat|lt|vol|eigw|ami|key)-[0-9a-z]{8,}\b")
_CASES = ("case000", "case002", "case007", "case020", "case028")
Call = tuple[str, str, Any]
"""Service, operation and parameters; the body of a change of records as it is."""


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


def _of_kops(case: str, part: str) -> Iterator[Call]:
    for call in json.loads((corpus_dir() / "api-calls" / f"{case}.json").read_text())[part]:
        if call["service"] == "route53":
            yield "route53", "Change" if call["action"].startswith("POST") else "Get", call.get("body", "")
        elif call["service"] != "s3":
            yield call["service"], call["action"], call["params"]


@contextmanager
def _noted(account: Account) -> Iterator[list[Call]]:
    """The calls that are made meanwhile."""
    found: list[Call] = []

    def note(params: dict[str, Any], model: Any, **rest: object) -> None:
        service, body = model.service_model.service_name, params["body"]
        if service == "route53":
            found.append((service, model.name[:6], body.decode() if isinstance(body, bytes) else ""))
        elif service != "s3":
            found.append((service, model.name, body if isinstance(body, dict) else json.loads(body)))

    for client in clients(account.aws):
        client.meta.events.register("before-call.*", note, unique_id="note")
    try:
        yield found
    finally:
        for client in clients(account.aws):
            client.meta.events.unregister("before-call.*", unique_id="note")


def _changing(calls: Iterable[Call], zone: str) -> Counter[str]:
    """What the calls change, in a form in which equal changes are equal."""
    found: list[str] = []
    for service, operation, parameters in calls:
        if service == "route53":
            found += _records(parameters)
        elif not operation.startswith(READING):
            found.append(_line(operation, parameters, zone))
    return Counter(found)


def _records(body: str) -> Iterator[str]:
    """The changes of records in one call."""
    for change in re.findall("<Change>.*?</Change>", body):
        values = {name: text.rstrip(".") for name, text in re.findall(r"<(\w+)>([^<]+)<", change)}
        yield f"{values.pop('Action')} {json.dumps(values, sort_keys=True)}"


def _gone(calls: Iterable[Call], zone: str) -> Counter[str]:
    """What the calls take away, each thing once however often it was tried."""
    found: set[tuple[str, str]] = set()
    for service, operation, parameters in calls:
        if service == "route53":
            found |= {(each, "") for each in _records(parameters)}
        elif operation == "DeleteKeyPair":
            # It goes by its id or by its name.
            found.add((operation, ""))
        elif not operation.startswith((*READING, "Revoke", "Terminate")):
            # Rules go with their group, machines with theirs.
            text = " ".join(sorted(str(value) for name, value in parameters.items() if name not in _HOW))
            found.add((operation, re.sub(r"https?://.*/", "", text)))
    return Counter(_line(f"{operation} {thing}", {}, zone) for operation, thing in found)


_HOW = {"Action", "Version", "ForceDelete"}


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


@pytest.mark.parametrize("case", _CASES)
def test_a_cluster_is_made_and_taken_away_with_the_calls_of_kops(
    case: str, account: Account, tmp_path: Path
) -> None:
    furnished = furnish(account, case)
    cluster = furnished.desired()
    with _noted(account) as calls:
        outcome = account.apply(cluster, tmp_path / "apply")
    assert outcome.ok, outcome.failed
    assert _stored(account) == _stored_by_kops(case)
    theirs, mine = _changing(_of_kops(case, "apply"), "ZPUBLICEXAMPLE"), _changing(calls, account.zone)
    assert sum((theirs & mine).values()) > 80
    different = [*(theirs - mine).elements(), *(mine - theirs).elements()]
    assert [line for line in different if not any(re.match(each, line) for each in _ALLOWED)] == []

    with _noted(account) as calls:
        outcome = delete(
            account, cluster.cluster, tmp_path / "delete", named=frozenset(furnished.ids.values())
        )
    assert outcome.ok, outcome.failed
    theirs, mine = _gone(_of_kops(case, "delete"), "ZPUBLICEXAMPLE"), _gone(calls, account.zone)
    assert sum((theirs & mine).values()) > 30
    assert sorted((theirs - mine).elements()) == []
    # The emulator keeps the volumes of machines that are gone, and ours have the cluster's tags.
    assert set(mine - theirs) <= {"DeleteVolume vol {}"}
