import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { PreviewedChunk, Source } from "@/api/types";
import { renderApp, serve, stubLayout, stubSize } from "@/test/app";
import { ChunkCard } from "./ChunkCard";
import { ChunkingOption } from "./ChunkingOption";
import { ruleOf, ruleProblems, ruleWords } from "./rule";

const source = {
  id: "s1",
  kind: "folder",
  name: "Docs",
  counts: { ready: 7000 },
  chunking: { strategy: "structure", size: null, overlap: null, pending: false },
} as unknown as Source;

const chunk = (ordinal: number, start: number, text: string): PreviewedChunk => ({
  ordinal,
  start,
  end: start + [...text].length,
  page: 2,
  heading: ["Leave", "Notice"],
  kind: "paragraph",
  tokens: 9,
  text,
});
const preview = {
  version: 1,
  strategy: "fixed",
  size: 120,
  overlap: 12,
  total: 43,
  average_tokens: 115,
  cut_at: null,
  items: [chunk(0, 0, "Six weeks 👩‍🚀 to the end."), chunk(1, 14, "to the end. No more.")],
  next_cursor: null,
};

describe("a rule for passages", () => {
  it("is taken only where it can be cut by", () => {
    expect(ruleOf({ strategy: "page", size: "", overlap: "" })).toEqual({ strategy: "page", size: null, overlap: null });
    expect(ruleProblems({ strategy: "fixed", size: "31", overlap: "" }).size).toBe("From 32 to 4096 tokens.");
    expect(ruleProblems({ strategy: "fixed", size: "120", overlap: "61" }).overlap).toBe("From 0 to 60 tokens, half of a passage.");
    expect(ruleOf({ strategy: "fixed", size: "ten", overlap: "" })).toBeNull();
  });

  it("is said in words", () => {
    expect(ruleWords({ strategy: "row", size: 300, overlap: 40 })).toBe("By table rows, at most 300 tokens, 40 tokens repeated");
  });
});

describe("ChunkCard", () => {
  it("tells what a passage repeats of the one before, by characters as the server counts them", async () => {
    const [before, second] = preview.items as [PreviewedChunk, PreviewedChunk];
    renderApp(<ChunkCard chunk={{ ...second, start: before.end - 11 }} before={before} />);
    const repeated = await screen.findByText("to the end.");
    expect(repeated.className).toBe("chunk-repeat");
    expect(screen.getByText(/page 2, passage 2/u)).toBeTruthy();
    expect(screen.getByText(/11 of them repeated/u)).toBeTruthy();
  });
});

describe("ChunkingOption", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    stubSize();
    calls = serve({
      "GET /bots/b1/documents": { items: [{ id: "d1", path: "a/leave.md", status: "ready" }], next_cursor: null },
      "GET /documents/d1/chunk-preview": preview,
      "PATCH /sources/s1": source,
    });
  });

  it("tries a rule on a file, and uses it only when told to", async () => {
    const { user } = renderApp(<ChunkingOption source={source} botId="b1" fileId={undefined} />);
    await user.click(await screen.findByRole("button", { name: "Try and change" }));
    const dialog = await screen.findByRole("dialog", { name: "How Docs is cut into passages" });
    expect((within(dialog).getByRole("button", { name: "Use it" }) as HTMLButtonElement).disabled).toBe(true);
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Cut" }), "In equal windows");
    await user.type(within(dialog).getByRole("textbox", { name: "Tokens at most" }), "120");
    expect(await within(dialog).findByText("43 passages of 115 tokens on average, 120 at most, up to 12 repeated.")).toBeTruthy();
    await waitFor(() =>
      expect(Object.fromEntries(calls.at(-1)?.query ?? [])).toMatchObject({ strategy: "fixed", size: "120" }),
    );
    expect(calls.some((call) => call.method === "PATCH")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: "Use it" }));
    await waitFor(() =>
      expect(calls.find((call) => call.method === "PATCH")?.body).toEqual({
        chunking: { strategy: "fixed", size: 120, overlap: null },
      }),
    );
  });

  it("tells that documents are being cut anew", async () => {
    const chunking = { ...source.chunking, pending: true };
    renderApp(<ChunkingOption source={{ ...source, chunking }} botId="b1" fileId={undefined} />);
    expect(await screen.findByText(/Being cut anew/u)).toBeTruthy();
  });
});
