"""Resource kinds in the state store: files, add-on manifests, keysets and secrets."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.model.kind_spec import Area, NotInTerraform, Risk, RiskProfile, TerraformName
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.template import Content, Link


@dataclass(frozen=True, kw_only=True)
class ManagedFile(Resource):
    """An object in the state store, or in the store of discovery documents or etcd backups. Outputs: none."""

    spec = KindSpec(
        area=Area.STATE_STORE,
        needed_at_boot=True,
        risk=RiskProfile(on_change=Risk.NONE),
        terraform=TerraformName("aws_s3_object"),
    )

    base: str | None = attr(replace=True)
    """URL that ``location`` is relative to; None for the cluster's own base (``spec.configBase``)."""
    location: str = attr(default="", replace=True)
    """Path of the object below its base."""
    contents: Content = attr(form="yaml")
    public: bool | None = attr()
    """Whether the object has an ACL for everybody to read it."""


@dataclass(frozen=True, kw_only=True)
class AddonManifest(ManagedFile):
    """The manifest of an add-on. A change is applied to the cluster within minutes."""

    spec = KindSpec(
        area=Area.ADDONS,
        needed_at_boot=True,
        applied_by_control_plane=True,
        terraform=TerraformName("aws_s3_object"),
    )


@dataclass(frozen=True, kw_only=True)
class BootstrapChannel(ManagedFile):
    """The list of add-ons with their hashes. A change is applied to the cluster within minutes."""

    spec = KindSpec(
        area=Area.ADDONS,
        needed_at_boot=True,
        applied_by_control_plane=True,
        terraform=TerraformName("aws_s3_object"),
    )


@dataclass(frozen=True, kw_only=True)
class Keypair(Resource):
    """A keyset ``pki/private/<name>/keyset.yaml``; ``name`` is the keyset's, e.g. ``kubernetes-ca``.

    It is made once and never changed by a plan: rotation is another command. Outputs, all
    public: ``id`` (of the primary certificate: its serial number, decimal), ``certificates``
    (PEM of every trusted one, oldest id first), ``public_keys`` (PEM of every trusted one) and
    ``jwks`` (the same as a JSON Web Key Set), both for service-account.
    """

    spec = KindSpec(
        area=Area.KEYS,
        needed_at_boot=True,
        risk=RiskProfile(on_change=Risk.NONE),
        terraform=NotInTerraform("made in the state store, where Terraform's state would spread it"),
    )

    subject: str | None = attr(create_only=True)
    """Like ``cn=kubernetes-ca``."""
    type: str | None = attr(create_only=True)
    """``ca``."""
    signer: Link = attr(create_only=True)
    """Keyset that signs it; None for self-signed."""


@dataclass(frozen=True, kw_only=True)
class Secret(Resource):
    """A random token ``secrets/<name>``, made once. Its value is never read by a plan. Outputs: none."""

    spec = KindSpec(
        area=Area.KEYS,
        needed_at_boot=True,
        risk=RiskProfile(on_change=Risk.NONE),
        terraform=NotInTerraform("made in the state store, where Terraform's state would spread it"),
    )


KINDS: tuple[type[Resource], ...] = (
    ManagedFile,
    AddonManifest,
    BootstrapChannel,
    Keypair,
    Secret,
)
