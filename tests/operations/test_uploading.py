"""Files on their way into a library."""

import pytest
from django.contrib.auth.models import User

from experts.models import SourceFile
from experts.operations import Refused, upload_file
from tests.documents import pdf, upload

pytestmark = pytest.mark.django_db


def test_it_knows_the_type_by_content(alice: User) -> None:
    file, duplicate = upload_file(upload(pdf("Coffee"), "coffee.txt"), owner=alice)
    assert (file.media_type, file.name, duplicate) == ("application/pdf", "coffee.txt", False)


def test_the_same_bytes_are_the_same_file(alice: User) -> None:
    first = upload_file(upload("Coffee", "a.txt"), owner=alice)
    second = upload_file(upload("Coffee", "b.txt"), owner=alice)
    assert second.file == first.file
    assert second.duplicate
    assert SourceFile.objects.count() == 1


def test_other_people_have_their_own(alice: User, bob: User) -> None:
    first = upload_file(upload("Coffee"), owner=alice)
    second = upload_file(upload("Coffee"), owner=bob)
    assert second.file != first.file
    assert not second.duplicate


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"\x00\x01\x02" * 500, "unsupported_type")],
)
def test_it_refuses_what_nobody_can_read(alice: User, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        upload_file(upload(content, "thing.bin"), owner=alice)
    assert refused.value.code == code
    assert not SourceFile.objects.exists()


def test_it_refuses_what_is_too_large(alice: User, settings: pytest.FixtureRequest) -> None:
    settings.MAX_UPLOAD_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="larger than") as refused:
        upload_file(upload("more than ten bytes"), owner=alice)
    assert refused.value.code == "too_large"


def test_paths_in_names_are_only_words(alice: User) -> None:
    file, _ = upload_file(upload("Coffee", "../../etc/passwd"), owner=alice)
    assert file.name == "passwd"
