"""Secrets in files are never in a plan, neither new nor old values."""

from __future__ import annotations

import pytest

from kops_core.model.store_resources import AddonManifest
from kops_core.plan.diff import differences
from kops_core.plan.redaction import redacted

OLD, NEW = "old-and-secret", "new-and-secret"


def _manifest(secret: str) -> str:
    return f"""kind: ConfigMap
metadata:
  name: plain
data:
  shown: yes-it-is
---

apiVersion: v1
kind: Secret
stringData:
  keys: "{secret}"
"""


def _pod(secret: str) -> str:
    return f"""kind: Pod
spec:
  containers:
  - env:
    - name: S3_SECRET_ACCESS_KEY
      value: {secret}
"""


@pytest.mark.parametrize("text", [_manifest, _pod])
def test_a_changed_secret_is_seen_to_change_and_not_seen(text: object) -> None:
    assert callable(text)
    before, after = (
        AddonManifest(name="x", base=None, location="x", contents=text(each)) for each in (OLD, NEW)
    )
    (change,) = differences(after, before, lambda ref: None)
    assert change.before != change.after
    assert OLD not in str(change)
    assert NEW not in str(change)
    assert "yes-it-is" in str(change.before) or text is _pod


def test_the_credentials_of_a_store_are_masked_in_user_data() -> None:
    script = f"#!/bin/bash\nexport S3_REGION=here\nexport S3_SECRET_ACCESS_KEY={OLD}\nfetch\n"
    shown = redacted(script, "script")
    assert OLD not in shown
    assert "export S3_REGION=here\nexport S3_SECRET_ACCESS_KEY=(secret, sha256 " in shown


def test_a_manifest_that_cannot_be_read_is_hidden_whole() -> None:
    assert OLD not in redacted(f"kind: Secret\ndata: [{OLD}", "yaml")
