/**
 * Carries out an approved matter, step by step: every step is idempotent and leaves its mark when it is done, so that a killed hub goes on with
 * the first that has none. Rooms go in the opposite order of how data flows: copies first, received rows last, the vault after them, so that
 * as long as anything is left to be found it can be found.
 */

import { sql } from 'kysely';
import { z } from 'zod';
import { catalogueOf } from '../catalogue/index.ts';
import { declaredAction, standingTokens, standOrder } from '../exchange/index.ts';
import { integrationFinished } from '../libraries/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import { lakeMemory } from '../platform/lake/index.ts';
import { type ErasedPlace, type PersonalHolding, telling } from '../platform/personal.ts';
import { Problem } from '../platform/problem.ts';
import { certify } from './certificate.ts';
import type { ErasurePorts } from './ports.ts';
import { remains } from './problems.ts';
import { register } from './register.ts';
import { type Searched, searchAll } from './search.ts';
import { decisionsOf, type Matter, matterOf, note } from './store.ts';
import { know } from './subject.ts';

/** What a step did. */
export interface StepDetail {
  /** Tokens of own telephones, until the end. */
  own?: string[];
  done?: ErasedPlace[];
  rewrite?: string[];
  values?: number;
  kept?: number;
  blocks?: number;
  /** What of the lake was written anew. */
  rewritten?: 'whole' | 'tables' | 'none';
  searched?: Searched;
  /** Something was found after it: it is done again. */
  again?: boolean;
}

/** Every step in its order. */
export const stepsOf = (ports: ErasurePorts): string[] => [
  'stand',
  ...[...ports.holders()].reverse().map((h) => `room ${h.room}`),
  // While the numbers can still be opened: whoever goes on after something was found searches for as much as before.
  'search',
  'vault',
  'rewrite',
  'register',
  'certificate',
];

const params = z.object({ matter: z.number().int().positive() });

/** Finds what is held, for the officer to decide on. */
export function lookJob(ports: ErasurePorts): JobKind<z.output<typeof params>> {
  return {
    kind: 'erasure.look',
    title: { zh: '查找个人信息持有情况', en: 'Look for what is held of a person' },
    params,
    // Not while an integration moves what is looked for.
    lane: 'libraries',
    async run(ctx, { matter: id }) {
      const m = await matterOf(ports.db.kysely, id);
      if (m.state !== 'entered' || m.looked_at) return { state: m.state };
      const { subject, names } = await know(ports, m, false);
      const plain = telling(await ports.erasing.open([...subject.citizen, ...subject.own]));
      const found: (PersonalHolding & { room: string })[] = [];
      const rooms = ports.holders();
      for (const [i, { room, holder }] of rooms.entries()) {
        ctx.signal.throwIfAborted();
        ctx.progress({ done: i, total: rooms.length, note: roomName(room) });
        for (const h of await holder.find(subject, { plain, names })) found.push({ ...h, room });
      }
      const vault = subject.citizen.length + subject.own.length;
      if (vault > 0)
        found.push({
          room: 'vault',
          place: 'values',
          title: { zh: '保险库中的号码', en: 'Numbers in the vault' },
          count: vault,
          action: 'delete',
          link: null,
        });
      await ports.db.tx(async (trx) => {
        await sql`DELETE FROM erasure.holding WHERE matter = ${id}`.execute(trx);
        for (const h of found)
          await sql`INSERT INTO erasure.holding (matter, room, place, title, count, action, ground, link, source)
            VALUES (${id}, ${h.room}, ${h.place}, ${JSON.stringify(h.title)}::jsonb, ${h.count}, ${h.action},
              ${h.ground ? JSON.stringify(h.ground) : null}::jsonb, ${h.link}, ${h.source ?? null})`.execute(trx);
        await sql`UPDATE erasure.matter SET looked_at = ${ports.clock.now()} WHERE id = ${id}`.execute(trx);
      });
      return { places: found.length };
    },
  };
}

/** Does it. */
export function runJob(ports: ErasurePorts): JobKind<z.output<typeof params>> {
  return {
    kind: 'erasure.run',
    title: { zh: '执行个人信息删除', en: 'Erase a person' },
    params,
    lane: 'libraries',
    async run(ctx, { matter: id }) {
      const m = await matterOf(ports.db.kysely, id);
      if (m.state !== 'running') return { state: m.state };
      try {
        await carryOut(ports, m, ctx.signal, (done, total, name) =>
          ctx.progress({ done, total, note: stepName(name) }),
        );
      } catch (error) {
        if (error instanceof Problem && error.kind !== lakeMemory) await failed(ports, id, error);
        throw error;
      }
      void ports.bus.emit(integrationFinished, { job: ctx.id });
      return { done: true };
    },
  };
}

/** What a step is called for people. */
const names: Record<string, Bilingual> = {
  stand: { zh: '立令', en: 'standing order' },
  vault: { zh: '销毁保险库号码', en: 'numbers of the vault' },
  rewrite: { zh: '改写数据块', en: 'writing blocks anew' },
  search: { zh: '复查', en: 'looking once more' },
  register: { zh: '登记到备份仓库', en: 'register beside the backups' },
  certificate: { zh: '出具证明', en: 'certificate' },
};
/** Rooms as the console calls them. */
const rooms: Record<string, Bilingual> = {
  exchange: { zh: '归集', en: 'Collection' },
  libraries: { zh: '基础库', en: 'Libraries' },
  archives: { zh: '电子档案', en: 'Archives' },
  forms: { zh: '表单采集', en: 'Forms' },
  sharing: { zh: '共享', en: 'Sharing' },
  gateway: { zh: '数据服务', en: 'Data services' },
  subscriptions: { zh: '订阅', en: 'Subscriptions' },
  events: { zh: '事件', en: 'Events' },
  workbench: { zh: '查询工作台', en: 'Workbench' },
};
const roomName = (room: string): Bilingual => rooms[room] ?? { zh: room, en: room };
const stepName = (step: string): Bilingual => names[step] ?? roomName(step.replace(/^room /, ''));

/** The steps of a matter from the first that has no mark. */
export async function carryOut(
  ports: ErasurePorts,
  m: Matter,
  signal: AbortSignal,
  onStep: (done: number, total: number, name: string) => void = () => undefined,
): Promise<void> {
  const steps = stepsOf(ports);
  const marks = await marksOf(ports, m.id);
  const at = m.decided_at ?? ports.clock.now();
  const known = await know(ports, m, true);
  const { names } = known;
  // Own telephones are known from rows; those are gone when the vault lets go of their numbers.
  const own = [...new Set([...(marks.get('stand')?.own ?? []), ...known.own])];
  const subject = { ...known.subject, own: await ports.erasing.alike(own) };
  const plain = telling(await ports.erasing.open([...subject.citizen, ...subject.own]));
  for (const [i, step] of steps.entries()) {
    onStep(i, steps.length, step);
    signal.throwIfAborted();
    const before = marks.get(step);
    if (before && !before.again) continue;
    const detail = together(before, await doStep(step));
    marks.set(step, detail);
    await sql`INSERT INTO erasure.mark (matter, step, at, detail) VALUES (${m.id}, ${step}, ${ports.clock.now()}, ${JSON.stringify(detail)}::jsonb)
      ON CONFLICT (matter, step) DO UPDATE SET at = EXCLUDED.at, detail = EXCLUDED.detail`.execute(ports.db.kysely);
  }
  onStep(steps.length, steps.length, 'done');

  /** Own telephones as they stand where nobody could say what number a text is. */
  function refusedTokens(): string[] {
    const citizen = new Set(subject.citizen);
    return plain.map((n) => ports.vault.tokenOf('citizen-id', n)).filter((t) => !citizen.has(t));
  }

  /** What a room holds when it begins, kept at once: who is killed in the middle of it counts less the second time. */
  async function begun(step: string, find: () => Promise<PersonalHolding[]>): Promise<ErasedPlace[]> {
    const known = await sql<{
      found: ErasedPlace[];
    }>`SELECT found FROM erasure.begun WHERE matter = ${m.id} AND step = ${step}`.execute(ports.db.kysely);
    if (known.rows[0]) return known.rows[0].found;
    const found = (await find()).map(({ place, title, count, action, ground }) => ({
      ...{ place, title, count, action },
      ...(ground ? { ground } : {}),
    }));
    await sql`INSERT INTO erasure.begun (matter, step, found) VALUES (${m.id}, ${step}, ${JSON.stringify(found)}::jsonb)
      ON CONFLICT DO NOTHING`.execute(ports.db.kysely);
    return found;
  }

  async function doStep(step: string): Promise<StepDetail> {
    if (step.startsWith('room ')) {
      const { holder } = ports.holders().find((h) => `room ${h.room}` === step)!;
      const look = () => holder.find(subject, { plain, names });
      const found = await begun(step, look);
      const now = await holder.erase({ subject, plain, names, at, signal });
      const silent = found.filter((f) => !now.done.some((d) => d.place === f.place));
      // Of what it held and does not tell of, only what is not there any more was let go of.
      const left = new Set(silent.length > 0 ? (await look()).map((h) => h.place) : []);
      return together({ done: found.filter((f) => !silent.includes(f) || !left.has(f.place)) }, now);
    }
    switch (step) {
      case 'stand':
        await stand(ports, m, at);
        return { own };
      case 'vault':
        return letVaultGo(ports, m, [...new Set([...own, ...subject.own, ...refusedTokens()])], at);
      case 'rewrite':
        return rewrite(ports, [...marks.values()], signal);
      case 'register':
        return { kept: (await register(ports, m.id)) ? 1 : 0 };
      case 'search':
        return search(ports, m.id, subject.citizen, plain, signal);
      default:
        await certify(
          ports,
          m.id,
          [...marks].map(([name, detail]) => ({ step: name, detail })),
        );
        // Nothing is left that they would be needed for.
        await sql`UPDATE erasure.mark SET detail = detail - 'own' WHERE matter = ${m.id} AND step = 'stand'`.execute(
          ports.db.kysely,
        );
        return {};
    }
  }
}

/** What a room found at its beginning or did at first, and what it did when it was broken off or asked again: by place the most. */
export function together(before: StepDetail | undefined, now: StepDetail): StepDetail {
  if (!before?.done) return now;
  const done = new Map(before.done.map((d) => [d.place, d]));
  for (const d of now.done ?? []) {
    const known = done.get(d.place);
    done.set(d.place, known ? { ...d, count: Math.max(known.count, d.count) } : d);
  }
  return {
    ...now,
    done: [...done.values()],
    rewrite: [...new Set([...(before.rewrite ?? []), ...(now.rewrite ?? [])])],
  };
}

/** Marks of finished steps. */
export async function marksOf(ports: ErasurePorts, id: number): Promise<Map<string, StepDetail>> {
  const { rows } = await sql<{
    step: string;
    detail: StepDetail;
  }>`SELECT step, detail FROM erasure.mark WHERE matter = ${id} ORDER BY at, step`.execute(ports.db.kysely);
  return new Map(rows.map((r) => [r.step, r.detail]));
}

/** From here on nothing of the person comes in any more, whatever departments deliver. */
async function stand(ports: ErasurePorts, m: Matter, at: Date): Promise<void> {
  await ports.erasing.close(m.norm, at);
  const decided = new Map((await decisionsOf(ports.db.kysely, m.id)).map((d) => [d.source, d.action]));
  const catalogue = catalogueOf(ports.lake);
  const classes = catalogue.declarations().map((d) => ({
    source: d.id,
    action: decided.get(d.id) ?? declaredAction(catalogue, d.id).action,
  }));
  await standOrder(ports.lake, {
    erasure: m.id,
    norm: m.norm,
    at,
    classes: classes.filter((c) => c.action === 'keep'),
  });
}

/** The numbers: destroyed, or locked where rows are kept by law; telephones that stand in others' rows as well stay theirs. */
async function letVaultGo(ports: ErasurePorts, m: Matter, own: readonly string[], at: Date): Promise<StepDetail> {
  const held = await ports.lake.first<{ n: number }>(
    'SELECT count(*) AS n FROM v.erased_row_v1 WHERE erasure = $e AND kept',
    { e: m.id },
  );
  if (held && held.n > 0) return { values: 0, kept: await ports.erasing.restrict(m.norm, at) };
  const others = await standingTokens(ports.lake, catalogueOf(ports.lake).declarations(), own);
  const values = await ports.erasing.destroy(m.norm);
  const removed = await ports.erasing.remove(own.filter((t) => !others.has(t)));
  return { values: values + removed, kept: others.size };
}

/** Tables that held values are written anew, and what was free is overwritten. */
async function rewrite(ports: ErasurePorts, details: readonly StepDetail[], signal: AbortSignal): Promise<StepDetail> {
  const how = ports.config.erasure.rewrite;
  if (how === 'none') return { rewritten: how };
  // The engine takes nothing away from tables with an index: of those the vault holds what is sealed only, services' tables are made anew.
  const all = (
    await ports.lake.query<{ t: string }>(
      `SELECT schema_name || '."' || table_name || '"' AS t FROM duckdb_tables()
       WHERE NOT temporary AND schema_name <> 'scrub' AND index_count = 0 AND NOT has_primary_key ORDER BY 1`,
    )
  ).map((r) => r.t);
  const named = new Set(details.flatMap((d) => d.rewrite ?? []).map((t) => t.replaceAll('"', '')));
  const tables = how === 'whole' ? all : all.filter((t) => named.has(t.replaceAll('"', '')));
  const blocks = await ports.lake.scrub(tables, signal);
  await cleanStore(ports);
  return { blocks, rewritten: how };
}

/** Dead rows of the operational store's tables are taken away and their pages written anew. */
async function cleanStore(ports: ErasurePorts): Promise<void> {
  for (const table of [
    'forms.record',
    'forms.change',
    'forms.target',
    'forms.operation',
    'forms.outbox',
    'forms.file',
    'forms.import',
    'events.report',
    'events.event',
    'events.said',
    'events.step',
    'events.clock',
    'workbench.history',
    'workbench.saved',
    'archives.archive',
    'forms.unique_value',
    'libraries.list_case',
    'libraries.list_entry',
    'libraries.correction',
    'libraries.correction_entry',
    'libraries.verification',
    'libraries.verification_case',
  ]) {
    const { rows } = await sql`SELECT to_regclass(${table}) AS t`.execute(ports.db.kysely);
    if ((rows[0] as { t: string | null }).t !== null) await ports.db.query(`VACUUM FULL ${table}`);
  }
}

async function search(
  ports: ErasurePorts,
  id: number,
  citizen: readonly string[],
  plain: readonly string[],
  signal: AbortSignal,
): Promise<StepDetail> {
  const searched = await searchAll(ports.db, ports.lake, { tokens: citizen, plain }, signal);
  if (searched.found.length > 0) {
    // Whoever goes on lets the rooms look again: what was found may have come after they were done.
    await sql`UPDATE erasure.mark SET detail = detail || '{"again": true}'::jsonb WHERE matter = ${id} AND step LIKE 'room %'`.execute(
      ports.db.kysely,
    );
    throw new Problem(remains, {
      count: searched.found.length,
      places: searched.found.map((f) => `${f.place} (${f.count})`).join('、'),
    });
  }
  return { searched };
}

/** Keeps why it could not go on, and tells who handles it. */
export async function failed(ports: ErasurePorts, id: number, problem: Problem): Promise<void> {
  await ports.db.tx(async (trx) => {
    await sql`UPDATE erasure.matter SET problem = ${JSON.stringify(problem.toJSON())}::jsonb WHERE id = ${id}`.execute(
      trx,
    );
    await note(ports, trx, id, 'failed', null, { comment: problem.kind.code });
    await ports.notices.tell(trx, {
      ...{
        key: `erasure.matter/${id}/failed/${ports.clock.now().getTime()}`,
        kind: 'erasure.matter',
        urgency: 'urgent',
      },
      ...{ about: `erasure/${id}`, link: `/erasure/${id}` },
      to: [{ role: 'data-steward' }],
      title: { zh: `删除事项 ${id} 未能执行完`, en: `Erasure ${id} could not be carried out` },
      text: { zh: '请打开事项查看原因后继续。', en: 'Open it to see why, then go on.' },
    });
  });
}
