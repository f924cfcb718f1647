/** What the declared rules say of an event, as the hub reads them: the first that fits, else who the matter names. Pure. */
import type { Bilingual } from '../../api/client.ts';

interface RulesOf {
  matters: readonly { id: string; group: string; responsible: string }[];
  rules: readonly {
    name: Bilingual;
    when: Record<string, unknown>;
    to: string | null;
    joint: readonly string[];
  }[];
}

/** Whose an event is by the rules; null where its matter is not known. */
export function suggested(
  { matters, rules }: RulesOf,
  e: { matter: string | null; town: string | null; channel: string; urgency: string },
): { to: string; joint: string[]; rule: Bilingual | null } | null {
  const m = matters.find((x) => x.id === e.matter);
  if (!m) return null;
  const fits = (list: unknown, value: string | null) =>
    !Array.isArray(list) || (value !== null && list.includes(value));
  const rule = rules.find(
    ({ when }) =>
      fits(when.matters, m.id) &&
      fits(when.groups, m.group) &&
      fits(when.towns, e.town) &&
      fits(when.channels, e.channel) &&
      (when.urgency === undefined || when.urgency === e.urgency),
  );
  return { to: rule?.to ?? m.responsible, joint: [...(rule?.joint ?? [])], rule: rule?.name ?? null };
}

/** Minutes of a limit in its own time; `day`: minutes of a working day. */
export function minutesOf(amount: number, unit: string, day: number): number {
  const each: Record<string, number> = {
    ...{ minutes: 1, hours: 60, days: 1440, 'working-hours': 60, 'working-days': day },
  };
  return amount * (each[unit] ?? 1);
}

/** Minutes of a working day out of `08:30–11:30`, `13:30–17:00`. */
export function workingDay(hours: readonly string[]): number {
  const at = (text: string) => {
    const [h = 0, m = 0] = text.split(':').map(Number);
    return h * 60 + m;
  };
  const sum = hours.reduce((all, span) => {
    const [from = '', to = ''] = span.split('–');
    return all + at(to) - at(from);
  }, 0);
  return sum > 0 ? sum : 480;
}
