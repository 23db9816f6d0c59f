"""The S3 backend: regions, encryption, ACLs, lost responses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.errors import ObjectChanged, ObjectExists, StoreError, UsageError
from kops_core.store.open import StoreOpener
from kops_core.store.s3 import S3Backend
from kops_core.store.settings import StoreSettings
from tests.sandbox.clients import s3_client

pytestmark = pytest.mark.full

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ServerSideEncryptionConfigurationTypeDef


@pytest.fixture
def client(sandbox: Sandbox) -> S3Client:
    return s3_client(sandbox, Config(retries={"mode": "standard", "max_attempts": 4}))


@pytest.fixture
def name(client: S3Client, request: pytest.FixtureRequest) -> str:
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60]
    client.create_bucket(Bucket=name)
    return str(name)


@pytest.fixture
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    for variable, value in sandbox.env.items():
        monkeypatch.setenv(variable, value)
    yield dict(sandbox.env)


class Answer:
    """The body of an answer made up here."""

    def __init__(self, code: str) -> None:
        self.body = f"<Error><Code>{code}</Code><Message>made up</Message></Error>".encode()

    def stream(self) -> Iterator[bytes]:
        yield self.body


def answer(request: AWSPreparedRequest, status: int, code: str) -> AWSResponse:
    return AWSResponse(request.url, status, HTTPHeaders(), Answer(code))


def before_each_write(client: S3Client, send: Callable[..., AWSResponse | None]) -> None:
    client.meta.events.register("before-send.s3.PutObject", send)  # type: ignore[arg-type]


def lose_answers(client: S3Client, count: int) -> None:
    """The next writes reach S3, but their answers do not come back."""
    session = client._endpoint.http_session  # type: ignore[attr-defined]
    left = [None] * count

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if not left:
            return None
        left.pop()
        session.send(request)
        return answer(request, 503, "SlowDown")

    before_each_write(client, send)


def test_our_own_create_is_recognised(client: S3Client, name: str) -> None:
    backend = S3Backend(client, name)
    lose_answers(client, 2)
    etag = backend.create("k", b"mine")
    assert backend.read("k").etag == etag
    with pytest.raises(ObjectExists):
        backend.create("k", b"mine")


def test_our_own_replace_is_recognised(client: S3Client, name: str) -> None:
    backend = S3Backend(client, name)
    first = backend.create("k", b"1")
    lose_answers(client, 1)
    second = backend.replace("k", b"2", first)
    assert backend.read("k").etag == second


def test_anothers_write_is_not_taken_for_ours(client: S3Client, name: str) -> None:
    backend = S3Backend(client, name)
    first = backend.create("k", b"1")
    client.put_object(Bucket=name, Key="k", Body=b"2")  # the same content as we are about to write
    lose_answers(client, 1)
    with pytest.raises(ObjectChanged):
        backend.replace("k", b"2", first)


def test_a_write_in_progress_is_waited_for(client: S3Client, name: str) -> None:
    """409 ConditionalRequestConflict: S3 can't tell yet which write wins."""
    busy = [409, 409, 409]
    slept: list[float] = []

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        return answer(request, busy.pop(), "ConditionalRequestConflict") if busy else None

    before_each_write(client, send)
    backend = S3Backend(client, name, sleep=slept.append)
    backend.create("k", b"1")
    assert backend.read("k").data == b"1"
    assert len(slept) == 3
    assert slept == sorted(slept)


def test_the_buckets_own_encryption_goes_first(client: S3Client, name: str) -> None:
    client.delete_bucket_encryption(Bucket=name)
    plain = S3Backend(client, name)
    plain.put("plain", b"")
    assert client.head_object(Bucket=name, Key="plain")["ServerSideEncryption"] == "AES256"
    default: ServerSideEncryptionConfigurationTypeDef = {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    }
    client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=default)
    sent: list[AWSPreparedRequest] = []
    before_each_write(client, lambda request, **_: sent.append(request))
    S3Backend(client, name).put("kms", b"")
    assert "x-amz-server-side-encryption" not in {header.lower() for header in sent[0].headers}


@pytest.mark.parametrize(
    ("acl", "public", "expected"),
    [("", False, None), ("", True, "public-read"), ("private", True, "private")],
)
def test_no_acl_unless_asked(
    client: S3Client, name: str, acl: str, public: bool, expected: str | None
) -> None:
    """Buckets whose owner owns all objects refuse every ACL."""
    sent: list[str | bytes | None] = []
    before_each_write(client, lambda request, **_: sent.append(request.headers.get("x-amz-acl")))
    S3Backend(client, name, acl=acl or None).put("k", b"", public=public)  # type: ignore[arg-type]
    assert [value.decode() if isinstance(value, bytes) else value for value in sent] == [expected]


class FarAway(BaseHTTPRequestHandler):
    """S3 with a bucket in eu-central-1, as a client that signed for another region sees it.

    Errors: S3 API reference, "Error responses", AuthorizationHeaderMalformed and PermanentRedirect.
    """

    server: FarAwayServer

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        region = self.headers["Authorization"].split("/")[2]
        self.server.seen.append((self.command, region, body))
        if region == "eu-central-1":
            self._answer(200, b"", ("ETag", '"e"'), ("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT"))
            return
        status, code = self.server.refusal
        told = f"<Error><Code>{code}</Code><Region>eu-central-1</Region></Error>".encode()
        self._answer(status, told, ("x-amz-bucket-region", "eu-central-1"))

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for each in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(*each)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = _handle

    def log_message(self, *_: object) -> None:
        pass


class FarAwayServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, refusal: tuple[int, str]) -> None:
        super().__init__(("127.0.0.1", 0), FarAway)
        self.refusal = refusal
        self.seen: list[tuple[str, str, bytes]] = []


@pytest.mark.parametrize("refusal", [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed")])
def test_a_bucket_in_another_region_costs_one_call_more_in_all(
    refusal: tuple[int, str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FarAwayServer(refusal) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        opener = StoreOpener(environment)
        backend = opener.open("s3://far-away/team")
        assert backend.url == "s3://far-away/team"
        assert server.seen == [], "nothing is asked before it is needed"
        assert backend.read("k").data == b""
        backend.put("k", b"content")
        opener.open("s3://far-away/other").read("k")
        server.shutdown()
    calls = [(method, region) for method, region, _ in server.seen if method != "HEAD"]
    ours = "eu-central-1"
    assert calls[:2] == [("GET", "us-east-1"), ("GET", ours)]
    assert {region for _, region in calls[1:]} == {ours}
    assert ("PUT", ours, b"content") in server.seen


def test_a_bucket_that_is_not_there(environment: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="the bucket does not exist"):
        StoreOpener(environment).open("s3://no-such-bucket").read("k")


def test_an_endpoint_that_is_not_there(client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    dead = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:9",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2),
    )
    with pytest.raises(StoreError) as caught:
        S3Backend(dead, "bucket").read("k")
    assert caught.value.where == "s3://bucket/k"
    assert caught.value.remedy


def test_an_s3_compatible_service(sandbox: Sandbox, client: S3Client, name: str) -> None:
    variables = {
        "S3_ENDPOINT": sandbox.endpoint_url,
        "S3_ACCESS_KEY_ID": "key",
        "S3_SECRET_ACCESS_KEY": "do-not-show-me",
    }
    assert "do-not-show-me" not in repr(StoreSettings.of(variables))
    StoreOpener(variables).open(f"s3://{name}").put("k", b"1")
    assert client.get_object(Bucket=name, Key="k")["Body"].read() == b"1"


@pytest.mark.parametrize(
    ("ignored", "says"),
    [
        ((), []),
        (("If-None-Match",), ["two operations can hold the lock at once"]),
        (("If-Match",), ["is overwritten unseen", "a lock that another took over can be removed"]),
    ],
)
def test_a_service_that_ignores_conditions_is_found_out(
    sandbox: Sandbox, client: S3Client, name: str, ignored: tuple[str, ...], says: list[str]
) -> None:
    keys = {"S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret"}
    backend = StoreOpener({"S3_ENDPOINT": sandbox.endpoint_url, **keys}).open(f"s3://{name}")
    assert isinstance(backend, S3Backend)

    def ignore(params: dict[str, dict[str, str]], **_: object) -> None:
        for header in ignored:
            params["headers"].pop(header, None)

    backend._client.meta.events.register("before-call.s3.*", ignore)
    missing = backend.missing_protection()
    assert len(missing) == len(says)
    assert all(part in sentence for part, sentence in zip(says, missing, strict=True))
    assert list(backend.keys()) == [], "what was tried with is gone"
    assert S3Backend(client, name).missing_protection() == (), "AWS is not asked"


def test_folders_made_by_a_console_are_no_objects(client: S3Client, name: str) -> None:
    client.put_object(Bucket=name, Key="c.example.com/", Body=b"")
    client.put_object(Bucket=name, Key="c.example.com/config", Body=b"")
    backend = S3Backend(client, name)
    assert list(backend.keys("c.example.com")) == ["c.example.com/config"]
    assert [child.name for child in backend.children("c.example.com")] == ["config"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no state store"),
        ("s3://", "names no bucket"),
        ("gs://bucket", "supported: s3://"),
        ("vault://x", "supported: s3://"),
        ("file://host/path", "another machine"),
    ],
)
def test_urls_that_can_not_be(url: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        StoreOpener({}).open(url)
    assert says in str(caught.value)


def test_settings_that_make_no_sense(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="S3_ENDPOINT"):
        StoreSettings.of({"S3_ENDPOINT": "minio.example"})
    with pytest.raises(UsageError, match="no such canned ACL"):
        StoreOpener({**environment, "KOPS_STATE_S3_ACL": "everyone"}).open("s3://bucket")
