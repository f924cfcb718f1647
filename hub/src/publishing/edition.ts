/**
 * Makes an edition: the plan's rows in the engine, the check on these very rows, its files kept by content and sealed, its table. An
 * edition that does not pass is held and told; what is open stays. Broken off at any point it begins again and nothing was promised.
 */
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { AnyTables } from '../platform/db/index.ts';
import type { JobKind } from '../platform/jobs/index.ts';
import { type LakeSession, literal } from '../platform/lake/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { type XlsxCell, xlsx } from '../platform/sheet/index.ts';
import { entryToOpen } from './build.ts';
import { type Examined, examine, type Verdict } from './check/check.ts';
import { type EditionFile, type EditionRow, editionsOf, tableOf } from './editions.ts';
import { named } from './generalise.ts';
import type { OpenField } from './plan.ts';
import { openChanged, type PublishingPorts } from './ports.ts';
import { failed } from './problems.ts';
import { type DatasetRow, datasetOf, keepStep, latestCheck, overrules, standing } from './store.ts';

export const CHECK = 'open.check';
export const EDITION = 'open.edition';
/** Rows of a workbook. */
export const XLSX_ROWS = 100_000;

/** The day after a day by which a dataset is renewed; null: never. */
export function nextDay(cycle: string, day: string): string | null {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number];
  const months = { monthly: 1, quarterly: 3, yearly: 12 }[cycle];
  if (months) {
    const last = new Date(Date.UTC(y, m - 1 + months + 1, 0)).getUTCDate();
    return new Date(Date.UTC(y, m - 1 + months, Math.min(d, last))).toISOString().slice(0, 10);
  }
  const days = { daily: 1, weekly: 7 }[cycle];
  return days ? new Date(Date.UTC(y, m - 1, d + days)).toISOString().slice(0, 10) : null;
}

/** What the check of a dataset is given now. */
async function examined(ports: PublishingPorts, d: DatasetRow): Promise<Examined> {
  const earlier = (await editionsOf(ports.db.kysely, d.id)).filter((e) => e.opened_at !== null);
  const siblings = await sql<{ title: { zh: string; en: string } }>`SELECT title FROM publishing.dataset
    WHERE entry = ${d.entry} AND id <> ${d.id} AND state IN ('open', 'opening') LIMIT 20`.execute(ports.db.kysely);
  return {
    ...{ plan: d.plan, shared: entryToOpen(ports, d.entry), earlier, siblings: siblings.rows.map((r) => r.title) },
    overruled: new Set((await overrules(ports.db.kysely, d.id)).map((o) => o.finding)),
    leastGroup: ports.rules.k,
  };
}

/** Asks for a check of a dataset as it stands. Answers its id. */
export async function askCheck(
  ports: PublishingPorts,
  d: DatasetRow,
  by: string | null,
  trx: Kysely<AnyTables>,
): Promise<number> {
  const made = await sql<{
    id: number;
  }>`INSERT INTO publishing.check_run (dataset, revision, state, renewal, asked_by, asked_at)
    VALUES (${d.id}, ${d.revision}, 'running', false, ${by}, ${ports.clock.now()}) RETURNING id`.execute(trx);
  const { id } = made.rows[0]!;
  await ports.jobs.submit(CHECK, { check: id }, { unique: `check-${id}`, trx });
  return id;
}

/** Asks for an edition. Answers its id, or null where one is being made. */
export async function askEdition(
  ports: PublishingPorts,
  d: DatasetRow,
  trx: Kysely<AnyTables>,
): Promise<number | null> {
  const last = await sql<{ number: number; making: boolean }>`SELECT coalesce(max(number), 0)::int AS number,
    coalesce(bool_or(state = 'making'), false) AS making FROM publishing.edition WHERE dataset = ${d.id}`.execute(trx);
  const { number, making } = last.rows[0]!;
  if (making) return null;
  const made = await sql<{ id: number }>`INSERT INTO publishing.edition (dataset, number, state, made_at)
    VALUES (${d.id}, ${number + 1}, 'making', ${ports.clock.now()}) RETURNING id`.execute(trx);
  const { id } = made.rows[0]!;
  await ports.jobs.submit(EDITION, { edition: id }, { unique: `edition-${id}`, trx });
  return id;
}

/** The job of a check alone: nothing is kept but what it says. */
export function checkJob(ports: PublishingPorts): JobKind<{ check: number }> {
  return {
    ...{ kind: CHECK, title: { zh: '开放前审查', en: 'Check before opening' }, lane: 'open' },
    params: z.object({ check: z.number().int() }),
    async run({ signal }, { check }) {
      const found = await sql<{ dataset: number; revision: number; state: string }>`
        SELECT dataset, revision, state FROM publishing.check_run WHERE id = ${check}`.execute(ports.db.kysely);
      const row = found.rows[0];
      if (row?.state !== 'running') return {};
      const d = await datasetOf(ports.db.kysely, row.dataset, null);
      try {
        const given = await examined(ports, d);
        const verdict = await ports.lake.session((s) => examine(s, ports, given, signal).finally(() => clear(s)));
        await sql`UPDATE publishing.check_run SET state = 'done', findings = ${JSON.stringify(verdict.findings)}::jsonb,
          facts = ${JSON.stringify(verdict.facts)}::jsonb, ended_at = ${ports.clock.now()} WHERE id = ${check}`.execute(
          ports.db.kysely,
        );
        return { findings: verdict.findings.length };
      } catch (error) {
        // A hub that stops begins again; anything else ends the check, so that another can be asked for.
        if (signal.aborted) throw error;
        const problem = error instanceof Problem ? error : new Problem(failed);
        await sql`UPDATE publishing.check_run SET state = 'failed', problem = ${JSON.stringify(problem.toJSON())}::jsonb,
          ended_at = ${ports.clock.now()} WHERE id = ${check}`.execute(ports.db.kysely);
        if (problem !== error) throw error;
        return { problem: problem.kind.code };
      }
    },
  };
}

const clear = async (s: LakeSession): Promise<void> => {
  for (const name of ['stage', 'out', 'cells']) await s.run(`DROP TABLE IF EXISTS temp.${name}`);
};

/** The job of an edition. */
export function editionJob(ports: PublishingPorts): JobKind<{ edition: number }> {
  return {
    ...{ kind: EDITION, title: { zh: '制作开放数据版本', en: 'Make an edition of open data' }, lane: 'open' },
    params: z.object({ edition: z.number().int() }),
    async run({ signal }, { edition: id }) {
      const found =
        await sql<EditionRow>`SELECT id, dataset, number, state FROM publishing.edition WHERE id = ${id}`.execute(
          ports.db.kysely,
        );
      const edition = found.rows[0];
      if (edition?.state !== 'making') return { state: edition?.state ?? 'gone' };
      const d = await datasetOf(ports.db.kysely, edition.dataset, null);
      try {
        const given = await examined(ports, d);
        const let_ = await overrules(ports.db.kysely, d.id);
        const made = await ports.lake.write('publishing', async (s) => {
          const verdict = await examine(s, ports, given, signal);
          const left = standing(verdict.findings, let_);
          const kept = left.length === 0 ? await write(s, ports, edition, d, verdict, given.earlier[0]) : null;
          await clear(s);
          return { verdict, left, kept };
        });
        signal.throwIfAborted();
        await (made.kept ? finish(ports, edition, d, made.verdict, made.kept) : hold(ports, edition, d, made.verdict));
        await ports.bus.emit(openChanged, { dataset: d.id });
        return { rows: made.verdict.facts.rows, held: made.left.length };
      } catch (error) {
        if (!signal.aborted) await fail(ports, edition, d, error instanceof Problem ? error : new Problem(failed));
        throw error;
      }
    },
  };
}

interface Written {
  files: Omit<EditionFile, 'seal'>[];
  changes: { added: number; removed: number } | null;
}

async function write(
  s: LakeSession,
  ports: PublishingPorts,
  edition: EditionRow,
  d: DatasetRow,
  { built }: Verdict,
  before: EditionRow | undefined,
): Promise<Written> {
  const columns = named(built.fields.map((f) => f.name));
  const table = tableOf(edition.id);
  await s.run(`CREATE OR REPLACE TABLE ${table} AS SELECT _id, ${columns} FROM out ORDER BY _id`);
  const folder = join(ports.folders.data, 'publishing');
  mkdirSync(folder, { recursive: true });
  const files: Written['files'] = [];
  const formats = [
    'csv',
    'parquet',
    'json',
    'ndjson',
    ...(built.rows <= XLSX_ROWS ? (['xlsx'] as const) : []),
  ] as const;
  for (const format of formats) {
    const path = join(folder, `${edition.id}.${format}`);
    try {
      const select = `SELECT ${columns} FROM ${table} ORDER BY _id`;
      if (format === 'xlsx') {
        const book = xlsx(
          d.title.zh,
          built.fields.map((f) => f.title.zh + (f.unit ? `（${f.unit}）` : '')),
          cells(s, select, built.fields),
        );
        await pipeline(Readable.from(book), createWriteStream(path));
      } else await s.run(`COPY (${select}) TO ${literal(path)} (${OPTIONS[format]})`);
      const kept = await ports.blobs.put(createReadStream(path) as AsyncIterable<Uint8Array>);
      files.push({ format, sha256: kept.sha256, bytes: kept.bytes });
    } finally {
      rmSync(path, { force: true });
    }
  }
  return { files, changes: await changesOf(s, table, built.fields, before) };
}

const OPTIONS = {
  csv: 'FORMAT csv, HEADER',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  json: 'FORMAT json, ARRAY true',
  ndjson: 'FORMAT json, ARRAY false',
} as const;

async function* cells(s: LakeSession, select: string, fields: readonly OpenField[]): AsyncGenerator<XlsxCell[]> {
  for await (const batch of s.stream(select))
    for (const row of batch)
      yield fields.map((f) => {
        const v = row[f.name];
        if (v === null || v === undefined) return null;
        return f.type === 'integer' || f.type === 'decimal' ? { number: String(v) } : String(v);
      });
}

/** Rows that came and went since the edition before, where both have the same columns. */
async function changesOf(s: LakeSession, table: string, fields: readonly OpenField[], before: EditionRow | undefined) {
  if (!before || fields.map((f) => f.name).join() !== before.fields.map((f) => f.name).join()) return null;
  const all = named(fields.map((f) => f.name));
  const count = async (a: string, b: string) =>
    Number(
      (await s.first<{ n: number }>(
        `SELECT count(*) AS n FROM (SELECT ${all} FROM ${a} EXCEPT ALL SELECT ${all} FROM ${b})`,
      ))!.n,
    );
  return { added: await count(table, tableOf(before.id)), removed: await count(tableOf(before.id), table) };
}

async function keepCheck(trx: Kysely<AnyTables>, d: DatasetRow, v: Verdict, at: Date): Promise<number> {
  const kept = await sql<{ id: number }>`INSERT INTO publishing.check_run
      (dataset, revision, state, renewal, findings, facts, asked_at, ended_at)
    VALUES (${d.id}, ${d.revision}, 'done', true, ${JSON.stringify(v.findings)}::jsonb, ${JSON.stringify(v.facts)}::jsonb, ${at}, ${at})
    RETURNING id`.execute(trx);
  return kept.rows[0]!.id;
}

async function finish(ports: PublishingPorts, e: EditionRow, d: DatasetRow, v: Verdict, w: Written): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    const now = await datasetOf(trx, d.id, null, true);
    // Withdrawn or suspended meanwhile: what was made is not opened.
    const stands = now.state === 'opening' || now.state === 'open';
    const files: EditionFile[] = [];
    for (const f of w.files) {
      const title = {
        zh: `开放数据：${d.title.zh}（第 ${e.number} 版，${f.format}）`,
        en: `Open data: ${d.title.en} (edition ${e.number}, ${f.format})`,
      };
      const facts = { rows: v.facts.rows, format: f.format, dataset: d.slug };
      const imprint = new Uint8Array([1, ...Buffer.from(f.sha256, 'hex')]);
      const subject = `open/${d.slug}/${e.number}/${f.format}`;
      files.push({
        ...f,
        seal: await ports.seal.request({ kind: 'file', subject, title, organisation: d.provider, imprint, facts }, trx),
      });
    }
    const check = await keepCheck(trx, d, v, at);
    const state = stands ? 'open' : 'held';
    await sql`UPDATE publishing.edition SET state = ${state}, rows = ${v.facts.rows}, fields = ${JSON.stringify(v.built.fields)}::jsonb,
      files = ${JSON.stringify(files)}::jsonb, changes = ${w.changes && JSON.stringify(w.changes)}::jsonb, check_run = ${check},
      opened_at = ${stands ? at : null} WHERE id = ${e.id} AND state = 'making'`.execute(trx);
    if (!stands) return;
    await sql`UPDATE publishing.dataset SET state = 'open', edition = ${e.id}, reason = NULL, version = version + 1,
      next_day = ${nextDay(d.plan.cycle, cityDay(at))}::date, opened_at = coalesce(opened_at, ${at}), ended_at = NULL
      WHERE id = ${d.id}`.execute(trx);
    await keepStep(trx, d, {
      action: now.state === 'open' ? 'renewed' : 'opened',
      from: now.state,
      to: 'open',
      p: null,
      comment: `#${e.number}`,
      at,
    });
    await audit(ports, trx, d, 'open.edition', 'ok', { edition: e.number, rows: v.facts.rows });
  });
}

async function hold(ports: PublishingPorts, e: EditionRow, d: DatasetRow, v: Verdict): Promise<void> {
  const at = ports.clock.now();
  const n = standing(v.findings, await overrules(ports.db.kysely, d.id)).length;
  const reason = {
    zh: `第 ${e.number} 版未通过开放前审查（${n} 项），未发布。`,
    en: `Edition ${e.number} did not pass the check (${n} findings) and is held back.`,
  };
  await ports.db.tx(async (trx) => {
    const check = await keepCheck(trx, d, v, at);
    await sql`UPDATE publishing.edition SET state = 'held', check_run = ${check} WHERE id = ${e.id}`.execute(trx);
    await back(ports, trx, d, reason, 'held', at);
  });
}

async function fail(ports: PublishingPorts, e: EditionRow, d: DatasetRow, problem: Problem): Promise<void> {
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await sql`UPDATE publishing.edition SET state = 'failed' WHERE id = ${e.id}`.execute(trx);
    await back(ports, trx, d, problem.toJSON().title, 'edition-failed', at);
  });
}

/** What was to be opened waits again; what is open stays open with its earlier edition. */
async function back(
  ports: PublishingPorts,
  trx: Kysely<AnyTables>,
  d: DatasetRow,
  reason: { zh: string; en: string },
  action: string,
  at: Date,
) {
  const now = await datasetOf(trx, d.id, null, true);
  const to = now.state === 'opening' ? 'agreed' : now.state;
  const next = to === 'open' ? nextDay(d.plan.cycle, cityDay(at)) : null;
  await sql`UPDATE publishing.dataset SET state = ${to}, reason = ${JSON.stringify(reason)}::jsonb, version = version + 1,
    next_day = ${next}::date WHERE id = ${d.id}`.execute(trx);
  await keepStep(trx, d, { action, from: now.state, to, p: null, comment: reason.zh, at });
  await audit(ports, trx, d, `open.${action}`, 'refused', {});
}

const audit = (
  ports: PublishingPorts,
  trx: Kysely<AnyTables>,
  d: DatasetRow,
  action: string,
  outcome: 'ok' | 'refused',
  detail: Record<string, unknown>,
) => ports.audit.append({ actor: null, action, object: `open-dataset/${d.id}`, outcome, detail }, trx);

export { latestCheck };
