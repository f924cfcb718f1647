/** Which backups are kept (保留): the newest, and the last of each day, week and month, so many of each; pure. */
import { cityDay } from '../law/index.ts';

/** How many of each. */
export interface Keeping {
  /** The newest, whatever their day: one made by hand before a risky step is not forgotten with the next. */
  newest: number;
  daily: number;
  weekly: number;
  monthly: number;
}

/** Ids that may go. The newest backup always stays, whatever the rule says. */
export function forgotten(snapshots: readonly { id: string; at: string }[], rule: Keeping): string[] {
  const newest = [...snapshots].sort((a, b) => (a.at < b.at ? 1 : -1));
  const kept = new Set(newest.slice(0, Math.max(1, rule.newest)).map((s) => s.id));
  const periods: [number, (day: string) => string][] = [
    [rule.daily, (day) => day],
    [rule.weekly, weekOf],
    [rule.monthly, (day) => day.slice(0, 7)],
  ];
  for (const [most, of] of periods) {
    const seen = new Set<string>();
    for (const { id, at } of newest) {
      const period = of(cityDay(new Date(at)));
      if (seen.has(period)) continue;
      if (seen.size === most) break;
      seen.add(period);
      kept.add(id);
    }
  }
  return newest.filter((s) => !kept.has(s.id)).map((s) => s.id);
}

/** The Monday of a day's week. */
function weekOf(day: string): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  return at.toISOString().slice(0, 10);
}

/** Whether a day's backup is due: its time of day has come and the newest backup is older than that. `time` is `02:30` in the city's time. */
export function due(now: Date, time: string, newest: string | undefined): boolean {
  const today = new Date(`${cityDay(now)}T${time}:00+08:00`);
  const last = today.getTime() <= now.getTime() ? today : new Date(today.getTime() - 86_400_000);
  return newest === undefined || Date.parse(newest) < last.getTime();
}
