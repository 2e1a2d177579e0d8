/** Offsets of the API count Unicode code points; JavaScript strings count UTF-16 units. */

const STRIDE = 512;

export const countCodePoints = (text: string): number => new CodePointIndex(text).length;

/** Translates between the two counts within one text. Positions outside the text are clamped to its ends. */
export class CodePointIndex {
  readonly length: number;
  /** UTF-16 position of every STRIDE-th code point; null when each code point is one unit. */
  private readonly marks: Uint32Array | null;

  constructor(private readonly text: string) {
    // Without the u flag, which would hide the halves of a pair from the pattern.
    if (!/[\ud800-\udbff]/.test(text)) {
      this.length = text.length;
      this.marks = null;
      return;
    }
    const marks: number[] = [];
    let count = 0;
    for (let at = 0; at < text.length; at += unitsAt(text, at)) {
      if (count % STRIDE === 0) marks.push(at);
      count += 1;
    }
    this.length = count;
    this.marks = Uint32Array.from(marks);
  }

  toUtf16(codePoint: number): number {
    if (codePoint <= 0) return 0;
    if (codePoint >= this.length) return this.text.length;
    if (!this.marks) return codePoint;
    const stride = Math.floor(codePoint / STRIDE);
    let at = this.marks[stride] ?? 0;
    for (let left = codePoint - stride * STRIDE; left > 0; left -= 1) at += unitsAt(this.text, at);
    return at;
  }

  toCodePoint(unit: number): number {
    if (unit <= 0) return 0;
    if (unit >= this.text.length) return this.length;
    if (!this.marks) return unit;
    let stride = this.marks.length - 1;
    while (stride > 0 && (this.marks[stride] ?? 0) > unit) stride -= 1;
    let count = stride * STRIDE;
    for (let at = this.marks[stride] ?? 0; at < unit; at += unitsAt(this.text, at)) count += 1;
    return count;
  }
}

function unitsAt(text: string, at: number): 1 | 2 {
  const lead = text.charCodeAt(at);
  if (lead < 0xd800 || lead > 0xdbff) return 1;
  const trail = text.charCodeAt(at + 1);
  return trail >= 0xdc00 && trail <= 0xdfff ? 2 : 1;
}

export function sliceCodePoints(text: string, start: number, end: number = Number.POSITIVE_INFINITY): string {
  const index = new CodePointIndex(text);
  return text.slice(index.toUtf16(start), index.toUtf16(end));
}
