"""Where settings come from: flags, then the environment, then one configuration file, then defaults."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

import platformdirs

from kops_core import Settings, read_feature_flags
from kops_core.errors import UsageError
from kops_core.version import KOPS_VERSION

if TYPE_CHECKING:
    from kops_core import CallLog

APP = "kops-tui"


class Given(TypedDict, total=False):
    """The common options, as given on the command line."""

    state: tuple[str, ...]
    name: str
    config: str
    cloud_facts: str
    asset_hashes: str
    channel: str
    kops_version: str
    calls: CallLog
    """A log of the calls to AWS, with ``--debug``."""
    command: str
    """The whole command line."""


def resolve(
    given: Given, environ: Mapping[str, str], *, write: bool = False, sandbox: bool = False
) -> Settings:
    """The settings of this run. Raises UsageError for a configuration file that can't be used."""
    file, config = _read_configuration(given.get("config", ""), environ)
    sources: dict[str, str] = {}

    def pick(setting: str, flag: str, variable: str, key: str, default: str) -> str:
        for source, value in (
            (f"--{flag}", given.get(setting, "")),
            (variable, environ.get(variable, "") if variable else ""),
            (f"{file}: {key}", config.get(key, "") if key else ""),
        ):
            if isinstance(value, str) and value:
                sources[setting] = source
                return value
        sources[setting] = "default"
        return default

    stores = tuple(given.get("state", ()))
    sources["state"] = "--state"
    if not stores:
        stores = _split_list(environ.get("KOPS_STATE_STORE", ""))
        sources["state"] = "KOPS_STATE_STORE"
    if not stores:
        stores = _split_list(config.get("kops_state_store", ""))
        sources["state"] = f"{file}: kops_state_store" if stores else "default"
    facts = pick("cloud_facts", "cloud-facts", "", "", "")
    hashes = pick("asset_hashes", "asset-hashes", "", "asset_hashes", "")
    flags = read_feature_flags(environ.get("KOPS_FEATURE_FLAGS", ""))
    return Settings(
        stores=tuple(store.rstrip("/") for store in stores),
        cluster=pick("name", "name", "KOPS_CLUSTER_NAME", "", ""),
        write=write,
        cloud_facts=Path(facts) if facts else None,
        asset_hashes=Path(hashes) if hashes else None,
        channel=pick("channel", "channel", "", "channel", ""),
        kops_version=pick("kops_version", "kops-version", "", "kops_version", KOPS_VERSION),
        feature_flags=flags.on,
        warnings=tuple(f"KOPS_FEATURE_FLAGS: kOps has no flag {flag}" for flag in flags.unknown),
        base_url=pick("base_url", "", "KOPS_BASE_URL", "", ""),
        environment=dict(environ),
        state_dir=_emulator_folder(platformdirs.user_state_path(APP), environ),
        data_dir=_emulator_folder(platformdirs.user_data_path(APP), environ),
        cache_dir=platformdirs.user_cache_path(APP),
        operator=f"{getpass.getuser()}@{socket.gethostname().partition('.')[0]}",
        command=given.get("command", ""),
        sandbox=sandbox or _is_loopback(environ.get("AWS_ENDPOINT_URL", "")),
        sources=sources,
    )


def preferences_path() -> Path:
    """The file of the terminal UI's preferences."""
    return platformdirs.user_config_path(APP) / "ui.yaml"


def _read_configuration(named: str, environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The first configuration file that exists, kOps' own before ours, and its string settings."""
    home = Path(environ.get("HOME", "~")).expanduser()
    candidates = (
        [Path(named)]
        if named
        else [
            home / ".kops.yaml",
            home / ".kops" / "config",
            platformdirs.user_config_path(APP) / "config.yaml",
        ]
    )
    for file in candidates:
        if not file.is_file():
            continue
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            loaded = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        except (YAMLError, UnicodeDecodeError) as broken:
            raise UsageError(
                "the configuration file is not YAML",
                where=str(file),
                remedy="fix it, or name another with --config",
            ) from broken
        if loaded is None:
            loaded = {}
        if not isinstance(loaded, dict):
            raise UsageError("the configuration file has to hold a mapping", where=str(file))
        return str(file), {str(key): value for key, value in loaded.items() if isinstance(value, str)}
    if named:
        raise UsageError("no such configuration file", where=named)
    return "", {}


def _emulator_folder(folder: Path, environ: Mapping[str, str]) -> Path:
    """A folder; a separate one for each emulated AWS, so that their clusters are not mixed up."""
    endpoint = environ.get("AWS_ENDPOINT_URL", "")
    return folder / "emulated" / str(urlsplit(endpoint).port) if _is_loopback(endpoint) else folder


def _is_loopback(url: str) -> bool:
    """Whether a URL is on this machine, as that of an emulated AWS is."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
