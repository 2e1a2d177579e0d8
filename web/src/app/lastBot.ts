const KEY = "parley-last-bot";

/** The bot whose chat or sources were open last, on this device. */
export function lastBotId(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberBot(id: string) {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Storage may be closed to us; the first bot opens then.
  }
}
