"""Credentials: found once for all clients, shared with the AWS CLI, and a code asked for once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kops_core.cloud.aws.session import AwsSession, AwsSettings, Call
from kops_core.errors import AccessDenied
from kops_core.store.aws_login import AwsLogin, MfaPrompt
from tests.aws.account import Account

ROLE = "arn:aws:iam::123456789012:role/deployer"


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with a profile whose role wants a code; where roles are kept."""
    config = tmp_path / "config"
    config.write_text(
        "[profile base]\naws_access_key_id = x\naws_secret_access_key = y\n"
        f"[profile deploy]\nrole_arn = {ROLE}\nsource_profile = base\nregion = us-east-1\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/ann\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "deploy")
    return tmp_path / "cache"


def test_a_code_is_asked_for_once_by_all_clients_and_runs(account: Account, profile: Path) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return " 123456\n"

    prompt = MfaPrompt()
    prompt.ask = ask
    login = AwsLogin(prompt=prompt, cache=profile)
    regions = [AwsSession.open(AwsSettings(region=each), login=login) for each in ("us-east-1", "eu-west-1")]
    for each in regions:
        assert ":assumed-role/deployer/" in each.arn
        each.ec2.describe_vpcs()
    login.client("s3", region="us-east-1").list_buckets()
    assert len(asked) == 1
    assert "mfa/ann" in asked[0]
    (kept,) = profile.glob("*.json")
    assert kept.stat().st_mode & 0o077 == 0
    assert "SessionToken" in json.loads(kept.read_text())["Credentials"]
    again = AwsSession.open(login=AwsLogin(cache=profile))
    assert again.arn == regions[0].arn


def test_with_nobody_to_ask_it_says_how_to_log_in(account: Account, profile: Path) -> None:
    aws = AwsSession.open(login=AwsLogin(cache=profile))
    with pytest.raises(AccessDenied, match="multi-factor device") as refused:
        _ = aws.account
    assert "aws sts get-caller-identity" in refused.value.remedy


def test_a_role_is_assumed_once_for_all_clients_and_kept_where_the_aws_cli_keeps_it(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    calls: list[Call] = []
    login = AwsLogin()
    aws = AwsSession.open(AwsSettings(role_arn=ROLE), login=login, recorder=calls.append)
    assert ":assumed-role/deployer/kops-tui" in aws.arn
    aws.ec2.describe_vpcs()
    aws.iam.list_roles()
    (kept,) = tmp_path.glob(".aws/cli/cache/*.json")
    assert json.loads(kept.read_text())["AssumedRoleUser"]["Arn"] == aws.arn
    assert ":assumed-role/" not in AwsSession.open(login=login).arn, (
        "the store's credentials stay as they are"
    )


def test_without_credentials_the_first_call_says_so(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    aws = AwsSession.open(AwsSettings(role_arn=ROLE), login=AwsLogin(cache=tmp_path))
    with pytest.raises(AccessDenied):
        _ = aws.account
