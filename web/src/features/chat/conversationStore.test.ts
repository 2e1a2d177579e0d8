import { describe, expect, it } from "vitest";
import { ApiError, unreachable } from "@/api/errors";
import type { TurnDraft } from "@/api/queries/conversations";
import type { Frame } from "@/api/sse";
import type { Answer, Conversation, Message, Page, Turn, TurnEvent } from "@/api/types";
import { ConversationStore, type ConversationApi } from "./conversationStore";
import { threadRows, type AnswerRow, type QuestionRow } from "./thread";

const AT = "2026-03-02T10:00:00Z";

/** A small server: it stores messages and tells the events of turns, as far as the test lets it. */
class Server implements ConversationApi {
  messages: Message[] = [];
  conversation: Conversation | null = null;
  created = 0;
  drafts: TurnDraft[] = [];
  stopped: string[] = [];
  refusals: Error[] = [];
  /** Called when a message was stored but before its confirmation is sent. */
  loseConfirmation = false;
  waits = 0;
  private readonly events = new Map<string, TurnEvent[]>();
  private readonly wakers = new Set<() => void>();
  private ids = 0;

  private id = (kind: string) => `${kind}${++this.ids}`;
  now = () => new Date(AT);
  newId = () => this.id("local-");
  statusOf = async () => "running" as const;
  wait = async () => undefined;
  newestConversation = async () => this.conversation;
  getConversation = async () => this.begin();
  stopTurn = async (id: string) => void this.stopped.push(id);

  createConversation = async () => {
    this.created += 1;
    return this.begin();
  };

  untilOnline = async () => {
    this.waits += 1;
  };

  listMessages = async (_: string, cursor: string | null): Promise<Page<Message>> => {
    const before = cursor ? Number(cursor) : Number.POSITIVE_INFINITY;
    const older = this.messages.filter((message) => message.seq < before).sort((a, b) => b.seq - a.seq);
    const items = older.slice(0, 3);
    return { items, next_cursor: older.length > 3 ? String(items.at(-1)?.seq) : null };
  };

  createTurn = async (conversationId: string, draft: TurnDraft): Promise<Turn> => {
    const refusal = this.refusals.shift();
    if (refusal && !this.loseConfirmation) throw refusal;
    this.drafts.push(draft);
    const turnId = this.id("t");
    const questionId = "text" in draft ? this.store("member", draft.text, null, turnId).id : this.messages[0]!.id;
    this.events.set(turnId, []);
    if (refusal) {
      this.loseConfirmation = false;
      throw refusal;
    }
    return turnOf(turnId, conversationId, questionId);
  };

  async *open(turnId: string, after: number, signal: AbortSignal): AsyncGenerator<Frame> {
    let next = after;
    while (!signal.aborted) {
      const event = this.events.get(turnId)?.find((known) => known.seq > next);
      if (event) {
        next = event.seq;
        yield { id: String(event.seq), event: event.type, data: JSON.stringify(event) };
      } else await new Promise<void>((wake) => this.wakers.add(wake));
    }
  }

  begin(activeTurn: string | null = null): Conversation {
    this.conversation ??= {
      id: "c1",
      bot_id: "b1",
      channel: "web",
      title: "",
      mode: "bot",
      pinned: false,
      archived: false,
      created_at: AT,
      last_message_at: AT,
      last_message: null,
      active_turn_id: activeTurn,
    };
    return this.conversation;
  }

  store(kind: Message["author_kind"], text: string, parent: string | null, turnId: string | null): Message {
    const message: Message = {
      id: this.id("m"),
      conversation_id: "c1",
      seq: this.messages.length + 1,
      parent_id: parent ?? this.messages.at(-1)?.id ?? null,
      author_kind: kind,
      delivery: "sent",
      created_at: AT,
      text,
      attachments: [],
      turn_id: turnId,
      answer: kind === "bot" ? storedAnswer : null,
    };
    this.messages.push(message);
    return message;
  }

  tell(turnId: string, ...bodies: Record<string, unknown>[]) {
    const events = this.events.get(turnId) ?? [];
    for (const body of bodies) events.push({ ...body, seq: events.length + 1, turn_id: turnId } as TurnEvent);
    this.events.set(turnId, events);
    for (const wake of this.wakers) wake();
    this.wakers.clear();
  }

  finish(turnId: string, text: string) {
    const question = this.messages.find((message) => message.turn_id === turnId && message.author_kind === "member");
    const answer = this.store("bot", text, question?.id ?? null, turnId);
    this.tell(turnId, { type: "completed", answer_id: answer.id, abstained: false, support_rate: 1, model: "m" });
  }
}

const turnOf = (id: string, conversationId: string, questionId: string): Turn => ({
  ...storedAnswer,
  id,
  conversation_id: conversationId,
  question_id: questionId,
  status: "queued",
  answer: "",
  answer_id: null,
  created_at: AT,
  started_at: null,
  finished_at: null,
  intent: null,
  language: null,
  query: null,
  stages: [],
});

const storedAnswer: Answer = {
  status: "completed",
  abstained: false,
  support_rate: 1,
  sentences: [],
  citations: [],
  nearest: [],
  model: "m",
  usage: null,
  took_ms: 1,
  error: null,
  rating: null,
  cached: false,
};

async function until(condition: () => boolean) {
  const deadline = Date.now() + 2000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition did not come true");
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const questions = (store: ConversationStore) =>
  threadRows(store.getState()).filter((row): row is QuestionRow => row.kind === "question");
const answers = (store: ConversationStore) =>
  threadRows(store.getState()).filter((row): row is AnswerRow => row.kind === "answer");
const lastAnswer = (store: ConversationStore) => answers(store).at(-1)?.versions.at(-1)?.answer;

function begin(server = new Server()) {
  return { server, store: new ConversationStore("b1", server) };
}

describe("sending", () => {
  it("shows a message at once and keeps its row through to the stored answer", async () => {
    const { server, store } = begin();
    await store.load();
    store.send("Which torque?");
    const key = questions(store)[0]!.key;
    expect(questions(store)[0]!.tick).toBe("sending");
    await until(() => questions(store)[0]!.tick === "sent");
    const turnId = store.activeTurn()!.turnId;
    server.tell(turnId, { type: "turn.started", model: "m" }, { type: "token", text: "340 N·m." });
    await until(() => lastAnswer(store)?.text === "340 N·m.");
    expect(questions(store)[0]!.tick).toBe("thinking");
    server.finish(turnId, "340 N·m.");
    await until(() => questions(store)[0]!.tick === "answered");
    expect(questions(store)[0]!.key).toBe(key);
    expect(store.activeTurn()).toBeNull();
  });

  it("makes one conversation for several first messages, and sends them in order", async () => {
    const { server, store } = begin();
    await store.load();
    store.send("one");
    store.send("two");
    store.send("three");
    await until(() => server.drafts.length === 3);
    expect(server.created).toBe(1);
    expect(server.drafts.map((draft) => "text" in draft && draft.text)).toEqual(["one", "two", "three"]);
  });

  it("waits with a clock while there is no connection, then goes out by itself", async () => {
    const { server, store } = begin();
    server.refusals = [unreachable(), unreachable()];
    await store.load();
    const seen = new Set<string>();
    store.subscribe(() => seen.add(questions(store)[0]?.tick ?? ""));
    store.send("hello");
    await until(() => server.drafts.length === 1);
    expect(seen.has("waiting")).toBe(true);
    expect(server.waits).toBe(2);
  });

  it("does not send twice what arrived although its confirmation was lost", async () => {
    const { server, store } = begin();
    server.refusals = [unreachable()];
    server.loseConfirmation = true;
    await store.load();
    store.send("once");
    await until(() => store.getState().outbox.length === 0);
    expect(server.drafts).toHaveLength(1);
    expect(questions(store)).toHaveLength(1);
    expect(store.activeTurn()).not.toBeNull();
  });

  it("says why a message was refused and sends it again on demand", async () => {
    const { server, store } = begin();
    server.refusals = [new ApiError("It is too long.", { status: 422, code: "invalid_input", retryable: false })];
    await store.load();
    store.send("long");
    await until(() => questions(store)[0]!.tick === "failed");
    expect(questions(store)[0]!.failure).toBe("It is too long.");
    store.sendAgain(questions(store)[0]!.outgoingId!);
    await until(() => server.drafts.length === 1);
  });
});

describe("an answer that runs", () => {
  async function asked() {
    const { server, store } = begin();
    await store.load();
    store.send("q");
    await until(() => store.activeTurn() !== null);
    return { server, store, turnId: store.activeTurn()!.turnId };
  }

  it("is stopped at the server and keeps what was written", async () => {
    const { server, store, turnId } = await asked();
    server.tell(turnId, { type: "turn.started", model: "m" }, { type: "token", text: "So far" });
    await until(() => lastAnswer(store)?.text === "So far");
    await store.stop();
    expect(server.stopped).toEqual([turnId]);
    server.tell(turnId, { type: "stopped", answer_id: null });
    await until(() => lastAnswer(store)?.status === "stopped");
    expect(lastAnswer(store)?.text).toBe("So far");
  });

  it("says in words why it failed, and stays so although nothing was stored", async () => {
    const { server, store, turnId } = await asked();
    server.tell(turnId, { type: "failed", code: "rate_limited", message: "The model is busy.", retryable: true });
    await until(() => lastAnswer(store)?.status === "failed");
    expect(lastAnswer(store)?.error?.message).toBe("The model is busy.");
  });

  it("gives a second version when the question is asked again", async () => {
    const { server, store, turnId } = await asked();
    server.finish(turnId, "first");
    await until(() => store.activeTurn() === null);
    await store.regenerate(turnId);
    const again = store.activeTurn()!.turnId;
    server.tell(again, { type: "turn.started", model: "m" }, { type: "token", text: "second" });
    await until(() => lastAnswer(store)?.text === "second");
    expect(answers(store)[0]?.versions.map((version) => version.answer.text)).toEqual(["first", "second"]);
    expect(questions(store)).toHaveLength(1);
  });
});

describe("a page that is loaded again", () => {
  it("takes up the turn that runs, from its beginning", async () => {
    const { server, store } = begin();
    const question = server.store("member", "q", null, "t9");
    server.begin("t9");
    server.tell("t9", { type: "turn.queued", conversation_id: "c1", question_id: question.id, position: 0 });
    server.tell("t9", { type: "turn.started", model: "m" }, { type: "token", text: "So " });
    await store.load();
    await until(() => lastAnswer(store)?.text === "So ");
    server.tell("t9", { type: "token", text: "far" });
    await until(() => lastAnswer(store)?.text === "So far");
  });

  it("loads older messages page by page, without doubles", async () => {
    const { server, store } = begin();
    server.begin();
    for (let n = 1; n <= 8; n += 1) server.store("member", `m ${n}`, null, null);
    await store.load();
    expect(questions(store)).toHaveLength(3);
    await store.loadOlder();
    await store.loadOlder();
    expect(questions(store).map((row) => row.text)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `m ${n}`));
    expect(store.getState().olderCursor).toBeNull();
  });
});
