import { ApiError, inWords } from "@/api/errors";
import { upload as send, type UploadOptions } from "@/api/http";
import type { Source, Visibility } from "@/api/types";
import { commonFolder, type PickedFile } from "./dropped";

export type UploadItem = {
  id: number;
  path: string;
  size: number;
  sent: number;
  state: "waiting" | "sending" | "sent" | "failed";
  problem: { code: string; message: string } | null;
};

/** Where files go: into a source that exists, or into a new one of this name. */
export type Destination = { botId: string; visibility: Visibility; name: string; sourceId: string | null };

export type Send = <T>(path: string, form: FormData, options: UploadOptions) => Promise<T>;

const BATCH_FILES = 40;
const BATCH_BYTES = 48_000_000;

type Job = { item: number; picked: PickedFile; to: Destination };

/**
 * Sends files to Parley, a batch a request, one request at a time, and knows how far each file is.
 *
 * It belongs to the app, not to a screen: leaving the screen stops nothing. A batch that the server refuses is sent
 * again file by file, so that only the file at fault fails.
 */
export class UploadQueue {
  private items: readonly UploadItem[] = [];
  private jobs: Job[] = [];
  private failed = new Map<number, Job>();
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | null = null;
  private nextId = 1;

  constructor(
    private readonly send: Send,
    /** Told of every source that received files. */
    private readonly onArrived: (source: Source) => void,
  ) {}

  readonly getItems = (): readonly UploadItem[] => this.items;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(files: readonly PickedFile[], to: Destination) {
    const destination = { ...to };
    const added = files.map((picked) => {
      const id = this.nextId++;
      this.jobs.push({ item: id, picked, to: destination });
      return { id, path: picked.path, size: picked.file.size, sent: 0, state: "waiting" as const, problem: null };
    });
    const ended = this.items.every((item) => item.state === "sent");
    this.set([...(ended ? [] : this.items), ...added]);
    void this.work();
  }

  retry() {
    const again = [...this.failed.values()];
    this.jobs.push(...again);
    this.change(again, { state: "waiting", sent: 0, problem: null });
    this.failed.clear();
    void this.work();
  }

  /** Stops what has not been sent; what has arrived stays. */
  cancel() {
    this.jobs = [];
    this.failed.clear();
    this.abort?.abort();
    this.set(this.items.filter((item) => item.state === "sent"));
  }

  /** Forgets what is done and what has failed. */
  clear() {
    this.failed.clear();
    this.set(this.items.filter((item) => item.state === "waiting" || item.state === "sending"));
  }

  private async work() {
    if (this.abort) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    while (this.jobs.length > 0 && !signal.aborted) {
      const batch = this.takeBatch();
      const refused = await this.sendBatch(batch, signal);
      if (!refused || batch.length === 1) continue;
      for (const job of batch) if (!signal.aborted) await this.sendBatch([job], signal);
    }
    this.abort = null;
    if (this.jobs.length > 0) void this.work();
  }

  private takeBatch(): Job[] {
    const to = this.jobs[0]?.to;
    let bytes = 0;
    let length = 0;
    for (const job of this.jobs) {
      bytes += job.picked.file.size;
      if (job.to !== to || length === BATCH_FILES || (length > 0 && bytes > BATCH_BYTES)) break;
      length += 1;
    }
    return this.jobs.splice(0, length);
  }

  /** Returns whether the server refused the batch as a whole; a batch of several is then still undecided. */
  private async sendBatch(batch: Job[], signal: AbortSignal): Promise<boolean> {
    const to = batch[0]?.to;
    if (!to) return false;
    this.change(batch, { state: "sending", sent: 0 });
    try {
      const address = to.sourceId ? `/sources/${to.sourceId}/files` : `/bots/${to.botId}/sources`;
      const options = { signal, onProgress: (sent: number, total: number) => this.progress(batch, sent, total) };
      const source = await this.send<Source>(address, formOf(batch, to), options);
      to.sourceId = source.id;
      this.progress(batch, Number.POSITIVE_INFINITY, 0);
      this.change(batch, { state: "sent" });
      this.onArrived(source);
      return false;
    } catch (error) {
      if (signal.aborted) return false;
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (!refused || batch.length === 1) this.fail(batch, error);
      return refused;
    }
  }

  private fail(batch: Job[], error: unknown) {
    const code = error instanceof ApiError ? error.code : "upload_failed";
    for (const job of batch) this.failed.set(job.item, job);
    this.change(batch, { state: "failed", sent: 0, problem: { code, message: inWords(error) } });
  }

  private progress(batch: Job[], sent: number, total: number) {
    const whole = batch.reduce((bytes, job) => bytes + job.picked.file.size, 0);
    // The body is a little larger than its files: names and borders come before each.
    let left = Math.max(0, sent - Math.max(0, total - whole));
    const shares = new Map<number, number>();
    for (const job of batch) {
      const share = Math.min(job.picked.file.size, left);
      shares.set(job.item, share);
      left -= share;
    }
    this.set(this.items.map((item) => (shares.has(item.id) ? { ...item, sent: shares.get(item.id) ?? 0 } : item)));
  }

  private change(jobs: readonly Job[], change: Partial<UploadItem>) {
    const ids = new Set(jobs.map((job) => job.item));
    this.set(this.items.map((item) => (ids.has(item.id) ? { ...item, ...change } : item)));
  }

  private set(items: readonly UploadItem[]) {
    this.items = items;
    for (const listener of this.listeners) listener();
  }
}

function formOf(batch: readonly Job[], to: Destination): FormData {
  const form = new FormData();
  // Fields come first, so that the server knows them when the first file arrives.
  form.set("relative_paths", JSON.stringify(batch.map((job) => job.picked.path)));
  if (!to.sourceId) {
    form.set("name", to.name);
    form.set("visibility", to.visibility);
  }
  for (const { picked } of batch) form.append("files", picked.file, picked.file.name);
  return form;
}

const LOOSE = "Uploads";

/** A folder becomes a source of its own; loose files join the uploads that the bot already has. */
export function destinationFor(
  files: readonly PickedFile[],
  botId: string,
  visibility: Visibility,
  sources: readonly Source[],
): Destination {
  const folder = commonFolder(files);
  if (folder) return { botId, visibility, name: folder, sourceId: null };
  const uploads = sources.find(
    (source) => source.kind === "upload" && source.name === LOOSE && source.visibility === visibility,
  );
  return { botId, visibility, name: LOOSE, sourceId: uploads?.id ?? null };
}

export const sendWithProgress: Send = send;
