import { ApiError, inWords } from "@/api/errors";
import type { TurnDraft } from "@/api/queries/conversations";
import type { Attachment, Conversation, Message, Page, Turn, TurnEvent } from "@/api/types";
import { branchOf, choiceKey } from "./branches";
import { mergeMessages, storedQuestion } from "./messages";
import { followTurn, type FollowParts } from "./recovery";
import type { Outgoing, ThreadState } from "./thread";
import { closeGap, isOver, reduceTurn, startTurn, type TurnState } from "./turnReducer";

/** Everything the store asks of the server and of the browser. */
export type ConversationApi = FollowParts & {
  newestConversation: (botId: string) => Promise<Conversation | null>;
  getConversation: (id: string) => Promise<Conversation>;
  createConversation: (botId: string) => Promise<Conversation>;
  listMessages: (conversationId: string, cursor: string | null) => Promise<Page<Message>>;
  createTurn: (conversationId: string, draft: TurnDraft) => Promise<Turn>;
  stopTurn: (id: string) => Promise<unknown>;
  now: () => Date;
  newId: () => string;
  /** Resolves when another try to send is worth it. */
  untilOnline: (attempt: number, signal: AbortSignal) => Promise<void>;
};

export type StoreState = ThreadState & {
  phase: "loading" | "ready" | "failed";
  error: string | null;
  conversationId: string | null;
  olderCursor: string | null;
  loadingOlder: boolean;
  /** False while a broken stream is being opened again. */
  linked: boolean;
};

/** In place of a conversation's id: one that its first message will begin. */
export const NEW = "new";

const initial: StoreState = {
  phase: "loading",
  error: null,
  conversationId: null,
  messages: [],
  outbox: [],
  turns: {},
  aliases: {},
  choices: {},
  olderCursor: null,
  loadingOlder: false,
  linked: true,
};

/** One conversation: its stored messages, what is on its way out, and the turns that are being written. */
export class ConversationStore {
  private state: StoreState = initial;
  private readonly listeners = new Set<() => void>();
  private readonly leaving = new AbortController();
  private readonly following = new Set<string>();
  private opening: Promise<Conversation> | null = null;
  private sending = false;

  constructor(
    readonly botId: string,
    private readonly api: ConversationApi,
    private readonly wanted: string | null = null,
  ) {}

  readonly getState = (): StoreState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Ends every stream. Turns go on at the server. */
  close() {
    this.leaving.abort();
  }

  async load(): Promise<void> {
    this.set({ phase: this.state.messages.length ? "ready" : "loading", error: null });
    try {
      const conversation = await this.find();
      if (conversation) await this.open(conversation);
      this.set({ phase: "ready" });
    } catch (error) {
      this.set({ phase: "failed", error: inWords(error) });
    }
  }

  /** Looks for what was written elsewhere, unless something of our own is under way and will tell. */
  async sync(conversationId: string): Promise<void> {
    const busy = this.sending || this.following.size > 0;
    if (conversationId === this.state.conversationId && !busy) await this.load();
  }

  async loadOlder(): Promise<void> {
    const { conversationId, olderCursor, loadingOlder } = this.state;
    if (!conversationId || !olderCursor || loadingOlder) return;
    this.set({ loadingOlder: true });
    try {
      const page = await this.api.listMessages(conversationId, olderCursor);
      this.set({ messages: mergeMessages(this.state.messages, page.items), olderCursor: page.next_cursor });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the next scroll tries again
    } finally {
      this.set({ loadingOlder: false });
    }
  }

  /** Puts a message in the outbox; it goes out as soon as those before it have, and follows what is looked at. */
  send(text: string, attachments: Attachment[] = []) {
    const last = branchOf(this.state.messages, this.state.choices ?? {}).messages.at(-1);
    const parentId = last && last.id !== this.state.messages.at(-1)?.id ? last.id : null;
    const outgoing: Outgoing = {
      id: this.api.newId(),
      text,
      at: this.api.now().toISOString(),
      attachments,
      status: "sending",
      failure: null,
      parentId,
    };
    this.set({ outbox: [...this.state.outbox, outgoing] });
    void this.pump();
  }

  sendAgain(outgoingId: string) {
    this.setOutgoing(outgoingId, { status: "sending", failure: null });
    void this.pump();
  }

  discard(outgoingId: string) {
    this.set({ outbox: this.state.outbox.filter((message) => message.id !== outgoingId) });
  }

  /** Asks the question of a turn again; the new answer stands beside the old one as a version. */
  async regenerate(turnId: string): Promise<void> {
    const { conversationId } = this.state;
    if (!conversationId) return;
    this.startFollowing(await this.api.createTurn(conversationId, { regenerate_of: turnId }));
  }

  /** Asks another question in the place of one: a version of it, with a branch of its own. */
  async edit(messageId: string, text: string): Promise<void> {
    const { conversationId } = this.state;
    const edited = this.state.messages.find((message) => message.id === messageId);
    if (!conversationId || !edited) return;
    const turn = await this.api.createTurn(conversationId, { text, edit_of: messageId });
    await this.refresh();
    this.choose(choiceKey(edited), turn.question_id);
    this.startFollowing(turn);
  }

  /** Looks at one version of a question and what followed it. */
  choose(key: string, messageId: string) {
    this.set({ choices: { ...this.state.choices, [key]: messageId } });
  }

  /** Looks at another version of a question. */
  chooseSibling(messageId: string) {
    const message = this.state.messages.find((one) => one.id === messageId);
    if (message) this.choose(choiceKey(message), messageId);
  }

  /** The turn that runs now, if any; else the first that waits. */
  activeTurn(): TurnState | null {
    const open = Object.values(this.state.turns).filter((turn) => !isOver(turn.status));
    return open.find((turn) => turn.status === "running") ?? open[0] ?? null;
  }

  async stop(): Promise<void> {
    const turn = this.activeTurn();
    if (turn) await this.api.stopTurn(turn.turnId);
  }

  /** The conversation's id, making the conversation when this is its first use. */
  async ensureConversation(): Promise<string> {
    if (this.state.conversationId) return this.state.conversationId;
    this.opening ??= this.api.createConversation(this.botId).finally(() => {
      this.opening = null;
    });
    const { id } = await this.opening;
    this.set({ conversationId: id });
    return id;
  }

  private find(): Promise<Conversation | null> {
    const id = this.state.conversationId ?? this.wanted;
    if (id === NEW) return Promise.resolve(null);
    return id ? this.api.getConversation(id) : this.api.newestConversation(this.botId);
  }

  private async open(conversation: Conversation) {
    this.set({ conversationId: conversation.id });
    const first = this.state.messages.length === 0;
    await this.refresh(first);
    this.followUnanswered(conversation);
  }

  private async refresh(first = false) {
    const { conversationId } = this.state;
    if (!conversationId) return;
    const page = await this.api.listMessages(conversationId, null);
    const messages = mergeMessages(this.state.messages, page.items);
    this.set(first ? { messages, olderCursor: page.next_cursor } : { messages });
  }

  /** After a reload: take up the turn that runs and those that wait behind it. */
  private followUnanswered({ active_turn_id: active }: Conversation) {
    if (!active) return;
    const { messages } = this.state;
    const questions = messages.filter((message) => message.author_kind !== "bot");
    const answered = new Set(messages.map((message) => (message.author_kind === "bot" ? message.parent_id : null)));
    const running = questions.findIndex((question) => question.turn_id === active);
    this.follow(active, questions.at(running)?.id ?? null);
    for (const question of questions.slice(running < 0 ? questions.length : running + 1)) {
      if (question.turn_id && !answered.has(question.id)) this.follow(question.turn_id, question.id);
    }
  }

  private async pump(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let attempt = 0; !this.leaving.signal.aborted;) {
        const next = this.state.outbox.find((message) => message.status !== "failed");
        if (!next) return;
        const sent = await this.trySend(next, attempt > 0);
        attempt = sent ? 0 : attempt + 1;
        if (!sent) await this.api.untilOnline(attempt, this.leaving.signal);
      }
    } finally {
      this.sending = false;
    }
  }

  /** Returns false when there is no connection: the message waits. A refusal marks it as failed. */
  private async trySend(outgoing: Outgoing, again: boolean): Promise<boolean> {
    try {
      const conversationId = await this.ensureConversation();
      if (again && (await this.arrivedAnyway(outgoing))) return true;
      const attachments = outgoing.attachments.map((attachment) => attachment.source_id);
      const draft = {
        text: outgoing.text,
        ...(attachments.length ? { attachments } : {}),
        ...(outgoing.parentId ? { parent_id: outgoing.parentId } : {}),
      };
      this.accept(outgoing, await this.api.createTurn(conversationId, draft));
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.offline) {
        this.setOutgoing(outgoing.id, { status: "waiting" });
        return false;
      }
      this.setOutgoing(outgoing.id, { status: "failed", failure: inWords(error) });
      return true;
    }
  }

  /** Whether a message whose confirmation was lost has reached the server after all. */
  private async arrivedAnyway(outgoing: Outgoing): Promise<boolean> {
    const known = new Set(this.state.messages.map((message) => message.id));
    await this.refresh();
    const twin = this.state.messages.find(
      (message) => message.author_kind !== "bot" && !known.has(message.id) && message.text === outgoing.text,
    );
    if (!twin) return false;
    this.discard(outgoing.id);
    this.set({ aliases: { ...this.state.aliases, [twin.id]: outgoing.id } });
    if (twin.turn_id) this.follow(twin.turn_id, twin.id);
    return true;
  }

  private accept(outgoing: Outgoing, turn: Turn) {
    const question = storedQuestion(outgoing, turn, this.state.messages);
    this.set({
      outbox: this.state.outbox.filter((message) => message.id !== outgoing.id),
      messages: mergeMessages(this.state.messages, [question]),
      aliases: { ...this.state.aliases, [question.id]: outgoing.id },
    });
    this.startFollowing(turn);
  }

  private startFollowing(turn: Turn) {
    this.follow(turn.id, turn.question_id);
  }

  private follow(turnId: string, questionId: string | null) {
    if (this.following.has(turnId)) return;
    this.following.add(turnId);
    this.setTurn(startTurn(turnId, questionId, this.api.now().toISOString()));
    const sink = {
      lastSeq: () => this.state.turns[turnId]?.lastSeq ?? 0,
      onEvent: (event: TurnEvent, fresh: boolean) => this.apply(turnId, event, fresh),
      onLink: (linked: boolean) => {
        if (linked !== this.state.linked) this.set({ linked });
      },
    };
    void followTurn(turnId, this.api, sink, this.leaving.signal)
      .then((outcome) => (outcome === "left" ? undefined : this.settle(turnId, outcome === "ended")))
      .finally(() => this.following.delete(turnId));
  }

  private apply(turnId: string, event: TurnEvent, fresh: boolean) {
    const state = this.state.turns[turnId];
    if (!state) return;
    const next = reduceTurn(state, event);
    this.setTurn(fresh && next.lastSeq < event.seq ? closeGap(next) : next);
  }

  /** Puts the stored answer in the place of the live one, once there is one. */
  private async settle(turnId: string, keepLive: boolean) {
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return; // what was streamed stays on screen
    }
    const stored = this.state.messages.some((message) => message.turn_id === turnId && message.author_kind === "bot");
    if (stored || !keepLive) this.dropTurn(turnId);
  }

  private dropTurn(turnId: string) {
    const { [turnId]: _, ...turns } = this.state.turns;
    this.set({ turns, linked: true });
  }

  private setTurn(turn: TurnState) {
    if (this.state.turns[turn.turnId] !== turn) this.set({ turns: { ...this.state.turns, [turn.turnId]: turn } });
  }

  private setOutgoing(id: string, change: Partial<Outgoing>) {
    const outbox = this.state.outbox.map((message) => (message.id === id ? { ...message, ...change } : message));
    this.set({ outbox });
  }

  private set(change: Partial<StoreState>) {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
