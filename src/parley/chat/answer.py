"""What the events of a turn add up to: a pure reducer, used to store the answer and to rebuild it."""

from dataclasses import dataclass, field

from parley.chat import events as ev

CLAIMS = frozenset({"supported", "unsupported", "conflicting"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """answer[start:end], what the check found, and the numbers of its citations."""

    start: int
    end: int
    verdict: ev.Verdict
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Text that was shown and taken back, and stays in view. `at`: where in the text that is left it stood."""

    at: int
    text: str
    reason: ev.WithdrawalReason


@dataclass(slots=True)
class AnswerState:
    """An answer as far as its events go."""

    text: str = ""
    sentences: list[Sentence] = field(default_factory=list[Sentence])
    citations: list[ev.Citation] = field(default_factory=list[ev.Citation])
    withdrawn: list[Withdrawn] = field(default_factory=list[Withdrawn])
    status: str = "queued"
    end: ev.Completed | ev.Stopped | ev.Failed | None = None

    @property
    def support_rate(self) -> float | None:
        """Supported sentences over those that claim something; None if none does."""
        claims = [sentence for sentence in self.sentences if sentence.verdict in CLAIMS]
        if not claims:
            return None
        return sum(sentence.verdict == "supported" for sentence in claims) / len(claims)

    def checks(self) -> list[ev.Checked]:
        """Return the sentences as events, numbered from 0."""
        return [
            ev.Checked(index=index, start=one.start, end=one.end, verdict=one.verdict, citations=list(one.citations))
            for index, one in enumerate(self.sentences)
        ]

    def apply(self, event: ev.TurnEvent) -> None:
        """Take one event in, in order."""
        match event:
            case ev.Started():
                self.status = "running"
            case ev.Token():
                self.text += event.text
            case ev.Retracted():
                self._retract(event)
            case ev.Citation():
                self.citations.append(event)
            case ev.Checked():
                self.sentences.append(Sentence(event.start, event.end, event.verdict, tuple(event.citations)))
            case ev.Completed() | ev.Stopped() | ev.Failed():
                self.status, self.end = event.type, event
            case _:
                pass

    def _retract(self, event: ev.Retracted) -> None:
        """Cut the text out; sentences that reach into it go, and with them citations that nothing uses any more."""
        start, end = event.start, event.end
        self.withdrawn = [Withdrawn(min(one.at, start), one.text, one.reason) for one in self.withdrawn]
        if event.shown and self.text[start:end].strip():
            self.withdrawn.append(Withdrawn(start, self.text[start:end], event.reason))
        self.text = self.text[:start] + self.text[end:]
        removed = end - start
        kept = [sentence for sentence in self.sentences if sentence.end <= start]
        for later in (sentence for sentence in self.sentences if sentence.start >= end):
            moved = Sentence(later.start - removed, later.end - removed, later.verdict, later.citations)
            kept.append(moved)
        self.sentences = kept
        used = {n for sentence in kept for n in sentence.citations}
        self.citations = [citation for citation in self.citations if citation.n in used]
