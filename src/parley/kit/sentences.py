"""Sentences of running text as exact spans, for many scripts, without a model.

Text is first cut into units that no sentence crosses: paragraphs, headings, list items, table rows. Within a unit the
stops of the world's scripts end a sentence unless an abbreviation, an initial, a number or what follows speaks
against it. Line ends inside a paragraph count as spaces, so wrapped text (72 columns, PDF) keeps whole sentences.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

# Stops that end a sentence wherever they stand, no space needed: CJK, Devanagari and its relatives, Urdu, Armenian,
# Ethiopic, Burmese, Khmer, Tibetan.
_HARD_STOPS = "。！？｡।॥۔։።၊။។།"
# Stops that need white space after them, for they also stand inside numbers, names and addresses.
_SOFT_STOPS = ".!?…؟‽"
_CLOSERS = "\"'”’»›)]}」』）］】〉》〗〛｣"
_OPENERS = "\"'“‘«‹([{「『（［【〈《¿¡*_`—–-"
_REFERENCE = r"(?:\[\d{1,3}\](?::\d+)?)"
_STOP = re.compile(
    rf"[{re.escape(_HARD_STOPS)}]+[{re.escape(_CLOSERS)}]*"
    rf"|[{re.escape(_SOFT_STOPS)}]+(?:[{re.escape(_CLOSERS)}]|{_REFERENCE})*(?=\s)"
)

_FENCE = re.compile(r"\s*(?:```|~~~)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_BULLET = re.compile(
    r"\s*(?:[-*+•‣▪◦●○■□–—·⁃∙∗⋄➢➤✓✔❖◆▶►▸\ue000-\uf8ff]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)])\s+\S"
)
# "4.2. Partitions", as titles and their lists have it: one sentence with its number, which "1." of a list is not.
_SECTION = re.compile(r"\s*(?:[A-Z]|\d{1,3})(?:\.\d{1,3}){1,4}\.\s+(?=\S)")
_ROW = re.compile(r"\s*\|.*\||[^\t]+\t|[^|]+ \| [^|]+")
# "Espresso ..... 2.50", "3.3 Setup . . . . 18": dots that lead to a number end no sentence.
_LED = re.compile(r"(?:[.․…·][ \t]?){4}[ \t]*(?=.*\d)\S[^\n]{0,15}\s*$")
_LED_CHARS = 40
_RULE = re.compile(r"[\W_]*$")
# Underlines of headings, and the delimiters of AsciiDoc blocks.
_DRAWN_LINE = re.compile(r"\s*([-=~+*_#.^\"'`:])\1{3,}\s*$")
_LONGEST_WORD = 40
_SINGLE = re.compile(r"[^\W\d_]\.")
_WORD = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\Z")

# A full stop after these hardly ever ends a sentence: a name or a number follows.
_BEFORE_NAME_LIST = """
    mr mrs ms mx dr prof st sr sra srta dra mme mlle mgr hon rev fr gen col maj capt cpt lt sgt cmdr adm gov sen
    rep pres supt det insp messrs hr fr frl dipl ing dott avv ing sig vs v cf viz eg e.g i.e ie z.b d.h u.a p.ej
    ej no nos nr núm num fig figs tab abb eq eqs sec secs chap ch vol vols pp p pt art arts par app ed eds ref
    refs bzw bspw vgl ggf ca approx op mt ft ste av ave blvd c г ул им т.е т.д проф др стр рис табл
"""
_BEFORE_NAME = frozenset(_BEFORE_NAME_LIST.split())
# A full stop after these ends a sentence only if a typical beginning follows.
_MAYBE_LAST_LIST = """
    etc al inc ltd co corp bros llc plc dept univ assn est jr sr esq phd ph.d m.d b.a m.a b.c a.d b.c.e c.e a.m
    p.m u.s u.k u.n e.u u.s.a d.c jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun min
    max sec hrs hr in ft lb lbs oz km kg cm mm usw u.s.w d.c s.a ee.uu a.c d.c гг в
"""
_MAYBE_LAST = frozenset(_MAYBE_LAST_LIST.split())
_STARTERS_LIST = """
    the a an this that these those it its he she they we you i his her their our my there here in on at by for
    from with as when while if although though because since after before during however moreover furthermore also
    but and or so yet then thus therefore what who where why how which not no all some many most both each every
    one el la los las un una en por para con según cuando sin se su der die das ein eine im am es er sie wir und
    aber le les une dans il elle on nous vous ce cette il lo gli nel si o os as um uma no na se em
"""
_STARTERS = frozenset(_STARTERS_LIST.split())
# Languages that write ordinals as a number with a full stop: "am 3. Oktober".
_ORDINAL_STOP = frozenset({"de", "da", "nb", "nn", "no", "fi", "et", "cs", "sk", "hu", "pl", "hr", "sl", "sr", "lv"})


def split_sentences(text: str, language: str = "und") -> list[tuple[int, int]]:
    """Return the sentences of `text` in order as spans (code points, end exclusive), without white space around them.

    Headings, list items and table rows are sentences of their own. What holds no letter or digit (rules, lone
    bullets) is left out, so the spans need not cover the text.

    Args:
        language: ISO 639-1, or "und". It matters for ordinals alone; abbreviations of all languages are known at once.
    """
    spans: list[tuple[int, int]] = []
    for start, end, whole in _units(text):
        if whole:
            _append(spans, text, start, end)
        else:
            _split_unit(spans, text, start, end, language)
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end and not _RULE.match(text[start:end]):
        spans.append((start, end))


def _split_unit(spans: list[tuple[int, int]], text: str, start: int, end: int, language: str) -> None:
    begin = start
    number = _SECTION.match(text, start, end)
    for match in _STOP.finditer(text, number.end() if number else start, end):
        if _ends_sentence(text, begin, match, end, language):
            _append(spans, text, begin, match.end())
            begin = match.end()
    _append(spans, text, begin, end)


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int, language: str) -> bool:
    mark = text[match.start()]
    if mark in _HARD_STOPS:
        return True
    following = _next_word(text, match.end(), end)
    if not following:
        return True
    if following[0].islower() or following[0] in ",;:":
        return False
    if mark == "." and text[match.start() : match.start() + 2] != "..":
        return not _is_abbreviation(
            text[max(begin, match.start() - _LONGEST_WORD) : match.start()], following, match, language
        )
    return True


def _next_word(text: str, position: int, end: int) -> str:
    """The word that follows, freed of opening quotes and brackets; empty at the end of the unit."""
    while position < end and (text[position].isspace() or text[position] in _OPENERS):
        position += 1
    stop = position
    while stop < min(end, position + _LONGEST_WORD) and not text[stop].isspace():
        stop += 1
    return text[position:stop]


def _is_abbreviation(before: str, following: str, match: re.Match[str], language: str) -> bool:
    """Tell whether the single full stop after `before` belongs to an abbreviation, an initial or an ordinal."""
    last = before.rsplit(maxsplit=1)[-1].lstrip(_OPENERS + "/") if before.strip() else ""
    if last.isdigit():
        return language in _ORDINAL_STOP and int(last) <= 31 and following[0].isalpha()
    if not _WORD.match(last):
        return False
    if len(match.group()) > 1:  # closed by a bracket or quote: "(Inc.)" still may end, "Dr.)" does not occur
        return False
    word = last.lower()
    starter = following.rstrip(",;:.").lower() in _STARTERS
    if word in _BEFORE_NAME:
        return not (word in {"no", "c", "p", "v", "ed", "art", "ing", "ca", "app", "ref", "tab"} and starter)
    if word in _MAYBE_LAST or "." in word:
        return not starter
    if len(last) == 1 and _SINGLE.match(following):  # "z. B.", "e. V.", "J. F."
        return True
    return len(last) == 1 and last.isupper() and not starter


def _units(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, whole): stretches no sentence crosses; `whole` ones are not to be split further."""
    block: list[tuple[int, int]] = []
    fenced = False
    for start, end in _lines(text):
        line = text[start:end]
        if _FENCE.match(line):
            yield from _paragraphs(text, block)
            block, fenced = [], not fenced
        elif not line.strip() or _DRAWN_LINE.match(line):
            yield from _paragraphs(text, block)
            block = []
        elif fenced or _HEADING.match(line) or _ROW.match(line) or _LED.search(line[-_LED_CHARS:]):
            yield from _paragraphs(text, block)
            block = []
            yield start, end, True
        else:
            if block and (_BULLET.match(line) or _SECTION.match(line)):
                yield from _paragraphs(text, block)
                block = []
            block.append((start, end))
    yield from _paragraphs(text, block)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"\n|\f|\u2028|\u2029", text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def _paragraphs(text: str, block: list[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Cut lines without a blank one between them where a line ended early by choice, as titles and addresses do."""
    if not block:
        return
    begin = block[0][0]
    width = max(end - start for start, end in block)
    for (start, end), (next_start, next_end) in pairwise(block):
        if _ended_by_choice(text[start:end].rstrip(), text[next_start:next_end].lstrip(), width):
            yield _marked(text, begin), end, False
            begin = next_start
    yield _marked(text, begin), block[-1][1], False


def _ended_by_choice(line: str, following: str, width: int) -> bool:
    if following[0].islower() or line[-1] in ",;-‐–—，、":
        return False
    first_word = following.split(maxsplit=1)[0] if following.isascii() or " " in following else following[:1]
    return len(line) + 1 + len(first_word) <= 0.8 * width


def _marked(text: str, start: int) -> int:
    """Skip the marker of a list item, so that "1." is no sentence."""
    match = _BULLET.match(text, start)
    return match.end() - 1 if match else start
