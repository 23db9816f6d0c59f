"""Builds IAM policy documents from permissions, in kOps' order and form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kops_core.infer.aws_regions import dns_suffix
from kops_core.model.documents import Document, json_document
from kops_core.model.template import Template

VERSION = "2012-10-17"
"""Version of the policy language."""


def one_or_many(items: Iterable[str]) -> str | list[str]:
    """A single item alone, several as a sorted list: what IAM itself returns."""
    found = sorted(set(items))
    return found[0] if len(found) == 1 else found


def statement(
    actions: Document,
    resources: Document = "*",
    *,
    condition: Document = None,
    principal: Document = None,
) -> dict[str, Document]:
    """An Allow statement; parts that are empty are left out."""
    made: dict[str, Document] = {"Action": actions}
    if condition:
        made["Condition"] = condition
    made["Effect"] = "Allow"
    if principal:
        made["Principal"] = principal
    if resources:
        made["Resource"] = resources
    return made


@dataclass
class Policy:
    """The permissions of one role while they are collected."""

    cluster: str
    region: str
    partition: str
    statements: list[dict[str, Document]] = field(default_factory=list)
    anywhere: set[str] = field(default_factory=set)
    """Actions on any resource."""
    tagged: set[str] = field(default_factory=set)
    """Actions on resources with the cluster's tag."""
    tagged_create: set[str] = field(default_factory=set)
    """Actions whose request sets the cluster's tag."""
    kms: set[str] = field(default_factory=set)
    """KMS actions, when EC2 or S3 call for us."""
    kms_grants: bool = False
    """Whether AWS services may create grants on our behalf."""

    def arn(self, service: str, rest: str) -> str:
        """An ARN in the policy's partition; ``rest``: region, account and resource, e.g. ``*:*:volume/*``."""
        return f"arn:{self.partition}:{service}:{rest}"

    def allow_create(self, actions: list[str], kinds: list[str]) -> None:
        """Allows EC2 create actions, and tagging of the created resources with the cluster's tag."""
        resources: Document = sorted(self.arn("ec2", f"*:*:{kind}/*") for kind in kinds)
        self.tagged_create.update(f"ec2:{action}" for action in actions)
        self.statements.append(
            statement(
                "ec2:CreateTags",
                resources,
                condition={
                    "StringEquals": {
                        "aws:RequestTag/KubernetesCluster": self.cluster,
                        "ec2:CreateAction": actions,
                    }
                },
            )
        )
        self.statements.append(
            statement(
                ["ec2:CreateTags", "ec2:DeleteTags"],
                resources,
                condition={
                    "Null": {"aws:RequestTag/KubernetesCluster": "true"},
                    "StringEquals": {"aws:ResourceTag/KubernetesCluster": self.cluster},
                },
            )
        )

    def document(self) -> Template | str:
        """The policy as JSON; "" if it allows nothing, because AWS refuses empty policies."""
        statements: list[Document] = [*self.statements, *self._collected()]
        return json_document({"Statement": statements, "Version": VERSION}) if statements else ""

    def _collected(self) -> list[dict[str, Document]]:
        own = {"StringEquals": {"aws:ResourceTag/KubernetesCluster": self.cluster}}
        new = {"StringEquals": {"aws:RequestTag/KubernetesCluster": self.cluster}}
        found: list[dict[str, Document]] = []
        if self.kms_grants:
            found.append(
                statement("kms:CreateGrant", condition={"Bool": {"kms:GrantIsForAWSResource": "true"}})
            )
        if self.kms:
            via = [f"ec2.{self.region}.amazonaws.com", "s3.*.amazonaws.com"]
            found.append(statement(one_or_many(self.kms), condition={"StringLike": {"kms:ViaService": via}}))
        if self.anywhere:
            found.append(statement(one_or_many(self.anywhere)))
        if self.tagged:
            found.append(statement(one_or_many(self.tagged), condition=own))
        if self.tagged_create:
            found.append(statement(one_or_many(self.tagged_create), condition=new))
        if "ec2:CreateSecurityGroup" in self.tagged_create:
            # A VPC has no request tag and need not be tagged, so this can't be limited by tags.
            found.append(statement("ec2:CreateSecurityGroup", self.arn("ec2", "*:*:vpc/*")))
        return found


def trust(principal: Document, action: str, condition: Document = None) -> Template:
    """The trust policy of a role."""
    allowed = statement(action, None, principal=principal, condition=condition)
    return json_document({"Statement": [allowed], "Version": VERSION})


def trust_machines(service: str) -> str:
    """The trust policy for machines, in kOps' layout."""
    lines = [
        f'"Version": "{VERSION}",',
        '"Statement": [',
        "  {",
        '    "Effect": "Allow",',
        f'    "Principal": {{ "Service": "{service}"}},',
        '    "Action": "sts:AssumeRole"',
        "  }",
        "]",
    ]
    return "\n".join(["{", *(f"  {line}" for line in lines), "}"])


def ec2_service(region: str) -> str:
    """EC2's service principal in a region."""
    return f"ec2.{dns_suffix(region)}"
