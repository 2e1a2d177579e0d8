import type { Problem } from "./types";

/** A request that failed, with words for the reader. `code` is stable; `status` is 0 when no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: { status: number; code: string; retryable: boolean }) {
    super(message);
    this.name = "ApiError";
    this.status = options.status;
    this.code = options.code;
    this.retryable = options.retryable;
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

export const unreachable = () =>
  new ApiError("Parley can't be reached. Check that it is running on this computer.", {
    status: 0,
    code: "unreachable",
    retryable: true,
  });

/** What a status says when the body is not a problem document (a proxy, or a server that is starting). */
const statusWords: Record<number, string> = {
  401: "You are signed out. Open the sign-in link that Parley printed.",
  403: "You are not allowed to do this.",
  404: "This does not exist any more.",
  413: "This is larger than Parley accepts.",
  429: "Too many requests at once. Try again in a moment.",
};

export async function errorFromResponse(response: Response): Promise<ApiError> {
  const problem = await readProblem(response);
  const fallback = statusWords[response.status] ?? "Parley could not do this. Its log says why.";
  return new ApiError(problem?.detail || problem?.title || fallback, {
    status: response.status,
    code: problem?.code ?? `http_${response.status}`,
    retryable: problem?.retryable ?? response.status >= 500,
  });
}

export function problemFromText(body: string): Partial<Problem> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Partial<Problem>) : null;
  } catch {
    return null;
  }
}

async function readProblem(response: Response): Promise<Partial<Problem> | null> {
  if (!response.headers.get("content-type")?.includes("json")) return null;
  return problemFromText(await response.text().catch(() => ""));
}

/** The sentence to show for anything that was thrown. */
export function inWords(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return error instanceof Error && error.message ? error.message : "This did not work.";
}
