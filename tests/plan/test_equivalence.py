"""Equivalent texts of kOps are kept, and only real differences are planned."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.build import DesiredState
from kops_core.model.store_resources import AddonManifest, BootstrapChannel, Keypair, ManagedFile
from kops_core.model.template import Digest, Key, Ref, Template
from kops_core.plan.changes import Action, Plan
from kops_core.plan.equivalence import (
    adopt_equivalent,
    plan_with_equivalents,
    semantically_equal,
)
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Observed, Snapshot
from kops_core.plan.user_data import adopt_configuration, boot_of, changed_settings, same_user_data
from tests.plan.fixtures import NOW, applied, case

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            type: object
            properties:
              a:
                type: string
    served: true
"""
EXPLAINED = DEFINITION.replace("type: string", "type: string\n                description: The first letter.")


def test_texts_that_are_equal_need_no_words_of_others() -> None:
    _, desired = case()
    snapshot = applied(desired)
    plan, state = planned(desired, snapshot)
    assert plan.pending == ()
    assert state.resources == desired.resources


def test_before_anything_is_there_nothing_is_kept() -> None:
    _, desired = case()
    assert adopt_equivalent(desired, Snapshot(NOW, {})).resources == desired.resources


def test_a_text_is_not_kept_if_what_it_refers_to_is_made_anew() -> None:
    other, template = Key("Keypair", "other"), Key("LaunchTemplate", "nodes")
    wanted = LaunchTemplate(name="nodes", user_data=Template.of(script("X"), Ref(other)))
    there = replace(wanted, user_data=script("X") + "# kOps' words\n" + "1")
    snapshot = applied(
        DesiredState("c", (wanted,)), change={template: lambda each: there}, value=lambda ref: "1"
    )
    whole = replace(
        snapshot, resources={**snapshot.resources, other: replace(snapshot.resources[template], id="1")}
    )
    (kept,) = adopt_equivalent(DesiredState("c", (wanted,)), whole).resources
    assert kept == there
    (anew,) = adopt_equivalent(DesiredState("c", (wanted,)), whole, frozenset({other})).resources
    assert anew == wanted


def test_the_plan_is_made_again_when_it_makes_something_anew() -> None:
    """Else the plan would keep a text with an id that is gone once it is applied."""
    _, desired = case()
    asked: list[int] = []

    def make(state: DesiredState) -> Plan:
        asked.append(1)
        plan = make_plan(state, snapshot, cluster="c", inputs_digest="x", now=NOW)
        first, *rest = plan.changes
        return replace(plan, changes=(replace(first, action=Action.REPLACE), *rest))

    snapshot = applied(desired)
    plan_with_equivalents(desired, snapshot, make)
    assert len(asked) == 2


def test_a_definition_may_explain_more_than_ours_and_nothing_else() -> None:
    assert semantically_equal(DEFINITION, EXPLAINED)
    assert semantically_equal(EXPLAINED, DEFINITION)
    for one, other in (
        ("type: string", "type: integer"),
        ("type: string", "type: string\n                default: x"),
        ("type: string", "x-kubernetes-preserve-unknown-fields: true"),
        ("name: v1", "name: v2"),
        ("served: true", "served: false"),
        ("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"),
        ("name: things.example.com", "name: others.example.com"),
    ):
        changed = EXPLAINED.replace(one, other)
        assert changed != EXPLAINED
        assert not semantically_equal(DEFINITION, changed)
        assert not semantically_equal(changed, DEFINITION)
    assert not semantically_equal(DEFINITION, EXPLAINED + "---\n" + EXPLAINED)
    # Labels and annotations may be more than ours.
    labelled = EXPLAINED.replace("metadata:\n", "metadata:\n  labels: {a: b}\n")
    assert semantically_equal(DEFINITION, labelled)
    assert not semantically_equal(labelled, DEFINITION)
    # Only a definition: of any other object all fields count.
    thing = "CustomResourceDefinition", "Thing"
    assert not semantically_equal(DEFINITION.replace(*thing), EXPLAINED.replace(*thing))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a: 1\nb:\n", "a: 1\n", True),
        ("a: [1]\n", "a:\n- 1\n", True),
        ("a: 1\n", "a: true\n", False),
        ("a: 1\n", "a: '1'\n", False),
        ("a: 1\n", "a: 1\nb: 2\n", False),
        ("a: [1, 2]\n", "a: [2, 1]\n", False),
        ("1.34.0\n", "1.35.0\n", False),
        ("a: [", "a: [ ", False),
    ],
)
def test_documents_are_the_same_by_their_values(one: str, other: str, same: bool) -> None:
    assert semantically_equal(one, other) is same
    assert semantically_equal(other, one) is same


def test_texts_that_are_no_boot_scripts_are_never_the_same_boot() -> None:
    assert not same_user_data("#!/bin/bash\necho 1\n", "#!/bin/bash\necho 2\n")
    assert not same_user_data("", "")
    assert boot_of(script("X")) is not None
    assert not same_user_data(script("X"), script("Y"))
    for broken in ("NODEUP_HASH_AMD64=1", "ClusterName: X"):
        assert boot_of(script("X").replace(broken, "[")) is None


def test_other_words_do_where_more_than_the_configuration_changes() -> None:
    assert adopt_configuration(script("X"), script("Y")) == script("X")
    there = script("Y") + "# in other words\n"
    assert adopt_configuration(script("X"), there) == script("X") + "# in other words\n"
    assert adopt_configuration(script("X").replace("example.com/nodeup", "example.com/newer"), there) is None
    assert adopt_configuration(script("X"), "#!/bin/bash\n") is None


def planned(desired: DesiredState, snapshot: Snapshot) -> tuple[Plan, DesiredState]:
    return plan_with_equivalents(
        desired,
        snapshot,
        lambda state: make_plan(state, snapshot, cluster="c", inputs_digest="x", now=NOW),
    )


def script(name: str) -> str:
    return (
        "NODEUP_URL_AMD64=https://example.com/nodeup\nNODEUP_HASH_AMD64=1\n"
        f"cat << '__EOF_KUBE_ENV'\nClusterName: {name}\n__EOF_KUBE_ENV\n"
    )


def test_a_script_in_other_words_is_kept_whether_its_text_is_known_at_once_or_not() -> None:
    key, other = Key("LaunchTemplate", "nodes"), Key("Keypair", "other")
    there = script("Y") + "# kOps' words\n"
    for user_data in (
        script("X"),
        Template.of(script("X")),
        Template.of(script("X").replace("=1", "="), Ref(other)),
    ):
        wanted = LaunchTemplate(name="nodes", user_data=user_data)
        live = {key: Observed(replace(wanted, user_data=there), "lt-1")}
        state = DesiredState("c", (wanted,))
        snapshot = Snapshot(NOW, {**live, other: Observed(Keypair(name="other"), "1")})
        (kept,) = adopt_equivalent(state, snapshot).resources
        assert isinstance(kept, LaunchTemplate)
        if isinstance(user_data, str) or not list(user_data.refs()):
            assert kept.user_data == script("X") + "# kOps' words\n"
        else:
            assert kept.user_data == user_data, "where more is unknown than a value, ours is written"
    nothing = LaunchTemplate(name="nodes", user_data="")
    assert adopt_equivalent(DesiredState("c", (nothing,)), snapshot).resources == (nothing,)


def test_boot_scripts_are_told_apart_by_what_they_say() -> None:
    one = script("X") + 'export S3_REGION=here\n  echo "http_proxy=http://p"\n'
    boot = boot_of(one)
    assert boot is not None
    assert boot.configuration == {"ClusterName": "X"}
    assert (boot.places, boot.hashes) == ({"AMD64": "https://example.com/nodeup"}, {"AMD64": "1"})
    assert boot.variables == {"S3_REGION": "here", "http_proxy": "http://p"}
    for other, settings in (
        (one.replace("ClusterName: X", "ClusterName: Y"), ("ClusterName",)),
        (one.replace("ClusterName: X", "ClusterName: X\nMore: 1"), ("More",)),
        (one.replace("ClusterName: X", "ClusterName: X\nMore: null"), ()),
        (one.replace("=here", "='here'"), ()),
        (one.replace("=here", "=there"), ("S3_REGION",)),
        (one.replace("http://p", "http://q"), ("http_proxy",)),
        (one.replace("/nodeup", "/newer"), ("nodeup",)),
        (one.replace("AMD64=1", "AMD64=2"), ("nodeup",)),
        (one + "# more words\n", ()),
    ):
        assert changed_settings(one, other) == settings
        assert same_user_data(one, other) == (not settings)
    for broken in (
        one.replace("NODEUP_HASH_AMD64", "NODEUP_HASH_ARM64"),
        one.replace("NODEUP_URL_AMD64=https://example.com/nodeup\n", ""),
        one.replace("ClusterName: X", "a: ["),
        one.replace("=here", "='here"),
        one.replace("=here", "=here there"),
    ):
        assert boot_of(broken) is None
        assert not same_user_data(broken, broken + "\n"), "what can't be read is equal to nothing"
    assert boot_of(one.replace("NODEUP_HASH_", "NODEUP_SHA256_").replace("NODEUP_URL_", "NODEUP_URLS_"))


def test_a_users_own_parts_of_user_data_have_to_be_the_same_text() -> None:
    def parts(own: str, name: str = "own.sh", boot: str = "X") -> str:
        found = [("nodeup.sh", script(boot)), (name, own)]
        head = "--b\nContent-Type: text/x-shellscript\nContent-Disposition: attachment; filename="
        texts = "".join(f'{head}"{each}"\n\n{text}\n' for each, text in found)
        return f'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n{texts}--b--\n'

    one = parts("echo a")
    assert same_user_data(one, parts("echo a"))
    assert not same_user_data(one, parts("echo  a"))
    assert not same_user_data(one, parts("echo a", "other.sh"))
    assert not same_user_data(one, script("X"))
    assert changed_settings(one, parts("echo b")) == ("own.sh",)
    assert changed_settings(one, parts("echo a", "other.sh")) == ("other.sh", "own.sh")
    assert changed_settings(one, parts("echo a", boot="Y")) == ("ClusterName",)
    assert changed_settings("#!/bin/sh\n", "#!/bin/bash\n") == ()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_an_equivalent_manifest_is_kept_and_the_list_of_add_ons_has_its_hash() -> None:
    manifest = AddonManifest(name="m", location="a.yaml", contents=DEFINITION)
    other = AddonManifest(name="o", location="b.yaml", contents="kind: Other\na: 1\n")
    plain = ManagedFile(name="f", location="f", contents="kind: File\na: null\nb: 1\n")
    channel = BootstrapChannel(
        name="c",
        location="c.yaml",
        contents="spec:\n  addons:\n"
        + "".join(
            f"  - manifest: x\n    manifestHash: {_sha256(each)}\n"
            for each in (DEFINITION, str(other.contents))
        ),
    )
    wanted = DesiredState("c", (manifest, other, plain, channel))

    def adopted(**live: str) -> dict[str, str]:
        there = {
            each.key: Observed(replace(each, contents=live[each.name]), "id")
            for each in wanted.resources
            if isinstance(each, ManagedFile) and each.name in live
        }
        state = adopt_equivalent(wanted, Snapshot(NOW, there))
        return {each.name: str(each.contents) for each in state.resources if isinstance(each, ManagedFile)}

    ours = adopted()
    assert ours == {
        each.name: str(each.contents) for each in wanted.resources if isinstance(each, ManagedFile)
    }
    kept = adopted(m=EXPLAINED, o="kind: Other\na: 2\n", f="{kind: File, b: 1}")
    assert (kept["m"], kept["o"], kept["f"]) == (EXPLAINED, ours["o"], "{kind: File, b: 1}")
    assert kept["c"] == ours["c"].replace(_sha256(DEFINITION), _sha256(EXPLAINED))
    words = "# kOps' words\n" + kept["c"]
    assert adopted(m=EXPLAINED, c=words)["c"] == words, "the list itself may be in other words"
    assert adopted(m=EXPLAINED, c=ours["c"])["c"] == kept["c"]


def test_a_text_that_machines_verify_by_its_hash_is_not_kept_in_other_words() -> None:
    text = Template.of("kind: File\na: 1\n")
    file = ManagedFile(name="f", location="f", contents=text)
    template = LaunchTemplate(name="nodes", user_data=Template.of("hash: ", Digest(text)))
    live = {file.key: Observed(replace(file, contents="{kind: File, a: 1}"), "id")}
    for resources, contents in (((file, template), text), ((file,), "{kind: File, a: 1}")):
        state = adopt_equivalent(DesiredState("c", resources), Snapshot(NOW, live))
        assert state.by_key()[file.key] == replace(file, contents=contents)
