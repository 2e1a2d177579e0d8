"""What kind of answer a question asks for, and whether a sentence holds one: light patterns for many languages."""

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

from parley.kit.languages import CAPITALS

AnswerType = Literal["date", "number", "person", "place", "reason", "means", "definition", "yes_no", "other"]
ANSWER_TYPES: tuple[AnswerType, ...] = (
    "date", "number", "person", "place", "reason", "means", "definition", "yes_no", "other"
)  # fmt: skip


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


# Order matters: "how many years" is a number, "how old" too, before "how" alone is the means.
_QUESTIONS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "number",
        _pattern(
            r"\bhow (?:many|much|long|far|old|large|big|tall|high|often|deep|heavy|wide|fast|hot|cold|few)\b",
            r"\b(?:what|which) (?:\w+ ){0,2}?(?:percent|percentage|number|amount|population|price"
            r"|cost|ratio|size|fraction"
            r"|proportion|share|temperature|speed|height|length|distance|age|rate)\b",
            r"\bcu[aá]nt[oa]s?\b|\bqué (?:porcentaje|número|cantidad|población)\b",
            r"\bwie ?viele?n?\b|\bwie (?:lange?|weit|alt|groß|hoch|oft|tief|schwer)\b",
            r"\bwelche[rs]? (?:anzahl|prozent)",
            r"\bcombien\b|\bquel pourcentage\b|\bquant[oaie]\b|\bquant[oa]s?\b",
            r"कितन[ेीा]|कितनों|प्रतिशत|كم\b|ما عدد|ما نسبة|多少|几个|几[次年名位场]|百分之|多[大高长远久]|いくつ",
            r"何[人個回年間歳パ]|どのくらい|どれくらい|몇|얼마",
            r"\bhoe ?(?:veel|lang|ver|oud|groot|hoog|vaak|diep|zwaar)\b|\bсколько\b|^il[eu]\b",
            r"\bкак (?:долго|часто|далеко)\b",
            r"\bkaç\b|\bne kadar\b|\bhur (?:många|mycket|länge|ofta)\b|\bhvor (?:mange|meget|mye|lenge|længe|ofte)\b",
        ),
    ),
    (
        "other",  # in which case, not at what time
        _pattern(
            r"\bwhen (?:to|(?:should|must|can|could|would|may|shall) (?:i|you|we|one))\b",
            r"\bwann (?:soll(?:te)?|muss|kann|darf) (?:ich|man|wir)\b",
            r"\bquand (?:faut-il|dois-je|doit-on|devrait-on|puis-je)",
            r"\bcuándo (?:debo|debería|se debe|hay que|conviene)\b|\bquando (?:conviene|devo|dovrei|si deve|se deve)\b",
            r"\bкогда (?:следует|нужно|надо|стоит)\b|いつ.{0,40}べき|什么时候应该|何时应该",
            r"\bwanneer (?:moet|kan|mag) (?:ik|je|men)\b",
        ),
    ),
    (
        "date",
        _pattern(
            r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|century|decade|day|month|era|time period|season)s?\b",
            r"\bcu[aá]ndo\b|\bqué (?:año|fecha|siglo|día|mes|década)\b",
            r"\bwann\b|\b(?:welche[mnrs]?) (?:\w+ )?(?:jahr|datum|jahrhundert|tag|monat|jahrzehnt)",
            r"\bquand\b|\bquelle (?:année|date)\b|\bquel (?:siècle|jour|mois)\b|\bquando\b",
            r"\b(?:che|quale|qual|que) (?:anno|ano|data|secolo|século|giorno|dia|mese|mês)\b",
            r"कब|किस (?:वर्ष|साल|तारीख|दिन|महीने|शताब्दी)|متى|في أي (?:عام|سنة|تاريخ|قرن|يوم|شهر)|什么时候|何时",
            r"哪[一]?[年天月日]|哪个世纪|いつ|何[年月日]|언제",
            r"\bwanneer\b|\bwelk(?:e datum| jaar)\b|\bкогда\b|\bв каком (?:году|месяце|веке)\b|\bkiedy\b|\bne zaman\b",
            r"\bhangi (?:yıl|tarih)|^när\b|\bhvornår\b|^når\b",
        ),
    ),
    (
        "person",
        _pattern(
            r"\bwho(?:m|se|'s)?\b",
            r"\b(?:what|which) (?:person|man|woman|people|author|king|queen|president|scientist|player|leader)\b",
            r"\bqui[eé]n(?:es)?\b|\bwe(?:r|m|n|ssen)\b|\bqui\b|\bchi\b|\bquem\b",
            r"किसने|कौन|किसके|किसकी|किसे|\bمن (?:هو|هي|هم|الذي|كان|قام)|^من\b|谁|誰|だれ|누가|누구",
            r"\bк(?:то|ого|ем|ому)\b|\bчей\b|\bkto\b|^kim\b|\bkim(?:in|e|dir)\b|\bvem\b|\bhvem\b",
        ),
    ),
    (
        "place",
        _pattern(
            r"\bwhere\b",
            r"\b(?:what|which) (?:\w+ )?(?:city|country|state|place|region|town|county|continent"
            r"|location|river|area)\b",
            r"\bd[oó]nde\b|\bqué (?:ciudad|país|estado|lugar|región)\b|\bwo(?:her|hin)?\b",
            r"\bwelche[mnrs]? (?:stadt|land|ort|staat|region)\b",
            r"\boù\b|\bquel(?:le)? (?:ville|pays|région)\b|\bdove\b|\bonde\b",
            r"कहाँ|कहां|किस (?:शहर|देश|राज्य|स्थान)|أين|في أي (?:مدينة|بلد|دولة|ولاية|منطقة)|哪里|哪儿|何处",
            r"哪个(?:城市|国家|地区|州)|哪座|どこ|어디",
            r"\bwaar\b|\b(?:где|куда|откуда)\b|\bgdzie\b|\bnere(?:de|ye|den)\b|^var (?:är|finns|ligger|kan)\b|^hvor\b",
        ),
    ),
    (
        "reason",
        _pattern(
            r"\bwhy\b|\b(?:what|which) (?:\w+ )?(?:reason|cause)s?\b|\bpor qu[eé]\b|\bwarum\b|\bwieso\b",
            r"\bweshalb\b|\bpourquoi\b|\bperch[eé]\b",
            r"क्यों|لماذا|لم\b|为什么|為什麼|为何|なぜ|どうして|왜",
            r"\bwaarom\b|\b(?:почему|зачем)\b|\bdlaczego\b|\b(?:neden|niçin|niye)\b|\bpor quê\b|\bvarför\b|\bhvorfor\b",
        ),
    ),
    (
        "yes_no",
        _pattern(
            r"^was (?:the|an?|it|he|she|there|this|that|his|her|any)\b",
            r"^(?:is|are|were|do|does|did|can|could|will|would|has|have|had|should|may)\b",
            r"^(?:kann|können|ist|sind|hat|haben|darf|est-ce|peut-on|puedo|es|può|posso|é)\b|^क्या|^هل|吗[？?]?$",
            r"ですか[？?]?$|ますか[？?]?$",
        ),
    ),
    (
        "means",
        _pattern(
            r"\bhow\b|\bcómo\b|\bwie\b|\bcomment\b|^come\b|\bcomo\b|कैसे|किस प्रकार|كيف|如何|怎么|怎麼|怎样",
            r"どうやって|どのように|어떻게|^hoe\b|^как\b|^jak\b|\bnasıl\b|^hur\b|^hvordan\b",
            r"^(?:reset|install|configure|connect|change|set up|enable|disable|add|remove|update|create|delete|use)\b",
        ),
    ),
    (
        "definition",
        _pattern(
            r"^\W*(?:what|who)(?: is| are| was| were|['’]s|['’]re) (?:an? |the )?"
            r"(?:(?!by\b|to\b|for\b|of\b|in\b|\w+ed\W*$)[\w'’-]+ ?){1,3}\W*$",
            r"^\W*(?:qué (?:es|son)|quién (?:es|fue)|was (?:ist|sind)"
            r"|wer (?:ist|war)|qu['’]est-ce que?|(?:che )?cos(?:['’]è|a (?:è|sono))|o que (?:é|são)|wat (?:is|zijn)"
            r"|что (?:такое|значит)|(?:co to|czym) (?:jest|są)|vad är|hva[d]? er)"
            r"(?: [\w'’-]+){1,3}\W*$",
            r"^\W{0,9}\S{1,80}(?: \S{1,80})? क्या (?:है|हैं)\W*$",
            r"^\W*ما (?:هو|هي)(?: \S+){1,2}\W*$|^什么是.{1,8}$|^.{1,8}是什么\W*$|とは\W*$",
            r"^.{1,20} nedir\W*$|^.{1,20}(?:이란|란|은|는) 무엇",
        ),
    ),
)  # fmt: skip

_ASKS_MEANING = re.compile(
    r"^\W*(?:what (?:does|do|did) (?P<means>.{1,60}?) (?:mean|stand for|refer to|do)"
    r"|what(?: is|['’]s) (?P<used>.{1,60}?) (?:used )?for"
    r"|(?:what is meant by|please define|define"
    r"|(?:what(?: is|['’]s) the )?(?:definition|meaning|purpose|use|point) of) (?P<of>.{1,60}?)"
    r"|was (?:bedeutet|heißt) (?P<de>.{1,60}?)|que signifie (?P<fr>.{1,60}?)|qué significa (?P<es>.{1,60}?)"
    r"|cosa significa (?P<it>.{1,60}?)|o que significa (?P<pt>.{1,60}?)|wat betekent (?P<nl>.{1,60}?)"
    r"|что (?:такое|значит|означает) (?P<ru>.{1,60}?)"
    r"|(?P<ko>.{1,20}?)(?:이란|란|은|는) 무엇(?:인가요|입니까|이에요|인지)?"
    r"|什么是(?P<zh>.{1,12}?)|(?P<zh_last>.{1,12}?)是什么|(?P<ja>.{1,20}?)とは(?:何(?:ですか)?)?)\W*$",
    re.IGNORECASE,
)
_MONTHS = _pattern(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    r"\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b",
    r"\b(?:januar|februar|märz|mai|juni|juli|oktober|dezember)\b",
    r"\b(?:janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)\b",
    r"\b(?:gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|novembre|dicembre)\b",
    r"\b(?:janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro|januari|februari|maart|augustus)\b",
    r"\b(?:январ|феврал|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)[ьяе]\b|\bма(?:рта?|[йя])\b",
    r"जनवरी|फ़?रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर",
    r"يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
)
_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]\d{2}|20\d{2})(?![\d]|[.,]\d)")
_PERIOD = _pattern(
    r"\bcentur(?:y|ies)\b|\b\d+ ?(?:bc|ad|bce|ce)\b|\b\d{1,3}0s\b|\bsiglo\b|\bjahrhundert|\bsiècle\b|\bsecolo\b",
    r"\bséculo\b|शताब्दी|सदी|القرن|世纪|年代|\d+ ?年|\d+ ?月",
)
_DIGITS = re.compile(r"\d[\d.,]*")
_NUMBER_WORDS = _pattern(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
    r"|hundreds?|thousands?|millions?|billions?|percent|half|third|quarter|dozens?|twice|once|several|single|double)\b",
    r"\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|mitad)\b",
    r"\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|hundert|tausend|millionen|hälfte|prozent)\b",
    r"\b(?:deux|trois|quatre|cinq|sept|huit|neuf|dix|cent|mille)\b",
    r"एक|दो|तीन|चार|पांच|पाँच|छह|सात|आठ|नौ|दस|सौ|हजार|लाख|करोड़|प्रतिशत|आधे",
    r"واحد|اثن|ثلاث|أربع|خمس|ست|سبع|ثمان|تسع|عشر|مائة|ألف|مليون|مليار|نصف",
    r"[一二三四五六七八九十百千万亿两半]+[个名位次年人场支种条%％]|百分之|[0-9]",
)
_REASON = _pattern(
    r"\b(?:because|due to|since|so that|therefore|in order to|owing to|as a result|caused?|reason"
    r"|to avoid|to prevent|thus|hence|led to)\b",
    r"\b(?:porque|debido a|ya que|para que|a causa)\b|\b(?:weil|wegen|da|deshalb|aufgrund|um)\b",
    r"\b(?:parce que|car|afin de|grâce à)\b|\b(?:perché|poiché|a causa)\b",
    r"क्योंकि|कारण|वजह|इसलिए|لأن|بسبب|نتيجة|من أجل|因为|由于|因此|为了|ため|から|ので",
)
_MEANS = _pattern(
    r"\b(?:by \w+ing|through|using|via|with the|click|press|select|open|go to|choose|enter|type|run"
    r"|navigate|tap|must|should|can be)\b",
    r"\b(?:mediante|a través de|usando|haga clic|pulse|seleccione)\b",
    r"\b(?:durch|mit hilfe|indem|klicken|drücken|wählen)\b|\b(?:cliquez|en utilisant|grâce)\b",
    r"द्वारा|के माध्यम|عن طريق|من خلال|باستخدام|通过|使用|利用|点击|按|によって|使って|クリック",
)
_DEFINES = _pattern(
    r"\b(?:is|are|was|were|means|refers to|known as|called|defined as|describes?|term)\b",
    r"\b(?:es|son|significa|llamad[oa]|ist|sind|bedeutet|genannt|bezeichnet|est|sont|signifie"
    r"|appelé|è|sono|significa|é|são)\b",
    r"है|हैं|कहते|कहा जाता|هو|هي|يسمى|يعرف|是|指|称为|とは|です|である",
)
_NAME = re.compile(rf"(?<=[a-z0-9,;:)’'\"“”»] )[\"“«(]?[{CAPITALS}][\w’'-]+|^[A-Z][a-z]+ (?=[A-Z][a-z])")
_PLACE_CUE = _pattern(
    r"\b(?:in|at|near|from|to|of|north|south|east|west|between|across|en|de|nach|aus|bei|à|dans"
    r"|em)\b (?:the |la |el |der |den )?[A-ZÀ-Ö]",
    r"में|से|के पास|في|من|إلى|在|位于|来自|に|で",
)


def answer_type_of(question: str) -> AnswerType:
    """Return the kind of answer asked for; "other" where no pattern speaks (most "what" and "which" questions)."""
    text = question.strip()
    if _ASKS_MEANING.match(text):
        return "definition"
    for kind, pattern in _QUESTIONS:
        if pattern.search(text):
            return kind
    return "other"


def span_of_subject(question: str) -> tuple[int, int]:
    """Return where the words stand that a question is about: all of it, but "X" of "What does X mean?"."""
    match = _ASKS_MEANING.match(question)
    if match is None:
        return 0, len(question)
    return match.span(match.lastgroup or 0)


def holds_answer(kind: AnswerType, sentence: str, question: str) -> bool | None:
    """Tell whether `sentence` holds something of the kind that `question` does not already hold; None: cannot tell."""
    check = _CHECKS.get(kind)
    return None if check is None else check(sentence, question.lower())


def _new_numbers(sentence: str, question: str) -> bool:
    return any(match.group().rstrip(".,") not in question for match in _DIGITS.finditer(sentence))


def _date(sentence: str, question: str) -> bool:
    if any(match.group() not in question for match in _YEAR.finditer(sentence)):
        return True
    return any(m.group().lower() not in question for p in (_MONTHS, _PERIOD) for m in p.finditer(sentence))


def _number(sentence: str, question: str) -> bool:
    if _new_numbers(sentence, question):
        return True
    return any(match.group().lower() not in question for match in _NUMBER_WORDS.finditer(sentence))


def _name(sentence: str, question: str) -> bool | None:
    if not any(char.isupper() for char in sentence):
        return None
    return new_names(sentence, question) > 0


def _place(sentence: str, question: str) -> bool | None:
    named = _name(sentence, question)
    return named if named is None else named and _PLACE_CUE.search(sentence) is not None


def _speaks(pattern: re.Pattern[str], sentence: str, _question: str) -> bool:
    return pattern.search(sentence) is not None


_CHECKS: dict[AnswerType, Callable[[str, str], bool | None]] = {
    "date": _date,
    "number": _number,
    "person": _name,
    "place": _place,
    "reason": partial(_speaks, _REASON),
    "means": partial(_speaks, _MEANS),
    "definition": partial(_speaks, _DEFINES),
}


def new_names(sentence: str, question: str) -> int:
    """Count capitalised words within the sentence (not at its start) that the lower-case `question` lacks."""
    return sum(match.group().strip('"“«( ').lower() not in question for match in _NAME.finditer(sentence))
