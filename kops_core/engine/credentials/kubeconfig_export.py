"""Writes kubeconfigs: a file for each cluster, or merged into the operator's."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from kops_core.api.path import FieldPath
from kops_core.api.values import Tree, Value, mappings
from kops_core.engine.credentials.kubeconfig import (
    ADMINISTRATORS,
    Edits,
    KubeconfigOptions,
    edited,
    edits,
    endpoint,
    find_api_server,
    has,
    read,
    wants_balancer,
    without,
)
from kops_core.errors import KopsError, ObjectNotFound, Refused, UsageError
from kops_core.store.certificates import ClientCertificate, issue_client

if TYPE_CHECKING:
    from datetime import timedelta

    from kops_core.engine.settings import Settings
    from kops_core.store.key_store import KeyStore
    from kops_core.store.keysets import Keyset

AUTHORITY: Final = "kubernetes-ca"
"""The keyset that signs servers and clients of the API."""
PROGRAM: Final = "kops-tui"


@dataclass(frozen=True)
class Exported:
    """A cluster that was written to a kubeconfig."""

    cluster: str
    file: Path
    server: str
    expires_at: datetime | None
    """When the administrator's certificate expires; None if none was issued."""
    own: bool
    """Whether the file is the cluster's own, which kubectl does not read by default."""
    signed_in: bool
    """Whether the context has credentials."""
    warnings: tuple[str, ...] = ()


def client_certificate(
    key_store: KeyStore, name: str, settings: Settings, life: timedelta, now: datetime
) -> ClientCertificate:
    """I/O. A new certificate for an administrator, which is never stored.

    Raises ObjectNotFound while the cluster has no authority.
    """
    return issue_administrator(read_authority(key_store, name), settings, life, now)


def export(
    key_store: KeyStore,
    cluster: Tree,
    name: str,
    options: KubeconfigOptions,
    settings: Settings,
    *,
    state: str,
    address: Callable[[], str],
    now: datetime,
) -> Exported:
    """I/O. Writes one cluster to a kubeconfig.

    cluster: as it is stored. state: URL of its store. address: DNS name of the load balancer of the API
    "" without one. Raises UsageError, Refused while somebody else writes the file.
    """
    api_server = find_api_server(settings.environment, options.api_server)
    options = replace(options.checked(), api_server=api_server)
    keyset = read_authority(key_store, name)
    balancer, warnings = "", []
    if wants_balancer(cluster, options):
        balancer = address()
        if not balancer:
            warnings.append("the API's load balancer was not found; is the cluster applied?")
    where = endpoint(cluster, name, options, balancer=balancer, authorities=keyset.certificates)
    issued = None
    if options.admin is not None and not options.auth_plugin:
        issued = issue_administrator(keyset, settings, options.admin, now)
    plugin = (PROGRAM, "helpers", "kubectl-auth", f"--cluster={name}", f"--state={state}")
    files, own = targets(options, settings, name)
    if options.user not in ("", name) and not any(
        has(read(_read_text(each), str(each)), "users", options.user) for each in files
    ):
        raise UsageError(
            f"the kubeconfig has no user {options.user}",
            where=os.pathsep.join(map(str, files)),
            remedy="name the kubeconfig that has it with --kubeconfig",
        )
    file = _holding(files, name)

    def change(before: Tree) -> Edits:
        found = edits(before, name, where, options, certificate=issued, plugin=plugin)
        return found | ({_CURRENT: name} if file == _default(files) else {})

    after = _rewrite(file, change)
    if file != _default(files):
        _rewrite(_default(files), lambda _: {_CURRENT: name})
    return Exported(
        name,
        file,
        where.server,
        issued.expires_at if issued else None,
        own,
        any(
            each.get("name") == name and "user" in _context(each) for each in mappings(after.get("contexts"))
        ),
        tuple(warnings),
    )


def forget(name: str, settings: Settings) -> None:
    """I/O. Removes a cluster from the kubeconfigs of ``export`` and kubectl. Raises UsageError, Refused."""
    files, own = targets(KubeconfigOptions(), settings, name)
    if own:
        for file in files:
            file.unlink(missing_ok=True)
        home = settings.environment.get("HOME", "")
        files = (Path(home) / ".kube" / "config",) if home else ()
    for file in files:
        if without(read(_read_text(file), str(file)), name):
            _rewrite(file, lambda before: without(before, name))


def targets(options: KubeconfigOptions, settings: Settings, name: str) -> tuple[Sequence[Path], bool]:
    """The kubeconfigs to write to, as kubectl finds them; and whether it is the cluster's own file."""
    if options.file:
        return (Path(options.file).expanduser(),), False
    named = settings.environment.get("KUBECONFIG", "").split(os.pathsep)
    if files := tuple(dict.fromkeys(Path(each) for each in named if each)):
        return files, False
    if not name or "/" in name or name.startswith("."):
        raise UsageError("not a cluster's name", where=name)
    return (settings.data_dir / "kubeconfig" / f"{name}.yaml",), True


_CURRENT: Final[FieldPath] = ("current-context",)


def read_authority(key_store: KeyStore, name: str) -> Keyset:
    """I/O. The keyset that signs a cluster's clients and servers. Raises ObjectNotFound."""
    try:
        return key_store.keyset(AUTHORITY).keyset
    except ObjectNotFound as error:
        raise ObjectNotFound(
            f"the cluster has no keyset {AUTHORITY} yet",
            where=name,
            remedy=f"make its keys, with all the rest: kops-tui update cluster {name} --yes",
        ) from error


def issue_administrator(
    keyset: Keyset, settings: Settings, life: timedelta, now: datetime
) -> ClientCertificate:
    """A new certificate for an administrator, in the operator's name."""
    return issue_client(keyset.primary, f"kubecfg-{_full_name(settings)}", [ADMINISTRATORS], life, now)


def _full_name(settings: Settings) -> str:
    """The operator's name in the API server's log: their full name, else their login."""
    login = settings.operator.partition("@")[0]
    try:
        return pwd.getpwnam(login).pw_gecos.partition(",")[0] or login
    except KeyError:
        return login


def _holding(files: Sequence[Path], name: str) -> Path:
    """The file that has the cluster already, else the one for new entries."""
    return next(
        (file for file in files if has(read(_read_text(file), str(file)), "clusters", name)), _default(files)
    )


def _default(files: Sequence[Path]) -> Path:
    """kubectl's file for new entries: the first that exists, else the last in the list."""
    return next((file for file in files if file.exists()), files[-1])


def _rewrite(file: Path, change: Callable[[Tree], Mapping[FieldPath, Value]]) -> Tree:
    """Changes a kubeconfig under kubectl's lock, atomically, readable by its owner only."""
    # A link, say into a shared folder, stays a link.
    file = Path(os.path.realpath(file))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(file):
            text = _read_text(file)
            try:
                after = edited(text, change(read(text, str(file))))
            except UsageError:
                raise
            except KopsError as error:
                # Such an error may contain the value at the path, which may be a credential.
                raise UsageError(
                    "the kubeconfig can't be changed without touching what is beside the entry",
                    where=str(file),
                    remedy="name another with --kubeconfig",
                ) from (error if isinstance(error, Refused) else None)
            _replace(file, after)
    except OSError as error:
        raise UsageError(
            "the kubeconfig can't be written", where=str(file), remedy=error.strerror or str(error)
        ) from error
    return read(after, str(file))


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Holds kubectl's own lock: a file beside the kubeconfig."""
    lock = file.with_name(f"{file.name}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise Refused(
            "the kubeconfig is being written by somebody else",
            where=str(file),
            remedy=f"try again; if nobody is, remove {lock}",
        ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _replace(file: Path, text: str) -> None:
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
        try:
            new.write(text.encode())
            new.flush()
            os.fchmod(new.fileno(), 0o600)
            os.fsync(new.fileno())
            Path(new.name).rename(file)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError("the kubeconfig can't be read", where=str(file), remedy=reason or "") from None


def _context(item: dict[str, Value]) -> dict[str, Value]:
    found = item.get("context")
    return found if isinstance(found, dict) else {}
