/**
 * When something may go out to a person: quiet hours and the hour of the digest. Pure; hours are those of Asia/Shanghai, which
 * keeps UTC+8 all year.
 */
const ZONE = 8 * 3_600_000;
const DAY = 86_400_000;
const MINUTE = 60_000;

/** Quiet hours: from one time of day to another (`22:00` to `07:30`; the second may lie on the next day). */
export interface Quiet {
  from: string;
  to: string;
}

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The end of the quiet hours that an instant lies in; the instant itself where it lies in none. */
export function afterQuiet(at: Date, quiet: Quiet | null): Date {
  if (!quiet) return at;
  const [from, to] = [minutes(quiet.from), minutes(quiet.to)];
  if (from === to) return at;
  const local = at.getTime() + ZONE;
  const midnight = Math.floor(local / DAY) * DAY;
  const now = (local - midnight) / MINUTE;
  const inside = from < to ? now >= from && now < to : now >= from || now < to;
  if (!inside) return at;
  const end = midnight + to * MINUTE + (now >= from && from > to ? DAY : 0);
  return new Date(end - ZONE);
}

/** How often a digest comes. */
export const digestRhythms = ['daily', 'weekly'] as const;
export type DigestRhythm = (typeof digestRhythms)[number];

/** The next instant, strictly later, at which a digest of a rhythm goes out at an hour of the day; weekly ones on Mondays. */
export function nextDigest(at: Date, rhythm: DigestRhythm, hour: number): Date {
  const local = at.getTime() + ZONE;
  let day = Math.floor(local / DAY) * DAY;
  if (day + hour * 60 * MINUTE <= local) day += DAY;
  if (rhythm === 'weekly') while (new Date(day).getUTCDay() !== 1) day += DAY;
  return new Date(day + hour * 60 * MINUTE - ZONE);
}
