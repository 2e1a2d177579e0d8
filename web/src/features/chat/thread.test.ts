import { describe, expect, it } from "vitest";
import type { Answer, Message } from "@/api/types";
import { activityOf, threadRows, type AnswerRow, type QuestionRow, type ThreadState } from "./thread";
import { startTurn, type TurnState } from "./turnReducer";

const DAY = "2026-03-02T10:00:00Z";
const answer = (change: Partial<Answer> = {}): Answer => ({
  status: "completed",
  abstained: false,
  support_rate: 1,
  sentences: [],
  citations: [],
  nearest: [],
  model: "quoted",
  usage: null,
  took_ms: 3,
  error: null,
  rating: null,
  cached: false,
  ...change,
});
const message = (id: string, seq: number, change: Partial<Message> = {}): Message => ({
  id,
  conversation_id: "c1",
  seq,
  parent_id: seq > 1 ? `before-${seq}` : null,
  author_kind: "member",
  delivery: "sent",
  created_at: DAY,
  text: id,
  attachments: [],
  turn_id: null,
  answer: null,
  ...change,
});
const reply = (id: string, seq: number, parent: string, change: Partial<Message> = {}): Message =>
  message(id, seq, { parent_id: parent, author_kind: "bot", turn_id: `t-${id}`, answer: answer(), ...change });
const turn = (id: string, questionId: string, change: Partial<TurnState> = {}): TurnState => ({
  ...startTurn(id, questionId, DAY),
  status: "running",
  ...change,
});
const thread = (change: Partial<ThreadState>): ThreadState => ({
  messages: [],
  outbox: [],
  turns: {},
  aliases: {},
  ...change,
});
const shape = (state: ThreadState) => threadRows(state).map((row) => `${row.kind} ${row.key}`);
const question = (state: ThreadState, key: string) =>
  threadRows(state).find((row) => row.kind === "question" && row.key === key) as QuestionRow;
const answerTo = (state: ThreadState, key: string) =>
  threadRows(state).find((row) => row.kind === "answer" && row.key === `answer:${key}`) as AnswerRow;

describe("the order of rows", () => {
  it("puts each answer below its question, also when the next question came first", () => {
    const messages = [message("q1", 1), message("q2", 2), reply("a1", 3, "q1"), reply("a2", 4, "q2")];
    expect(shape(thread({ messages })).slice(1)).toEqual([
      "question q1",
      "answer answer:q1",
      "question q2",
      "answer answer:q2",
    ]);
  });

  it("draws a line where the day changes, and none between a question and its answer", () => {
    const messages = [
      message("q1", 1, { created_at: "2026-03-01T12:00:00Z" }),
      reply("a1", 2, "q1", { created_at: "2026-03-02T12:00:00Z" }),
      message("q2", 3, { created_at: "2026-03-03T12:00:00Z" }),
    ];
    expect(threadRows(thread({ messages })).map((row) => row.kind)).toEqual([
      "day",
      "question",
      "answer",
      "day",
      "question",
    ]);
  });

  it("keeps an answer whose question was not loaded", () => {
    expect(shape(thread({ messages: [reply("a1", 5, "q0")] }))).toEqual(["answer answer:a1"]);
  });

  it("gathers several answers to one question as versions, the newest last", () => {
    const messages = [message("q1", 1), reply("a1", 2, "q1"), reply("a2", 3, "q1")];
    expect(answerTo(thread({ messages }), "q1").versions.map((version) => version.id)).toEqual(["a1", "a2"]);
  });

  it("keeps the key of a message when the server's id becomes known", () => {
    const state = thread({ messages: [message("q1", 1), reply("a1", 2, "q1")], aliases: { q1: "local-1" } });
    expect(shape(state).slice(1)).toEqual(["question local-1", "answer answer:local-1"]);
  });
});

describe("ticks of a question", () => {
  const messages = [message("q1", 1)];

  it("is sent while its turn waits, thinking while it runs, answered when it is done", () => {
    const queued = thread({ messages, turns: { t1: turn("t1", "q1", { status: "queued" }) } });
    expect(question(queued, "q1").tick).toBe("sent");
    expect(answerTo(queued, "q1")).toBeUndefined();
    expect(question(thread({ messages, turns: { t1: turn("t1", "q1") } }), "q1").tick).toBe("thinking");
    expect(question(thread({ messages: [...messages, reply("a1", 2, "q1")] }), "q1").tick).toBe("answered");
  });

  it("tells what is on its way, waiting and refused", () => {
    const outgoing = { text: "x", at: DAY, attachments: [], failure: null };
    const outbox = (["sending", "waiting", "failed"] as const).map((status) => ({ ...outgoing, id: status, status }));
    const ticks = threadRows(thread({ outbox })).flatMap((row) => (row.kind === "question" ? [row.tick] : []));
    expect(ticks).toEqual(["sending", "waiting", "failed"]);
  });
});

describe("a live answer", () => {
  it("stands in for its stored beginning until it is over", () => {
    const messages = [
      message("q1", 1),
      reply("a1", 2, "q1", { turn_id: "t1", text: "So", answer: answer({ status: "running" }) }),
    ];
    const state = thread({ messages, turns: { t1: turn("t1", "q1", { text: "So far" }) } });
    expect(answerTo(state, "q1").versions.map((version) => version.answer.text)).toEqual(["So far"]);
  });

  it("gives way to the stored one when both are there", () => {
    const messages = [message("q1", 1), reply("a1", 2, "q1", { turn_id: "t1", text: "stored" })];
    const state = thread({ messages, turns: { t1: turn("t1", "q1", { status: "completed", text: "live" }) } });
    expect(answerTo(state, "q1").versions.map((version) => version.answer.text)).toEqual(["stored"]);
  });
});

describe("what the bot is doing", () => {
  it("names the passage that it reads, then that it writes, then nothing", () => {
    const passages = [{ title: "DN-014", page: 6 }];
    expect(activityOf(thread({ turns: { t1: turn("t1", "q1", { passages }) } }))).toBe("reading DN-014, page 6…");
    expect(activityOf(thread({ turns: { t1: turn("t1", "q1", { passages, text: "So" }) } }))).toBe("writing…");
    expect(activityOf(thread({ turns: { t1: turn("t1", "q1", { status: "completed" }) } }))).toBeNull();
  });
});
