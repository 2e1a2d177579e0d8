"""References to other places: their titles name what is said there, so they answer nothing where they stand."""

import re

_SEE = (
    r"(?:see|cf\.?|refer to|siehe|vgl\.?|voir|voyez|consultez|ver|véase|vea|consulte|consulta|si (?:veda|consulti)"
    r"|vedere|vedi|zie|смотрите|см\.|zob\.)(?!\w)|(?:请?参[阅见考看]|详见)"
)
_PLACE = (
    r"(?:section|chapter|appendix|abschnitt|kapitel|anhang|chapitre|annexe|sección|capítulo|apéndice|seção|apêndice|sezione"
    r"|capitolo|appendice|hoofdstuk|paragraaf|раздел\w*|глав\w*|приложени\w*)(?!\w)"
)
_TITLE = r"(?:“[^”\n]{1,200}”|„[^“\n]{1,200}“|«[^»\n]{1,200}»|「[^」\n]{1,200}」|\"[^\"\n]{1,200}\")"
_REFERENCE = re.compile(
    rf"[(（]\s*(?:{_SEE})(?:[^()（）\n]|[(（][^()（）\n]{{0,80}}[)）]){{0,300}}[)）]"
    rf"|(?:{_PLACE}\s+[\w.]{{1,12}}|第\s?[\w.]{{1,8}}\s?[章节節]),?\s*{_TITLE}|{_TITLE}\s*(?:をご覧|を参照)",
    re.IGNORECASE,
)
_OF_ITSELF = re.compile(
    r"\W*(?:(?:learn|find out|discover|understand) (?:how|about|what|when|where|why|which|more|the)\b"
    r"|in this (?:article|guide|section|chapter)\b"
    r"|this (?:article|guide|page|tutorial|section|chapter|document)(?: will)? (?:explain|show|describe|cover|provide)"
    r"|(?:follow|perform|do) (?:these|the following|the) (?:steps|instructions)\b"
    r"|(?:for (?:an?|more|further|additional|other|trouble\w*|details?|instructions?|information)\b[^.]{0,120}, "
    r"|if you need help, )?(?:see|refer to|check out|visit|find more|read more|click here)\b)",
    re.IGNORECASE,
)
_POINTS_ON = re.compile(
    r"\A\W*(?:siehe\b|(?:weitere|mehr|nähere|ausführliche|zusätzliche) (?:details|informationen|hinweise|erklärungen)\b"
    r"|näheres\b|pour (?:plus|davantage|de plus amples)\b|(?:voir|voyez|consultez|reportez-vous)\b"
    r"|para (?:más|obtener más|mais|obter mais)\b|(?:consulte|véase|vea|veja)\b|per (?:maggiori|ulteriori|i dettagli)\b"
    r"|(?:si veda|vedi|vedere|si consulti)\b|(?:zie|voor meer)\b|(?:подробн\w+|дополнительн\w+|смотрите|см\.))"
    r"|(?:をご覧ください|を参照してください|を見てください)。?\Z|\A\W*(?:请参[阅见考]|详见|更多信息|参见)",
    re.IGNORECASE,
)
_SECTION_NUMBER = re.compile(r"(?:[A-Z]|\d{1,3})(?:\.\d{1,3})+\.?\s")


def without_references(text: str) -> str:
    """Return a sentence without the titles of other places that it refers to: '(see Section 4, "Partitions")'."""
    return _REFERENCE.sub(" ", text)


def speaks_of_itself(text: str) -> bool:
    """Tell whether a sentence is about the page it stands on or points to another: "Learn how to ...", "See ..."."""
    return _OF_ITSELF.match(text) is not None or _POINTS_ON.search(text) is not None


def is_numbered_title(text: str) -> bool:
    """Tell whether a line is a title with its number: "4.2. Partitions", and no clause that says something."""
    return _SECTION_NUMBER.match(text) is not None and not text.rstrip("\"'”’»)] ").endswith(
        (".", "!", ":", "。", "！")
    )
