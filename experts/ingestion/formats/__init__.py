"""One module per format; each has `read(path, *, skip) -> Document`.

A new format is a module here and an entry in READERS. Where there are several, the next
one takes over, from the page that was reached, when the process of the one before dies.
"""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
RTF = "application/rtf"
CSV = "text/csv"
EPUB = "application/epub+zip"
MAIL = "message/rfc822"
JSON = "application/json"
JSON_LINES = "application/x-ndjson"
HTML = "text/html"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
PICTURES = (PNG, JPEG, TIFF, WEBP)
WITH_PICTURES = (PDF, DOCX, PPTX, ODT, EPUB, MAIL, *PICTURES)  # that are recognised

# What a person calls the pages; elsewhere "section".
PIECES = {PDF: "page", PPTX: "slide", **dict.fromkeys(PICTURES, "page")}

READERS: dict[str, tuple[str, ...]] = {
    PDF: ("experts.ingestion.formats.pdf", "experts.ingestion.formats.pdf_pure"),
    DOCX: ("experts.ingestion.formats.docx",),
    PPTX: ("experts.ingestion.formats.pptx",),
    XLSX: ("experts.ingestion.formats.xlsx",),
    ODT: ("experts.ingestion.formats.odt",),
    RTF: ("experts.ingestion.formats.rtf",),
    CSV: ("experts.ingestion.formats.csv",),
    EPUB: ("experts.ingestion.formats.epub",),
    MAIL: ("experts.ingestion.formats.eml",),
    JSON: ("experts.ingestion.formats.json",),
    JSON_LINES: ("experts.ingestion.formats.jsonl",),
    HTML: ("experts.ingestion.formats.html",),
    MARKDOWN: ("experts.ingestion.formats.markdown",),
    TEXT: ("experts.ingestion.formats.text",),
    **dict.fromkeys(PICTURES, ("experts.ingestion.formats.image",)),
}
