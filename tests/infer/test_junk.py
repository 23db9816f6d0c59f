"""Whatever a document holds, it is completed or refused with an error of ours.

FUZZ_EXAMPLES is the number of documents to try.
"""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.api.path import Parts, leaves, put
from kops_core.api.values import Tree, Value
from kops_core.errors import KopsError
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from tests.infer.corpus_cases import SUITES, completed_cases, inputs

CASES = [(case, suite) for suite in SUITES for case in completed_cases(suite)]
JUNK: list[Value] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    {},
    [],
    [None],
    [{}],
    ["a"],
    {"enabled": True},
    {"a": [{}]},
]
JUNK += ["", "x", "1.32.0", "v1.99", "10.0.0.0/8", "1.2.3.4/33", "::/0", "fd00::/127", "9" * 30]
JUNK += ["s3://", "s3://a.b/c", "/x"]
SECTIONS = (
    "kubelet",
    "kubeDNS",
    "etcdClusters",
    "networking",
    "api",
    "subnets",
    "egressProxy",
    "assets",
    "hooks",
)


@st.composite
def broken(draw: st.DrawFn) -> Inputs:
    """A case of the corpus with one to three values replaced by junk."""
    case, suite = draw(st.sampled_from(CASES))
    given_inputs = inputs(case, suite)
    cluster, groups = given_inputs.cluster, dict(given_inputs.instance_groups)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*groups, ""])) if draw(st.booleans()) else ""
        if name:
            groups[name] = _spoilt(draw, groups[name])
        elif draw(st.booleans()):
            cluster = put(cluster, ("spec", draw(st.sampled_from(SECTIONS))), draw(st.sampled_from(JUNK)))
        else:
            cluster = _spoilt(draw, cluster)
    return Inputs(cluster, groups, given_inputs.facts, given_inputs.channel, given_inputs.settings)


def _spoilt(draw: st.DrawFn, tree: Tree) -> Tree:
    path: Parts = draw(st.sampled_from([path for path, _ in leaves(tree) if path[0] in ("metadata", "spec")]))
    depth = draw(st.integers(2, len(path))) if len(path) > 1 else len(path)
    return put(tree, path[:depth], draw(st.sampled_from(JUNK)))


@given(broken())
@settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "200")), deadline=None)
def test_junk_is_completed_or_refused_but_never_a_traceback(spoilt: Inputs) -> None:
    done = infer(spoilt)
    for part in ("cluster", "instance_groups"):
        try:
            getattr(done, part)
        except KopsError as error:
            assert str(error)
