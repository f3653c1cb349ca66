"""File storage on S3: the real client against moto's server on loopback."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from experts.providers.base import ProviderError
from experts.providers.files import storage_errors
from expertsite.storage import storages
from tests.factories import SourceFileFactory
from tests.vendors.conftest import Configure

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


def test_a_server_that_is_down_is_worth_another_try(
    configure: Configure, settings: Settings
) -> None:
    down = configure(
        aws_storage_bucket_name=BUCKET,
        aws_endpoint_url_s3="http://127.0.0.1:9",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key=SECRET,
    )
    settings.STORAGES = storages(down)
    start = time.monotonic()
    with pytest.raises(ProviderError, match="S3 could not be reached") as raised, storage_errors():
        save()
    assert not raised.value.permanent
    assert time.monotonic() - start < 10


def test_amazon_itself_is_addressed_by_the_bucket_s_own_host(configure: Configure) -> None:
    amazon = configure(aws_storage_bucket_name=BUCKET, aws_s3_region_name="eu-central-1")
    config = storages(amazon)["default"]["OPTIONS"]["client_config"]
    assert config.s3["addressing_style"] == "virtual"
    assert config.request_checksum_calculation == "when_supported"
