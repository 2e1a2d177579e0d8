"""From bytes to text: which encoding, and decoding in blocks so that a file of any size needs bounded memory."""

import codecs
from collections.abc import Iterator
from pathlib import Path

SAMPLE_BYTES = 65_536
BLOCK_BYTES = 262_144
# More stray bytes than this share of the bytes beyond ASCII, and the text is not UTF-8 with a few slips.
MAX_STRAY_SHARE = 0.05

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters that text does not hold; tabs, line ends, form feeds, escapes and the old end of file it may.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b\b\x1a")


def _stray_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that are not UTF-8 as Windows-1252: what a slip in an otherwise sound file most often is."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "replace"), error.end


codecs.register_error("parley-stray", _stray_as_cp1252)


def detect_encoding(sample: bytes) -> str | None:
    """The Python codec for a file that begins with `sample`, or None if it is not text.

    A byte order mark decides; then the pattern of zero bytes (UTF-16 and UTF-32 without a mark); then UTF-8, where a
    few stray bytes are allowed; then what charset-normalizer finds most likely.
    """
    for bom, codec in _BOMS:
        if sample.startswith(bom):
            return codec
    if not sample:
        return "utf-8"
    if b"\0" in sample:
        return _wide_encoding(sample)
    if _control_share(sample) > 0.02:
        return None
    return "utf-8" if _is_mostly_utf8(sample) else _legacy_encoding(sample)


def _wide_encoding(sample: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes are; a few strays in 8-bit text pass."""
    sample = sample[: len(sample) // 4 * 4] or sample
    quarter = max(len(sample) // 4, 1)
    zeros = [sample[offset::4].count(0) / quarter for offset in range(4)]
    if min(zeros[1], zeros[2], zeros[3]) > 0.95 and zeros[0] < 0.1:
        return "utf-32-le"
    if min(zeros[0], zeros[1], zeros[2]) > 0.95 and zeros[3] < 0.1:
        return "utf-32-be"
    low, high = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if high > 0.3 and low < 0.1 * high:
        return _if_decodes(sample, "utf-16-le")
    if low > 0.3 and high < 0.1 * low:
        return _if_decodes(sample, "utf-16-be")
    if sample.count(0) <= max(2, len(sample) // 1000) and _control_share(sample) < 0.05:
        return "utf-8" if _is_mostly_utf8(sample) else _legacy_encoding(sample)
    return None


def _if_decodes(sample: bytes, codec: str) -> str | None:
    text = sample.decode(codec, "replace")
    strange = sum(1 for char in text[:4000] if char == "\ufffd" or (ord(char) < 32 and char not in "\t\n\r\f"))
    return codec if strange <= len(text[:4000]) * 0.02 else None


def _control_share(sample: bytes) -> float:
    return 1 - len(sample.translate(None, _CONTROLS)) / len(sample)


def _is_mostly_utf8(sample: bytes) -> bool:
    if sample.isascii():
        return True
    # Not final: the sample may end within a character.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    strays = text.count("\ufffd")
    return strays == 0 or strays <= (len(text) - len(text.encode("ascii", "ignore"))) * MAX_STRAY_SHARE


def _legacy_encoding(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(
        sample[:SAMPLE_BYTES], cp_exclusion=["utf_7", "cp037", "cp1026", "cp273", "cp424", "cp500"]
    ).best()
    if best is None:
        return "cp1252" if _reads_as_words(sample) else None
    # Windows-1252 is what writes these bytes in practice and agrees with Latin-1 wherever that has letters.
    return "cp1252" if best.encoding in ("latin_1", "iso8859_15", "cp1250", "cp1254", "ascii") else best.encoding


def _reads_as_words(sample: bytes) -> bool:
    letters = sum(1 for byte in sample if byte == 32 or 65 <= byte <= 90 or 97 <= byte <= 122)
    return letters >= len(sample) * 0.6


def decode_blocks(path: Path, encoding: str) -> Iterator[str]:
    """The file's text in blocks of about a quarter of a megabyte; a character is never cut in two."""
    errors = "parley-stray" if encoding in ("utf-8", "utf-8-sig") else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as file:
        while data := file.read(BLOCK_BYTES):
            yield decoder.decode(data)
        yield decoder.decode(b"", final=True)
