import { describe, expect, it } from "vitest";
import type { TurnEvent } from "@/api/types";
import { closeGap, reduceTurn, startTurn, type TurnState } from "./turnReducer";

type Body = TurnEvent extends infer E ? (E extends TurnEvent ? Omit<E, "seq" | "turn_id"> : never) : never;

const numbered = (bodies: Body[]): TurnEvent[] =>
  bodies.map((body, index) => ({ ...body, seq: index + 1, turn_id: "t1" }) as TurnEvent);
const run = (events: TurnEvent[], state: TurnState = startTurn("t1")) => events.reduce(reduceTurn, state);

const queued: Body = { type: "turn.queued", conversation_id: "c1", question_id: "q1", position: 2 };
const started: Body = { type: "turn.started", model: "small" };
const token = (text: string): Body => ({ type: "token", text });
const checked = (index: number, start: number, end: number, citations: number[] = []): Body => ({
  type: "checked",
  index,
  start,
  end,
  verdict: citations.length ? "supported" : "unsupported",
  citations,
});
const document = { id: "d1", title: "Manual", path: "manual.pdf", version: 1, version_id: "v1" };
const citation = (n: number): Body => ({ type: "citation", n, document, page: 4, start: 10, end: 20 });
const completed: Body = {
  type: "completed",
  answer_id: "a1",
  abstained: false,
  support_rate: 1,
  model: "small",
  usage: null,
  took_ms: 12,
};

describe("a turn that goes well", () => {
  const events = numbered([
    queued,
    started,
    { type: "retrieved", hits: 3, passages: [{ document, page: 4 }], took_ms: 5 },
    token("Bolts are oiled. "),
    citation(1),
    checked(0, 0, 16, [1]),
    token("They shine."),
    checked(1, 17, 28),
    completed,
  ]);

  it("gathers text, sentences and citations", () => {
    const state = run(events);
    expect(state.text).toBe("Bolts are oiled. They shine.");
    expect(state.sentences.map((sentence) => sentence.verdict)).toEqual(["supported", "unsupported"]);
    expect(state.citations[0]).toMatchObject({ n: 1, page: 4 });
    expect(state).toMatchObject({ status: "completed", answerId: "a1", supportRate: 1, model: "small" });
  });

  it("tells what is read before the first word", () => {
    const state = run(events.slice(0, 3));
    expect(state.passages).toEqual([{ title: "Manual", page: 4 }]);
    expect(state.status).toBe("running");
  });

  it("waits in the queue until it starts", () => {
    expect(run(events.slice(0, 1))).toMatchObject({ status: "queued", position: 2, questionId: "q1" });
    expect(run(events.slice(0, 2)).position).toBe(0);
  });

  it("ignores events after the end", () => {
    const state = run(events);
    expect(reduceTurn(state, { seq: 10, turn_id: "t1", type: "token", text: "more" })).toBe(state);
  });
});

describe("events that come twice or in the wrong order", () => {
  const events = numbered([queued, started, token("One "), token("two "), token("three."), completed]);

  it("applies a repeated event once", () => {
    const twice = events.flatMap((event) => [event, event]);
    expect(run(twice).text).toBe("One two three.");
  });

  it("returns the same state for a repeated event", () => {
    const state = run(events.slice(0, 4));
    expect(reduceTurn(state, events[2]!)).toBe(state);
  });

  it("puts events that come early back in order", () => {
    const [first, second, third, fourth, fifth, last] = events as [
      TurnEvent,
      TurnEvent,
      TurnEvent,
      TurnEvent,
      TurnEvent,
      TurnEvent,
    ];
    const state = run([first, second, fifth, last, fourth]);
    expect(state).toMatchObject({ text: "", lastSeq: 2, status: "running" });
    expect(reduceTurn(state, third)).toMatchObject({ text: "One two three.", status: "completed", early: [] });
  });

  it("replays from the start after a reload to the same state", () => {
    const half = run(events.slice(0, 4));
    expect(run(events, half)).toEqual(run(events));
  });

  it("goes on over a gap once the server says that nothing lies in it", () => {
    const state = run([...events.slice(0, 3), events[4]!]);
    expect(closeGap(state)).toMatchObject({ text: "One three.", lastSeq: 5, early: [] });
  });
});

describe("text that is taken back", () => {
  it("lets the text of a provider that broke off give way to the next one's", () => {
    const state = run(
      numbered([
        started,
        token("Half an ans"),
        citation(1),
        checked(0, 0, 4, [1]),
        { type: "retracted", start: 0, end: 11, reason: "provider_failed" },
        token("A whole answer."),
      ]),
    );
    expect(state).toMatchObject({ text: "A whole answer.", sentences: [], citations: [] });
  });

  it("removes a leak and moves what follows", () => {
    const state = run(
      numbered([
        started,
        token("Ok. Secret. Fine."),
        checked(0, 0, 3),
        checked(2, 12, 17),
        { type: "retracted", start: 4, end: 12, reason: "leak" },
      ]),
    );
    expect(state.text).toBe("Ok. Fine.");
    expect(state.sentences.map(({ start, end }) => [start, end])).toEqual([
      [0, 3],
      [4, 9],
    ]);
  });

  it("counts code points, not UTF-16 units", () => {
    const state = run(
      numbered([started, token("😀 Ok. Bad."), { type: "retracted", start: 6, end: 10, reason: "leak" }]),
    );
    expect(state.text).toBe("😀 Ok. ");
  });
});

describe("a source that may not be shown any more", () => {
  it("has no key", () => {
    const state = run(numbered([started, { type: "citation", n: 1, document: null, page: null, start: 0, end: 9 }]));
    expect(state.citations).toEqual([]);
  });
});

describe("a turn that ends early", () => {
  it("keeps what was written when it is stopped", () => {
    const state = run(numbered([started, token("So far"), { type: "stopped", answer_id: "a1" }]));
    expect(state).toMatchObject({ status: "stopped", text: "So far", answerId: "a1" });
  });

  it("says in words why it failed", () => {
    const state = run(
      numbered([started, { type: "failed", code: "rate_limited", message: "The model is busy.", retryable: true }]),
    );
    expect(state.error).toEqual({ code: "rate_limited", message: "The model is busy.", retryable: true });
  });
});

describe("text that is taken back", () => {
  const told = [
    { type: "token", text: "Sure. It is so." },
    { type: "retracted", start: 0, end: 6, reason: "not_supported", shown: true },
    { type: "retracted", start: 0, end: 3, reason: "leak" },
    { type: "completed", answer_id: "m", abstained: false, support_rate: null, model: "m", usage: null, took_ms: 1, withheld: 2 },
  ];

  it("stays in view where the server says so, and never after a leak", () => {
    const state = told.reduce(
      (known, event, at) => reduceTurn(known, { ...event, seq: at + 1, turn_id: "t" } as never),
      startTurn("t"),
    );
    expect(state.text).toBe("is so.");
    expect(state.withdrawn).toEqual([{ at: 0, text: "Sure. ", reason: "not_supported" }]);
    expect(state.withheld).toBe(2);
  });
});
