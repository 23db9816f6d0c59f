"""AWS credentials of a run: resolved once, shared by all clients, and refreshed during the run.

They come from the AWS SDK's own chain: environment, profile (with a role to assume, SSO, web identity or
a process), container, instance metadata. Roles that were assumed are kept where the AWS CLI keeps them,
so the code of a multi-factor device is asked for once and both programs use the session until it ends.
A user interface registers its prompt in an ``MfaPrompt``; scripts never ask.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kops_core.errors import AccessDenied

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import AssumeRoleProvider
    from botocore.session import Session

    from kops_core.store.call_log import CallLog

Ask = Callable[[str], str]
"""From a question to what the user typed. Raises AccessDenied if nobody answers."""

_CLI_CACHE = Path("~/.aws/cli/cache")
"""Where the AWS CLI keeps the credentials of assumed roles (AWS CLI User Guide, "Using an IAM role")."""


def _nobody(question: str) -> str:
    raise AccessDenied(
        "the profile wants a code of a multi-factor device, and there is nobody to ask",
        where=question.strip(" :"),
        remedy="log in with the AWS CLI first (aws sts get-caller-identity): its session serves here too",
    )


class MfaPrompt:
    """The prompt for the code of a multi-factor device, set by the user interface."""

    def __init__(self) -> None:
        self.ask: Ask = _nobody

    def __call__(self, question: str) -> str:
        return self.ask(question).strip()


class AwsLogin:
    """Makes clients that share credentials. Safe to use from several threads."""

    def __init__(
        self,
        profile: str = "",
        *,
        prompt: Ask = _nobody,
        cache: Path = _CLI_CACHE,
        session: Session | None = None,
        descriptions: Path | None = None,
        calls: CallLog | None = None,
    ) -> None:
        """profile: of the SDK's configuration; "" for the one in the environment.

        descriptions: a folder to keep what is used of the SDK's descriptions of services in. calls: a log
        of what all clients call.
        """
        self._profile = profile
        self._prompt = prompt
        self._cache = cache
        self._session = session
        self._descriptions = descriptions
        self._calls = calls
        self._lock = threading.RLock()

    def load_sdk(self) -> None:
        """Import the AWS SDK, whose modules import each other in circles, in one thread alone.

        Another thread that imports a part of it meanwhile may see a module that is not whole.
        """
        with self._lock:
            for name in ("botocore.client", "botocore.session"):
                import_module(name)

    def client(
        self, service: str, *, region: str = "", config: Config | None = None, endpoint_url: str = ""
    ) -> Any:
        """A client. Raises botocore's errors: no such profile, no region."""
        with self._lock:  # clients may be shared by threads, sessions may not
            client = self._opened().create_client(
                cast("Any", service),
                region_name=region or None,
                config=config,
                endpoint_url=endpoint_url or None,
            )
        if self._calls is not None:
            self._calls.watch(client.meta.events)
        return client

    def assuming(self, role_arn: str, *, endpoint_url: str = "") -> AwsLogin:
        """A login with a role, which is assumed when it is first needed, and again before it expires."""
        from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

        with self._lock:
            base = self._opened()
            source = base.get_credentials()
            if source is None:
                return self  # the call that needs credentials reports what is missing

            def sts(service: str, **keys: Any) -> Any:
                with self._lock:
                    return base.create_client(cast("Any", service), endpoint_url=endpoint_url or None, **keys)

            fetcher = AssumeRoleCredentialFetcher(
                sts,
                cast("Any", source),
                role_arn,
                extra_args={"RoleSessionName": "kops-tui"},
                cache=self._role_cache(),
            )
            under = self._new_session()
            under.set_config_variable("region", base.get_config_variable("region"))
            # As botocore's own providers do; there is no public way to pass refreshable credentials in.
            cast("Any", under)._credentials = DeferredRefreshableCredentials(
                refresh_using=fetcher.fetch_credentials, method="assume-role"
            )
            return AwsLogin(self._profile, prompt=self._prompt, session=under, calls=self._calls)

    def _opened(self) -> Session:
        if self._session is None:
            self._session = self._new_session()
            self._share_roles(self._session)
        return self._session

    def _new_session(self) -> Session:
        from botocore.loaders import create_loader
        from botocore.session import Session

        session = Session(profile=self._profile or None)
        if self._descriptions is not None:
            from kops_core.store.sdk_models import CutDescriptions

            loader = create_loader(session.get_config_variable("data_path"))
            loader.file_loader = CutDescriptions(self._descriptions)
            session.register_component("data_loader", loader)
        return session

    def _share_roles(self, core: Session) -> None:
        """Caches roles of profiles where the AWS CLI does, and asks for codes by our prompt."""
        resolver = core.get_component("credential_provider")
        provider = cast("AssumeRoleProvider", resolver.get_provider("assume-role"))
        provider.cache = cast("Any", self._role_cache())
        cast("Any", provider)._prompter = self._prompt

    def _role_cache(self) -> Any:
        from botocore.utils import JSONFileCache

        return JSONFileCache(str(self._cache.expanduser()))
