"""One module per format; each has `read(path, *, skip) -> Document`.

A new format is a module here and an entry in READERS. Where there are several, the next
one takes over, from the page that was reached, when the process of the one before dies.
"""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
TEXT = "text/plain"

READERS: dict[str, tuple[str, ...]] = {
    PDF: ("experts.ingestion.formats.pdf", "experts.ingestion.formats.pdf_pure"),
    DOCX: ("experts.ingestion.formats.docx",),
    HTML: ("experts.ingestion.formats.html",),
    MARKDOWN: ("experts.ingestion.formats.markdown",),
    TEXT: ("experts.ingestion.formats.text",),
}
