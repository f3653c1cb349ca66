"""Which encoding a text is in, told by whose alphabet its letters beyond ASCII make up.

Statistics alone take cp1252 for cp1250 ("frågade" becomes "frĺgade"), and Hebrew for Russian:
both read any byte as some letter, but only the right one gives letters that one language uses
together, or as often.
"""

WESTERN = ("cp1252",)
CENTRAL = ("cp1250", "iso8859_2")
BALTIC = ("cp1257",)
TURKISH = ("cp1254",)
MACINTOSH = ("mac_roman",)
DOS = ("cp850",)
DOS_CENTRAL = ("cp852",)

# The first of those that fit equally well wins, so the most widespread stand first.
_ALPHABETS: tuple[tuple[tuple[str, ...], str], ...] = (
    (WESTERN, "äöüß"),  # German
    (WESTERN, "àâæçéèêëîïôœùûüÿ"),  # French
    (WESTERN, "áéíñóúüªº"),  # Spanish
    (WESTERN, "áâãàçéêíóôõúüªº"),  # Portuguese
    (WESTERN, "àèéìíîòóùú"),  # Italian
    (WESTERN, "åäöéà"),  # Swedish, Finnish
    (WESTERN, "æøåéèêóòâô"),  # Danish, Norwegian
    (WESTERN, "ëïéèêöüáóíúç"),  # Dutch
    (WESTERN, "áðéíóúýþæö"),  # Icelandic
    (WESTERN, "àçèéíïòóúü·"),  # Catalan
    (CENTRAL, "áčďéěíňóřšťúůýž"),  # Czech
    (CENTRAL, "ąćęłńóśźż"),  # Polish
    (CENTRAL, "áéíóöőúüű"),  # Hungarian
    (CENTRAL, "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    (CENTRAL, "ăâîşţ"),  # Romanian
    (CENTRAL, "čćđšž"),  # Croatian, Slovenian
    (TURKISH, "çğıöşüâîûi̇"),
    (BALTIC, "ąčęėįšųūž"),  # Lithuanian
    (BALTIC, "āčēģīķļņšūž"),  # Latvian
    (BALTIC, "äöüõšž"),  # Estonian
    (MACINTOSH, "äöüß"),
    (MACINTOSH, "àâæçéèêëîïôœùûüÿ"),
    (MACINTOSH, "áéíñóúü"),
    (MACINTOSH, "åäöéà"),
    (DOS, "äöüß"),
    (DOS, "àâæçéèêëîïôœùûüÿ"),
    (DOS, "áéíñóúüªº"),
    (DOS, "åäöéà"),
    (DOS_CENTRAL, "áčďéěíňóřšťúůýž"),
    (DOS_CENTRAL, "ąćęłńóśźż"),
)
# Scripts of their own: the letters that make up half of any text in them,
# and where codecs differ in capitals only, those that words begin with.
_SCRIPTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"), "оеаинтсрвліСПМК"),
    (("cp1255",), "יוהלארתמבש"),
    (("cp1253",), "αοιετσνηρκπ"),
    (("cp1256", "iso8859_6"), "الميونرتبةعد"),
    (("cp874",), "านรอกเงมยลวดต่้ีัท"),
)
MOST = 0.45  # of what is not ASCII in the text; others, read that way, stay under 0.4

LATIN = {name for names, _ in _ALPHABETS for name in names} | {"cp1258"}


def best_latin(sample: bytes) -> str:
    """The codec under which the accented letters fit one language best."""
    best, most = WESTERN[0], 0.0
    for names, alphabet in _ALPHABETS:
        for name in names:
            if (share := _share(sample, name, alphabet)) > most:
                best, most = name, share
    return best


def own_script(sample: bytes) -> str | None:
    """The codec under which it is a text in one of the scripts above, if there is one."""
    best, most = None, MOST
    for names, common in _SCRIPTS:
        for name in names:
            text = sample.decode(name, "replace")
            foreign = [char for char in text if not char.isascii()]
            share = sum(map(common.__contains__, foreign)) / max(len(foreign), 1)
            if share > most and 2 * len(foreign) > sum(map(str.isalpha, text)):
                best, most = name, share
    return best


def _share(sample: bytes, codec: str, alphabet: str) -> float:
    """How much of what is not ASCII in the text belongs to the alphabet."""
    try:
        text = sample.decode(codec).lower()
    except UnicodeDecodeError:
        return 0.0
    if any("\x80" <= char < "\xa0" for char in text):
        return 0.0
    accented = [char for char in text if char.isalpha() and not char.isascii()]
    return sum(map(alphabet.__contains__, accented)) / len(accented) if accented else 0.0
