"""Channel, Kubernetes version, locations in the state store.

Facts: kOps' ``populate_cluster_spec.go``, ``defaults.go``.
"""

from __future__ import annotations

from kops_core.api.values import UNSET, Maybe, Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer import channel
from kops_core.infer.common import below
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule


@rule("spec.channel", because="clusters follow the stable channel unless you say otherwise")
def channel_name(c: Reader) -> Value:
    return "stable"


@rule(
    "spec.kubernetesVersion",
    because="it is the channel's recommendation for this version of kOps",
    over_user=True,
)
def kubernetes_version(c: Reader) -> Maybe:
    yours = c.user_value("spec.kubernetesVersion")
    if isinstance(yours, str) and yours.strip():
        c.because("kOps writes versions without blanks and without a leading v")
        return yours.strip().removeprefix("v")
    found = channel.recommended_kubernetes(c, str(c.setting("kopsVersion") or ""))
    if found is None:
        raise InvalidSpec(
            [
                FieldError(
                    "Required value",
                    "spec.kubernetesVersion",
                    "the channel recommends none: set it, e.g. to 1.36.0",
                )
            ]
        )
    return found


@rule("spec.configBase", because="the cluster's files lie beside its spec, in the state store that it is in")
def config_base(c: Reader) -> Maybe:
    store, name = c.setting("stateStore"), c.string("metadata.name")
    return below(str(store), name) if store and name else UNSET


@rule("spec.keyStore", because="certificates and keys are kept in the cluster's state store")
def key_store(c: Reader) -> Value:
    return _below(c, "pki")


@rule("spec.secretStore", because="secrets are kept in the cluster's state store")
def secret_store(c: Reader) -> Value:
    return _below(c, "secrets")


def _below(c: Reader, folder: str) -> Value:
    base = c.string("spec.configBase")
    return below(base, folder) if base else None
