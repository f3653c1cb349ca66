"""Zip files that lie, overlap and explode are refused before they cost anything."""

import io
import struct
import zipfile

import pytest

from experts.extraction import archives
from experts.extraction.archives import Archive
from experts.extraction.errors import ErrorCode, ExtractionError
from tests.extraction.files import archive


def refusal(content: bytes) -> ErrorCode:
    with pytest.raises(ExtractionError) as caught:
        Archive(io.BytesIO(content))
    return caught.value.code


def test_an_ordinary_one_is_read() -> None:
    package = Archive(io.BytesIO(archive(a="one", b="two")))
    assert package.names == {"a", "b"}
    assert package.read("b") == b"two"


def test_a_high_ratio_is_a_bomb() -> None:
    assert refusal(archive(a=bytes(30_000_000))) == ErrorCode.ARCHIVE_BOMB


def test_a_small_file_may_pack_well() -> None:
    assert len(Archive(io.BytesIO(archive(a=bytes(5_000_000)))).read("a")) == 5_000_000


def test_too_much_in_all_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_EXPANDED", 100)
    assert refusal(archive(a="x" * 60, b="y" * 60)) == ErrorCode.ARCHIVE_BOMB


def test_too_many_entries_are_a_bomb() -> None:
    content = archive(**{f"n{number}": "" for number in range(archives.MAX_ENTRIES + 1)})
    assert refusal(content) == ErrorCode.ARCHIVE_BOMB


def test_a_huge_directory_is_not_even_loaded() -> None:
    content = archive(**{f"{number:>060000}": "" for number in range(80)})
    assert refusal(content) == ErrorCode.ARCHIVE_BOMB


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a", "one")
        package.writestr("a", "two")
    assert refusal(out.getvalue()) == ErrorCode.ARCHIVE_BOMB


def test_members_that_share_bytes_are_a_bomb() -> None:
    content = bytearray(archive(a="x" * 1000, b="y" * 1000))
    second = content.rindex(b"PK\x01\x02")
    struct.pack_into("<L", content, second + 42, 0)  # both begin at the first
    assert refusal(bytes(content)) == ErrorCode.ARCHIVE_BOMB


def test_bytes_are_counted_whatever_was_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Archive(io.BytesIO(archive(a="x" * 1000)))
    monkeypatch.setattr(package._account, "_left", 999)
    with pytest.raises(ExtractionError) as caught:
        package.read("a")
    assert caught.value.code == ErrorCode.ARCHIVE_BOMB


def test_a_lie_about_the_size_is_damage() -> None:
    content = bytearray(archive(a="x" * 1000))
    struct.pack_into("<L", content, content.rindex(b"PK\x01\x02") + 24, 10)
    with pytest.raises(ExtractionError) as caught:
        Archive(io.BytesIO(bytes(content))).read("a")
    assert caught.value.code == ErrorCode.CORRUPT


def test_a_password_shows() -> None:
    content = bytearray(archive(a="one"))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(content)) == ErrorCode.ENCRYPTED


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04", archive(a="x" * 99)[:-30], b"PK\x05\x06"],
    ids=["a signature", "no directory", "half a directory"],
)
def test_half_an_archive_is_damage(content: bytes) -> None:
    assert refusal(content) == ErrorCode.CORRUPT


def test_a_missing_member_is_damage() -> None:
    with pytest.raises(ExtractionError) as caught:
        Archive(io.BytesIO(archive(a="one"))).read("b")
    assert caught.value.code == ErrorCode.CORRUPT
