"""Instance metadata (IMDSv2) and an Amazon S3 that checks signatures, on loopback.

Signatures are verified with botocore, independently of the script.
"""

from __future__ import annotations

import json
import re
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

METADATA_IPV4, METADATA_IPV6 = "169.254.169.254", "[fd00:ec2::254]"
_SESSION = "session=="
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key_id>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request,"
    r" ?SignedHeaders=(?P<names>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass
class Surroundings:
    """The simulated services of the machine, set up by the test, and its requests."""

    objects: dict[str, bytes]
    """Contents by bucket/key."""
    region: str = "us-test-1"
    """The region of the machine."""
    bucket_region: str = "us-test-1"
    domain: str = "amazonaws.com"
    secret: str = "%s%n/+K=x"
    """With characters that a shell's printf would interpret."""
    offered_secret: str = ""
    """Returned by the metadata instead of the secret, if set."""
    token: str = "IQoJb3JpZ2luX2Vj%/+=="
    metadata_host: str = METADATA_IPV4
    roles: tuple[str, ...] = ("nodes.example.com", "other")
    unavailable: dict[str, int] = field(default_factory=dict)
    """The number of requests to ``s3`` and ``metadata`` that still get a 503."""
    asked: list[str] = field(default_factory=list)
    """Each request's host and path, and the status of its answer."""

    def credentials(self) -> dict[str, str]:
        """The role's credentials in the metadata."""
        known = {"Code": "Success", "AccessKeyId": "ASIAEXAMPLE"}
        known["SecretAccessKey"] = self.offered_secret or self.secret
        return known | ({"Token": self.token} if self.token else {})


class _Handler(BaseHTTPRequestHandler):
    service = ""

    def __init__(self, there: Surroundings, *given: object) -> None:
        self.there = there
        super().__init__(*given)  # type: ignore[arg-type]  # as socketserver passes them

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.there.asked.append(f"{self.headers['Host']}{self.path} {status}")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def fails(self) -> bool:
        left = self.there.unavailable.get(self.service, 0)
        if left:
            self.there.unavailable[self.service] = left - 1
            self.answer(503)
        return left > 0

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class' name
        """Says nothing."""


class _Metadata(_Handler):
    service = "metadata"

    def do_PUT(self) -> None:  # the base class' way
        if self.fails():
            return
        lifetime = self.headers["X-aws-ec2-metadata-token-ttl-seconds"] or ""
        valid = self.path == "/latest/api/token" and lifetime.isdigit() and 1 <= int(lifetime) <= 21600
        self.answer(200, _SESSION.encode()) if valid else self.answer(400)

    def do_GET(self) -> None:
        if self.headers["X-aws-ec2-metadata-token"] != _SESSION:
            return self.answer(401)
        there = self.there
        known = {"placement/region": there.region, "services/domain": there.domain}
        if there.roles:
            known["iam/security-credentials/"] = "\n".join(there.roles)
            known[f"iam/security-credentials/{there.roles[0]}"] = json.dumps(there.credentials(), indent=2)
        found = known.get(self.path.removeprefix("/latest/meta-data/"))
        return self.answer(404) if found is None else self.answer(200, found.encode())


class _Storage(_Handler):
    service = "s3"

    def do_GET(self) -> None:
        if self.fails():
            return None
        there = self.there
        region = self.headers["Host"].removeprefix("s3.").removesuffix(f".{there.domain}")
        if region != there.bucket_region:
            # No Location: the client has to find the region itself.
            return self.answer(301, b"<Error/>", x_amz_bucket_region=there.bucket_region)
        if not self.signed(region):
            return self.answer(403, b"<Error/>", x_amz_bucket_region=there.bucket_region)
        content = there.objects.get(unquote(self.path).removeprefix("/"))
        return self.answer(404, b"<Error/>") if content is None else self.answer(200, content)

    def signed(self, region: str) -> bool:
        """Whether the request was signed just now with the secret, for the region, with all headers."""
        found = _AUTHORIZATION.fullmatch(self.headers["Authorization"] or "")
        if found is None or found["region"] != region:
            return False
        names = found["names"].split(";")
        theirs = {name.lower() for name in self.headers if name.lower().startswith("x-amz-")}
        if not theirs | {"host"} <= set(names) or names != sorted(names):
            return False
        if (self.headers["x-amz-security-token"] or "") != self.there.token:
            return False
        made = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs(datetime.now(UTC) - made) > timedelta(minutes=15) or f"{made:%Y%m%d}" != found["day"]:
            return False
        request = AWSRequest("GET", f"https://{self.headers['Host']}{self.path}")
        for name in names:
            request.headers[name] = self.headers[name]
        request.context["timestamp"] = self.headers["x-amz-date"]
        signer = S3SigV4Auth(Credentials(found["key_id"], self.there.secret), "s3", region)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        return bool(signer.signature(text, request) == found["signature"])


@contextmanager
def surrounded(there: Surroundings, folder: Path) -> Iterator[str]:
    """Serves the simulated services; the shell command of a curl that only reaches them."""
    pem = folder / "s3.pem"
    _certificate(pem, f"s3.{there.region}.{there.domain}", f"s3.{there.bucket_region}.{there.domain}")
    metadata = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Metadata, there))
    storage = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Storage, there))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    storage.socket = context.wrap_socket(storage.socket, server_side=True)
    threads = [
        Thread(target=each.serve_forever, kwargs={"poll_interval": 0.05}) for each in (metadata, storage)
    ]
    for thread in threads:
        thread.start()
    elsewhere = {METADATA_IPV4, METADATA_IPV6} - {there.metadata_host}
    ways = [
        # A port on which nothing listens: discard.
        *(f"{host}:80:127.0.0.1:9" for host in elsewhere),
        f"{there.metadata_host}:80:127.0.0.1:{metadata.server_port}",
        f":443:127.0.0.1:{storage.server_port}",
    ]
    given = " ".join(f"--connect-to '{way}'" for way in ways)
    try:
        yield f'echo "$*" >>"{folder}/curl"; exec {shutil.which("curl")} {given} --cacert "{pem}" "$@"'
    finally:
        for server, thread in zip((metadata, storage), threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def _certificate(pem: Path, *hosts: str) -> None:
    """Writes a key and a certificate that it signed itself for the hosts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in sorted(set(hosts))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
