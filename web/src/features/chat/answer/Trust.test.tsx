import { screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderApp, serve, stubLayout } from "@/test/app";
import { storedAnswer } from "../thread";
import { AnswerBubble } from "./AnswerBubble";

const documentOf = (title: string) => ({ id: title, title, path: title, version: 1, version_id: `v-${title}` });
const citation = (n: number, title: string, quote: string, dated: string) => ({
  n,
  document: documentOf(title),
  page: null,
  start: 0,
  end: quote.length,
  quote,
  dated,
});
const sentences = [
  { text: "It costs 240.", start: 0, end: 13, verdict: "conflicting", citations: [1, 2] },
  { text: "Dogs are free.", start: 14, end: 28, verdict: "unsupported", citations: [] },
];
const stored = {
  status: "completed",
  abstained: false,
  support_rate: 0,
  sentences,
  citations: [
    citation(1, "Prices", "It costs 240 pounds.", "2026-03-01T10:00:00Z"),
    citation(2, "Offers", "It costs 195 pounds.", "2026-09-01T10:00:00Z"),
  ],
  nearest: [],
  model: "m",
  usage: null,
  took_ms: 10,
  error: null,
  rating: null,
  cached: false,
};
const look = {
  turn_id: "t1",
  looked_at: "2026-11-21T10:00:00Z",
  sentences: [
    { index: 0, text: "It costs 240.", verdict: "conflicting", outcome: "nothing_else", cited_dated: [], spans: [] },
    {
      index: 1,
      text: "Dogs are free.",
      verdict: "unsupported",
      outcome: "conflicts",
      cited_dated: ["2026-01-01T10:00:00Z"],
      spans: [
        { relation: "conflicts", document: documentOf("Rules"), dated: "2026-10-01T10:00:00Z", page: 2, start: 3, end: 9, quote: "Dogs pay 5." },
      ],
    },
  ],
};

function show(change: object = {}, role = "owner") {
  serve({ "GET /me": { role, user: { name: "O" } }, "POST /turns/t1/verify": look });
  const actions = { open: vi.fn(), regenerate: vi.fn(), show: vi.fn() };
  const answer = storedAnswer({ text: "It costs 240. Dogs are free.", answer: { ...stored, ...change } as never });
  const row = { kind: "answer" as const, key: "a", versions: [{ id: "m1", at: "2026-11-21T10:00:00Z", turnId: "t1", answer }] };
  return { ...renderApp(<AnswerBubble row={row} openKey={null} actions={actions} />), actions };
}

describe("trust in an answer", () => {
  beforeEach(stubLayout);

  it("sets sources that disagree side by side, the newer one named", async () => {
    const { user, actions } = show();
    const conflict = within(await screen.findByRole("region", { name: "Sources that disagree" }));
    const sides = conflict.getAllByRole("button");
    expect(sides.map((side) => /newer/u.test(side.textContent ?? ""))).toEqual([false, true]);
    await user.click(sides[1] as HTMLElement);
    expect(actions.open).toHaveBeenCalledWith("t1", 1);
  });

  it("looks a second time and opens what speaks against a sentence", async () => {
    const { user, actions } = show();
    await user.click(await screen.findByRole("button", { name: "Verify with sources" }));
    const found = within(await screen.findByRole("region", { name: "Second look" }));
    found.getByText("1 of 2 contradicted");
    expect(found.getAllByRole("listitem")[0]?.textContent).toContain("Dogs are free.");
    await user.click(found.getByRole("button", { name: /Dogs pay 5/u }));
    expect(actions.show.mock.calls[0]?.[0]).toMatchObject({
      citation: { page: 2, start: 3, end: 9 },
      sentence: { text: "Dogs are free.", verdict: "conflicting" },
    });
    await user.click(found.getByRole("button", { name: "Close the second look" }));
    expect(screen.queryByRole("region", { name: "Second look" })).toBeNull();
  });

  it("strikes through what was withdrawn, and says how much was withheld", async () => {
    const withdrawn = [{ at: 0, text: "**Sure**, gladly.", reason: "not_supported" }];
    show({ withheld: 2, withdrawn });
    expect((await screen.findByText("Sure, gladly.")).tagName).toBe("DEL");
    screen.getByText("withdrawn, no document supports it");
    screen.getByText("2 sentences were withheld: no document supports them.");
  });

  it("keeps the trace for owners", async () => {
    show({}, "member");
    await screen.findByRole("button", { name: "Verify with sources" });
    expect(screen.queryByRole("button", { name: "How this answer came about" })).toBeNull();
  });
});
