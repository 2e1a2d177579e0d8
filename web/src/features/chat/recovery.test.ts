import { describe, expect, it } from "vitest";
import { ApiError, unreachable } from "@/api/errors";
import type { Frame } from "@/api/sse";
import type { AnswerStatus, TurnEvent } from "@/api/types";
import { followTurn, type FollowParts } from "./recovery";

const frame = (seq: number, type: string): Frame => ({
  id: String(seq),
  event: type,
  data: JSON.stringify({ seq, type, turn_id: "t1", text: "x" }),
});

type Connection = (after: number) => AsyncGenerator<Frame>;

/** A server that behaves differently on each connection. */
function scripted(connections: Connection[], status: AnswerStatus = "running") {
  const asked: number[] = [];
  const waits: number[] = [];
  const parts: FollowParts = {
    open: (_, after) => {
      asked.push(after);
      const next = connections.shift();
      if (!next) throw new Error("asked once too often");
      return next(after);
    },
    statusOf: async () => status,
    wait: async (ms) => void waits.push(ms),
  };
  return { parts, asked, waits };
}

async function* frames(...given: Frame[]) {
  yield* given;
}
async function* breaking(...given: Frame[]) {
  yield* given;
  throw unreachable();
}

function follow(parts: FollowParts, signal = new AbortController().signal) {
  const seen: [number, boolean][] = [];
  let last = 0;
  const onEvent = (event: TurnEvent, fresh: boolean) => {
    seen.push([event.seq, fresh]);
    last = event.seq;
  };
  return { seen, outcome: followTurn("t1", parts, { lastSeq: () => last, onEvent }, signal) };
}

describe("following a turn", () => {
  it("ends with the turn's last event", async () => {
    const { parts, asked } = scripted([() => frames(frame(1, "token"), frame(2, "completed"))]);
    const { outcome, seen } = follow(parts);
    expect(await outcome).toBe("ended");
    expect(seen).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(asked).toEqual([0]);
  });

  it("comes back after a break and asks for what it has not seen", async () => {
    const { parts, asked } = scripted([
      () => breaking(frame(1, "token"), frame(2, "token")),
      () => frames(frame(3, "completed")),
    ]);
    const { outcome, seen } = follow(parts);
    expect(await outcome).toBe("ended");
    expect(asked).toEqual([0, 2]);
    expect(seen.at(-1)).toEqual([3, true]);
  });

  it("comes back when the server closes without an end", async () => {
    const { parts, asked } = scripted([() => frames(frame(1, "token")), () => frames(frame(2, "stopped"))]);
    expect(await follow(parts).outcome).toBe("ended");
    expect(asked).toEqual([0, 1]);
  });

  it("waits longer after each failure", async () => {
    const { parts, waits } = scripted([
      () => breaking(),
      () => breaking(),
      () => breaking(),
      () => frames(frame(1, "completed")),
    ]);
    await follow(parts).outcome;
    expect(waits).toHaveLength(3);
    expect(waits[2]! > waits[0]!).toBe(true);
  });

  it("takes the stored answer when the turn is over but its events do not come", async () => {
    const { parts } = scripted([() => breaking(), () => breaking()], "completed");
    expect(await follow(parts).outcome).toBe("over");
  });

  it("gives up on a turn that does not exist", async () => {
    const gone = new ApiError("No such turn.", { status: 404, code: "not_found", retryable: false });
    const { parts } = scripted([
      async function* () {
        throw gone;
      },
    ]);
    expect(await follow(parts).outcome).toBe("gone");
  });

  it("leaves quietly when the reader leaves", async () => {
    const abort = new AbortController();
    const { parts } = scripted([
      async function* () {
        yield frame(1, "token");
        abort.abort();
        throw abort.signal.reason;
      },
    ]);
    expect(await follow(parts, abort.signal).outcome).toBe("left");
  });
});
