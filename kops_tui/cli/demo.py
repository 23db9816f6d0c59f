"""The embedded AWS with three clusters: one up to date, one with a pending change, one never applied."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from kops_core import CancelToken, Engine, Settings
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import seed
from kops_tui.cli.settings import Given, resolve

Report = Callable[[str], None]

_SSH_KEY = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl operator@sandbox\n"
)
"""A public key whose private key was thrown away."""


@dataclass(frozen=True)
class DemoCluster:
    """A cluster that the sandbox starts with."""

    name: str
    flags: tuple[str, ...]
    applied: bool = True
    edit: tuple[str, str, str] | None = None
    """Object, field and value of a change that is saved and not applied."""


DEMOS = (
    DemoCluster(
        "eu1.example.com", ("--zones", "us-east-1a,us-east-1b,us-east-1c", "--control-plane-count", "3")
    ),
    DemoCluster(
        "us1.example.com",
        ("--zones", "us-east-1a", "--kubernetes-version", "1.35.7"),
        edit=("nodes-us-east-1a", "spec.machineType", "m5.xlarge"),
    ),
    DemoCluster("lab.example.com", ("--zones", "us-east-1b", "--node-count", "2"), applied=False),
)
_COMMON = ("--networking", "cilium", "--node-size", "t3.large", "--control-plane-size", "m5.large")


def start_detached(report: Report, *, strict: bool = False) -> Sandbox:
    """The sandbox that outlives this process: the one that runs, or a new one with its clusters."""
    sandbox = Sandbox.running()
    if sandbox is None:
        sandbox = Sandbox.start(detached=True)
        seed_demo(sandbox, report)
    if strict:
        sandbox.make_strict()
    return sandbox


def settings_for(sandbox: Sandbox, environ: Mapping[str, str], given: Given) -> Settings:
    """Settings that point at a sandbox and allow changes there."""
    environment = {**environ, **sandbox.env}
    pointed: Given = {**given, "state": (sandbox.env["KOPS_STATE_STORE"],)}
    return replace(resolve(pointed, environment, write=True, sandbox=True), environment=environment)


def seed_demo(sandbox: Sandbox, report: Report) -> None:
    """Fill a fresh sandbox: account, store and the three clusters."""
    os.environ.update(sandbox.env)
    account = seed(sandbox)
    settings = settings_for(sandbox, os.environ, {})
    # The port may have been another sandbox's, whose journals are not about these clusters.
    shutil.rmtree(settings.state_dir, ignore_errors=True)
    engine = Engine(settings)
    for demo in DEMOS:
        begin = datetime.now(UTC)
        words = (demo.name, *demo.flags, *_COMMON, "--dns-zone", account.public_zone)
        made = engine.make_cluster(engine.create_options(words))
        engine.store_cluster(made, ssh_public_key=_SSH_KEY)
        told = "never applied"
        if demo.applied:
            workspace = engine.open(demo.name)
            ended = workspace.apply(lambda _: None, CancelToken())
            told = f"applied, {ended.done} resources"
        if demo.edit is not None:
            time.sleep(
                1
            )  # the store tells times by the second: an edit in that of the apply passes for applied
            workspace = engine.open(demo.name)
            workspace.set_field(*demo.edit)
            workspace.save()
            told += ", then edited"
        report(f"  {demo.name}: {told} ({(datetime.now(UTC) - begin).total_seconds():.1f} s)")
