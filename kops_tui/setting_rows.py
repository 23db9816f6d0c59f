"""The settings of a run as rows, for the command and the screen that show them: versions, paths, origins."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from kops_core.version import KOPS_VERSION, __version__

if TYPE_CHECKING:
    from kops_core import Settings


@dataclass(frozen=True)
class SettingRow:
    """A setting, or a fact about the program."""

    name: str
    value: str
    source: str = ""
    """Where it comes from: a flag, a variable, a file and key, or ``default``; "" for what can't be set."""


def setting_rows(settings: Settings) -> list[SettingRow]:
    """I/O. Versions, settings and paths."""
    sources = settings.sources
    return [
        SettingRow("kops-tui", __version__),
        SettingRow("compatible with kOps", KOPS_VERSION),
        SettingRow("python", platform.python_version()),
        *(SettingRow(name, version(name)) for name in ("textual", "pydantic", "boto3")),
        SettingRow("state stores", ", ".join(settings.stores) or "none", sources.get("state", "")),
        SettingRow("cluster", settings.cluster or "none", sources.get("name", "")),
        SettingRow(
            "cloud facts", str(settings.cloud_facts or "from the account"), sources.get("cloud_facts", "")
        ),
        SettingRow("channel", settings.channel or "as the cluster says", sources.get("channel", "")),
        SettingRow("kOps version of nodes", settings.kops_version, sources.get("kops_version", "")),
        SettingRow("feature flags", ", ".join(settings.feature_flags) or "none"),
        SettingRow("operator", settings.operator),
        SettingRow("journals and drafts", str(settings.state_dir)),
        SettingRow("kubeconfigs", str(settings.data_dir / "kubeconfig")),
        SettingRow("cache", str(settings.cache_dir)),
    ]
