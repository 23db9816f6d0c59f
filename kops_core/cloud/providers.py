"""The cloud providers, by kOps' names (``spec.cloudProvider``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kops_core.cloud.provider import Provider, ProviderSettings

OpenProvider = Callable[[ProviderSettings], Provider]


def _aws(settings: ProviderSettings) -> Provider:
    settings.login.load_sdk()
    from kops_core.cloud.aws.provider import AwsProvider

    return AwsProvider(settings)


PROVIDERS: Mapping[str, OpenProvider] = {"aws": _aws}
"""Each is imported when it is first opened. The first is the default of clusters."""
