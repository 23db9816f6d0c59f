"""Every error this project raises, as one tree.

    KopsError                     has what, where, remedy and an exit code
    ├── UsageError                the command line was wrong                         64
    ├── InvalidSpec               a document has errors, each with line and path      1
    ├── MissingFact               inference needs a cloud fact nobody read            1
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
    │   ├── CreationFailed        began to be made, and the cloud gave up on it
    │   └── NotReady              eventual: the same call may succeed later
    ├── OperationFailed           an operation stopped; its journal says where        1
    └── Refused                   plan is stale, cluster protected or read-only       4
        ├── LockHeld              another operation works on the cluster              4
        └── LockLost              another took the lock over while we worked          5

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
EXIT_REFUSED = 4
EXIT_LOCK_LOST = 5
EXIT_USAGE = 64


class KopsError(Exception):
    """Something went wrong that the operator can understand.

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
    """The command line or a setting makes no sense."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of a document."""

    kind: str
    """As kOps names it: "Forbidden", "Invalid value", "Required value", "Unsupported value",
    "Duplicate value", "Not found", "Unknown field", "Too long", "Internal error"."""
    path: str
    """Field path as the user wrote it, e.g. ``spec.etcdClusters[0].version``."""
    message: str
    """What is wrong and what to do, as one sentence."""
    source: str = ""
    """File or object the field is in."""
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
    """A document can't be accepted; ``errors`` holds every reason, in document order."""

    def __init__(self, errors: Sequence[FieldError], *, where: str = "", remedy: str = "") -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)), where=where, remedy=remedy)


class MissingFact(KopsError):
    """A rule asked for a cloud fact that was not read; ``fact`` is its address, e.g. ``facts.zones``."""

    def __init__(self, fact: str, *, remedy: str = "") -> None:
        super().__init__(f"the cloud fact {fact} is not known", where=fact, remedy=remedy)
        self.fact = fact


class FactsNotRead(KopsError):
    """A rule asked for a cloud fact before the cloud was asked for any; ``fact`` is its address.

    Not an error of the spec: read the facts (``Workspace.look_up``) and ask again.
    """

    def __init__(self, fact: str) -> None:
        super().__init__(f"waiting for the cloud to tell {fact}", where=fact)
        self.fact = fact


class StoreError(KopsError):
    """The state store could not do what was asked."""


class ObjectNotFound(StoreError):
    """No object has that key."""


class ObjectExists(StoreError):
    """An object to be created is already there."""


class ObjectChanged(StoreError):
    """The object is no longer the one that was read; the message says who changed what."""


class CloudError(KopsError):
    """A call to the cloud failed. ``code`` is the cloud's own error code."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code


class CloudNotFound(CloudError):
    """The object is not (or not yet) there."""


class AccessDenied(CloudError):
    """The credentials lack a permission, or are missing or expired."""


class Throttled(CloudError):
    """The account's request rate is used up."""


class CloudConflict(CloudError):
    """The cloud refuses because something else depends on the object, or it exists."""


class DependencyNotReady(CloudError):
    """The cloud refuses because of something that the resource needs.

    Either that is wrong, or it was made so recently that the cloud does not know it everywhere yet;
    the error is the same. Trying again helps only if it was made a short time ago.
    """


class CreationFailed(CloudError):
    """The cloud accepted a creation and gave up on it later. The next run makes the resource anew."""


class NotReady(CloudError):
    """What the call needs does not exist yet; trying again is expected to succeed.

    within: seconds that it may take, None for what the operation allows any step. progress: a text
    that changes whenever what is waited for comes closer; the time counts from then.
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
    """Whether an earlier attempt got through can't be told yet, and nothing was done meanwhile."""


class OperationFailed(KopsError):
    """An operation stopped before its end; running it again goes on from there."""


class Refused(KopsError):
    """The engine will not do this: stale plan, locked store, protected or read-only cluster."""

    exit_code = EXIT_REFUSED


class LockHeld(Refused):
    """Another operation has the cluster's lock; nothing was done.

    ``until``: when the lock expires unless it is renewed; None if that is not known.
    """

    def __init__(self, what: str, *, until: datetime | None, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.until = until


class LockLost(Refused):
    """The lock was taken over or removed while an operation worked under it, so the operation stopped."""

    exit_code = EXIT_LOCK_LOST
