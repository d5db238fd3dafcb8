const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  m: minute,
  min: minute,
  h: hour,
  d: day,
};

/** Milliseconds of `90s`, `10m`, `1h30m` or `2d`; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,9}(\.\d{1,3})?(ms|s|min|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    total += Number(amount) * (units[unit ?? ""] ?? Number.NaN);
  }
  return total;
}

/** A length of time in its two largest units: `450 ms`, `12 s`, `3 min 5 s`, `8 h 3 min`, `2 d 5 h`. */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  const steps: readonly (readonly [size: number, name: string])[] = [
    [day, "d"],
    [hour, "h"],
    [minute, "min"],
    [second, "s"],
  ];
  const at = steps.findIndex(([size]) => ms >= size);
  const [large, small] = steps.slice(at, at + 2);
  if (large === undefined) return `${Math.round(ms)} ms`;
  const count = Math.floor(ms / large[0]);
  const rest = small === undefined ? 0 : Math.floor((ms % large[0]) / small[0]);
  return rest === 0 || small === undefined
    ? `${count} ${large[1]}`
    : `${count} ${large[1]} ${rest} ${small[1]}`;
}

/** How long ago, in one unit: `just now`, `12 s ago`, `3 min ago`, `8 h ago`. */
export function formatAgo(ms: number): string {
  if (ms < second) return "just now";
  return `${formatRoughly(ms)} ago`;
}

/** A length of time in its largest unit: `12 s`, `3 min`, `8 h`, `2 d`. */
export function formatRoughly(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}
