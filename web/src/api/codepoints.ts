/**
 * Parley counts code points; JavaScript strings count UTF-16 units. Text of the basic plane, nearly all text, has the
 * same offsets in both, so it is looked at once and then left alone.
 */
const SURROGATE_PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

export function codePointLength(text: string): number {
  return SURROGATE_PAIR.test(text) ? [...text].length : text.length;
}

/** A function from code point offsets of `text` to its UTF-16 offsets; offsets beyond the end give the end. */
export function toUtf16(text: string): (offset: number) => number {
  if (!SURROGATE_PAIR.test(text)) return (offset) => Math.min(offset, text.length);
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
  return (offset) => starts[offset] ?? text.length;
}

export function sliceCodePoints(text: string, start: number, end?: number): string {
  const at = toUtf16(text);
  return text.slice(at(start), end === undefined ? undefined : at(end));
}
