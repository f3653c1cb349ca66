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
    PDF: ("experts.extraction.formats.pdf", "experts.extraction.formats.pdf_pure"),
    DOCX: ("experts.extraction.formats.docx",),
    PPTX: ("experts.extraction.formats.pptx",),
    XLSX: ("experts.extraction.formats.xlsx",),
    ODT: ("experts.extraction.formats.odt",),
    RTF: ("experts.extraction.formats.rtf",),
    CSV: ("experts.extraction.formats.csv",),
    EPUB: ("experts.extraction.formats.epub",),
    MAIL: ("experts.extraction.formats.eml",),
    JSON: ("experts.extraction.formats.json",),
    JSON_LINES: ("experts.extraction.formats.jsonl",),
    HTML: ("experts.extraction.formats.html",),
    MARKDOWN: ("experts.extraction.formats.markdown",),
    TEXT: ("experts.extraction.formats.text",),
    **dict.fromkeys(PICTURES, ("experts.extraction.formats.image",)),
}
