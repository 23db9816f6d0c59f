"""The context of one observation: every list is read once, however many kinds use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.scaling import tagged_groups
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref, Template

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_T = TypeVar("_T")
_U = TypeVar("_U")
_R = TypeVar("_R", bound=Resource)
_Item = TypeVar("_Item", bound=Mapping[str, Any])

Tags = dict[str, str]


class Answers:
    """The results of calls that several kinds need, each made once. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Future[Any]] = {}

    def once(self, name: str, ask: Callable[[], _T]) -> _T:
        """The result of a call, made by the first thread that needs it."""
        with self._lock:
            known = self._known.get(name)
            mine = Future[Any]() if known is None else None
            if mine is not None:
                self._known[name] = mine
        if mine is None:
            assert known is not None  # noqa: S101 - one of both
            answer: _T = known.result()
            return answer
        try:
            answer = ask()
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        return answer


class ObservationContext:
    """The observation of one kind. Safe to use from several threads."""

    def __init__(
        self,
        work: CallContext,
        desired: Mapping[Key, Resource],
        lookup: Callable[[Ref], str | None],
        calls: Executor,
        answers: Answers,
    ) -> None:
        """desired: of all kinds. lookup: the value of a reference; may wait for its kind to be observed.

        calls: for parallel calls of this kind alone: those of another kind may be what it waits for.
        """
        self.aws = work.aws
        self.store = work.store
        self.cluster = work.cluster
        self.desired = desired
        self._lookup = lookup
        self._calls = calls
        self._answers = answers

    @property
    def ownership_tag(self) -> str:
        """The tag of all resources of the cluster."""
        return f"kubernetes.io/cluster/{self.cluster}"

    def once(self, name: str, ask: Callable[[], _T]) -> _T:
        """The result of a call, made by the first kind that needs it. It must not look up references."""
        return self._answers.once(name, ask)

    def each(self, ask: Callable[[_T], _U], items: Iterable[_T]) -> list[_U]:
        """The results of a call for several items, in parallel."""
        return list(self._calls.map(ask, items))

    def begin(self, ask: Callable[[], _T]) -> Future[_T]:
        """A call that goes on beside others. Not in what ``each`` runs: that would wait for its own pool."""
        return self._calls.submit(ask)

    def ec2(
        self, kind: type[Resource], id_filter: str, ask: Callable[[Sequence[FilterTypeDef]], list[_T]]
    ) -> list[_T]:
        """The EC2 resources of a kind: those with the cluster's tag, and those that the user named by id."""

        def both() -> list[_T]:
            named = sorted(each.existing_id for each in self.of(kind) if each.existing_id)
            found = ask([{"Name": "tag-key", "Values": [self.ownership_tag]}])
            if named:
                also = ask([{"Name": id_filter, "Values": named}])
                found = found + [item for item in also if item not in found]
            return found

        return self.once(kind.__name__, both)

    def scaling_groups(self) -> list[AutoScalingGroupTypeDef]:
        """The cluster's auto-scaling groups, without those that are being deleted."""

        return self.once("AutoScalingGroups", lambda: tagged_groups(self.aws, self.ownership_tag))

    def of(self, kind: type[_R]) -> list[_R]:
        """The desired resources of a kind."""
        return [each for each in self.desired.values() if type(each) is kind]

    def value(self, link: Ref | Template | str | None) -> str | None:
        """The value that a field refers to, if it exists.

        Waits until the other kind was observed: calls that need no reference come first.
        """
        if isinstance(link, Ref):
            return self._lookup(link)
        return link.resolve(self._lookup) if isinstance(link, Template) else link


def tags_of(item: Mapping[str, Any]) -> Tags:
    """The tags of a response with Key and Value, without AWS' own."""
    return {
        tag["Key"]: tag.get("Value", "")
        for tag in item.get("Tags") or item.get("TagSet") or ()
        if not tag["Key"].startswith("aws:")
    }


def matched(desired: Iterable[_R], items: Iterable[_Item], id_field: str) -> Iterator[tuple[_R, _Item]]:
    """Pairs of desired and observed resources: by id if the user gave one, else by ``Name`` tag."""
    items = list(items)
    for resource in desired:
        for item in items:
            if resource.existing_id:
                if item[id_field] == resource.existing_id:
                    yield resource, item
            elif not resource.shared and tags_of(item).get("Name") == resource.name:
                yield resource, item
