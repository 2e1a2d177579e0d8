import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Document, Source } from "@/api/types";
import { renderApp, serve, stubLayout, stubSize } from "@/test/app";
import { FileList } from "./FileList";

const counts = { documents: 3, pending: 0, ready: 2, failed: 1, no_documents: 0, skipped: 4, unchanged: 0, chunks: 9, bytes: 900 };
const source = { id: "s1", kind: "folder", name: "Docs", status: "ready", counts } as Source;
const file = (id: string, change: Partial<Document> = {}): Document =>
  ({ id, path: `docs/${id}.md`, title: id, status: "ready", error: null, version: 1, version_id: `${id}-1`, chunks: 3, bytes: 300, pages: null, ...change }) as Document;
const broken = file("plan", {
  status: "failed",
  version: null,
  error: { code: "encrypted_document", message: "Protected by a password. Add a copy without one." },
});

describe("FileList", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    stubSize();
    calls = serve({
      "GET /bots/b1/documents": (call: { query: URLSearchParams }) => ({
        body: { items: call.query.get("status") === "failed" ? [broken] : [file("a"), broken], next_cursor: null },
      }),
      "POST /documents/plan/retry": source,
    });
  });

  const show = (more: Partial<Source["counts"]> = {}) => {
    const first: (string | undefined)[] = [];
    const view = renderApp(
      <FileList
        source={{ ...source, counts: { ...counts, ...more } }}
        botId="b1"
        selectedId={undefined}
        onFirst={(found) => first.push(found?.id)}
        onSelect={() => undefined}
        onOpen={() => undefined}
      />,
    );
    return { ...view, first };
  };

  it("says what is wrong with a file and what to do, and tries that one again", async () => {
    const { user } = show();
    expect(await screen.findByText(/Protected by a password/u)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Try again: plan.md" }));
    await waitFor(() => expect(calls.filter((call) => call.method === "POST").map((call) => call.path)).toEqual(["/documents/plan/retry"]));
  });

  it("narrows the list to what there is", async () => {
    const { user, first } = show();
    await screen.findByText("a.md");
    expect(first.at(-1)).toBe("a");
    expect(screen.getAllByRole("radio").map((choice) => choice.textContent)).toEqual(["All", "Need you 1", "Left out 4"]);
    await user.click(screen.getByRole("radio", { name: "Need you 1" }));
    await waitFor(() => expect(screen.queryByText("a.md")).toBeNull());
    expect(calls.at(-1)?.query.get("status")).toBe("failed");
    expect(calls.at(-1)?.query.get("no_documents")).toBe("false");
  });

  it("lists the pictures of a folder apart from what needs the reader", async () => {
    const { user } = show({ failed: 8, no_documents: 7 });
    await screen.findByText("a.md");
    expect(screen.getAllByRole("radio").map((choice) => choice.textContent)).toEqual(["All", "Need you 1", "No documents 7", "Left out 4"]);
    await user.click(screen.getByRole("radio", { name: "No documents 7" }));
    await waitFor(() => expect(calls.at(-1)?.query.get("no_documents")).toBe("true"));
  });
});
