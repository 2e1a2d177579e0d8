import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderApp } from "@/test/app";
import { RecalledLine } from "./RecalledLine";

const said = {
  n: 1,
  message_id: "msg1",
  conversation_id: "conv1",
  bot_id: "b1",
  memory_id: "mem1",
  said_at: "2026-11-12T10:00:00Z",
  start: 0,
  end: 14,
  quote: "I live in Oslo",
};

describe("RecalledLine", () => {
  it("leads to the chat in which each cited thing was said", async () => {
    renderApp(<RecalledLine recalled={[said, { ...said, n: null, message_id: "msg2" }]} />);
    const list = within(await screen.findByRole("list", { name: "From what you said earlier" }));
    const links = list.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["/chats/b1?conversation=conv1"]);
  });

  it("shows nothing where nothing was cited", async () => {
    renderApp(
      <main>
        <RecalledLine recalled={[{ ...said, n: null }]} />
      </main>,
    );
    expect(within(await screen.findByRole("main")).queryByRole("list")).toBeNull();
  });
});
