"""Invalid responses over a real socket: empty, garbage, truncated, or incomplete."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kops_core.cloud.aws.errors import RENEW, SET_CLOCK, translated
from kops_core.errors import AccessDenied, CloudError, KopsError, StoreError
from kops_core.store.s3 import S3Backend

pytestmark = pytest.mark.full

BODIES = {
    "empty": (200, b"", 0),
    "a proxy's page": (200, b"<html><body>please log in</body></html>", 0),
    "not XML": (200, b"\x00\xff{]", 0),
    "XML cut off": (200, b"<?xml version='1.0'?><DescribeVolumesResponse><volumeSet><item>", 0),
    "body cut short": (200, b"<?xml version='1.0'?><A>", 1000),
    "a proxy's error": (407, b"<html>proxy</html>", 0),
    "an error of no form": (500, b"oops", 0),
}


class _Server(BaseHTTPRequestHandler):
    answer: tuple[int, bytes, int]

    def do_POST(self) -> None:
        status, body, more = self.answer
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) + more))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=BODIES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Handler", (_Server,), {"answer": BODIES[request.param]})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def _client(service: Any, url: str) -> Any:
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=5)
    return session.client(service, endpoint_url=url, config=config)


@pytest.mark.parametrize(
    ("service", "ask"),
    [
        ("ec2", lambda client: client.describe_volumes()["Volumes"][0]["VolumeId"]),
        ("autoscaling", lambda client: client.describe_auto_scaling_groups()["AutoScalingGroups"][0]),
        ("elbv2", lambda client: client.describe_load_balancers()["LoadBalancers"][0]),
        ("iam", lambda client: client.get_role(RoleName="x")["Role"]["Arn"]),
        ("sts", lambda client: client.get_caller_identity()["Account"]),
        ("route53", lambda client: client.list_hosted_zones()["HostedZones"][0]),
        ("ssm", lambda client: client.get_parameter(Name="x")["Parameter"]["Value"]),
        ("sqs", lambda client: client.get_queue_url(QueueName="x")["QueueUrl"]),
        ("events", lambda client: client.list_rules()["Rules"][0]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_aws_is_an_error_that_says_what_and_where(url: str, service: str, ask: Any) -> None:
    with pytest.raises(CloudError) as raised, translated("VPC/c"):
        ask(_client(service, url))
    assert raised.value.where == "VPC/c"
    assert raised.value.what


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.read("a/config").data.decode()[1000],
        lambda store: list(store.keys("a")),
        lambda store: list(store.children("a")),
        lambda store: store.delete_all(["a/config"]),
    ],
    ids=["read", "keys", "children", "delete"],
)
def test_the_store_is_an_error_too_or_has_what_was_sent(url: str, ask: Any) -> None:
    backend = S3Backend(_client("s3", url), "bucket", "")
    try:
        ask(backend)
    except (KopsError, IndexError, UnicodeDecodeError) as error:
        # Of a body that came whole nobody knows but the reader of the document.
        if isinstance(error, KopsError):
            assert isinstance(error, StoreError)
            assert error.where.startswith("s3://bucket")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredToken", RENEW),
        ("InvalidClientTokenId", RENEW),
        ("RequestExpired", SET_CLOCK),
        ("SignatureDoesNotMatch", SET_CLOCK),
        ("RequestTimeTooSkewed", SET_CLOCK),
        ("AuthFailure", SET_CLOCK),
    ],
)
def test_an_expired_token_and_a_wrong_clock_are_told_with_what_to_do(code: str, remedy: str) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    with pytest.raises(AccessDenied) as denied, translated("VPC/c"):
        raise ClientError(answer, "CreateVpc")
    assert denied.value.remedy == remedy
    assert "goes on where it stopped" in remedy
