"""The settings of a run: one frozen object, created once and passed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from kops_core.validate.supported import CLOUDS
from kops_core.version import KOPS_VERSION


@dataclass(frozen=True)
class Settings:
    """Settings of one run; ``sources`` has the origin of each."""

    stores: tuple[str, ...] = ()
    """URLs of state stores, the first being the one that commands work on."""
    cluster: str = ""
    """Cluster of a command; "" if none was named."""
    write: bool = False
    """Whether anything may be changed. The engine checks it before every change, not the screens."""
    cloud_facts: Path | None = None
    """File with cloud facts; then no cloud is called for them."""
    asset_hashes: Path | None = None
    """Folder of known download hashes."""
    channel: str = ""
    """URL, file or short name; "" means what the cluster's spec names."""
    kops_version: str = KOPS_VERSION
    clouds: tuple[str, ...] = CLOUDS
    """kOps' names of the cloud providers that the run works with."""
    feature_flags: tuple[str, ...] = ()
    """kOps' feature flags that are on, by name, without a sign (see `feature_flags`)."""
    warnings: tuple[str, ...] = ()
    """Warnings about the settings themselves, e.g. an unknown feature flag."""
    base_url: str = ""
    """``KOPS_BASE_URL``: the URL of kOps' artifacts for nodes."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variables, as given to the program; may hold credentials, so never shown."""
    state_dir: Path = Path()
    """Journals, drafts, history."""
    data_dir: Path = Path()
    """Folder of the clusters' own kubeconfigs."""
    cache_dir: Path = Path()
    """Folder of files that can be fetched again."""
    operator: str = ""
    """user@host, for journals, locks and the context bar."""
    command: str = ""
    """The command line, for revisions of specs; "" if it is none."""
    refresh: int = 60
    """Seconds after which a list that is seen is read again; 0: only when asked."""
    production: tuple[str, ...] = ("*prod*",)
    """Patterns of the names of production clusters."""
    sandbox: bool = False
    """Whether the cloud is the embedded one."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The origin of each setting: a flag, a variable, a file and line, or "default"."""

    @property
    def journals(self) -> Path:
        """Folder of the journals of operations."""
        return self.state_dir / "journal"

    @property
    def operations(self) -> Path:
        """Folder of the operations that run, or did, in processes of their own."""
        return self.state_dir / "operations"

    def environment_class(self, cluster: str) -> str:
        """``prod``, ``sandbox`` or ``""`` for a cluster's name."""
        if self.sandbox:
            return "sandbox"
        return "prod" if any(fnmatch(cluster, pattern) for pattern in self.production) else ""
