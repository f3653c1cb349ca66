"""What documents call their encoding, and Python's name for what they mean."""

import codecs

# What the guess may answer. Others, DOS code pages above all, are guessed more than used.
CANDIDATES = [
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp949"),
    *("cp1250", "cp1251", "koi8_r", "koi8_u", "cp1252", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp1257", "cp1258", "cp874", "iso8859_2", "mac_roman", "mac_cyrillic"),
]
# What a document may name besides: all that are for text, and no wider than its own ASCII.
_NAMED = [
    *(f"iso8859_{part}" for part in (*range(3, 12), *range(13, 17))),
    *("cp437", "cp850", "cp852", "cp855", "cp857", "cp866", "big5hkscs", "johab"),
    *("mac_greek", "mac_iceland", "mac_latin2", "mac_turkish", "kz1048", "hz", "iso2022_kr"),
]
_TRUSTED = {codecs.lookup(name).name for name in (*CANDIDATES, *_NAMED)}
# What the web means when it says so (WHATWG): by Python's name for it, and names unknown there.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-11": "cp874",
    "big5": "big5hkscs",
}
_LABELS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "iso-8859-8-i": "iso8859_8",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "windows-949": "cp949",
    **{f"x-cp125{last}": f"cp125{last}" for last in range(9)},
}


def codec_of(declared: str) -> str:
    """Python's name for an encoding that a document names; empty when it is none for text."""
    try:
        name = codecs.lookup(_LABELS.get(declared.lower(), declared)).name
    except (LookupError, ValueError):
        return ""
    meant = _MEANT.get(name, name)
    return meant if meant in _TRUSTED else ""
