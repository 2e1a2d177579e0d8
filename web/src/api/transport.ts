import { errorFromResponse, unreachable } from "./errors";
import { url } from "./http";
import { FrameParser, type Frame } from "./sse";

/**
 * Opens an event stream and yields its frames until the server closes it.
 *
 * fetch rather than EventSource: that one hides the status and the problem document of a refusal, reconnects at its
 * own pace, and cannot be told to start after a given event.
 *
 * @throws ApiError when the server refuses or the connection breaks; the abort reason when `signal` fires.
 */
export async function* openStream(path: string, after: number, signal: AbortSignal): AsyncGenerator<Frame> {
  const response = await connect(path, after, signal);
  const parser = new FrameParser();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function connect(path: string, after: number, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (after > 0) headers["last-event-id"] = String(after);
  let response: Response;
  try {
    response = await fetch(url(path, { after: after || undefined }), { headers, signal, cache: "no-store" });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw await errorFromResponse(response);
  return response;
}
