"""Documents that tests make: what they say is known, page by page."""

from django.core.files.uploadedfile import SimpleUploadedFile
from fpdf import FPDF


def pdf(*pages: str) -> bytes:
    """A PDF with this text on its pages, in order."""
    document = FPDF()
    document.set_font("Helvetica", size=12)
    for text in pages:
        document.add_page()
        document.multi_cell(0, 8, text)
    return bytes(document.output())


def long_text(sentences: int, about: str = "Coffee") -> str:
    """Sentences that all differ, so that passages can be told apart."""
    return " ".join(f"{about} fact number {number} is plain." for number in range(sentences))


def upload(content: bytes | str, name: str = "notes.txt") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
