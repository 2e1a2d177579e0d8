import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout, type Call } from "@/test/app";
import { costWords, durationWords, estimateWords, standingOf } from "./estimates";
import { SearchModelSection } from "./SearchModelSection";

const embedder = (id: string, kind: string, more: object = {}) => ({
  id,
  name: id,
  kind,
  model: null,
  base_url: null,
  dim: null,
  has_key: false,
  key_env: null,
  last_test: null,
  usd_per_million_tokens: null,
  ...more,
});
const generation = (id: string, spec: string, status: string, more: object = {}) => ({
  id,
  number: 1,
  embedder: spec,
  name: `${spec}/1`,
  dim: 256,
  status,
  done: 40,
  total: 40,
  tokens: 0,
  cost_usd: null,
  estimated_tokens: null,
  estimated_cost_usd: null,
  estimated_seconds: null,
  error: null,
  job_id: null,
  created_at: "2026-11-20T11:00:00Z",
  started_at: null,
  switched_at: "2026-11-20T11:00:00Z",
  ...more,
});
const estimate = {
  embedder: "emb_1",
  name: "openai:m@8/x",
  chunks: 40,
  cached: 0,
  tokens: 9000,
  seconds: null,
  cost_usd: null,
  usd_per_million_tokens: null,
};
const hosted = embedder("emb_1", "openai", { name: "Small", model: "text-embedding-3-small", base_url: "https://api.openai.com/v1" });

function routes(generations: ReturnType<typeof generation>[]) {
  const embedders = [embedder("static", "static"), hosted];
  return {
    "GET /embedders": () => ({ body: { items: embedders } }),
    "GET /generations": () => ({ body: { items: generations } }),
    "GET /embedders/emb_1/estimate": estimate,
    "POST /generations": (call: Call) => {
      const spec = (call.body as { embedder: string }).embedder;
      generations.unshift(generation("gen_2", spec, "building", { done: 10 }));
      return { status: 201, body: generations[0] };
    },
    "POST /generations/gen_2/cancel": () => {
      generations[0] = { ...generations[0]!, status: "cancelled" };
      return { body: generations[0] };
    },
    "POST /generations/gen_1/activate": () => {
      generations[1] = { ...generations[1]!, status: "building" };
      return { body: generations[1] };
    },
    "POST /embedders": (call: Call) => {
      embedders.push({ ...embedder("emb_2", "voyage"), ...(call.body as object) });
      return { status: 201, body: embedders[2] };
    },
    "POST /embedders/emb_2/test": { ok: true, message: "1024 dimensions", ms: 200, at: "2026-11-20T11:00:00Z" },
  };
}

describe("SearchModelSection", () => {
  beforeEach(stubLayout);

  it("tells what a change takes, begins it, shows how far it is, and cancels it", async () => {
    const calls = serve(routes([generation("gen_1", "static", "active")]));
    const { user } = renderApp(<SearchModelSection />);
    expect(await screen.findByText("Search goes by Built-in vectors")).toBeTruthy();
    await user.click(await screen.findByRole("button", { name: "Search by Small" }));
    const dialog = screen.getByRole("dialog");
    expect(await within(dialog).findByText("40 passages, about 9,000 tokens: time not known, price not known.")).toBeTruthy();
    expect(within(dialog).getByText(/Every passage of this workspace is sent/u)).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Change" }));
    expect(await screen.findByText(/Changing to Small: 10 of 40 passages/u)).toBeTruthy();
    expect(calls.find((call) => call.path === "/generations" && call.method === "POST")?.body).toEqual({ embedder: "emb_1" });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Search by Small" }).disabled).toBe(true);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByText(/Changing to/u)).toBeNull());
  });

  it("goes back to the one before", async () => {
    const calls = serve(routes([generation("gen_2", "emb_1", "active"), generation("gen_1", "static", "ready")]));
    const { user } = renderApp(<SearchModelSection />);
    await user.click(await screen.findByRole("button", { name: "Go back to Built-in vectors" }));
    expect(await screen.findByText(/Changing to Built-in vectors/u)).toBeTruthy();
    expect(calls.some((call) => call.path === "/generations/gen_1/activate")).toBe(true);
  });

  it("says why a change failed, and what one that goes on waits for", async () => {
    const error = { code: "provider_key_refused", message: "The key was refused." };
    serve(routes([generation("gen_2", "emb_1", "failed", { error }), generation("gen_1", "static", "active")]));
    renderApp(<SearchModelSection />);
    expect(await screen.findByText(/Changing to Small failed: The key was refused/u)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });

  it("connects an embedder of a provider and tests it", async () => {
    const calls = serve(routes([generation("gen_1", "static", "active")]));
    const { user } = renderApp(<SearchModelSection />);
    await user.click(await screen.findByRole("button", { name: "Connect an embedder" }));
    await user.selectOptions(screen.getByLabelText("Provider"), "voyage");
    await user.click(screen.getByRole("button", { name: "Connect and test" }));
    expect(screen.getByText("Paste the key.")).toBeTruthy();
    await user.type(screen.getByLabelText("Model"), "voyage-3.5");
    await user.type(screen.getByLabelText("Key"), "pa-1");
    await user.click(screen.getByRole("button", { name: "Connect and test" }));
    await waitFor(() => expect(calls.some((call) => call.path === "/embedders/emb_2/test")).toBe(true));
    expect(calls.find((call) => call.path === "/embedders" && call.method === "POST")?.body).toEqual({
      name: "Voyage",
      kind: "voyage",
      model: "voyage-3.5",
      base_url: null,
      key: "pa-1",
      key_env: null,
    });
  });
});

describe("words", () => {
  it("never call an unknown price free", () => {
    expect([null, 0, 0.001, 1.5].map(costWords)).toEqual(["price not known", "free", "less than 1 cent", "about $1.50"]);
  });

  it("round time to what matters", () => {
    expect([null, 2, 40, 600, 9000].map(durationWords)).toEqual([
      "time not known",
      "a moment",
      "about 40 seconds",
      "about 10 minutes",
      "about 3 hours",
    ]);
  });

  it("say so when nothing is left to embed", () => {
    expect(estimateWords({ ...estimate, cached: 40 })).toMatch(/have their vectors already/u);
    expect(estimateWords({ ...estimate, cached: 30 })).toMatch(/^10 of 40 passages/u);
  });

  it("pick the newest of those that are kept to go back to", () => {
    const list = [
      generation("c", "emb_1", "active"),
      generation("a", "static", "ready", { switched_at: "2026-01-01T00:00:00Z" }),
      generation("b", "local", "ready", { switched_at: "2026-02-01T00:00:00Z" }),
    ];
    expect(standingOf(list).before?.id).toBe("b");
  });
});
