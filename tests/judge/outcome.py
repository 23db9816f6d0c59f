"""What follows from a cluster of the judge, as texts: completed spec, plan with its resources, Terraform.

It comes from the entry points of the commands: settings from flags and environment, the engine, files.
Nothing is asked of a network: facts are recorded, and downloads that are no known release have the hash of
their URL, as in the sandbox.
"""

from __future__ import annotations

import base64
import difflib
import gzip
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from kops_core import Change, Engine, Settings, Workspace, plan_to_text, to_yaml
from kops_core.infer.inference import Origin
from kops_core.operations.clock import SystemClock
from kops_tui.cli.settings import resolve

DATA = Path(__file__).parents[1] / "data"
CLUSTERS = DATA / "clusters"
SPECIFICATION = "cluster.yaml"
_SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl judge\n"
_AT = datetime(2026, 11, 30, tzinfo=UTC)
_LONG = 300
"""Characters of a value from which on its digest is kept instead."""


_KEYS = (
    (re.compile(r"( *)-----BEGIN ([A-Z ]+)-----.*?-----END [A-Z ]+-----", re.DOTALL), r"\1(\2)"),
    (re.compile(r"(NodeupConfigHash: ?)\S+"), r"\1(digest)"),
    (re.compile(r"(manifestHash: )\S+(?=\n +name: karpenter)"), r"\1(digest)"),
    (re.compile(r"\b[0-9]{25,30}\b"), "(id of a keypair)"),
    (re.compile(r'("(?:kid|n)": )"[\w-]{40,}"'), r'\1"(key)"'),
)
"""Keys, their ids, and digests of what contains them."""
_COMPRESSED = re.compile(r'"(H4sI[A-Za-z0-9+/=]+)" \| base64 -d \| gzip -d')
"""A part of a script of user data."""


class _Stopped(SystemClock):
    """A clock whose date stands still."""

    def now(self) -> datetime:
        return _AT


def engine() -> Engine:
    """The engine of a command without a network: with recorded facts, neither cloud nor store is asked."""
    given = {"HOME": "/nonexistent", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    settings: Settings = resolve(
        {"cloud_facts": str(DATA / "facts.json"), "state": ("s3://judge-state",)}, given, sandbox=True
    )
    return Engine(settings, clock=_Stopped())


def opened(specification: bytes) -> Workspace:
    """A cluster's YAML, as the commands open files."""
    return engine().open_files({SPECIFICATION: specification}, ssh_public_key=_SSH_KEY)


def outcome(specification: bytes) -> dict[str, str]:
    """The texts that follow from a cluster's YAML, by file name."""
    workspace = opened(specification)
    inference = workspace.inference
    completed = [to_yaml(inference.cluster), *map(to_yaml, inference.instance_groups.values())]
    plan = workspace.plan().plan
    module = {name: _without_keys(data.decode()) for name, data in workspace.terraform().items()}
    manifests = sorted(name for name in module if _is_manifest(name))
    files = sorted(name for name in module if name != "kubernetes.tf" and not _is_manifest(name))
    return {
        "completed.yaml": "---\n".join(completed),
        "reasons.txt": "".join(sorted({_reason(each) for each in inference.origins().values() if each.rule})),
        "plan.txt": re.sub(r"plan [0-9a-f]{8,}", "plan ID", plan_to_text(plan)),
        "resources.txt": "".join(map(_resource, plan.changes)),
        "kubernetes.tf": module["kubernetes.tf"],
        "files.txt": "".join(f"==> {name}\n{module[name].rstrip()}\n" for name in files),
        "manifests.txt": "".join(f"{name} {_digest(module[name])}\n" for name in manifests),
    }


def _reason(origin: Origin) -> str:
    """Where a value comes from, and why it is so; the same for several fields, which is kept once."""
    reads = ", ".join(sorted({each.source.value for each in origin.reads}))
    return f"{origin.rule}: {origin.because} ({origin.source.value}, from {reads or 'nothing'})\n"


def _is_manifest(name: str) -> bool:
    """Whether a file of the module is an add-on's manifest, of which there are many: a digest is kept."""
    return "-addons-" in name


def _resource(change: Change) -> str:
    """A resource with its fields, a line each; of long texts, which the module has in full, the digest."""
    lines = [f"{change.key} {change.action.value}\n"]
    for field in change.fields:
        value = _without_keys(str(field.after))
        lines.append(
            f"  {field.name}: {value if len(value) <= _LONG else _digest(value)}\n".replace("\n", "\n    ")
        )
    return "".join(each.rstrip(" ") for each in lines)


def _without_keys(text: str) -> str:
    """A text without what differs each time that keys are made; what is compressed in it as text."""
    text = _COMPRESSED.sub(lambda found: gzip.decompress(base64.b64decode(found[1])).decode(), text)
    for pattern, instead in _KEYS:
        text = pattern.sub(instead, text)
    return text


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def kept(name: str) -> dict[str, str]:
    """The texts of a cluster that were reviewed and kept, by file name."""
    files = sorted((CLUSTERS / name).iterdir())
    return {each.name: each.read_text(encoding="utf-8") for each in files if each.name != SPECIFICATION}


def keep(name: str, found: Mapping[str, str]) -> None:
    """Keep the texts of a cluster in place of those before."""
    for file in kept(name).keys() - found.keys():
        (CLUSTERS / name / file).unlink()
    for file, text in found.items():
        (CLUSTERS / name / file).write_text(text, encoding="utf-8")


def differences(name: str) -> str:
    """What follows from a cluster now, against what was kept, as a unified diff; "" if they are equal."""
    before, now = kept(name), outcome((CLUSTERS / name / SPECIFICATION).read_bytes())
    lines: list[str] = []
    for file in sorted(before.keys() | now.keys()):
        was, found = before.get(file, ""), now.get(file, "")
        if was != found:
            at = f"{name}/{file}"
            lines += difflib.unified_diff(was.splitlines(), found.splitlines(), at, at, lineterm="", n=2)
    return "\n".join(lines)
