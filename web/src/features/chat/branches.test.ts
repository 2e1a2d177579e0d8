import { describe, expect, it } from "vitest";
import type { Message } from "@/api/types";
import { branchOf } from "./branches";

let seq = 0;
const message = (id: string, parent_id: string | null, author_kind: Message["author_kind"] = "member"): Message => ({
  id,
  parent_id,
  author_kind,
  seq: ++seq,
  conversation_id: "c1",
  delivery: "sent",
  created_at: "2026-03-02T10:00:00Z",
  text: id,
  attachments: [],
  turn_id: null,
  answer: null,
});

/** q1 - a1 - q2 - a2, then q1 edited: q1b - b1. */
const edited = () => [
  message("q1", null),
  message("a1", "q1", "bot"),
  message("q2", "a1"),
  message("a2", "q2", "bot"),
  message("q1b", null),
  message("b1", "q1b", "bot"),
];
const ids = (messages: readonly Message[]) => messages.map((one) => one.id).join(" ");

describe("branchOf", () => {
  it("shows everything where nothing was edited", () => {
    expect(ids(branchOf(edited().slice(0, 4), {}).messages)).toBe("q1 a1 q2 a2");
  });

  it("shows the newest version and hides what followed the others", () => {
    const branch = branchOf(edited(), {});
    expect(ids(branch.messages)).toBe("q1b b1");
    expect(branch.siblings.get("q1b")).toEqual(["q1", "q1b"]);
    expect(branch.siblings.get("q2")).toEqual(["q2"]);
  });

  it("shows an earlier version with all that followed it when it is chosen", () => {
    expect(ids(branchOf(edited(), { "": "q1" }).messages)).toBe("q1 a1 q2 a2");
  });

  it("stays in the branch that was written in last", () => {
    const messages = [...edited(), message("q3", "a2")];
    expect(ids(branchOf(messages, {}).messages)).toBe("q1 a1 q2 a2 q3");
  });

  it("keeps all answers to one question", () => {
    const messages = [message("q", null), message("one", "q", "bot"), message("two", "q", "bot")];
    expect(ids(branchOf(messages, {}).messages)).toBe("q one two");
  });

  it("shows pages whose beginning is not loaded", () => {
    const messages = [message("q5", "a4"), message("a5", "q5", "bot"), message("q6", "a5")];
    expect(ids(branchOf(messages, {}).messages)).toBe("q5 a5 q6");
  });
});
