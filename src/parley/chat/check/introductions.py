"""Words that only say where something is stated, or lead over to it: "According to the report, ..."."""

import re
from collections.abc import Sequence

from parley.chat.check.denials import denials
from parley.chat.check.tokens import Token

_REPORTING_LIST = """
according accordance report reports reported reportedly document documents documented documentation source sources
passage passages text texts article articles page pages section sections chapter paragraph material materials
information guide guides manual manuals handbook filing filings authors author writer writers entry record records file
files context excerpt excerpts snippet data website site study statement release letter policy instructions notes paper
state states stated stating say says said note noted notes explain explains explained describe describes described
mention mentions mentioned indicate indicates indicated show shows shown point points pointed follow follows learn read
reads know known tell tells told find found provide provided given based per write writes written worth quote quoted
summary answer question regarding concerning specifically clarify clarifies confirm confirms confirmed specify specifies
add adds emphasize emphasizes highlight highlights report-based
según informe documento texto artículo fuente fuentes indica indican dice señala acuerdo información página menciona
laut bericht dokument dokuments text quelle quellen heißt zufolge artikel gemäß angaben steht angegeben seite abschnitt
selon rapport document documents texte source sources indique indiquent dit page secondo relazione documento testo fonte
indica dice conforme relatório fonte रिपोर्ट दस्तावेज़ दस्तावेज अनुसार पाठ स्रोत लेख
وفقا وفقاً للتقرير التقرير بحسب الوثيقة المصدر النص يشير
"""
_REPORTING = frozenset(_REPORTING_LIST.split())
_REPORTING_SIGNS = re.compile(r"报告|文件|文档|根据|資料|资料|来源|指出|文中|本文|文章")
_CONNECTING_LIST = """
fact short general particular addition contrast comparison conclusion detail brief essence practice importantly notably
interestingly additionally furthermore moreover however therefore thus overall typically generally similarly likewise
finally first second secondly lastly also yes indeed certainly sure clearly simply put words example instance time
moment result consequence end beginning case well hence accordingly consequently meanwhile nevertheless nonetheless
besides specifically historically originally today currently además también sin embargo außerdem jedoch zudem
"""
_CONNECTING = frozenset(_CONNECTING_LIST.split())
_BORDER = re.compile(r"[,:;，：；،]\s*|\b(?:that|dass|que|che)\b\s*|कि\s|—\s*|–\s+|\s-\s")
_CLOSED = re.compile(r"(?:[,:;，：；，،—–-]|\b(?:that|dass|que|che)|कि)\s*$", re.IGNORECASE)
_LONGEST_CHARS = 140
_FEW = 2
_MOST_UNKNOWN = 3
_SIGNS = 12
_ATTRIBUTING_LIST = "according per as based laut según selon secondo conforme gemäß"
_ATTRIBUTING = frozenset(_ATTRIBUTING_LIST.split())


def introduction_ends(text: str, tokens: Sequence[Token], limit: int, context: frozenset[str]) -> int:
    """Return how many of the tokens before character `limit` introduce only.

    Args:
        text: the claim; `tokens` are a run of its tokens that says nothing that the evidence says.
        context: terms of titles and headings, which an introduction may name.
    """
    if not tokens:
        return 0
    begin = tokens[0].start
    borders = [limit, *(match.end() for match in _BORDER.finditer(text, begin, limit))]
    for border in sorted(set(borders), reverse=True):
        inside = [token for token in tokens if token.start < border]
        if border - begin <= _LONGEST_CHARS and _introduces(text[begin:border], inside, context):
            return len(inside)
    return 0


def attributes(text: str, tokens: Sequence[Token], context: frozenset[str]) -> bool:
    """Tell whether words at the end of a claim only say where it is from: ", according to the report"."""
    return bool(tokens) and tokens[0].form in _ATTRIBUTING and _introduces(text, tokens, context)


def opening_introduction(text: str, tokens: Sequence[Token], agreeing: Sequence[bool], context: frozenset[str]) -> int:
    """Return how many tokens at the beginning introduce, though some of their words happen to be in the evidence."""
    for match in reversed(list(_BORDER.finditer(text, 0, _LONGEST_CHARS))):
        inside = [token for token in tokens if token.start < match.end()]
        own = [not agrees for token, agrees in zip(inside, agreeing, strict=False) if token.content]
        if own and sum(own) >= len(own) / 2 and _introduces(text[: match.end()], inside, context, surely=True):
            return len(inside)
    return 0


def _introduces(text: str, tokens: Sequence[Token], context: frozenset[str], *, surely: bool = False) -> bool:
    if denials(tokens):
        return False
    content = [token for token in tokens if token.content]
    unknown = [token for token in content
               if token.form not in _CONNECTING and token.form not in _REPORTING and token.stem not in context
               and not token.name]  # fmt: skip
    if _REPORTING_SIGNS.search(text) and len(text) <= _SIGNS:
        return True
    closed = _CLOSED.search(text) is not None
    reporting = sum(token.form in _REPORTING for token in tokens)
    if reporting and (closed or tokens[0].form in _ATTRIBUTING):
        return len(unknown) <= _MOST_UNKNOWN
    if surely or any(token.name or token.number for token in tokens):
        return False
    if reporting > 1:
        return not unknown
    return closed and bool(content) and len(unknown) <= _FEW and len(content) <= _FEW + 1
