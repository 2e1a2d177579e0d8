const BETWEEN_CELLS = " | ";

/** A cell of a quoted table row, with what its column is called. */
export type Cell = { head: string; value: string };

/** The cells of a row that is quoted under the header of its table; null for every other quote. */
export function tableRow(text: string): Cell[] | null {
  const [header, row, ...more] = text.split("\n").map((line) => line.split(BETWEEN_CELLS));
  if (!header || !row || more.length > 0 || header.length < 2 || header.length !== row.length) return null;
  return row.map((value, column) => ({ head: header[column] ?? "", value }));
}
