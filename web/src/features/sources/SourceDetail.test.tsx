import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Source } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { SourceDetail } from "./SourceDetail";

const source = {
  id: "s1",
  kind: "folder",
  name: "Project folder",
  root: "/srv/project",
  visibility: "citable",
  status: "ready",
  conversation_id: null,
  counts: { documents: 10, pending: 0, ready: 8, failed: 2, no_documents: 0, unchanged: 0, chunks: 80, bytes: 2_000_000 },
  error: null,
  chunking: { strategy: "structure", size: null, overlap: null, pending: false },
  job_id: null,
  bots: ["b1"],
  created_at: "2026-11-20T11:00:00Z",
  updated_at: "2026-11-20T11:00:00Z",
  started_at: "2026-11-20T11:00:00Z",
  finished_at: "2026-11-20T11:00:00Z",
} as Source;

const show = (change: Partial<Source> = {}) =>
  renderApp(
    <SourceDetail source={{ ...source, ...change }} botId="b1" onOpen={() => undefined} onAddFiles={() => undefined} />,
  );

describe("SourceDetail", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    calls = serve({
      "GET /bots/b1/documents": { items: [], next_cursor: null },
      "PATCH /sources/s1": source,
      "DELETE /sources/s1": () => ({ status: 204 }),
      "POST /sources/s1/cancel": source,
      "POST /sources/s1/retry": source,
      "POST /sources/s1/sync": source,
    });
  });

  const sent = (method: string) => calls.filter((call) => call.method === method);

  it("tells how many files were read and how many need the reader", async () => {
    show();
    expect(await screen.findByText("8 of 10 files read")).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: "Files read" }).getAttribute("aria-valuetext")).toBe("10 of 10, 2 failed");
  });

  it("tries failed files again", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "Try failed files again" }));
    await waitFor(() => expect(sent("POST").map((call) => call.path)).toEqual(["/sources/s1/retry"]));
  });

  it("stops reading while it reads, and looks for changes when it does not", async () => {
    const reading = { ...source.counts, pending: 6, ready: 4, failed: 0, chunks: 9, bytes: 10 };
    const { user } = show({ status: "reading", counts: reading });
    await user.click(await screen.findByRole("button", { name: "Stop reading" }));
    await waitFor(() => expect(sent("POST").map((call) => call.path)).toEqual(["/sources/s1/cancel"]));
    expect(screen.getByText("You can ask now. Answers use what has been read so far.")).toBeTruthy();
  });

  it("says that a large folder can be asked about before anything of it is read", async () => {
    calls = serve({
      "GET /bots/b1/documents": { items: [], next_cursor: null },
      "GET /status": { index: { unread_documents: 6800 } },
    });
    const counts = { ...source.counts, documents: 7000, pending: 7000, ready: 0, failed: 0, chunks: 0 };
    show({ status: "reading", counts });
    const words = "You can ask now. 6,800 files still to be read are known by words: what you ask about is read first.";
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it("says what learn only means before it acts", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("radio", { name: "Learn only" }));
    expect(await screen.findByText(/never named, quoted or linked/u)).toBeTruthy();
    expect(sent("PATCH")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Learn only" }));
    await waitFor(() => expect(sent("PATCH")[0]?.body).toEqual({ visibility: "learn_only" }));
  });

  it("names what is lost before it removes", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "More" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove source" }));
    expect(await screen.findByText(/10 documents and 80 passages go from this bot/u)).toBeTruthy();
    expect(sent("DELETE")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Remove 10 documents" }));
    await waitFor(() => expect(sent("DELETE").map((call) => call.path)).toEqual(["/sources/s1"]));
  });

  it("renames", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "More" }));
    await user.click(await screen.findByRole("menuitem", { name: "Rename" }));
    const field = await screen.findByLabelText("Name");
    await user.clear(field);
    await user.type(field, "Specifications");
    await user.click(screen.getByRole("button", { name: "Rename" }));
    await waitFor(() => expect(sent("PATCH")[0]?.body).toEqual({ name: "Specifications" }));
  });
});
