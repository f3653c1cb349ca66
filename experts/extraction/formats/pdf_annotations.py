"""What people have put on a PDF page: answers in its form, notes and remarks.

None of it is in the page's own text. Nothing runs: the scripts of a form are never started.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw as c

MOST = 5_000  # annotations of one page; a tax form has 300 fields
LONG = 1 << 17  # bytes of one of their texts

FILLED_IN = {c.FPDF_FORMFIELD_TEXTFIELD, c.FPDF_FORMFIELD_COMBOBOX, c.FPDF_FORMFIELD_LISTBOX}
REMARKS = {
    *(c.FPDF_ANNOT_TEXT, c.FPDF_ANNOT_FREETEXT, c.FPDF_ANNOT_STAMP, c.FPDF_ANNOT_CARET),
    *(c.FPDF_ANNOT_HIGHLIGHT, c.FPDF_ANNOT_UNDERLINE, c.FPDF_ANNOT_SQUIGGLY),
    *(c.FPDF_ANNOT_STRIKEOUT, c.FPDF_ANNOT_SQUARE, c.FPDF_ANNOT_CIRCLE, c.FPDF_ANNOT_INK),
    *(c.FPDF_ANNOT_LINE, c.FPDF_ANNOT_POLYGON, c.FPDF_ANNOT_POLYLINE),
}


def words_on(page: pdfium.PdfPage) -> str:
    """A line for each, in their order; empty for most pages."""
    count = min(c.FPDFPage_GetAnnotCount(page), MOST)
    return "\n".join(filter(None, (_words(page, index) for index in range(count))))


def _words(page: pdfium.PdfPage, index: int) -> str:
    annotation = c.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return ""
    try:
        kind = c.FPDFAnnot_GetSubtype(annotation)
        if kind == c.FPDF_ANNOT_WIDGET:
            return _answer(page, annotation)
        if kind not in REMARKS:
            return ""
        return _string(c.FPDFAnnot_GetStringValue, annotation, b"Contents")
    finally:
        c.FPDFPage_CloseAnnot(annotation)


def _answer(page: pdfium.PdfPage, annotation: Any) -> str:
    """What was filled in; ticks are left out, for they say nothing without their question."""
    if page.formenv is None:
        return ""
    if c.FPDFAnnot_GetFormFieldType(page.formenv, annotation) not in FILLED_IN:
        return ""
    return _string(c.FPDFAnnot_GetFormFieldValue, page.formenv, annotation)


def _string(call: Callable[..., int], *arguments: object) -> str:
    """The text that PDFium writes into a buffer, in UTF-16 with a zero at its end."""
    size = min(call(*arguments, None, 0), LONG)
    buffer = ctypes.create_string_buffer(size + 2)
    call(*arguments, ctypes.cast(buffer, ctypes.POINTER(c.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").partition("\0")[0].strip()
