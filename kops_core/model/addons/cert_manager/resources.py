"""The definitions of cert-manager's resources."""

from __future__ import annotations

from kops_core.model.addons.cert_manager.parts import ACME, CERTIFICATES, CONTROLLER
from kops_core.model.addons.definitions import AGE, CLUSTER, definition, known, version
from kops_core.model.addons.objects import Object

LABELS = CONTROLLER.labels | {"app.kubernetes.io/component": "crds"}
READY = 'Ready string .status.conditions[?(@.type == "Ready")].status'
STATUS = 'Status string .status.conditions[?(@.type == "Ready")].message 1'


def definitions() -> list[Object]:
    """The six definitions."""
    orders = "cert-manager cert-manager-acme"
    return [
        definition(
            ACME,
            "Challenge",
            version(
                "v1",
                "State string .status.state",
                "Domain string .spec.dnsName",
                "Reason string .status.reason 1",
                AGE,
                required="metadata spec",
            ),
            categories=orders,
            labels=LABELS,
        ),
        definition(
            ACME,
            "Order",
            version(
                "v1",
                "State string .status.state",
                "Issuer string .spec.issuerRef.name 1",
                "Reason string .status.reason 1",
                AGE,
                required="metadata spec",
            ),
            categories=orders,
            labels=LABELS,
        ),
        definition(
            CERTIFICATES,
            "CertificateRequest",
            version(
                "v1",
                'Approved string .status.conditions[?(@.type == "Approved")].status',
                'Denied string .status.conditions[?(@.type == "Denied")].status',
                READY,
                "Issuer string .spec.issuerRef.name",
                "Requester string .spec.username",
                STATUS,
                AGE,
            ),
            short="cr crs",
            categories="cert-manager",
            labels=LABELS,
        ),
        definition(
            CERTIFICATES,
            "Certificate",
            version(
                "v1",
                READY,
                "Secret string .spec.secretName",
                "Issuer string .spec.issuerRef.name 1",
                STATUS,
                AGE,
                spec=_certificate(),
            ),
            short="cert certs",
            categories="cert-manager",
            labels=LABELS,
        ),
        definition(
            CERTIFICATES,
            "ClusterIssuer",
            version("v1", READY, STATUS, AGE, required="spec"),
            scope=CLUSTER,
            short="ciss",
            categories="cert-manager",
            labels=LABELS,
        ),
        definition(
            CERTIFICATES,
            "Issuer",
            version("v1", READY, STATUS, AGE, required="spec", spec=known("selfSigned:object ca:object")),
            short="iss",
            categories="cert-manager",
            labels=LABELS,
        ),
    ]


def _certificate() -> Object:
    """What add-ons say of their certificates."""
    return known(
        "secretName commonName dnsNames:array duration renewBefore isCA:boolean usages:array "
        "issuerRef:object privateKey:object",
        required="issuerRef secretName",
    )
