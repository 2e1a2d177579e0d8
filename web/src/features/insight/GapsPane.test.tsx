import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout } from "@/test/app";
import { GapsPane } from "./GapsPane";

const gap = {
  id: "g1",
  bot_id: "b1",
  status: "open",
  question: "How do I renew my passport?",
  count: 3,
  first_asked_at: "2026-11-01T10:00:00Z",
  last_asked_at: "2026-11-20T10:00:00Z",
  again: null as object | null,
};
const again = (outcome: string) => ({ turn_id: "t9", outcome, at: "2026-11-21T10:00:00Z" });

describe("GapsPane", () => {
  beforeEach(stubLayout);

  it("asks again, says what came of it, and closes what is answered", async () => {
    let current = { ...gap };
    serve({
      "GET /bots/b1/gaps": () => ({ body: [current] }),
      "POST /gaps/g1/ask": () => {
        current = { ...gap, again: again("running") };
        setTimeout(() => (current = { ...gap, status: "resolved", again: again("answered") }));
        return { status: 202, body: current };
      },
    });
    const { user } = renderApp(<GapsPane botId="b1" />);
    await screen.findByText(/Asked 3 times/u);
    await user.click(screen.getByRole("button", { name: "Ask again" }));
    await screen.findByText("No open gaps");
    await user.click(screen.getByRole("radio", { name: "Resolved 1" }));
    await screen.findByText("Answered now");
  });

  it("dismisses what need not be known", async () => {
    const calls = serve({
      "GET /bots/b1/gaps": [gap],
      "PATCH /gaps/g1": { ...gap, status: "ignored", questions: [] },
    });
    const { user } = renderApp(<GapsPane botId="b1" />);
    await user.click(await screen.findByRole("button", { name: `More about: ${gap.question}` }));
    await user.click(await screen.findByRole("menuitem", { name: "Dismiss" }));
    await waitFor(() => expect(calls.find((call) => call.method === "PATCH")?.body).toEqual({ status: "ignored" }));
  });

  it("takes an answer, and asks again once it can be found", async () => {
    let looks = 0;
    const calls = serve({
      "GET /bots/b1/gaps": [gap],
      "GET /bots/b1/sources": { items: [], next_cursor: null },
      "POST /bots/b1/sources": { id: "src1" },
      "POST /sources/src1/faq": { id: "e1", source_id: "src1", document_id: "d1" },
      "GET /documents/d1": { id: "d1", status: "ready" },
      "GET /sources/src1": () => ({ body: { id: "src1", status: ++looks < 3 ? "reading" : "ready" } }),
      "POST /gaps/g1/ask": { ...gap, again: again("running"), questions: [] },
    });
    const { user } = renderApp(<GapsPane botId="b1" />);
    await user.click(await screen.findByRole("button", { name: "Add what is missing" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByLabelText("Question")).toHaveProperty("value", gap.question);
    await user.type(dialog.getByLabelText("Answer"), "At the town hall.");
    await user.click(dialog.getByRole("button", { name: "Save and ask again" }));
    await waitFor(() => expect(calls.some((call) => call.path === "/gaps/g1/ask")).toBe(true), { timeout: 5000 });
    expect(looks).toBe(3);
    expect(calls.find((call) => call.path === "/sources/src1/faq")?.body).toEqual({
      question: gap.question,
      answer: "At the town hall.",
    });
  });
});
