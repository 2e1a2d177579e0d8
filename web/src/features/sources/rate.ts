/** How fast files are read, in files a second. */
export type Rate = number;

export type Sample = { at: number; done: number };

const WINDOW_MS = 12_000;
const LEAST_SPAN_MS = 1_500;
/** The first files come late, while workers start: with fewer samples minutes were announced as hours. */
const LEAST_SAMPLES = 4;

/** Adds a sample and forgets those that are too old to say anything about now. Going backwards starts afresh. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && sample.done < last.done) return [sample];
  if (last && sample.done === last.done) return [...samples];
  const recent = samples.filter(({ at }) => sample.at - at <= WINDOW_MS);
  // A slow source sends rarely: the newest of the old ones are the only measure there is.
  const kept = recent.length < LEAST_SAMPLES - 1 ? samples.slice(1 - LEAST_SAMPLES) : recent;
  return [...kept, sample];
}

/** Null until the samples are enough, and span enough time, to mean something. */
export function rateOf(samples: readonly Sample[]): Rate | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || samples.length < LEAST_SAMPLES || last.at - first.at < LEAST_SPAN_MS || last.done <= first.done) return null;
  return (1000 * (last.done - first.done)) / (last.at - first.at);
}

export function secondsLeft(rate: Rate | null, pending: number): number | null {
  return rate && pending > 0 ? pending / rate : null;
}

export function rateWords(rate: Rate): string {
  if (rate >= 1) return `${Math.round(rate)} file${Math.round(rate) === 1 ? "" : "s"} a second`;
  return `${Math.max(1, Math.round(rate * 60))} file${Math.round(rate * 60) <= 1 ? "" : "s"} a minute`;
}
