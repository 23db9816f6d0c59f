"""Fixtures of an account in memory, for adapters and faults; sockets and processes are tested elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kops_core.cloud.sandbox import process
from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount
from tests.aws.account import Account, FakeClock


@pytest.fixture(scope="session", autouse=True)
def _credentials() -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_AMIS_PATH": str(Path(process.__file__).with_name("images.json")),
    }
    yield


@pytest.fixture(scope="session")
def shared_account(_credentials: None) -> Iterator[Account]:
    with Account.in_memory() as account:
        yield account


@pytest.fixture
def account(shared_account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An empty account."""
    shared_account.reset()
    # The SDK's own pauses between its attempts.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=shared_account.sleep))
    return shared_account


@pytest.fixture
def strict(account: Account) -> Iterator[StrictAccount]:
    """A strict account, in the time of ``account.aws_clock``."""
    account.aws_clock = FakeClock()
    with StrictAccount(account.aws_clock.monotonic, BEHAVIOURS) as strict:
        yield strict
