"""The words of a Markdown paragraph, without emphasis, link targets and tags.

Every pattern is linear in the length of the text, whatever brackets a file piles up.
"""

import re
from html import unescape

_CODE = r"(?P<code>`[^`\n]+`)"
_LINK = re.compile(_CODE + r"|!?\[(?P<label>[^\[\]]*)\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\[\]]*\])")
_MARKS = re.compile(
    _CODE
    + r"|\\(?P<escaped>[\\`*_{}\[\]()#+.!|<>~-])"
    + r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    + r"|<(?P<address>https?://[^<>\s]+)>"
    + r"|</?(?:a|b|i|p|u|s|br|hr|img|div|span|font|center|table|thead|tbody|tr|td|th|ul|ol|li"
    + r"|details|summary|picture|source|sub|sup|kbd|small|strong|em|del|ins|h[1-6])"
    + r"(?:\s[^<>]{0,1000})?/?>"
    + r"|\*\*\*?|~~"
    + r"|(?<!\w)__?(?=[^\W_])|(?<=[^\W_])__?(?!\w)"
    + r"|(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])"
)


def plain(text: str) -> str:
    """The text as a reader sees it: `**bold** [link](url)` is "bold link"."""
    return _MARKS.sub(_kept, _LINK.sub(lambda link: link["code"] or link["label"], text)).strip()


def _kept(mark: re.Match[str]) -> str:
    if mark["code"]:
        return mark["code"].strip("`")
    if mark["entity"]:
        return unescape(mark["entity"])
    return mark["escaped"] or mark["address"] or ""
