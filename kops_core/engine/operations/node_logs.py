"""Collects logs of machines over SSH, with the system's own ``ssh``."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kops_core.errors import UsageError

_UNITS: Final = ("kubelet", "containerd", "kops-configuration", "node-problem-detector")
"""Services of a node whose journal is read."""
_FILES: Final = (
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kops-controller", "etcd",
    "etcd-events", "etcd-cilium", "cloud-init-output", "aws-routed-eni/ipamd", "aws-routed-eni/plugin",
)  # fmt: skip
"""Logs below ``/var/log`` (kOps: ``pkg/dump/dumper.go``)."""


@dataclass(frozen=True)
class SshSettings:
    """How to log in to machines."""

    user: str
    private_key: Path
    bastion: str = ""
    """Address of a machine to go through; "" to go directly."""
    timeout: float = 60.0
    """Seconds for one machine."""


@dataclass(frozen=True)
class Machine:
    """A machine to read logs from."""

    name: str
    address: str


def collect_logs(
    machines: Sequence[Machine], settings: SshSettings, folder: Path, report: Callable[[str], None]
) -> int:
    """I/O. Writes the logs of machines to folders of their names; how many machines were read.

    report takes a sentence for each machine that can't be read. Raises UsageError without ssh or the key.
    """
    if not settings.private_key.is_file():
        raise UsageError(
            "there is no such key for SSH", where=str(settings.private_key), remedy="give --private-key"
        )
    read = 0
    for machine in machines:
        place = folder / re.sub(r"[^\w.-]", "_", machine.name)
        place.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own ssh
                [*_command(settings, folder), f"{settings.user}@{machine.address}", "sh", "-s"],
                input=_script().encode(),
                capture_output=True,
                timeout=settings.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            report(f"{machine.name}: no answer within {settings.timeout:g} s")
            continue
        except OSError as error:
            raise UsageError(
                f"ssh can't be started: {error.strerror}", remedy="install OpenSSH's client"
            ) from error
        if done.returncode == 255:  # of ssh itself
            why = done.stderr.decode(errors="replace").strip().splitlines() or ["it can't be reached"]
            report(f"{machine.name}: {why[-1]}")
            continue
        for name, text in _parts(done.stdout).items():
            (place / f"{name}.log").write_bytes(text)
        read += 1
    return read


def _command(settings: SshSettings, folder: Path) -> list[str]:
    options = [
        "BatchMode=yes",
        f"ConnectTimeout={max(1, int(settings.timeout // 2))}",
        # Machines come and go, and nobody knows their keys: they are kept with the dump, to be looked at.
        "StrictHostKeyChecking=accept-new",
        f"UserKnownHostsFile={folder / 'known_hosts'}",
    ]
    command = ["ssh", "-i", str(settings.private_key)]
    for option in options:
        command += ["-o", option]
    return [*command, "-J", f"{settings.user}@{settings.bastion}"] if settings.bastion else command


_MARK: Final = b"==== kops-tui: "


def _script() -> str:
    """Prints each log after a line with its name, so that one connection is enough."""
    mark = _MARK.decode()
    lines = [f'echo; echo "{mark}kern"; sudo -n journalctl --no-pager --output=short-precise -k 2>&1']
    lines += [
        f'echo; echo "{mark}{unit}"; sudo -n journalctl --no-pager --output=short-precise -u {unit} 2>&1'
        for unit in _UNITS
    ]
    lines += [
        f"if sudo -n test -f /var/log/{file}.log; then"
        f' echo; echo "{mark}{file}"; sudo -n cat /var/log/{file}.log; fi'
        for file in _FILES
    ]
    return "\n".join([*lines, "exit 0", ""])


def _parts(output: bytes) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    for part in output.split(b"\n" + _MARK)[1:]:
        name, _, text = part.partition(b"\n")
        parts[name.decode(errors="replace").replace("/", "-")] = text
    return parts
