"""User data: the script that fetches nodeup and runs it with the machine's boot configuration."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from shlex import quote

from kops_core.model.context import Context, Group, Role
from kops_core.model.documents import Document, yaml_document
from kops_core.model.environment import STORE, proxy_environment
from kops_core.model.keys import keyset
from kops_core.model.nodes.assets import Asset, escaped, nodeup, unescaped
from kops_core.model.nodes.config import ROLE_NAMES, nodeup_config
from kops_core.model.template import Digest, Gzipped, Ref, Template, YamlListEntry

KOPS_CONTROLLER_PORT = 3988
_BOUNDARY = "MIMEBOUNDARY"


def user_data(c: Context, group: Group) -> Template | str | None:
    """The user data of a group; None for bastions without a script of the user's."""
    more = group.rows("additionalUserData")
    if not more:
        return None if group.role is Role.BASTION else boot_script(c, group)
    parts = [(str(row["name"]), str(row["type"]), Template.of(str(row["content"]))) for row in more]
    if group.role is not Role.BASTION:
        parts.insert(0, ("nodeup.sh", "text/x-shellscript", boot_script(c, group)))
    return multipart(parts)


def multipart(parts: list[tuple[str, str, Template]]) -> Template:
    """Scripts (name, type, content) as one message in MIME, as cloud-init takes them."""
    pieces: list[str | Template] = [
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"\r\nMIME-Version: 1.0\r\n\r\n'
    ]
    for name, kind, content in parts:
        head = (
            f"--{_BOUNDARY}",
            f'Content-Disposition: attachment; filename="{name}"',
            "Content-Transfer-Encoding: 7bit",
            f"Content-Type: {kind}",
            "Mime-Version: 1.0",
        )
        pieces += ["\r\n".join(head) + "\r\n\r\n", content, "\r\n"]
    return Template.of(*pieces, f"--{_BOUNDARY}--\r\n")


def boot_config(c: Context, group: Group) -> Template:
    """The boot configuration: the location of the machine's other configuration, and its hash."""
    document: dict[str, Document] = {
        "CloudProvider": c.settings.cloud.name,
        "ClusterName": c.name,
        "InstanceGroupName": group.name,
        "InstanceGroupRole": ROLE_NAMES[group.role],
        "NodeupConfigHash": Template.of(Digest(nodeup_config(c, group))),
    }
    if group.runs_api:
        document["ConfigBase"] = c.read.string("spec.configBase") or ""
    else:
        document |= _config_server(c)
    return yaml_document(document)


def _config_server(c: Context) -> dict[str, Document]:
    """The URLs and certificate authority of kops-controller.

    Without DNS records it is reached through the
    API's
    load balancer, by addresses that machines can route to; the name in its certificate is then separate.
    """
    host = f"kops-controller.internal.{c.name}"
    certificates = keyset("kubernetes-ca", "certificates")
    if c.publishes_dns or not c.load_balancer or not c.settings.balancer_known:
        servers: list[Document] = [f"https://{host}:{KOPS_CONTROLLER_PORT}/"]
        return {"ConfigServer": {"CACertificates": certificates, "servers": servers}}
    addresses = YamlListEntry(
        Template.of(Ref(c.api_balancer, "addresses")),
        networks=(*c.read.strings("spec.additionalNetworkCIDRs"), c.read.string("spec.networkCIDR") or ""),
        ipv6_only=c.ipv6_only,
    )
    servers_there = replace(
        addresses,
        form=f"https://{{}}:{KOPS_CONTROLLER_PORT}/",
        otherwise=(f"https://{host}:{KOPS_CONTROLLER_PORT}/",),
        beside=("tlsServerName", host),
    )
    return {
        "APIServerIPs": addresses,
        "ConfigServer": {"CACertificates": certificates, "servers": servers_there},
    }


def boot_script(c: Context, group: Group) -> Template:
    """The script around the boot configuration."""
    amd64, arm64 = nodeup(c, "amd64"), nodeup(c, "arm64")
    proxy = _proxy(c)
    head = [
        "#!/bin/bash",
        f"NODEUP_URLS_AMD64={quote(_render_urls(amd64))}",
        f"NODEUP_SHA256_AMD64={amd64.sha256}",
        f"NODEUP_URLS_ARM64={quote(_render_urls(arm64))}",
        f"NODEUP_SHA256_ARM64={arm64.sha256}",
        *(f"export {name}={quote(value)}" for name, value in (_environment(c, group) | proxy).items()),
    ]
    before, after = _part("boot").split("@BOOT_CONFIG@\n")
    before, rest = before.split("@MORE@\n")
    from_bucket = any(each.startswith("s3://") for each in amd64.places)
    more = [_part("boot_s3" if from_bucket else "boot_web"), *([_part("boot_proxy")] if proxy else [])]
    return Template.of("\n".join(head) + "\n", before, *more, rest, *_embedded(c, group), after)


def _part(name: str) -> str:
    return resources.files("kops_core.model.nodes").joinpath(f"{name}.sh").read_text(encoding="utf-8")


def _render_urls(program: Asset) -> str:
    """The URLs of a program; those of S3 have to be encoded as they are signed."""
    return ",".join(
        f"s3://{bucket}/{escaped(unescaped(key))}" if scheme == "s3" else each
        for each in program.places
        for scheme, _, place in [each.partition("://")]
        for bucket, _, key in [place.partition("/")]
    )


def _embedded(c: Context, group: Group) -> tuple[str | Template | Gzipped, ...]:
    """The shell command that writes the boot configuration to the standard output."""
    config = boot_config(c, group)
    if group.flag("compressUserData"):
        return ('echo "', Gzipped(config), '" | base64 -d | gzip -d\n')
    return ("cat <<'__EOF_KUBE_ENV'\n", config, "\n__EOF_KUBE_ENV\n")


def _environment(c: Context, group: Group) -> dict[str, str]:
    """nodeup's environment variables; only the control plane reads a store of another service."""
    found = {c.settings.cloud.region_variable: c.region}
    if group.role is Role.CONTROL_PLANE and c.settings.environment.get("S3_ENDPOINT"):
        found |= {name: c.settings.environment.get(name, "") for name in STORE}
    return dict(sorted(found.items()))


def _proxy(c: Context) -> dict[str, str]:
    """The egress proxy's variables; none if there is no proxy."""
    host = c.read.string("spec.egressProxy.httpProxy.host")
    if not host:
        return {}
    url = proxy_environment(c)["http_proxy"].replace("http://http://", "http://", 1)
    return proxy_environment(c) | {"http_proxy": url, "https_proxy": url}
