/** The quote without the list sign before it, and without quotation marks if one pair stands around all of it. */
export function bareQuote(text: string): string {
  const plain = text.replace(/^\s*(?:[-*>]\s+)?/u, "").trimEnd();
  return /^["“„«]([^"“„”«»]*)["”“»]$/u.exec(plain)?.[1] ?? plain;
}
