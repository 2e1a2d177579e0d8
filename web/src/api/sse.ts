/** One frame of a `text/event-stream`; `id` is empty where the server sent none. */
export type Frame = { id: string; event: string; data: string };

/**
 * Cuts a stream of text into server-sent frames (WHATWG HTML, section 9.2).
 *
 * Pieces may end anywhere, also between CR and LF; comments (keep-alives) yield nothing.
 */
export class FrameParser {
  private rest = "";
  private frame: Frame = { id: "", event: "message", data: "" };
  private hasData = false;

  push(piece: string): Frame[] {
    const frames: Frame[] = [];
    const text = this.rest + piece;
    // A CR at the very end may be half of a CR LF: wait for what follows.
    const usable = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = usable.split(/\r\n|\r|\n/u);
    this.rest = (lines.pop() ?? "") + text.slice(usable.length);
    for (const line of lines) {
      const done = this.line(line);
      if (done) frames.push(done);
    }
    return frames;
  }

  private line(line: string): Frame | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /u, "");
    if (field === "data") {
      this.frame.data += this.hasData ? `\n${value}` : value;
      this.hasData = true;
    } else if (field === "id") this.frame.id = value;
    else if (field === "event") this.frame.event = value;
    return null;
  }

  private dispatch(): Frame | null {
    const { frame, hasData } = this;
    this.frame = { id: "", event: "message", data: "" };
    this.hasData = false;
    return hasData ? frame : null;
  }
}
