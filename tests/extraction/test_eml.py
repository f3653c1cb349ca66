"""E-mail: what a person sees of it, with what is attached."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.formats import MAIL
from experts.extraction.formats.eml import MAX_DEPTH, MAX_PARTS
from experts.extraction.quality import Condition
from tests.extraction.files import (
    Outcome,
    archive,
    docx,
    locked,
    paragraph,
    pdf,
    read_as,
    read_bytes,
)

HEADERS = "From: Ann <ann@example.org>\nTo: ben@example.org\nSubject: Pumps"


def mail(body: str = "Close the valve.", subject: str = "Pumps") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ann Öst <ann@example.org>"
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message["X-Spam-Level"] = "***"
    message.set_content(body)
    return message


def attach(message: EmailMessage, content: bytes, name: str) -> EmailMessage:
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


def read_mail(tmp_path: Path, message: EmailMessage | str | bytes) -> Outcome:
    if isinstance(message, EmailMessage):
        message = message.as_bytes()
    content = message.encode() if isinstance(message, str) else message
    return read_bytes(tmp_path, "mail.eml", content)


def test_it_shows_the_headers_that_a_person_reads(tmp_path: Path) -> None:
    outcome = read_mail(tmp_path, mail())
    assert outcome.text == ("From: Ann Öst <ann@example.org>\nSubject: Pumps\n\nClose the valve.")
    assert outcome.locations == ["Message"]


def test_the_plain_body_is_preferred(tmp_path: Path) -> None:
    message = mail("The plain body.")
    message.add_alternative("<p>The <b>HTML</b> body.</p>", subtype="html")
    outcome = read_mail(tmp_path, message)
    assert outcome.text.endswith("The plain body.")
    assert "HTML" not in outcome.text


def test_html_is_read_where_there_is_nothing_else(tmp_path: Path) -> None:
    message = mail("")
    message.add_alternative("<p>The <b>HTML</b> body.</p><script>x()</script>", subtype="html")
    assert read_mail(tmp_path, message).text.endswith("Pumps\n\nThe HTML body.")


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("windows-1251", "cp1251"),
        ("no-such-charset", "cp1251"),
        ("iso-8859-1", "utf-8"),
        ("iso-2022-jp", "iso2022_jp"),
        ("gb2312", "gb18030"),
        ("koi8-r", "koi8-r"),
        ("iso-8859-5", "iso8859-5"),
    ],
)
def test_bodies_come_in_any_encoding(tmp_path: Path, charset: str, encoding: str) -> None:
    words = {"iso2022_jp": "弁を閉じる", "gb18030": "关闭阀门"}.get(
        encoding, "Сначала Иван закроет кран, затем Анна подождёт пять минут."
    )
    head = f"{HEADERS}\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n\n"
    assert words in read_mail(tmp_path, head.encode() + words.encode(encoding)).text


def test_flowed_lines_are_joined(tmp_path: Path) -> None:
    head = f"{HEADERS}\nMIME-Version: 1.0\nContent-Type: text/plain; format=flowed\n\n"
    assert "Close the valve and wait.\n--\nAnn" in (
        read_mail(tmp_path, head + "Close the valve \nand wait.\n-- \nAnn").text
    )


def test_attachments_are_read_under_their_names(tmp_path: Path) -> None:
    message = attach(mail(), pdf("The first page.", "The second page."), "manual.pdf")
    attach(message, docx(paragraph("The letter.")), "letter.docx")
    outcome = read_mail(tmp_path, message)
    assert outcome.locations == [
        *("Message", "manual.pdf, Page 1", "manual.pdf, Page 2", "letter.docx"),
    ]
    assert [page.number for page in outcome.pages] == [1, 2, 3, 4]
    assert [page.text for page in outcome.pages[2:]] == ["The second page.", "The letter."]
    assert "Attachments: manual.pdf, letter.docx" in outcome.pages[0].text


def test_reading_goes_on_inside_an_attachment(tmp_path: Path) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(attach(mail(), pdf("One.", "Two."), "manual.pdf").as_bytes())
    assert [page.number for page in read_as(MAIL, path, skip=2).pages] == [3]


def test_a_forwarded_message_is_read_under_its_subject(tmp_path: Path) -> None:
    inner = attach(mail("It leaks.", "Leak"), b"Seal 14", "parts.txt")
    message = mail()
    message.add_attachment(inner)
    outcome = read_mail(tmp_path, message)
    assert outcome.locations == ["Message", "Message “Leak”", "Message “Leak”, parts.txt, Line 1"]
    assert outcome.pages[1].text.endswith("It leaks.")


def test_what_is_attached_and_locked_is_told(tmp_path: Path) -> None:
    message = attach(mail(), locked(pdf("x"), user="u", owner="o"), "secret.pdf")
    attach(message, b"Words after it.", "notes.txt")
    outcome = read_mail(tmp_path, message)
    assert outcome.locations == ["Message", "secret.pdf", "notes.txt, Line 1"]
    assert outcome.pages[1].condition == Condition.GARBLED
    assert outcome.code is None


def test_what_is_no_document_is_named_only(tmp_path: Path) -> None:
    outcome = read_mail(tmp_path, attach(mail(), archive(readme="x"), "bundle.zip"))
    assert "Attachments: bundle.zip" in outcome.text
    assert outcome.locations == ["Message"]


def test_names_hide_nothing_and_are_no_paths(tmp_path: Path) -> None:
    message = attach(mail(), b"Words.", "../../../../tmp/here/was\u202efdp.txt")
    assert read_mail(tmp_path, message).locations == ["Message", "wasfdp.txt, Line 1"]
    assert not Path("/tmp/here").exists()  # noqa: S108 - it must not


def test_100_000_nested_tags_keep_their_text(tmp_path: Path) -> None:
    message = mail("")
    message.set_content("<div>" * 100_000 + "deep" + "</div>" * 100_000, subtype="html")
    assert read_mail(tmp_path, message).text.endswith("deep")


def many_parts(count: int) -> str:
    parts = "".join(f"--b\nContent-Type: text/plain\n\nPart {n}.\n" for n in range(1, count + 1))
    return f"{HEADERS}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n{parts}"


def test_1000_parts_are_read_and_no_more(tmp_path: Path) -> None:
    most, more = (read_mail(tmp_path, many_parts(MAX_PARTS + extra)) for extra in (0, 1))
    assert (most.code, more.code) == (None, ErrorCode.TOO_COMPLEX)
    assert f"Part {MAX_PARTS}." in most.text
    assert f"Part {MAX_PARTS}." in more.text


def test_messages_in_messages_end_somewhere(tmp_path: Path) -> None:
    message = mail("The innermost.")
    for _ in range(MAX_DEPTH + 1):
        outer = mail("Around it.")
        outer.add_attachment(message)
        message = outer
    outcome = read_mail(tmp_path, message)
    assert (outcome.code, len(outcome.pages)) == (ErrorCode.TOO_COMPLEX, MAX_DEPTH + 1)


def test_nested_multiparts_end_somewhere(tmp_path: Path) -> None:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3_000)
    )
    outcome = read_mail(tmp_path, f"MIME-Version: 1.0\n{HEADERS}\n{parts}\n\nWords")
    assert outcome.code == ErrorCode.TOO_COMPLEX


@pytest.mark.parametrize(
    "header",
    [
        "To: " + ", ".join(f"user{number}@example.org" for number in range(50_000)),
        "Subject: " + "=?utf-8?Q?word?= " * 20_000,
        "From: <<<>>>,;:@\x01",
        "Date: the day after",
        "Subject: =?x-unknown?Q?=ff?= =?utf-8?B?!!!?=",
        "To: =?utf-8?Q?" + "a" * 10_000,
        "Content-Type: text/plain; charset*=%%%''; name*0*=\x80",
    ],
    ids=["crowd", "words", "from", "date", "subject", "to", "content-type"],
)
def test_broken_headers_do_not_hide_the_body(tmp_path: Path, header: str) -> None:
    message = f"MIME-Version: 1.0\n{header}\n\nThe body is readable."
    assert "The body is readable." in read_mail(tmp_path, message.encode("latin-1")).text


def test_a_mark_before_the_headers_is_none_of_them(tmp_path: Path) -> None:
    text = read_mail(tmp_path, b"\xef\xbb\xbf" + f"{HEADERS}\n\nHello".encode()).text
    assert text.startswith("From: Ann")


def test_a_saved_page_has_its_words_and_no_pictures(tmp_path: Path) -> None:
    related = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
    page = "--b\nContent-Type: text/html\nContent-Location: http://x/\n\n<p>Words</p>\n"
    logo = "--b\nContent-Type: image/png\nContent-Location: http://x/a.png\n\nx\n--b--\n"
    outcome = read_bytes(tmp_path, "a.mht", f"{HEADERS}\n{related}{page}{logo}".encode())
    assert outcome.locations == ["Message"]
    assert outcome.text.endswith("Words")
