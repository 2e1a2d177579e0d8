import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout } from "@/test/app";
import { RemovedSources } from "./RemovedSources";

describe("RemovedSources", () => {
  it("brings back a source of this bot, and leaves those of others out", async () => {
    stubLayout();
    const purge_at = new Date(Date.now() + 8 * 60_000).toISOString();
    const calls = serve({
      "GET /deleted-sources": [
        { id: "s1", name: "Old folder", bots: ["b1"], conversation_id: null, purge_at },
        { id: "s2", name: "Elsewhere", bots: ["b2"], conversation_id: null, purge_at },
      ],
      "POST /sources/s1/restore": {},
    });
    const { user } = renderApp(<RemovedSources botId="b1" />);
    expect(await screen.findByText("Erased in 8 minutes")).toBeTruthy();
    expect(screen.queryByText("Elsewhere")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Bring back Old folder" }));
    await waitFor(() => expect(calls.some((call) => call.path === "/sources/s1/restore")).toBe(true));
  });
});
