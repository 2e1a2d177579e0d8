import { backoffMs, pause } from "@/api/backoff";
import { ApiError } from "@/api/errors";
import type { Frame } from "@/api/sse";
import type { AnswerStatus, TurnEvent } from "@/api/types";
import { isOver } from "./turnReducer";

/** How a turn was followed to its end: by its last event, or because the server says that it has ended or is gone. */
export type Outcome = "ended" | "over" | "gone" | "left";

export type FollowParts = {
  open: (turnId: string, after: number, signal: AbortSignal) => AsyncIterable<Frame>;
  statusOf: (turnId: string) => Promise<AnswerStatus>;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export type FollowSink = {
  /** The last event that has been applied; a new connection starts after it. */
  lastSeq: () => number;
  /** `fresh` marks the first event of a connection: the server has nothing between `lastSeq` and it. */
  onEvent: (event: TurnEvent, fresh: boolean) => void;
  /** Whether events flow; false while a broken connection is being made again. */
  onLink?: (up: boolean) => void;
};

const terminal = new Set<TurnEvent["type"]>(["completed", "stopped", "failed"]);

/** Reads a turn's events to the end over as many connections as that takes, waiting longer after each failure. */
export async function followTurn(
  turnId: string,
  parts: FollowParts,
  sink: FollowSink,
  signal: AbortSignal,
): Promise<Outcome> {
  const wait = parts.wait ?? pause;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const reading = await readOnce(turnId, parts, sink, signal);
    if (reading.outcome) return reading.outcome;
    if (reading.progressed) attempt = 0;
    sink.onLink?.(false);
    if (attempt > 0 && (await hasEnded(turnId, parts))) return "over";
    await wait(backoffMs(attempt), signal);
  }
  return "left";
}

type Reading = { outcome: Outcome | null; progressed: boolean };

async function readOnce(turnId: string, parts: FollowParts, sink: FollowSink, signal: AbortSignal): Promise<Reading> {
  let progressed = false;
  try {
    for await (const frame of parts.open(turnId, sink.lastSeq(), signal)) {
      const event = parseEvent(frame);
      if (!event) continue;
      sink.onLink?.(true);
      sink.onEvent(event, !progressed);
      progressed = true;
      if (terminal.has(event.type)) return { outcome: "ended", progressed };
    }
  } catch (error) {
    if (signal.aborted) return { outcome: "left", progressed };
    if (!(error instanceof ApiError)) throw error;
    if (!error.retryable) return { outcome: "gone", progressed };
  }
  return { outcome: null, progressed };
}

async function hasEnded(turnId: string, parts: FollowParts): Promise<boolean> {
  try {
    return isOver(await parts.statusOf(turnId));
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function parseEvent(frame: Frame): TurnEvent | null {
  const value: unknown = JSON.parse(frame.data);
  const isEvent = typeof value === "object" && value !== null && "seq" in value && "type" in value;
  return isEvent ? (value as TurnEvent) : null;
}
