"""The options of ``rolling-update cluster``: kOps' names, other names and defaults, and what they set."""

from __future__ import annotations

from typing import Any

import click
import pytest

from kops_core import ApiAccess, RollingSettings
from kops_tui.cli.commands import rolling
from tests.cli.store import FileStore


def _read(monkeypatch: pytest.MonkeyPatch, *words: str) -> dict[str, Any]:
    """What the command is called with."""
    seen: dict[str, Any] = {}

    def take(given: object, groups: object, roles: object, options: dict[str, Any]) -> int:
        seen.update(groups=groups, roles=roles, options=options)
        return 0

    monkeypatch.setattr(rolling, "_roll_groups", take)
    command = rolling.rolling_update_cluster
    command.main(["c.example.com", "--yes", *words], standalone_mode=False)
    return seen


def test_without_options_the_settings_are_kops_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = _read(monkeypatch)
    assert rolling.settings_of(seen["options"]) == RollingSettings()
    assert rolling.access_of(seen["options"]) == ApiAccess()
    assert (seen["groups"], seen["roles"]) == ((), ())


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (("--bastion-interval", "1m"), "bastion_interval", 60.0),
        (("--control-plane-interval=2m",), "control_plane_interval", 120.0),
        (("--master-interval", "3m"), "control_plane_interval", 180.0),
        (("--node-interval", "5s"), "node_interval", 5.0),
        (("--cloudonly",), "cloud_only", True),
        (("--cloudonly=false",), "cloud_only", False),
        (("--force",), "force", True),
        (("-i",), "interactive", True),
        (("--drain-timeout", "0"), "drain_timeout", 0.0),
        (("--post-drain-delay", "1m30s"), "post_drain_delay", 90.0),
        (("--fail-on-drain-error=false",), "fail_on_drain_error", False),
        (("--fail-on-drain-error",), "fail_on_drain_error", True),
        (("--fail-on-validate-error=false",), "fail_on_validate_error", False),
        (("--validate-count", "0"), "validate_count", 0),
        (("--validation-timeout", "1h"), "validation_timeout", 3600.0),
        (("--parallel-groups", "3"), "parallel_groups", 3),
        (("--max-unavailable-nodes", "4"), "max_unavailable_nodes", 4),
        (("--clean-up",), "clean_up", True),
    ],
)
def test_each_option_sets_what_it_names(
    words: tuple[str, ...], field: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = rolling.settings_of(_read(monkeypatch, *words)["options"])
    assert getattr(settings, field) == value
    changed = {name for name in vars(settings) if getattr(settings, name) != getattr(RollingSettings(), name)}
    assert changed <= {field}


@pytest.mark.parametrize("flag", ["--instance-group", "--ig", "--instance-groups"])
def test_groups_may_be_repeated_and_joined_by_commas(flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, flag, "a,b", flag, "c")["groups"] == ("a,b", "c")


@pytest.mark.parametrize("flag", ["--instance-group-roles", "--instance-group-role", "--role", "--roles"])
def test_roles_have_kops_other_names(flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, flag, "node")["roles"] == ("node",)


def test_admin_needs_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, "--admin")["options"]["admin"] == 18 * 3600
    with pytest.raises(click.BadParameter):
        _read(monkeypatch, "--validate-count", "-1")


def test_no_instance_has_no_name(store: FileStore) -> None:
    done = store.run("delete", "instance", "", "--cloudonly", code=64)
    assert "no instance" in done.stderr
