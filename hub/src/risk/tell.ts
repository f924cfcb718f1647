/** Who must be told (应通知单位): organisations that a model names, with what of theirs is at stake and whether anybody is on duty there. */
import type { Lake } from '../platform/lake/index.ts';
import type { RiskModel, Tell } from './declaration.ts';

/** An organisation's name; its id where it is not known. */
export type Names = (id: string) => { zh: string; en: string };
export const byId: Names = (id) => ({ zh: id, en: id });

interface Told {
  organisation: { id: string; name: { zh: string; en: string } };
  why: { zh: string; en: string };
  duty: number;
}

/** Whether a published view of a later room is there: risk is told before it is. */
const there = async (lake: Lake, view: string): Promise<boolean> =>
  (await lake.first("SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'v' AND table_name = $view", {
    view,
  })) !== undefined;

/** People on duty by organisation at an instant. */
async function dutyAt(lake: Lake, at: Date): Promise<Map<string, number>> {
  if (!(await there(lake, 'duty_v1'))) return new Map();
  const rows = await lake.query<{ organisation: string; n: number }>(
    `SELECT organisation, count(*)::INTEGER AS n FROM v.duty_v1 WHERE organisation IS NOT NULL AND starts_at <= $at AND ends_at > $at
       AND state <> 'over' AND (state <> 'away' OR deputy) GROUP BY organisation`,
    { at },
  );
  return new Map(rows.map((r) => [r.organisation, r.n]));
}

const named = (t: Tell, duty: ReadonlyMap<string, number>, names: Names): Told => ({
  ...{ organisation: { id: t.organisation, name: names(t.organisation) }, why: t.why },
  duty: duty.get(t.organisation) ?? 0,
});

/** Whom a model wants told now or for the next hours, with the names of what is worst. */
export async function tellOf(
  lake: Lake,
  model: RiskModel,
  at: Date,
  nameOf: Names,
): Promise<(Told & { now: number; later: number; names: string[] })[]> {
  const duty = await dutyAt(lake, at);
  const out = [];
  for (const t of model.tell) {
    const kinds = t.kinds.map((kind) => `'${kind.replaceAll("'", '')}'`).join(', ');
    const rows = await lake.query<{ name: string | null; now: number; later: number }>(
      `SELECT o.name, max(s.score) FILTER (WHERE s.horizon = 0) AS now, max(s.score) FILTER (WHERE s.horizon > 0) AS later
       FROM risk.score s JOIN risk.object o USING (model, kind, id) WHERE s.model = $model AND s.kind IN (${kinds})
       GROUP BY s.kind, s.id, o.name HAVING max(s.score) >= $from ORDER BY max(s.score) DESC LIMIT 5`,
      { model: model.model, from: t.from },
    );
    const counts = await lake.first<{ now: number; later: number }>(
      `SELECT count(DISTINCT kind || id) FILTER (WHERE horizon = 0)::INTEGER AS now, count(DISTINCT kind || id) FILTER (WHERE horizon > 0)::INTEGER AS later
       FROM risk.score WHERE model = $model AND kind IN (${kinds}) AND score >= $from`,
      { model: model.model, from: t.from },
    );
    if (!rows.length) continue;
    const names = rows.flatMap((r) => r.name ?? []);
    out.push({ ...named(t, duty, nameOf), now: counts?.now ?? 0, later: counts?.later ?? 0, names });
  }
  return out;
}

/** Whom a path concerns: those whose kinds lie in it. */
export async function tellOfPath(
  lake: Lake,
  tell: readonly Tell[],
  kinds: readonly { kind: string; objects: number }[],
  at: Date,
  nameOf: Names,
): Promise<(Told & { objects: number })[]> {
  const duty = await dutyAt(lake, at);
  return tell.flatMap((t) => {
    const objects = kinds.reduce((n, x) => (t.kinds.includes(x.kind) ? n + x.objects : n), 0);
    return objects > 0 ? [{ ...named(t, duty, nameOf), objects }] : [];
  });
}

/** Open alerts of a model's event codes, the gravest first. */
export async function alertsOf(lake: Lake, model: RiskModel) {
  if (!model.events.length || !(await there(lake, 'alert_v1'))) return [];
  const codes = model.events.map((c) => `'${c.replaceAll("'", '')}'`).join(', ');
  const rows = await lake.query<{
    id: number;
    zh: string;
    en: string;
    level: number;
    at: string;
    exercise: boolean;
    label: string | null;
  }>(
    `SELECT id, title_zh AS zh, title_en AS en, level, opened_at AS "at", exercise, label_zh AS label FROM v.alert_v1
     WHERE event IN (${codes}) AND state <> 'closed' AND level > 0 ORDER BY level DESC, opened_at DESC LIMIT 20`,
  );
  return rows.map((r) => ({
    ...{ id: r.id, title: { zh: r.zh, en: r.en }, level: r.level, exercise: r.exercise === true, place: r.label },
    openedAt: new Date(r.at).toISOString(),
  }));
}
