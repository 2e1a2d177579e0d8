import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { backoffMs, pause } from "./backoff";
import { ApiError } from "./errors";
import { keys } from "./keys";
import { openStream } from "./transport";
import type { WorkspaceEvent } from "./types";

type Listener = (event: WorkspaceEvent) => void;
const listeners = new Set<Listener>();

/** Hears every event of the workspace while something is mounted; queries refresh by themselves. */
export function onWorkspaceEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const staleAfter: Record<WorkspaceEvent["type"], (event: WorkspaceEvent) => readonly (readonly string[])[]> = {
  "source.progress": () => [keys.allSources, keys.bots],
  "source.changed": () => [keys.allSources, keys.bots, keys.allDocuments],
  "document.failed": () => [keys.allSources, keys.allDocuments],
  "bot.changed": () => [keys.bots],
  "conversation.changed": () => [keys.bots, ["conversations"]],
  "generation.progress": () => [keys.generations],
  "generation.changed": () => [keys.generations, keys.embedders],
};

/** Refreshes at most this often: a source that is read sends many events a second. */
const REFRESH_MS = 400;

class Refresher {
  private readonly waiting = new Map<string, readonly string[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  add(event: WorkspaceEvent) {
    for (const key of staleAfter[event.type]?.(event) ?? []) this.waiting.set(key.join("/"), key);
    this.timer ??= setTimeout(() => this.flush(), REFRESH_MS);
  }

  stop() {
    clearTimeout(this.timer);
  }

  private flush() {
    this.timer = undefined;
    for (const queryKey of this.waiting.values()) void this.client.invalidateQueries({ queryKey });
    this.waiting.clear();
  }
}

async function follow(client: QueryClient, refresher: Refresher, signal: AbortSignal) {
  let after = 0;
  let attempt = 0;
  while (!signal.aborted) {
    try {
      for await (const frame of openStream("/events", after, signal)) {
        attempt = 0;
        const event = JSON.parse(frame.data) as WorkspaceEvent;
        after = event.seq;
        refresher.add(event);
        for (const listener of listeners) listener(event);
      }
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && !error.retryable)) return;
    }
    await pause(backoffMs(attempt++), signal);
    // What happened in between may not be replayed: look at everything once.
    if (!signal.aborted && attempt === 1) void client.invalidateQueries();
  }
}

/** Keeps what is on screen in step with the server for as long as the app is open. */
export function useWorkspaceEvents(enabled: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    const refresher = new Refresher(client);
    void follow(client, refresher, abort.signal);
    return () => {
      abort.abort();
      refresher.stop();
    };
  }, [client, enabled]);
}
