"""What may be said while learn-only text is in the context: nothing that citable text does not say."""

from collections.abc import Iterable

from parley.chat.check.numbers import find_quantities
from parley.chat.check.words import content_words
from parley.chat.privacy.items import numbers_of
from parley.chat.privacy.letters import letters
from parley.chat.quoting.phrases import is_own_phrase

# Content words of the kind of sentence that claims nothing: introductions, courtesies, words about the answer itself.
_COURTESIES = """
yes like more short brief details further additional assist questions would anything else following summary follows
according aider answer answers antwort ask available ayudar based below can cannot clear contain contains detail
details document documenti documento documentos documents dokument dokumente dokumenten domanda désolé encontrar
encontro encuentro exact find finde finden fontes fonti found frage fuentes give given happy helfen help here hope
información information know leider let list look mention mentions need overview pasajes passage passages passaggi
pergunta please point points pregunta provide provided quellen question questions refer regarding relevant resposta
respuesta risposta réponse say says see siento sorry source sources state states step steps sure tell text texts
trechos trouve trouver trovare trovo tut unfortunately want welcome
"""
_COURTESY = frozenset(_COURTESIES.split())
_STEM = 5
LONGEST_STRANGE_RUN = 2
MOST_STRANGE = 0.25


class SealedRule:
    """Knows the words of citable text and question, and judges sentences by them.

    Args:
        citable: passages that may be cited, with their titles and headings; `asked`: the question and what the reader
            wrote before.
        hidden: learn-only text: a word that stands there and in nothing citable is never said.
    """

    def __init__(self, citable: Iterable[str], asked: Iterable[str], hidden: Iterable[str], language: str) -> None:
        self._language = language
        known = [*citable, *asked]
        self._terms = {word.term for text in known for word in content_words(text, language)}
        self._stems = {term[:_STEM] for term in self._terms if len(term) >= _STEM}
        self._letters = " ".join(letters(text) for text in known)
        self._numbers = {number for text in known for number in numbers_of(text)}
        self._values = {quantity.value for text in known for quantity in find_quantities(text, language)}
        self._hidden = {word.term for text in hidden for word in content_words(text, language)} - self._terms

    def allows(self, sentence: str, *, supported: bool) -> bool:
        """Tell whether a sentence may be shown.

        Args:
            supported: a check found it in citable spans; otherwise it must claim nothing, in words that say nothing.
        """
        if is_own_phrase(sentence):
            return True
        if numbers_of(sentence) - self._numbers:
            return False
        if any(q.value not in self._values and not q.spelled for q in find_quantities(sentence, self._language)):
            return False
        strange = [self._is_strange(word.term, word.surface) for word in content_words(sentence, self._language)]
        if not supported:
            return not any(strange)
        words = content_words(sentence, self._language)
        if any(word.term in self._hidden for word in words):
            return False
        return sum(strange) <= MOST_STRANGE * len(strange) and _longest(strange) <= LONGEST_STRANGE_RUN

    def _is_strange(self, term: str, surface: str) -> bool:
        if term in self._terms or surface.lower() in _COURTESY or (len(term) >= _STEM and term[:_STEM] in self._stems):
            return False
        return letters(surface) not in self._letters


def _longest(flags: Iterable[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
