"""Adding events up."""

from parley.chat.answer import AnswerState
from parley.chat.events import Checked, Citation, Completed, Retracted, Started, Token, TurnEvent, from_data, to_data


def added(*events: TurnEvent) -> AnswerState:
    state = AnswerState()
    for event in events:
        state.apply(event)
    return state


def citation(n: int) -> Citation:
    return Citation(n=n, document_id="doc", version_id="ver", page=None, start=n * 10, end=n * 10 + 5)


class TestAddingUp:
    def test_appends_text_and_collects_sentences(self) -> None:
        state = added(
            Started(model="m"),
            Token(text="It is "),
            Token(text="blue."),
            citation(1),
            Checked(index=0, start=0, end=11, verdict="supported", citations=[1]),
        )
        assert (state.text, state.status, state.support_rate) == ("It is blue.", "running", 1.0)

    def test_counts_only_sentences_that_claim_something(self) -> None:
        verdicts = ("supported", "no_claim", "unsupported", "conflicting")
        state = added(*(Checked(index=0, start=0, end=1, verdict=verdict, citations=[]) for verdict in verdicts))
        assert state.support_rate == 1 / 3
        assert added(Checked(index=0, start=0, end=1, verdict="no_claim", citations=[])).support_rate is None

    def test_withdraws_text_with_its_sentences_and_their_citations(self) -> None:
        state = added(
            Token(text="Blue. Green. Red."),
            citation(1),
            Checked(index=0, start=0, end=5, verdict="supported", citations=[1]),
            citation(2),
            Checked(index=1, start=6, end=12, verdict="supported", citations=[2]),
            Checked(index=2, start=13, end=17, verdict="supported", citations=[1]),
            Retracted(start=6, end=13, reason="not_supported"),
        )
        assert state.text == "Blue. Red."
        assert [(one.start, one.end) for one in state.sentences] == [(0, 5), (6, 10)]
        assert [one.n for one in state.citations] == [1]

    def test_events_come_back_from_storage_as_they_were(self) -> None:
        end = Completed(answer_id="a", abstained=False, support_rate=None, model="m", usage=None, took_ms=1.0)
        for event in (Token(text="é\n"), citation(3), end):
            import json

            assert from_data(event.type, json.loads(to_data(event))) == event
