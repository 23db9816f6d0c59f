"""Forms about one instance group, which end in an unsaved edit: a new one, a copy, its size."""

from __future__ import annotations

import shlex
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from kops_core import GroupOptions, InvalidSpec, KopsError, Tree, UsageError, get_path, to_yaml
from kops_tui.keys import bind
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.screens.form import FormField, FormPage, Section, answer_or_problem, flag_text
from kops_tui.screens.page import unsaved_note
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Line, Span, Tone, line, value_text

_NAME, _ROLE, _SUBNETS, _ZONES = "name", "role", "subnets", "zones"
_LEAST, _MOST = "minSize", "maxSize"
_ROLES = ("node", "control-plane", "bastion")
_REQUIRED = "give it a name"


class GroupForm(FormPage):
    """A form about an instance group of a workspace."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "groupform.take", "s", "take", "keep as edit", "Make it an unsaved edit of the cluster", rank=11
        ),
    ]

    def __init__(self, workspace: Workspace, values: dict[str, str]) -> None:
        super().__init__(values)
        self.workspace = workspace
        self.cluster = workspace.name

    def note(self) -> str:
        return unsaved_note(self.workspace)

    SHOWS = "mine"
    """What the spec shows after the edit: for a new group all that is written in it."""

    @abstractmethod
    def make_edit(self) -> str:
        """Edit the workspace; the group that was edited. Raises KopsError."""

    def action_take(self) -> None:
        """Make the edit, and show the group's spec with it."""
        problem = next(iter(self.problems.values()), "")
        if problem:
            self.show_notice(Span("not complete: ", Tone.WARN), problem)
            return
        group = self.make_edit()
        host = self.kops
        host.edits_changed(self.workspace)
        host.pop_screen()
        host.push_screen(SpecPage(self.cluster, group, only=self.SHOWS))
        host.show_notice(f"an edit of {group} that is not saved: s saves it, z undoes it, P plans it")


class NewGroupPage(GroupForm):
    """A new instance group from a role, as ``create instancegroup`` makes it."""

    PANE = 10

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace, {_ROLE: "node"})
        self.group: Tree | None = None

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "New instance group")

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that create the group: kops-tui's, then kOps'."""
        flags = {"role": _ROLE, "subnet": _SUBNETS, "zone": _ZONES}
        words = ["create", "instancegroup", self.values.get(_NAME) or "NAME"]
        words += [f"--{flag}={self.values[name]}" for flag, name in flags.items() if name in self.values]
        return self.in_shell(shlex.join(words), shlex.join(words))

    def sections(self) -> Sequence[Section]:
        found = self.workspace.explain(("spec", "subnets")).value
        subnets = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        names, zones = (
            tuple(dict.fromkeys(str(each[key]) for each in subnets if each.get(key)))
            for key in ("name", "zone")
        )
        where, part = (
            "subnets of its machines, if not its role's",
            "zones of its machines, if not its subnets'",
        )
        fields = (
            FormField(_NAME, "name", "its name, e.g. nodes-large"),
            FormField(_ROLE, "role", "what its machines are for", "", _ROLES),
            FormField(_SUBNETS, "subnets", where, "list", names, True),
            FormField(_ZONES, "zones", part, "list", zones, True),
        )
        return (("new instance group", fields),)

    def value_changed(self) -> None:
        self.group = None
        name = self.values.get(_NAME, "")
        if not name:
            self.show_answer({}, {_NAME: _REQUIRED})
        elif name in self.workspace.objects():
            self.show_answer({}, {_NAME: _taken(name)})
        else:
            options = GroupOptions(
                name, self.values.get(_ROLE, "node"), self._parts(_SUBNETS), self._parts(_ZONES)
            )
            make = partial(self.kops.engine.make_group, self.cluster, options)
            self.run_query("inferring", partial(answer_or_problem, make), self._show_group, group="make")

    def _parts(self, name: str) -> tuple[str, ...]:
        return tuple(part for part in self.values.get(name, "").split(",") if part)

    def _show_group(self, answer: Tree | KopsError) -> None:
        if self.values.get(_NAME, "") in ("", *self.workspace.objects()):
            return
        if isinstance(answer, KopsError):
            self.show_answer({}, group_problems(answer))
            return
        self.group = answer
        read = {name: flag_text(get_path(answer, ("spec", name))) for name in (_SUBNETS, _ZONES, _ROLE)}
        self.show_answer(read, {})

    def pane_lines(self) -> list[Line]:
        if self.group is None:
            return []
        text = to_yaml({"spec": self.group["spec"]})
        return [line(Span(f" {each}", Tone.GOOD)) for each in text.splitlines()]

    def make_edit(self) -> str:
        if self.group is None:
            raise UsageError("the group is not inferred yet", remedy="try again in a moment, or r asks again")
        return self.workspace.add_group(self.group)


def group_problems(error: KopsError) -> dict[str, str]:
    """What is wrong with a new instance group, by field of the form; under "" what belongs to none."""
    if isinstance(error, InvalidSpec):
        fields = {"spec.subnets": _SUBNETS, "spec.zones": _ZONES, "metadata.name": _NAME, "spec.role": _ROLE}
        found: dict[str, str] = {}
        for each in error.errors:
            key = next((name for path, name in fields.items() if each.path.startswith(path)), "")
            found.setdefault(key, each.message if key else f"{each.path}: {each.message}")
        return found
    field = {"--role": _ROLE, "--subnet": _SUBNETS, "--zone": _ZONES}.get(error.where, "")
    return {field: f"{error.what}: {error.remedy}" if error.remedy else error.what}


class CopyGroupPage(GroupForm):
    """A copy of an instance group by another name."""

    def __init__(self, workspace: Workspace, group: str) -> None:
        super().__init__(workspace, {_NAME: free_name(group, workspace.objects())})
        self.group = group

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, f"Copy {self.group}")

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that print the group, and create another from a file with another name in it."""
        read, create = f"get instancegroup {self.group} -o yaml", "create -f FILE"
        return (*self.in_shell(read, read), *self.in_shell(create, create))

    def sections(self) -> Sequence[Section]:
        about = f"the name of the copy; all else is as in {self.group}"
        return ((f"copy of {self.group}", (FormField(_NAME, "name", about),)),)

    def value_changed(self) -> None:
        name = self.values.get(_NAME, "")
        taken = _taken(name) if name in self.workspace.objects() else ""
        problem = taken if name else _REQUIRED
        self.show_answer({}, {_NAME: problem} if problem else {})

    def pane_lines(self) -> list[Line]:
        return [
            line(Span(f" {each}", Tone.MUTED)) for each in self.workspace.document(self.group).splitlines()
        ]

    def make_edit(self) -> str:
        self.workspace.copy_group(self.group, self.values[_NAME])
        return self.values[_NAME]


class ScalePage(GroupForm):
    """The least and most machines of an instance group."""

    BESIDE = "NOW"
    SHOWS = "changed"

    def __init__(self, workspace: Workspace, group: str) -> None:
        super().__init__(workspace, _sizes(workspace, group))
        self.group = group
        self._before = dict(self.values)

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, f"Scale {self.group}")

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that set the sizes: kops-tui's, then kOps'."""
        words = ["edit", "instancegroup", self.group]
        words += [f"--set=spec.{name}={text}" for name, text in self.values.items()]
        return self.in_shell(shlex.join(words), shlex.join(words))

    def sections(self) -> Sequence[Section]:
        least = FormField(_LEAST, "at least", "machines that it always has", "number")
        most = FormField(_MOST, "at most", "machines that it may grow to", "number")
        return ((f"machines of {self.group}", (least, most)),)

    def value_changed(self) -> None:
        self.show_answer(self._before, size_problems(self.values))

    def pane_lines(self) -> list[Line]:
        return [line(Span(" nothing starts or ends before it is applied", Tone.MUTED))]

    def make_edit(self) -> str:
        for name, text in self.values.items():
            if text != self._before.get(name):
                self.workspace.set(("instanceGroups", self.group, "spec", name), text)
        return self.group


def _sizes(workspace: Workspace, group: str) -> dict[str, str]:
    found = {
        name: value_text(workspace.explain(("instanceGroups", group, "spec", name)).value)
        for name in (_LEAST, _MOST)
    }
    return {name: text for name, text in found.items() if text}


def size_problems(values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the sizes of a group, by field."""
    problems = {
        name: "write a whole number"
        for name in (_LEAST, _MOST)
        if not (values.get(name, "").isdecimal() and values[name].isascii())
    }
    if not problems and int(values[_LEAST]) > int(values[_MOST]):
        problems[_MOST] = f"that is less than the least, {values[_LEAST]}"
    return problems


def free_name(group: str, taken: Iterable[str]) -> str:
    """A name for a copy that is not taken: ``nodes-2``, ``nodes-3`` and so on."""
    names = set(taken)
    return next(name for number in range(2, len(names) + 3) if (name := f"{group}-{number}") not in names)


def _taken(name: str) -> str:
    return "that means the cluster itself" if name == CLUSTER else "there is such a group already"
