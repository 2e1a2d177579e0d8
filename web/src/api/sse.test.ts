import { describe, expect, it } from "vitest";
import { FrameParser } from "./sse";

const parse = (...pieces: string[]) => {
  const parser = new FrameParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe("frames of an event stream", () => {
  it("reads id, event and data", () => {
    expect(parse('id: 7\nevent: token\ndata: {"a":1}\n\n')).toEqual([{ id: "7", event: "token", data: '{"a":1}' }]);
  });

  it("does not mind where the pieces end", () => {
    const text = "id: 1\r\ndata: one\r\n\r\nid: 2\r\ndata: two\r\n\r\n";
    const whole = parse(text);
    expect(whole.map((frame) => frame.data)).toEqual(["one", "two"]);
    for (let at = 1; at < text.length; at += 1) expect(parse(text.slice(0, at), text.slice(at))).toEqual(whole);
    expect(parse(...text)).toEqual(whole);
  });

  it("joins several lines of data", () => {
    expect(parse("data: a\ndata: b\n\n")[0]?.data).toBe("a\nb");
  });

  it("skips comments and frames without data", () => {
    expect(parse(": ping\n\nevent: x\n\ndata: y\n\n")).toEqual([{ id: "", event: "message", data: "y" }]);
  });

  it("keeps a frame that is not finished", () => {
    expect(parse("data: half\n")).toEqual([]);
  });

  it("takes one space after the colon off, and no more", () => {
    expect(parse("data:  x\n\n")[0]?.data).toBe(" x");
  });
});
