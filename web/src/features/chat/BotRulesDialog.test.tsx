import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { BotRulesDialog } from "./BotRulesDialog";

const bot = {
  id: "b1",
  name: "Desk",
  persona: "Kind.",
  instructions: "",
  greeting: "",
  suggestions: ["When?"],
  answer_policy: "marked",
  learn_only_policy: "sealed",
  cache_answers: true,
  remembers: true,
  adapts_tone: true,
  human_contact: "",
} as unknown as Bot;

describe("how a bot answers", () => {
  beforeEach(stubLayout);

  it("saves every rule that a bot has", async () => {
    const calls = serve({ "PATCH /bots/b1": bot });
    const { user } = renderApp(<BotRulesDialog open bot={bot} onClose={() => undefined} />);
    await user.selectOptions(await screen.findByLabelText("Sentences that no document supports"), "strict");
    await user.type(screen.getByLabelText("Who asks for a person is told"), "Call 555.");
    await user.click(screen.getByRole("switch", { name: /apology/u }));
    await user.click(screen.getByRole("switch", { name: /Remember/u }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(calls.find((call) => call.method === "PATCH")?.body).toEqual({
      persona: "Kind.",
      instructions: "",
      greeting: "",
      suggestions: ["When?"],
      answer_policy: "strict",
      learn_only_policy: "sealed",
      cache_answers: true,
      remembers: false,
      adapts_tone: false,
      human_contact: "Call 555.",
    }));
  });
});
