import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout, type Call } from "@/test/app";
import { MemorySection } from "./MemorySection";

const fact = {
  id: "mem1",
  kind: "home",
  text: "I live in Oslo",
  origin: "rules",
  confidence: 0.9,
  message_id: "msg1",
  conversation_id: "conv1",
  conversation_title: "Moving house",
  bot_id: "b1",
  said_at: "2026-11-12T10:00:00Z",
  updated_at: "2026-11-12T10:00:00Z",
  expires_at: null,
  last_used_at: null,
};
const name = { ...fact, id: "mem2", kind: "entity", text: "Oslo", confidence: 0.6 };

function memory() {
  const state = { enabled: true, items: [fact] };
  return {
    "GET /me/memory": (call: Call) => ({
      body: {
        enabled: state.enabled,
        items: call.query.get("kind") === "entities" ? [name] : state.items,
        next_cursor: null,
      },
    }),
    "PUT /me/memory/switch": (call: Call) => {
      state.enabled = (call.body as { enabled: boolean }).enabled;
      return { body: call.body };
    },
    "PATCH /me/memory/mem1": (call: Call) => {
      state.items = [{ ...fact, ...(call.body as object), origin: "person" }];
      return { body: state.items[0] };
    },
    "DELETE /me/memory/mem1": () => {
      state.items = [];
      return { status: 204 };
    },
    "DELETE /me/memory": () => {
      state.items = [];
      return { status: 204 };
    },
  };
}

describe("MemorySection", () => {
  beforeEach(stubLayout);

  it("shows each fact with its message, how sure it is, when it expires and when it was used", async () => {
    serve(memory());
    renderApp(<MemorySection />, "/settings");
    const row = within(await screen.findByRole("listitem"));
    expect(row.getByText("I live in Oslo")).toBeTruthy();
    expect(row.getByText("Sure, 90 %")).toBeTruthy();
    expect(row.getByText("Never expires")).toBeTruthy();
    expect(row.getByText("Not used yet")).toBeTruthy();
    const link = row.getByRole("link", { name: /Moving house/u });
    expect(link.getAttribute("href")).toBe("/chats/b1?conversation=conv1");
  });

  it("corrects a fact", async () => {
    const calls = serve(memory());
    const { user } = renderApp(<MemorySection />, "/settings");
    await user.click(await screen.findByRole("button", { name: "Correct “I live in Oslo”" }));
    const words = screen.getByLabelText("What is remembered");
    await user.clear(words);
    await user.type(words, "I live in Bergen");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("I live in Bergen")).toBeTruthy();
    expect(screen.getByText("Corrected by you")).toBeTruthy();
    expect(calls.find((call) => call.method === "PATCH")?.body).toEqual({ text: "I live in Bergen", expires_at: null });
  });

  it("forgets one after asking, the words in the chat too where that is wanted", async () => {
    const calls = serve(memory());
    const { user } = renderApp(<MemorySection />, "/settings");
    await user.click(await screen.findByRole("button", { name: "Forget “I live in Oslo”" }));
    await user.click(screen.getByRole("checkbox", { name: /blank the words/u }));
    await user.click(screen.getByRole("button", { name: "Forget" }));
    expect(await screen.findByText("Nothing is remembered yet")).toBeTruthy();
    const call = calls.find((one) => one.method === "DELETE");
    expect([call?.path, call?.query.get("words")]).toEqual(["/me/memory/mem1", "true"]);
  });

  it("forgets everything after asking, and nothing when the question is closed", async () => {
    const calls = serve(memory());
    const { user } = renderApp(<MemorySection />, "/settings");
    await user.click(await screen.findByRole("button", { name: "Forget everything" }));
    await user.click(screen.getByRole("button", { name: "Keep" }));
    expect(calls.some((call) => call.method === "DELETE")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Forget everything" }));
    const dialog = within(screen.getByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Forget everything" }));
    await waitFor(() => expect(calls.some((call) => call.path === "/me/memory" && call.method === "DELETE")).toBe(true));
  });

  it("is switched off and on by the keyboard", async () => {
    const calls = serve(memory());
    const { user } = renderApp(<MemorySection />, "/settings");
    const toggle = await screen.findByRole("switch", { name: "Remember what I tell" });
    toggle.focus();
    await user.keyboard(" ");
    await waitFor(() => expect(toggle.getAttribute("aria-checked")).toBe("false"));
    expect(calls.find((call) => call.method === "PUT")?.body).toEqual({ enabled: false });
    expect(await screen.findByText(/Nothing you write is remembered/u)).toBeTruthy();
  });

  it("shows the names apart", async () => {
    serve(memory());
    const { user } = renderApp(<MemorySection />, "/settings");
    await user.click(await screen.findByRole("radio", { name: "Names" }));
    expect(await screen.findByText("Oslo")).toBeTruthy();
    expect(screen.queryByText("I live in Oslo")).toBeNull();
  });
});
