"""User data: a script that fetches nodeup and runs it with the machine's boot configuration."""

from __future__ import annotations

from importlib import resources
from shlex import quote

from kops_core.model.context import Context, Group
from kops_core.model.documents import Document, yaml_document
from kops_core.model.keys import keyset
from kops_core.model.nodes.assets import nodeup
from kops_core.model.nodes.config import ROLE_NAMES, has_config, nodeup_config
from kops_core.model.resource import Digest, Text

KOPS_CONTROLLER_PORT = 3988
_END = "__EOF_KUBE_ENV"


def user_data(c: Context, group: Group) -> Text | str | None:
    """What a machine of the group runs when it boots; None for bastions without a script of the user's."""
    if not has_config(group):
        return None
    return boot_script(c, group)


def boot_config(c: Context, group: Group) -> Text:
    """Where a machine finds the rest of its configuration, and what it must hash to."""
    document: dict[str, Document] = {
        "CloudProvider": "aws",
        "ClusterName": c.name,
        "InstanceGroupName": group.name,
        "InstanceGroupRole": ROLE_NAMES[group.role],
        "NodeupConfigHash": Text.of(Digest(nodeup_config(c, group))),
    }
    if group.runs_api:
        document["ConfigBase"] = c.read.text("spec.configBase") or ""
    else:
        document["ConfigServer"] = {
            "CACertificates": keyset("kubernetes-ca", "certificates"),
            "servers": [f"https://kops-controller.internal.{c.name}:{KOPS_CONTROLLER_PORT}/"],
        }
    return yaml_document(document)


def boot_script(c: Context, group: Group) -> Text:
    """The script around the boot configuration."""
    amd64, arm64 = nodeup(c, "amd64"), nodeup(c, "arm64")
    head = [
        "#!/bin/bash",
        f"NODEUP_URLS_AMD64={quote(','.join((amd64.url, *amd64.mirrors)))}",
        f"NODEUP_SHA256_AMD64={amd64.sha256}",
        f"NODEUP_URLS_ARM64={quote(','.join((arm64.url, *arm64.mirrors)))}",
        f"NODEUP_SHA256_ARM64={arm64.sha256}",
        *(f"export {name}={quote(value)}" for name, value in _environment(c).items()),
    ]
    script = resources.files("kops_core.model.nodes").joinpath("boot.sh").read_text(encoding="utf-8")
    before, after = script.split("@BOOT_CONFIG@\n")
    return Text.of("\n".join(head) + "\n", before, boot_config(c, group), f"{_END}\n", after)


def _environment(c: Context) -> dict[str, str]:
    """Variables that nodeup needs; a proxy's are known to both cases of their names."""
    found = {"AWS_REGION": c.region}
    proxy = c.read.text("spec.egressProxy.httpProxy.host")
    if proxy:
        port = c.read.number("spec.egressProxy.httpProxy.port")
        url = f"http://{proxy}:{port}" if port else f"http://{proxy}"
        excludes = c.read.text("spec.egressProxy.excludes") or ""
        for name, value in (("http_proxy", url), ("https_proxy", url), ("no_proxy", excludes)):
            found[name] = found[name.upper()] = value
    return found
