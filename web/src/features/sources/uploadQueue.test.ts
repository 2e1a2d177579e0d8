import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import type { Source } from "@/api/types";
import type { PickedFile } from "./dropped";
import { destinationFor, UploadQueue, type Destination, type Send } from "./uploadQueue";

type Request = { path: string; names: string[]; fields: Record<string, string> };

const picked = (path: string, size = 10): PickedFile => ({ path, file: new File(["x".repeat(size)], path.split("/").at(-1) ?? path) });

const to = (): Destination => ({ botId: "b", visibility: "citable", name: "Uploads", sourceId: null });

/** A server in memory that refuses the names it is given. */
function server(refuse: string[] = []) {
  const requests: Request[] = [];
  const send: Send = async <T>(path: string, form: FormData) => {
    const names = form.getAll("files").map((file) => (file as File).name);
    const fields = Object.fromEntries([...form.entries()].filter(([, value]) => typeof value === "string"));
    requests.push({ path, names, fields: fields as Record<string, string> });
    if (names.some((name) => refuse.includes(name)))
      throw new ApiError("This file is too large.", { status: 413, code: "oversized_document", retryable: false });
    return { id: "source-1" } as T;
  };
  return { requests, send };
}

async function settled(queue: UploadQueue) {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (queue.getItems().every((item) => item.state === "sent" || item.state === "failed")) resolve();
    };
    queue.subscribe(look);
    look();
  });
}

describe("UploadQueue", () => {
  it("makes one source and sends later batches into it", async () => {
    const { requests, send } = server();
    const arrived: Source[] = [];
    const queue = new UploadQueue(send, (source) => arrived.push(source));
    queue.add(Array.from({ length: 90 }, (_, at) => picked(`docs/${at}.md`)), to());
    await settled(queue);
    expect(requests.map((request) => [request.path, request.names.length])).toEqual([
      ["/bots/b/sources", 40],
      ["/sources/source-1/files", 40],
      ["/sources/source-1/files", 10],
    ]);
    expect(requests[0]?.fields.name).toBe("Uploads");
    expect(JSON.parse(requests[2]?.fields.relative_paths ?? "[]")[9]).toBe("docs/89.md");
    expect(arrived).toHaveLength(3);
  });

  it("fails only the file that the server refuses, with its words and code", async () => {
    const { send } = server(["huge.bin"]);
    const queue = new UploadQueue(send, () => undefined);
    queue.add([picked("a.md"), picked("huge.bin"), picked("c.md")], to());
    await settled(queue);
    expect(queue.getItems().map((item) => item.state)).toEqual(["sent", "failed", "sent"]);
    expect(queue.getItems()[1]?.problem).toEqual({ code: "oversized_document", message: "This file is too large." });
  });

  it("sends what failed again", async () => {
    const broken = { on: true };
    const { send: working } = server();
    const send: Send = (path, form, options) =>
      broken.on
        ? Promise.reject(new ApiError("Parley can't be reached.", { status: 0, code: "unreachable", retryable: true }))
        : working(path, form, options);
    const queue = new UploadQueue(send, () => undefined);
    queue.add([picked("a.md"), picked("b.md")], to());
    await settled(queue);
    expect(queue.getItems().every((item) => item.state === "failed")).toBe(true);
    broken.on = false;
    queue.retry();
    await settled(queue);
    expect(queue.getItems().every((item) => item.state === "sent")).toBe(true);
  });

  it("spreads the bytes of a batch over its files in order", async () => {
    const seen: number[][] = [];
    const send: Send = async <T>(_path: string, _form: FormData, options: { onProgress?: (sent: number, total: number) => void }) => {
      options.onProgress?.(115, 220);
      seen.push(queue.getItems().map((item) => item.sent));
      return { id: "s" } as T;
    };
    const queue = new UploadQueue(send, () => undefined);
    queue.add([picked("a", 50), picked("b", 100), picked("c", 50)], to());
    await settled(queue);
    expect(seen[0]).toEqual([50, 45, 0]);
  });

  it("starts a new list once everything has been sent", async () => {
    const { send } = server();
    const queue = new UploadQueue(send, () => undefined);
    queue.add([picked("a.md")], to());
    await settled(queue);
    queue.add([picked("b.md")], to());
    await settled(queue);
    expect(queue.getItems().map((item) => item.path)).toEqual(["b.md"]);
  });
});

describe("destinationFor", () => {
  const uploads = { id: "u", kind: "upload", name: "Uploads", visibility: "citable" } as Source;

  it("puts loose files with the other uploads, and a folder on its own", () => {
    expect(destinationFor([picked("a.md")], "b", "citable", [uploads]).sourceId).toBe("u");
    expect(destinationFor([picked("docs/a.md")], "b", "citable", [uploads])).toMatchObject({ name: "docs", sourceId: null });
  });

  it("never mixes learn-only files with citable ones", () => {
    expect(destinationFor([picked("a.md")], "b", "learn_only", [uploads]).sourceId).toBeNull();
  });
});
