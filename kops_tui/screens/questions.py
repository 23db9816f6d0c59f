"""The confirmation questions: what would be done, where, as whom, and how it is undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from kops_core import Action, Change, Plan, Risk
from kops_tui.dialogs.confirm import Question
from kops_tui.ports import Workspace
from kops_tui.resource_words import resource_words
from kops_tui.rotation_steps import RotationStep
from kops_tui.runs import Run
from kops_tui.screens.plan_summary import rolled, worst
from kops_tui.styled_text import Line, Span, Tone, count, line

if TYPE_CHECKING:
    from kops_core import GroupStatus, InstanceStatus, ResourceKey, StagePreview, StepProgress


def apply_question(
    plan: Plan,
    where: str,
    who: str,
    production: bool,
    *,
    unsaved: int = 0,
    marked: Collection[ResourceKey] = (),
) -> Question:
    """The question before a plan is applied; the name has to be typed where something could be lost.

    marked: what the operator chose, if the plan is limited to that and what has to change with it.
    """
    disruptive = (
        worst(plan.pending) in (Risk.INTERRUPTS_API, Risk.DELETES_DATA)
        or plan.count(Action.DELETE) + plan.count(Action.REPLACE) > 0
    )
    pruned = [str(change.key) for change in plan.pending if change.action is Action.DELETE]
    what = f"{count(len(plan.pending), 'change')} of plan" if plan.left_out else "plan"
    return Question(
        f"Apply {what} {plan.id[:8]}{' with pruning' if plan.prune else ''} to {plan.cluster}?",
        (
            line(
                f"creates {plan.count(Action.CREATE)}, updates {plan.count(Action.UPDATE)}, "
                f"replaces {plan.count(Action.REPLACE)}, deletes {plan.count(Action.DELETE)}"
            ),
            *_scope_lines(plan, marked),
            *([line(Span("saves  ", Tone.MUTED), _saved_first(plan, unsaved))] if unsaved else ()),
            *([line(Span("deletes", Tone.BAD), f" {_first_names(pruned)}")] if plan.prune and pruned else ()),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("nodes  ", Tone.MUTED), _effect_on_nodes(plan)),
            line(Span("undone ", Tone.MUTED), _how_undone(plan, disruptive)),
        ),
        yes="apply",
        typed=plan.cluster if disruptive or production else "",
    )


def _scope_lines(plan: Plan, marked: Collection[ResourceKey]) -> list[Line]:
    """What a plan that is limited to some changes does beside those that were marked, and what it leaves."""
    if not plan.left_out:
        return []
    others = [resource_words(change.key, plan.cluster) for change in plan.pending if change.key not in marked]
    left = [resource_words(key, plan.cluster) for key in plan.left_out]
    needed = [line(Span("needs  ", Tone.MUTED), f"{len(others)} more: {_first_names(others)}")]
    return [
        *(needed if others else ()),
        line(Span("leaves ", Tone.WARN), f"{len(left)} as they are: {_first_names(left)}"),
    ]


def _saved_first(plan: Plan, unsaved: int) -> str:
    """That the edits are saved, all of them, even if not all is applied."""
    told = "all of them, also what is not applied" if plan.left_out else ""
    return f"{count(unsaved, 'edit')} first" + (f": {told}" if told else "")


_GROUPS = "AutoscalingGroup"
_SIZES = ("min_size", "max_size")


def _effect_on_nodes(plan: Plan) -> str:
    """What a plan does to instances."""
    names = {
        action: [
            each.key.name.partition(".")[0]
            for each in plan.pending
            if each.key.kind == _GROUPS and each.action is action
        ]
        for action in (Action.CREATE, Action.DELETE)
    }
    resized = [
        change.key.name.partition(".")[0]
        for change in plan.pending
        if change.key.kind == _GROUPS
        and change.action is Action.UPDATE
        and any(each.name in _SIZES for each in change.fields)
    ]
    groups = rolled(plan.pending)
    told = [
        f"instances start in {_first_names(names[Action.CREATE])}" if names[Action.CREATE] else "",
        f"instances of {_first_names(names[Action.DELETE])} end" if names[Action.DELETE] else "",
        f"{_first_names(resized)} may grow or shrink" if resized else "",
        f"{_first_names(groups)} wait for a rolling update" if groups else "",
    ]
    return "; ".join(each for each in told if each) or "none is touched"


def _how_undone(plan: Plan, disruptive: bool) -> str | Span:
    """How what a plan does is taken back."""
    if disruptive:
        return Span("not wholly: something is deleted or replaced", Tone.BAD)
    groups = [change for change in plan.changes if change.key.kind == _GROUPS]
    if groups and all(change.action is Action.CREATE for change in groups):
        return "by deleting the cluster: everything here is new"
    return "by editing the spec back and applying again"


def _first_names(names: Sequence[str]) -> str:
    """A few names, and how many more."""
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def rolling_update_question(
    cluster: str, groups: Sequence[str], nodes: int, where: str, who: str
) -> Question:
    """The question before nodes are replaced."""
    return Question(
        f"Roll {count(nodes, 'node')} of {cluster}?",
        (
            line(Span("groups ", Tone.MUTED), ", ".join(groups)),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("how    ", Tone.MUTED), "drain, terminate, and validate before the next"),
            line(Span("undone ", Tone.MUTED), Span("not: a terminated instance is gone", Tone.BAD)),
        ),
        typed=cluster,
    )


_ROTATION = {
    RotationStep.CREATE: ("adds a keypair, so that everything can trust both", "by distrusting the new one"),
    RotationStep.PROMOTE: (
        "the newest keypair signs from the next apply on",
        "by promoting the old one again",
    ),
    RotationStep.DISTRUST: ("what the old keypairs have signed is not believed any more", "by trust keypair"),
}
"""What each step does, and how it is undone."""


def rotation_question(
    cluster: str, keyset: str, step: RotationStep, left: tuple[int, int], *, where: str, who: str
) -> Question:
    """The question before a step of a rotation. left: changes that are not applied, outdated nodes."""
    changes, nodes = left
    what, undone = _ROTATION[step]
    waiting = [
        f"{count(changes, 'change is', 'changes are')} not applied" if changes else "",
        f"{count(nodes, 'node is', 'nodes are')} outdated" if nodes else "",
    ]
    told = " and ".join(each for each in waiting if each)
    ready: Line = line(
        Span("ready  ", Tone.MUTED), Span("everything is applied, no node is outdated", Tone.GOOD)
    )
    if told:
        bad = step is not RotationStep.CREATE
        why = ": nodes without it would fall out" if bad else ""
        ready = line(
            Span("ready  ", Tone.MUTED),
            Span(f"no: {told}{why}" if bad else told, Tone.BAD if bad else Tone.WARN),
        )
    return Question(
        f"{step.value.capitalize()} a keypair of {keyset}?",
        (
            line(Span("what   ", Tone.MUTED), what),
            ready,
            line(Span("then   ", Tone.MUTED), "apply and roll the cluster"),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("undone ", Tone.MUTED), undone),
        ),
        yes=step.value,
        typed="" if step is RotationStep.CREATE else cluster,
    )


def end_drain_question(cluster: str, step: StepProgress) -> Question:
    """The question before a node is replaced although pods have not left it."""
    held = [f"{each.pod}: {each.budget or each.answer}" for each in step.held]
    return Question(
        f"Replace {step.name} without draining it further?",
        (
            line(Span("pods   ", Tone.MUTED), _first_names(held) or step.note or "those that are left"),
            line(Span("what   ", Tone.MUTED), Span("they end with it, whatever their budgets say", Tone.BAD)),
            line(Span("undone ", Tone.MUTED), Span("not: a terminated instance is gone", Tone.BAD)),
        ),
        yes="replace",
        typed=cluster,
    )


def stop_at_once_question(cluster: str, moving: Sequence[StepProgress]) -> Question:
    """The question before a rolling update ends in the middle."""
    nodes = [f"{each.name} ({each.stage or each.phase.value})" for each in moving]
    return Question(
        f"Stop the rolling update of {cluster} at once?",
        (
            line(Span("nodes  ", Tone.MUTED), _first_names(nodes) or "none is under way"),
            line(
                Span("what   ", Tone.MUTED), "they stay as they are: cordoned, drained or out of their group"
            ),
            line(Span("better ", Tone.MUTED), Span("s", Tone.KEY), " stops once they are done or put back"),
            line(Span("undone ", Tone.MUTED), "started again, it goes on; :operations cleans up"),
        ),
        yes="stop at once",
        typed=cluster,
    )


def delete_instance_question(
    cluster: str, group: GroupStatus, instance: InstanceStatus, where: str, who: str
) -> Question:
    """The question before one instance is deleted."""
    node = f" ({instance.node})" if instance.node else ""
    alone = group.role == "ControlPlane"
    how = "drained, then terminated; its group starts another"
    if not alone:
        how = "leaves its group, which starts another; drained, then terminated"
    return Question(
        f"Delete {instance.id}{node} of {cluster}?",
        (
            line(Span("group  ", Tone.MUTED), f"{group.name}, {count(len(group.instances), 'instance')}"),
            line(Span("why    ", Tone.MUTED), instance.reason or "it is up to date: nothing asks for it"),
            line(Span("how    ", Tone.MUTED), how),
            *(
                [line(Span("API    ", Tone.MUTED), Span("away meanwhile: it is the only one", Tone.BAD))]
                if alone and len(group.instances) == 1
                else []
            ),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("undone ", Tone.MUTED), Span("not: a terminated instance is gone", Tone.BAD)),
        ),
        yes="delete",
        typed=cluster,
    )


def reconciliation_question(cluster: str, stages: Sequence[StagePreview], where: str, who: str) -> Question:
    """The question before a cluster is reconciled."""
    changes = sum(len(each.changes) for each in stages)
    nodes = sum(sum((each.groups or {}).values()) for each in stages)
    return Question(
        f"Reconcile {cluster}?",
        (
            line(f"{count(changes, 'change')}, then {count(nodes, 'node')} replaced"),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("how    ", Tone.MUTED), "control plane, nodes, pruning, each once versions allow it"),
            line(Span("undone ", Tone.MUTED), Span("not: a terminated instance is gone", Tone.BAD)),
        ),
        typed=cluster,
    )


def deletion_question(plan: Plan, where: str, who: str) -> Question:
    """The question before a cluster is deleted."""
    volumes = sum(change.risk is Risk.DELETES_DATA for change in plan.pending)
    going = count(plan.count(Action.DELETE), "resource")
    return Question(
        f"Delete {plan.cluster}?",
        (
            line(f"deletes {going}, keeps {plan.count(Action.RETAIN)} that are shared"),
            line(Span("data   ", Tone.MUTED), f"{count(volumes, 'volume')} with their content, and its keys"),
            *(
                line(
                    Span("keys   ", Tone.MUTED),
                    Span(
                        f"{count(_objects(change), 'object')} outside of its folder, in {change.confirm}",
                        Tone.BAD,
                    ),
                )
                for change in plan.pending
                if change.confirm
            ),
            line(Span("where  ", Tone.MUTED), where),
            line(Span("who    ", Tone.MUTED), who),
            line(Span("undone ", Tone.MUTED), Span("not: everything of it is gone", Tone.BAD)),
        ),
        yes="delete",
        typed=plan.cluster,
    )


def _objects(change: Change) -> int:
    """How many objects of the state a change deletes."""
    return sum(len((each.before or "").splitlines()) for each in change.fields)


def quit_question(run: Run | None, workspaces: Sequence[Workspace]) -> Question | None:
    """The question before the program ends; None where nothing would be lost."""
    edits = [(each.name, each.edits) for each in workspaces if each.edits]
    lines = [
        line(Span(name, Tone.STRONG), f" has {count(number, 'unsaved edit')}, which would be lost")
        for name, number in edits
    ]
    if run is not None:
        lines.append(
            line(
                Span(f"{run.kind} of {run.cluster} is under way", Tone.STRONG),
                ": it stops after the step under way, and the program ends then.",
            )
        )
        lines.append(line("Started again, it goes on from its journal."))
    if not lines:
        return None
    return Question("Quit?", tuple(lines), yes="quit all the same", no="stay")
