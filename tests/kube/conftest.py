"""Fixtures of Kubernetes: the account of the adapters' tests."""

from tests.aws.conftest import _credentials, account, shared_account

__all__ = ["_credentials", "account", "shared_account"]
