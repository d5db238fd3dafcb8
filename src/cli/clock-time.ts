const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Local time of day, `14:03:22.123`; `??` where the text is no time. */
export function formatTimeOfDay(isoTime: string): string {
  const date = new Date(isoTime);
  if (Number.isNaN(date.getTime())) return "??:??:??.???";
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    digits(part, 2),
  );
  return `${parts.join(":")}.${digits(date.getMilliseconds(), 3)}`;
}

/** Local day, `Tue 2026-03-03`. */
export function formatDay(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "unknown day";
  const day = [date.getFullYear(), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)];
  return `${weekdays[date.getDay()] ?? ""} ${day.join("-")}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
