"""JSON and JSON lines: "key: value", under the item or the path where it stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.formats.json import MAX_DEPTH
from tests.extraction.files import Outcome, read_bytes

SHOP = {
    "shop": "Corner",
    "products": [
        {"name": "Tea", "sizes": [50, 100], "organic": True, "price": 1.5},
        {"name": "Coffee", "note": None, "tags": []},
    ],
}


def read_json(tmp_path: Path, value: Any, name: str = "data.json") -> Outcome:
    return read_bytes(tmp_path, name, json.dumps(value).encode())


def item(number: int) -> dict[str, str]:
    return {"name": f"Product {number}", "description": f"Kept in place {number}. " * 70}


def test_it_reads_as_an_outline(tmp_path: Path) -> None:
    outcome = read_json(tmp_path, SHOP)
    assert outcome.text == (
        "shop: Corner\nproducts:\n  - name: Tea\n    sizes:\n      - 50, 100\n    organic: true\n"
        "    price: 1.5\n  - name: Coffee\n    note: null\n    tags:"
    )
    assert (outcome.locations, outcome.total) == (["shop – products"], 1)


def test_long_lists_are_cut_between_items(tmp_path: Path) -> None:
    outcome = read_json(tmp_path, {"products": [item(number) for number in range(1, 8)]})
    assert outcome.locations == [
        "products, items 1–3",
        "products, items 4–6",
        "products, item 7",
    ]
    assert "name: Product 4" in outcome.pages[1].text


def test_items_of_a_bare_list_are_counted(tmp_path: Path) -> None:
    outcome = read_json(tmp_path, [item(number) for number in range(1, 5)])
    assert outcome.locations == ["Items 1–3", "Item 4"]


def test_a_long_item_is_cut_inside(tmp_path: Path) -> None:
    outcome = read_json(tmp_path, {"book": {"first": "One. " * 900, "second": "Two. " * 900}})
    assert outcome.locations == ["book, first", "book, second"]


def test_a_key_cannot_turn_the_location_around(tmp_path: Path) -> None:
    outcome = read_json(tmp_path, {"\u202etxt\u0000": "Words", "next": "More"})
    assert outcome.locations == ["txt – next"]


def test_several_documents_follow_each_other(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.json", b'{\n"a": "one"}\n{\n"a": "two"}')
    assert outcome.text == "a: one\n- a: two"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_it_reads_every_unicode(tmp_path: Path, encoding: str) -> None:
    content = '{"städtchen": "Wörter und Straßen"}'.encode(encoding)
    assert read_bytes(tmp_path, "a.json", content).text == "städtchen: Wörter und Straßen"


def test_what_came_before_the_damage_is_kept(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.json", json.dumps(SHOP).encode()[:60])
    assert outcome.code == ErrorCode.CORRUPT
    assert outcome.text.startswith("shop: Corner\nproducts:\n  - name: Tea")


def test_it_stops_at_nesting_that_nobody_reads(tmp_path: Path) -> None:
    deep = b'{"a": "words", "b": ' + b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH + b"}"
    outcome = read_bytes(tmp_path, "a.json", deep)
    assert (outcome.text, outcome.code) == ("a: words", ErrorCode.TOO_COMPLEX)


def test_100_000_lists_in_each_other_end_with_their_code(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.json", b"[" * 100_000 + b"]" * 100_000)
    assert (outcome.text, outcome.code) == ("", ErrorCode.TOO_COMPLEX)


def test_a_number_of_a_million_digits_ends_with_its_code(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.json", b'{"a": ' + b"9" * 1_000_000 + b"}")
    assert outcome.code == ErrorCode.TOO_COMPLEX


def test_lines_are_records(tmp_path: Path) -> None:
    records = [json.dumps(item(number)) for number in range(1, 6)]
    outcome = read_bytes(tmp_path, "log.txt", "\n".join(records).encode())
    assert outcome.locations == ["Lines 1–3", "Lines 4–5"]
    assert outcome.pages[1].text.startswith("name: Product 4\ndescription: Kept in place 4.")


def test_a_line_that_is_no_json_is_read_as_it_stands(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.jsonl", b'{"a": 1}\n{"b": 2}\nServer restarted\n{"c": 3}')
    assert outcome.text == "a: 1\n\nb: 2\n\nServer restarted\n\nc: 3"


@pytest.mark.parametrize(
    "text", ["[draft] A letter", "{draft} A letter", "[1] Smith, J.: On pumps.", '{"a": NaN}']
)
def test_what_only_begins_like_json_is_text(tmp_path: Path, text: str) -> None:
    outcome = read_bytes(tmp_path, "a.txt", text.encode())
    assert (outcome.text, outcome.locations) == (text, ["Line 1"])
