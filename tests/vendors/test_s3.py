"""File storage on S3: the real client against moto's server on loopback."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from botocore.config import Config
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken
from moto.server import ThreadedMotoServer
from pytest_django import Settings
from rest_framework.test import APIClient
from storages.backends.s3 import S3Storage

from experts.operations import create_expert, delete_file, update_expert, upload_file
from experts.progress import progress_of
from experts.providers.base import ProviderError
from experts.providers.files import storage_errors
from experts.reconciling.objects import objects, stored
from expertsite.policy import content_security_policy
from expertsite.storage import storages
from queueing.testing import drain
from tests.documents import long_text, upload
from tests.factories import ExpertFactory, SourceFileFactory
from tests.fakes import FakeEmbedder
from tests.pictures import picture
from tests.vendors.conftest import Configure
from tests.vendors.messages import Answer, Hang, Reset
from tests.vendors.s3_standin import S3StandIn, refusal
from tests.vendors.standin import StandIn

BUCKET = "files-of-experts"
SECRET = "a-secret-access-key-0123"


pytestmark = pytest.mark.xdist_group("s3")  # one server for all of them


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_address: str, configure: Configure, settings: Settings) -> Iterator[Any]:
    """The product's own settings for a bucket; gives the vendor's client to look behind."""
    environment = configure(
        aws_storage_bucket_name=BUCKET,
        aws_endpoint_url_s3=s3_address,
        aws_s3_region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key=SECRET,
    )
    client = boto3.client(
        "s3",
        endpoint_url=s3_address,
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key=SECRET,
    )
    client.create_bucket(Bucket=BUCKET)
    settings.STORAGES = storages(environment)
    yield client
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    client.delete_bucket(Bucket=BUCKET)
    client.close()


def save(content: bytes = b"Deduct the coffee.", name: str = "notes.txt") -> str:
    return default_storage.save(name, ContentFile(content))


def test_a_bucket_alone_switches_it_on(configure: Configure) -> None:
    assert configure(aws_storage_bucket_name=BUCKET).choices["STORAGE"] == "s3"


@pytest.mark.django_db
def test_an_uploaded_file_lies_in_the_bucket_and_is_read_from_there(s3: Any, alice: User) -> None:
    file = SourceFileFactory(owner=alice, content=b"Deduct the coffee.")
    (entry,) = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert entry["Key"] == file.file.name
    with file.file.open() as stored:
        assert stored.read() == b"Deduct the coffee."


def test_the_same_name_twice_overwrites_nothing(s3: Any) -> None:
    first, second = save(b"one"), save(b"two")
    assert first != second
    with default_storage.open(first) as stored:
        assert stored.read() == b"one"


def test_a_link_is_signed_for_five_minutes_by_version_4(s3: Any) -> None:
    link = default_storage.url(save())
    query = parse_qs(urlsplit(link).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert httpx.get(link).content == b"Deduct the coffee."


def test_a_link_can_carry_the_file_s_own_name(s3: Any) -> None:
    disposition = 'attachment; filename="taxes.txt"'
    link = default_storage.url(save(), parameters={"ResponseContentDisposition": disposition})
    assert httpx.get(link).headers["Content-Disposition"] == disposition


def test_a_long_file_is_read_in_pieces_without_lying_in_memory(s3: Any) -> None:
    name = save(b"coffee " * 2_000_000)
    with default_storage.open(name) as stored:
        assert sum(len(piece) for piece in stored.chunks()) == 14_000_000
        assert stored.file._rolled  # the spooled file has gone to disk


def test_deleting_removes_the_object_and_deleting_twice_is_no_error(s3: Any) -> None:
    name = save()
    default_storage.delete(name)
    default_storage.delete(name)
    assert not default_storage.exists(name)


def test_a_file_that_is_gone_says_so(s3: Any) -> None:
    with (
        pytest.raises(ProviderError, match="not in the storage any more") as raised,
        storage_errors(),
    ):
        default_storage.open("nowhere.txt").read()
    assert raised.value.permanent


def test_a_missing_bucket_is_named_with_the_remedy(s3: Any, settings: Settings) -> None:
    settings.STORAGES["default"]["OPTIONS"]["bucket_name"] = "no-such-bucket"
    settings.STORAGES = dict(settings.STORAGES)
    with (
        pytest.raises(ProviderError, match="Check AWS_STORAGE_BUCKET_NAME") as raised,
        storage_errors(),
    ):
        save()
    assert raised.value.permanent


def test_people_are_sent_to_the_bucket_by_a_signed_link_and_programs_get_the_bytes(
    s3: Any, client: Client, alice: User
) -> None:
    file = SourceFileFactory(owner=alice, name="täxes.txt", content=b"Deduct the coffee.")
    address = f"/files/{file.pk}/content/"
    answer = client.get(address)
    assert answer.status_code == 302
    link = answer.headers["Location"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
    sent = httpx.get(link)
    assert sent.content == b"Deduct the coffee."
    assert sent.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''t%C3%A4xes")
    token = AuthToken.objects.create(alice)[1]
    api = APIClient(headers={"Authorization": f"Token {token}"})
    assert b"".join(api.get(address)) == b"Deduct the coffee."  # type: ignore[call-overload]


def test_html_that_somebody_uploaded_never_opens_in_place(
    s3: Any, client: Client, alice: User
) -> None:
    file = SourceFileFactory(owner=alice, media_type="text/html", content=b"<script>")
    link = client.get(f"/files/{file.pk}/content/?inline=1").headers["Location"]
    assert httpx.get(link).headers["Content-Disposition"].startswith("attachment")


def test_strangers_are_sent_nowhere(s3: Any, client: Client) -> None:
    assert client.get(f"/files/{SourceFileFactory(content=b'x').pk}/content/").status_code == 404


def test_where_browsers_cannot_reach_the_bucket_the_site_passes_files_on(
    s3: Any, client: Client, alice: User, configure: Configure
) -> None:
    file = SourceFileFactory(owner=alice, content=b"Deduct the coffee.")
    configure(storage_links="off")
    answer: Any = client.get(f"/files/{file.pk}/content/")
    assert b"".join(answer) == b"Deduct the coffee."


def test_pictures_lie_in_the_bucket_and_are_shown_from_there(
    s3: Any, client: Client, alice: User
) -> None:
    expert = ExpertFactory(owner=alice)
    update_expert(expert, avatar=SimpleUploadedFile("face.png", picture()))
    link = client.get(f"/experts/{expert.pk}/avatar/").headers["Location"]
    assert httpx.get(link).headers["Content-Type"] == "image/webp"
    shown = content_security_policy(configured.ENVIRONMENT)["DIRECTIVES"]["img-src"]
    assert f"{urlsplit(link).scheme}://{urlsplit(link).netloc}" in shown
    update_expert(expert, avatar=SimpleUploadedFile("face.png", picture()))
    drain()
    assert len(s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == 1  # the first one is gone


def test_a_whole_expert_is_learnt_from_the_bucket_without_any_local_path(
    s3: Any, alice: User, embedder: FakeEmbedder
) -> None:
    file = upload_file(upload(long_text(60)), owner=alice).file
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    drain()
    assert progress_of(expert)["status"] == "completed"
    with pytest.raises(NotImplementedError):
        _ = file.file.path
    delete_file(file)
    drain()
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


def test_two_sites_in_one_bucket_see_each_their_own(s3: Any, alice: User) -> None:
    SourceFileFactory(owner=alice, content=b"ours")
    s3.put_object(Bucket=BUCKET, Key="files/0badcafe/2026/11/theirs", Body=b"theirs")
    assert [each for each in objects() if each.fault] == []


def test_keys_that_are_good_for_some_hours_come_with_their_token(configure: Configure) -> None:
    token = configure(aws_storage_bucket_name=BUCKET, aws_session_token="for-some-hours")
    assert storages(token)["default"]["OPTIONS"]["security_token"] == "for-some-hours"


@pytest.fixture
def faulty(s3: Any, s3_address: str, settings: Settings) -> Iterator[StandIn]:
    """The same bucket, behind a door that can misbehave; silence is given up on soon."""
    standin = StandIn(S3StandIn(s3_address))
    environment = settings.ENVIRONMENT.model_copy(update={"aws_endpoint_url_s3": standin.url("s3")})
    settings.STORAGES = storages(environment)
    options = settings.STORAGES["default"]["OPTIONS"]
    quick = Config(read_timeout=0.3, retries={"mode": "standard", "max_attempts": 1})
    options["client_config"] = options["client_config"].merge(quick)
    settings.STORAGES = dict(settings.STORAGES)
    yield standin
    standin.close()


def read() -> object:
    return default_storage.open("stored.txt").read()


CALLS: dict[str, Callable[[], object]] = {
    "writing": save,
    "reading": read,
    "deleting": lambda: default_storage.delete("stored.txt"),
    "looking whether it is there": lambda: default_storage.exists("stored.txt"),
    "listing": lambda: list(stored("files")),
}
FAULTS: dict[str, tuple[Answer, bool, str]] = {
    "slow down": (refusal(503, "SlowDown", {"Retry-After": "38"}), False, "asks for fewer"),
    "429": (refusal(429, "TooManyRequests", {"Retry-After": "38"}), False, "asks for fewer"),
    "500": (refusal(500, "InternalError"), False, "S3 refused this .HTTP 500"),
    "silence": (Hang(), False, "S3 could not be reached"),
    "torn": (Reset(), False, "S3 could not be reached"),
    "unknown key": (refusal(403, "InvalidAccessKeyId"), True, "AWS_ACCESS_KEY_ID"),
    "wrong secret": (refusal(403, "SignatureDoesNotMatch"), True, "AWS_SECRET_ACCESS_KEY|AWS_ACC"),
    "old token": (refusal(400, "ExpiredToken"), True, "AWS_SESSION_TOKEN|HTTP 400"),
    "no permission": (refusal(403, "AccessDenied"), True, "S3 denies access"),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_fault_of_every_call_is_worded_and_judged(
    db: None, faulty: StandIn, call: str
) -> None:
    for answer, permanent, words in FAULTS.values():
        faulty.faults.clear()
        faulty.misbehave("", answer, times=99)
        with pytest.raises(ProviderError, match=words) as raised, storage_errors():
            CALLS[call]()
        assert (words, raised.value.permanent) == (words, permanent)
        assert raised.value.retry_after == (38 if "asks" in words else None)
        assert SECRET not in str(raised.value)


def test_a_time_out_that_s3_says_with_a_400_is_worth_another_try(db: None, faulty: StandIn) -> None:
    faulty.misbehave("", refusal(400, "RequestTimeout"), times=99)
    with pytest.raises(ProviderError, match="RequestTimeout") as raised, storage_errors():
        list(stored("files"))
    assert not raised.value.permanent


def test_a_bucket_that_is_down_is_said_to_who_wants_a_file(
    faulty: StandIn, alice: User, configure: Configure
) -> None:
    file = SourceFileFactory(owner=alice, content=b"Deduct the coffee.")
    faulty.misbehave("", Reset(), times=99)
    token = AuthToken.objects.create(alice)[1]
    api = APIClient(headers={"Authorization": f"Token {token}"})
    answer = api.get(f"/files/{file.pk}/content/")
    assert answer.status_code == 503
    assert "S3 could not be reached" in answer.json()["error"]["message"]


def test_amazon_itself_is_addressed_by_the_bucket_s_own_host(configure: Configure) -> None:
    amazon = configure(aws_storage_bucket_name=BUCKET, aws_s3_region_name="eu-central-1")
    config = storages(amazon)["default"]["OPTIONS"]["client_config"]
    assert config.s3["addressing_style"] == "virtual"
    assert config.request_checksum_calculation == "when_supported"


def test_pictures_may_come_from_amazon_s_hosts_of_the_bucket(configure: Configure) -> None:
    amazon = configure(aws_storage_bucket_name=BUCKET, aws_s3_region_name="eu-central-1")
    shown = content_security_policy(amazon)["DIRECTIVES"]["img-src"]
    settings = storages(amazon)["default"]["OPTIONS"]
    storage = S3Storage(**settings | {"access_key": "AKIAEXAMPLE", "secret_key": SECRET})
    parts = urlsplit(storage.url("avatars/x.webp"))
    assert f"{parts.scheme}://{parts.netloc}" in shown
