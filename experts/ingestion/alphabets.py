"""Which Latin encoding a text is in, told by whose alphabet its accented letters make up.

Statistics alone take cp1252 for cp1250 ("frågade" becomes "frĺgade"): both read any byte as
some letter, but only the right one gives letters that one language uses together.
"""

WESTERN = ("cp1252",)
CENTRAL = ("cp1250", "iso8859_2")
BALTIC = ("cp1257",)
TURKISH = ("cp1254",)
MACINTOSH = ("mac_roman",)

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
)

LATIN = {name for names, _ in _ALPHABETS for name in names} | {"cp1258"}


def best_latin(sample: bytes) -> str:
    """The codec under which the accented letters fit one language best."""
    best, most = WESTERN[0], 0.0
    for names, alphabet in _ALPHABETS:
        for name in names:
            if (share := _share(sample, name, alphabet)) > most:
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
