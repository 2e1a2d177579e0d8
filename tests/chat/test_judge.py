"""A connected model as judge of sentences."""

from dataclasses import replace

import pytest

from parley.chat.judge import SupportJudge
from parley.errors import ProviderError
from parley.llm.fakes import ScriptedModel, Step
from tests.chat.desk import Desk

OWN_WORDS = "Whoever boards with a hound pays nothing for it on this vessel, dogs travel free [1]."


async def judged(desk: Desk, *script: Step, seconds: float = 5.0) -> tuple[str, ScriptedModel]:
    """Return the verdict on a sentence that the rules cannot decide, and the judge that was asked."""
    judge = await desk.use_model(script, timeout_seconds=30.0)
    desk.runner._tools = replace(desk.tools, judge=SupportJudge(desk.models, judge.name, seconds))  # pyright: ignore[reportPrivateUsage]
    await desk.use_model([OWN_WORDS])
    turn = await desk.ask("Do dogs travel free of charge on the ferry?")
    return turn.sentences[0].verdict, judge


class TestJudging:
    async def test_its_verdict_stands_where_the_rules_are_undecided(self, desk: Desk) -> None:
        verdict, judge = await judged(desk, 'Here you are: {"verdict": "supported"}')
        assert verdict == "supported"
        assert "Dogs travel free of charge." in judge.calls[0][-1].text

    @pytest.mark.parametrize("said", ["I think so.", '{"verdict": "perhaps"}', "{}"])
    async def test_what_is_no_verdict_leaves_the_rules_alone(self, desk: Desk, said: str) -> None:
        assert (await judged(desk, said))[0] == "unsupported"

    async def test_a_judge_that_fails_leaves_the_rules_alone(self, desk: Desk) -> None:
        error = ProviderError("It broke.", code="provider_failed")
        assert (await judged(desk, error))[0] == "unsupported"

    async def test_what_the_rules_can_decide_is_not_asked(self, desk: Desk) -> None:
        judge = await desk.use_model(['{"verdict": "supported"}'])
        desk.runner._tools = replace(desk.tools, judge=SupportJudge(desk.models, judge.name, 5.0))  # pyright: ignore[reportPrivateUsage]
        await desk.use_model(["Tickets cost 15 euros [1]. Dogs travel free of charge [1]."])
        turn = await desk.ask("What does a ticket for the ferry cost?")
        assert [sentence.verdict for sentence in turn.sentences] == ["conflicting", "supported"]
        assert judge.calls == []
