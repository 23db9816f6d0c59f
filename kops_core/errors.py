"""All errors of this project, as one tree.

    KopsError                     has what, where, remedy and an exit code
    ├── UsageError                the command line was wrong                         64
    ├── InvalidSpec               a document has errors, each with line and path      1
    ├── MissingFact               inference needs a cloud fact that was not read            1
    ├── StoreError                                                                    1
    │   ├── ObjectNotFound
    │   ├── ObjectExists
    │   └── ObjectChanged         another writer was faster
    ├── CloudError                                                                    1
    │   ├── CloudNotFound
    │   ├── AccessDenied
    │   ├── Throttled
    │   ├── CloudConflict         the cloud refuses while something else depends on it
    │   ├── DependencyNotReady    refused for something it needs, which may be too new
    │   ├── CreationFailed        the cloud accepted a creation, and it failed later
    │   └── NotReady              eventual: the same call may succeed later
    ├── KubernetesError           a cluster's API server gave no usable answer         1
    │   ├── KubernetesUnreachable
    │   ├── KubernetesTimeout
    │   ├── KubernetesUnavailable
    │   ├── KubernetesCertificateError
    │   └── KubernetesDenied
    ├── OperationFailed           an operation stopped; its journal says where        1
    └── Refused                   plan is stale, cluster protected or read-only       4
        ├── LockHeld              another operation works on the cluster              4
        └── LockLost              the lock was lost during the operation          5

Errors of libraries are translated into these where the library is called, with
the original as ``__cause__``. Nothing secret is ever put into a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kops_core.escaping import printable

EXIT_FAILED = 1
EXIT_CHANGES = 2
EXIT_INVALID = 2
"""kOps' code for a cluster that is not valid."""
EXIT_DECLINED = 3
"""The answer to a question of ``--interactive`` was no (kOps)."""
EXIT_REFUSED = 4
EXIT_LOCK_LOST = 5
EXIT_USAGE = 64


class KopsError(Exception):
    """Base class of errors that operators can understand.

    what: one sentence on what was wrong; where: file, line, field path or cloud
    object it is about ("" if nowhere in particular); remedy: what to do next.
    """

    exit_code = EXIT_FAILED

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{printable(self.where)}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.remedy}" if self.remedy else head


class UsageError(KopsError):
    """A command line or setting is invalid."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True)
class FieldError:
    """An error of one field of a document."""

    kind: str
    """kOps' name of the type of error: "Forbidden", "Invalid value", "Required value", "Unsupported value",
    "Duplicate value", "Not found", "Unknown field", "Too long", "Internal error"."""
    path: str
    """Field path as the user wrote it, e.g. ``spec.etcdClusters[0].version``."""
    message: str
    """The problem and what to do, as one sentence."""
    source: str = ""
    """File or object of the field."""
    line: int = 0
    """1-based line in that file; 0 if unknown."""
    suggestion: str = ""
    """Nearest known name, for unknown fields and values."""

    def __str__(self) -> str:
        place = ":".join(part for part in (self.source, str(self.line or "")) if part)
        hint = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        text = f"{place + ': ' if place else ''}{self.path}: {self.kind}: {self.message}{hint}"
        return printable(text)


class InvalidSpec(KopsError):
    """A document is invalid; ``errors`` has all reasons, in document order."""

    def __init__(self, errors: Sequence[FieldError], *, where: str = "", remedy: str = "") -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)), where=where, remedy=remedy)


class MissingFact(KopsError):
    """A rule asked for a cloud fact that was not read; ``fact`` is its address, e.g. ``facts.zones``."""

    def __init__(self, fact: str, *, remedy: str = "") -> None:
        super().__init__(f"the cloud fact {fact} is not known", where=fact, remedy=remedy)
        self.fact = fact


class FactsNotRead(KopsError):
    """A rule needs a cloud fact before facts were read; ``fact`` is its address.

    Not an error of the spec: read the facts (``Workspace.look_up``) and try again.
    """

    def __init__(self, fact: str) -> None:
        super().__init__(f"waiting for the cloud to tell {fact}", where=fact)
        self.fact = fact


class StoreError(KopsError):
    """A request to the state store failed."""


class ObjectNotFound(StoreError):
    """No object has that key."""


class ObjectExists(StoreError):
    """An object to be created exists already."""


class ObjectChanged(StoreError):
    """The object is no longer the one that was read; the message has the author and the changes."""


class CloudError(KopsError):
    """A call to the cloud failed. ``code`` is the cloud's own error code."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code


class CloudNotFound(CloudError):
    """The object does not (or not yet) exist."""


class AccessDenied(CloudError):
    """The credentials lack a permission, or are missing or expired."""


class Throttled(CloudError):
    """The account's request rate is used up."""


class CloudConflict(CloudError):
    """The cloud refuses because the object is in use, or exists already."""


class DependencyNotReady(CloudError):
    """The cloud refuses because of a dependency of the resource.

    Either the dependency is wrong, or it was created so recently that the cloud does not find it everywhere
    yet; the error is the same. Retrying helps only if it was created a short time ago.
    """


class CreationFailed(CloudError):
    """The cloud accepted a creation, which failed later. The next run creates the resource again."""


class NotReady(CloudError):
    """The call needs something that does not exist yet; a retry is expected to succeed.

    within: timeout in seconds, None for the operation's default. progress: a text that changes with each
    progress of what is waited for; the timeout counts from then.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        code: str = "",
        within: float | None = None,
        progress: str = "",
    ) -> None:
        super().__init__(what, where=where, remedy=remedy, code=code)
        self.within = within
        self.progress = progress


class Undecided(NotReady):
    """It is unknown yet whether an earlier attempt succeeded; nothing was done meanwhile."""


class KubernetesError(KopsError):
    """The API server of a cluster gave no usable answer; ``where`` is its URL."""


class KubernetesUnreachable(KubernetesError):
    """No connection, or it broke: refused, no route, no such name, or the server died while it answered."""


class KubernetesTimeout(KubernetesError):
    """The API server did not answer before the deadline of the call."""


class KubernetesUnavailable(KubernetesError):
    """The API server answers that it can't serve now, e.g. overloaded or without etcd; it may do so later."""


class KubernetesCertificateError(KubernetesError):
    """The server's certificate is not the cluster's, or the server does not accept ours."""


class KubernetesDenied(KubernetesError):
    """The API server does not know who is calling, or does not permit the call."""


class OperationFailed(KopsError):
    """An operation stopped before its end; running it again resumes it."""


class Refused(KopsError):
    """The engine will not do this: stale plan, locked store, protected or read-only cluster."""

    exit_code = EXIT_REFUSED


class LockHeld(Refused):
    """Another operation has the cluster's lock; nothing was done.

    ``until``: when the lock expires unless it is renewed; None if unknown.
    """

    def __init__(self, what: str, *, until: datetime | None, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.until = until


class LockLost(Refused):
    """The lock was taken over or removed during an operation, so the operation stopped."""

    exit_code = EXIT_LOCK_LOST
