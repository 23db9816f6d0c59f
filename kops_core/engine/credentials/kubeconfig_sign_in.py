"""Signs in to a cluster's API by the context of the operator's kubeconfig with the cluster's name, as kOps.

Certificates, tokens and credential plugins are understood, in files or inline; what is not is refused.
"""

from __future__ import annotations

import binascii
import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kops_core.api.values import Value
from kops_core.engine.credentials.kubeconfig import KubeconfigOptions, read
from kops_core.engine.credentials.kubeconfig_export import targets
from kops_core.errors import UsageError
from kops_core.kube.connection import Connection, find_proxy
from kops_core.store.secret import Secret

if TYPE_CHECKING:
    from kops_core.engine.settings import Settings

PLUGIN_DEADLINE: Final = 60
"""Seconds that a credential plugin may take."""
_UNKNOWN: Final = ("auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra")
"""Fields of a user that kubectl knows and this does not."""

_Entry = Mapping[str, Value]


def kubeconfig_connection(settings: Settings, name: str, *, kubeconfig: str, api_server: str) -> Connection:
    """I/O. The connection of the context of the cluster's name.

    kubeconfig: its file; "" for those that kubectl reads. api_server: URL instead of the one in it.
    Raises UsageError without any credential.
    """
    files = _find_files(settings, name, kubeconfig)
    context, _ = _find_entry(files, "contexts", "context", name)
    cluster, cluster_file = _find_entry(files, "clusters", "cluster", _text(context, "cluster"))
    user, user_file = _find_entry(files, "users", "user", _text(context, "user"))
    unknown = [field for field in _UNKNOWN if field in user]
    if unknown:
        raise UsageError(
            f"the kubeconfig has {unknown[0]} for the cluster's user, which kops-tui can't use",
            where=f"{user_file}, context {name}",
            remedy="use the keys of the state store, without --use-kubeconfig",
        )
    found = Connection(
        api_server or _text(cluster, "server"),
        server_name=_text(cluster, "tls-server-name"),
        authorities=_read_data(cluster, "certificate-authority", cluster_file),
        insecure=cluster.get("insecure-skip-tls-verify") is True,
        certificate=_read_data(user, "client-certificate", user_file),
        private_key=Secret(_read_data(user, "client-key", user_file)),
        token=Secret(_read_token(user, user_file)),
    )
    proxy = _text(cluster, "proxy-url") or find_proxy(settings.environment, found.host)
    found, plugin = replace(found, proxy=proxy), user.get("exec")
    return _ask_plugin(found, plugin, user_file, settings) if isinstance(plugin, dict) else found


def _find_files(settings: Settings, name: str, file: str) -> list[Path]:
    """Those that kubectl reads, and the one that ``export kubeconfig`` wrote for the cluster."""
    files, own = targets(KubeconfigOptions(file=file), settings, name)
    if own and (home := settings.environment.get("HOME", "")):
        files = (Path(home) / ".kube" / "config", *files)
    there = [each for each in files if each.exists()]
    if not there:
        raise UsageError(
            "there is no kubeconfig",
            where=os.pathsep.join(map(str, files)),
            remedy=f"write one with: kops-tui export kubeconfig --admin {name}",
        )
    return there


def _find_entry(files: Sequence[Path], section: str, kind: str, name: str) -> tuple[_Entry, Path]:
    """An entry by its name, in the first file that has it; and that file."""
    for file in files:
        try:
            entries = read(file.read_text(encoding="utf-8"), str(file)).get(section)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("the kubeconfig can't be read", where=str(file)) from error
        for each in entries if isinstance(entries, list) else ():
            if isinstance(each, dict) and each.get("name") == name:
                found = each.get(kind)
                return (found if isinstance(found, dict) else {}), file
    raise UsageError(
        f"the kubeconfig has no {kind} {name}",
        where=os.pathsep.join(map(str, files)),
        remedy="name another with --kubeconfig, or write the cluster to it: kops-tui export kubeconfig",
    )


def _text(entry: _Entry, field: str) -> str:
    found = entry.get(field)
    return found if isinstance(found, str) else ""


def _read_data(entry: _Entry, field: str, file: Path) -> bytes:
    """The content of a field that is given inline (``-data``, base64) or as a file beside the kubeconfig."""
    try:
        if inline := _text(entry, f"{field}-data"):
            return b64decode(inline, validate=True)
        if named := _text(entry, field):
            return (file.parent / Path(named).expanduser()).read_bytes()
    except (OSError, ValueError, binascii.Error):
        raise UsageError(f"the {field} of the kubeconfig can't be read", where=str(file)) from None
    return b""


def _read_token(user: _Entry, file: Path) -> bytes:
    if named := _text(user, "tokenFile"):
        return _read_data({"token": named}, "token", file).strip()
    return _text(user, "token").encode()


def _ask_plugin(connection: Connection, plugin: _Entry, file: Path, settings: Settings) -> Connection:
    """A connection with the credentials that a plugin prints (``client.authentication.k8s.io``)."""
    command, version = _text(plugin, "command"), _text(plugin, "apiVersion")
    given, extra = plugin.get("args"), plugin.get("env")
    words = [command, *(str(each) for each in (given if isinstance(given, list) else ()))]
    more = {
        _text(each, "name"): _text(each, "value")
        for each in (extra if isinstance(extra, list) else ())
        if isinstance(each, dict)
    }
    asked = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    try:
        done = subprocess.run(  # noqa: S603 - the operator's kubeconfig names it, as for kubectl
            words,
            env={**settings.environment, **more, "KUBERNETES_EXEC_INFO": json.dumps(asked)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=PLUGIN_DEADLINE,
        )
        status = json.loads(done.stdout)["status"]
        ends = status.get("expirationTimestamp")
        return replace(
            connection,
            certificate=str(status.get("clientCertificateData", "")).encode() or connection.certificate,
            private_key=Secret(
                str(status.get("clientKeyData", "")).encode() or connection.private_key.reveal()
            ),
            token=Secret(str(status.get("token", "")).encode() or connection.token.reveal()),
            expires_at=datetime.fromisoformat(ends.replace("Z", "+00:00")) if ends else None,
        )
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError) as error:
        failed = isinstance(error, subprocess.SubprocessError | OSError)
        what = "failed" if failed else "gave no credential"
        raise UsageError(
            f"the credential plugin {command} of the kubeconfig {what}",
            where=str(file),
            remedy="run it yourself to see why, or use the state store's keys, without --use-kubeconfig",
        ) from None
