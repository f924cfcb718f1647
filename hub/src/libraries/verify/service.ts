/** What the routes of verification answer with: verifications, their rows to correct, the delivery for the department. */

import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf, type SourceField } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { ident, literal } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { sealedStream } from '../../platform/seal/index.ts';
import { csvFile } from '../../platform/sheet/index.ts';
import { receivedTable, Shower } from '../../refinery/index.ts';
import type { caseBody, raiseBody, rowItem, rowsQuery, verification } from './api.ts';
import { raise } from './corrections/index.ts';
import { tooMany } from './corrections/problems.ts';
import { csvSql, headersOf } from './files.ts';
import { plainFile, scratchOf } from './job.ts';
import { type Columns, fieldsOf, outcomes, outcomeTitles, type VerifySubject } from './outcome.ts';
import { notWhole, rowUnknown, sourceUnfit } from './problems.ts';
import { oneVerification, type Verification } from './store.ts';

export type VerifyPorts = Pick<
  Deps,
  'lake' | 'db' | 'audit' | 'vault' | 'clock' | 'blobs' | 'folders' | 'log' | 'seal' | 'notices'
>;

/** A verification as people see it. */
export function shown(v: Verification): z.input<typeof verification> {
  return {
    ...{ id: v.id, title: v.title, subject: v.subject, organisation: v.organisation, by: v.by_login },
    ...{ at: v.at.toISOString(), fileName: v.file_name, source: v.source, run: v.run, columns: v.columns },
    ...{ state: v.state, job: v.job, problem: v.problem, received: v.counts?.received ?? null },
    counts: v.counts ? outcomes.map((o) => ({ outcome: o, title: outcomeTitles[o], rows: v.counts![o] })) : [],
    finished: v.finished?.toISOString() ?? null,
  };
}

/** The columns of a source that a subject is verified by: by the declared formats of its fields. */
export function columnsOfSource(
  deps: Pick<Deps, 'lake'>,
  source: string,
): { subject: VerifySubject; columns: Columns } {
  const d = catalogueOf(deps.lake).sources.get(source)?.declaration;
  if (!d) throw new Problem(sourceUnfit, { source });
  const first = (test: (f: SourceField) => boolean) => d.fields.find(test)?.name;
  const person = d.subject === 'natural-person';
  const found = person
    ? {
        number: first((f) => f.format === 'citizen-id'),
        name: first((f) => f.format === 'person-name'),
        birth: first((f) => f.type === 'date' && /birth/.test(f.name)),
        sex: first((f) => f.name === 'sex'),
        address: first((f) => f.format === 'address'),
      }
    : {
        number: first((f) => f.role === 'uscc'),
        name: first((f) => f.role === 'name'),
        established: first((f) => f.golden === 'established'),
        representative: first((f) => f.role === 'person'),
        address: first((f) => f.role === 'address'),
      };
  const columns = Object.fromEntries(Object.entries(found).filter((e): e is [string, string] => e[1] !== undefined));
  if (!columns.number && !columns.name) throw new Problem(sourceUnfit, { source });
  return { subject: person ? 'person' : 'legal-person', columns };
}

interface Case extends Record<string, unknown> {
  row: number;
  state: 'open' | 'department' | 'library' | 'settled';
  comment: string | null;
  by_login: string;
  at: Date;
}
interface RowRow extends Record<string, unknown> {
  row: number;
  outcome: (typeof outcomes)[number];
  entity: number | null;
  differs: number;
  candidates: number;
  name: string | null;
}

const named = { person: 'v.person_v1', 'legal-person': 'v.legal_person_v1' } as const;

async function itemsOf(
  ports: VerifyPorts,
  v: Verification,
  principal: Principal,
  where: string,
  params: Record<string, number | readonly number[]>,
  tail: string,
): Promise<z.input<typeof rowItem>[]> {
  const rows = await ports.lake.query<RowRow>(
    `SELECT r.*, s.name FROM (SELECT row, outcome, entity, differs, candidates FROM v.verification_row_v1
       WHERE verification = $id AND ${where} ORDER BY row ${tail}) r
     LEFT JOIN ${named[v.subject]} s ON s.entity = r.entity ORDER BY r.row`,
    { id: v.id, ...params },
  );
  const cases = await ports.db.query<Case>(
    'SELECT row, state, comment, by_login, at FROM libraries.verification_case WHERE verification = $1 AND row = ANY($2::int[])',
    [v.id, rows.map((r) => r.row)],
  );
  const byRow = new Map(cases.map((c) => [c.row, c]));
  const shower = new Shower(principal, ports.vault);
  // What the library knows of somebody is the library's: a department that verifies its list sees it as its role may.
  const guard = { level: 'important' as const, owner: '' };
  const field = v.subject === 'person' ? { protection: 'personal', format: 'person-name' } : { protection: 'public' };
  const items = rows.map((r) => {
    const c = byRow.get(r.row);
    return {
      ...{
        row: r.row,
        outcome: r.outcome,
        title: outcomeTitles[r.outcome],
        candidates: r.candidates,
        entity: r.entity,
      },
      differs: fieldsOf(v.subject, r.differs).map((f) => ({ field: f.name, title: f.title })),
      name: shower.cell(guard, field as never, r.name),
      ...{ state: c?.state ?? ('open' as const), comment: c?.comment ?? null, by: c?.by_login ?? null },
      at: c?.at.toISOString() ?? null,
    };
  });
  await shower.settle(ports.audit, `verification:${v.id}`);
  return items;
}

/** Rows that need a correction, a page of them. */
export async function rows(ports: VerifyPorts, id: number, query: z.output<typeof rowsQuery>, principal: Principal) {
  const v = await oneVerification(ports.db, id, principal);
  if (v.state !== 'done') throw new Problem(notWhole);
  const where = [query.outcome ? `outcome = ${literal(query.outcome)}` : `outcome <> 'agreed'`];
  const params: Record<string, number | readonly number[]> = {};
  if (query.state) {
    const open = query.state === 'open';
    const found = await ports.db.query<{ row: number }>(
      `SELECT row FROM libraries.verification_case WHERE verification = $1 AND state ${open ? '<>' : '='} $2 LIMIT 200000`,
      [id, query.state],
    );
    if (found.length) {
      params.rows = found.map((r) => r.row);
      where.push(`row ${open ? 'NOT IN' : 'IN'} (SELECT unnest($rows::INTEGER[]))`);
    } else if (!open) where.push('false');
  }
  const condition = where.join(' AND ');
  const total = await ports.lake.first<{ n: number }>(
    `SELECT count(*) AS n FROM v.verification_row_v1 WHERE verification = $id AND ${condition}`,
    { id, ...params },
  );
  const tail = `LIMIT ${query.size} OFFSET ${(query.page - 1) * query.size}`;
  return { items: await itemsOf(ports, v, principal, condition, params, tail), total: total!.n };
}

/** Says how a row's correction stands; kept with its audit entry or not at all. */
export async function correct(
  ports: VerifyPorts,
  id: number,
  row: number,
  body: z.output<typeof caseBody>,
  principal: Principal,
) {
  const v = await oneVerification(ports.db, id, principal);
  const [item] = await itemsOf(ports, v, principal, `row = $row AND outcome <> 'agreed'`, { row }, 'LIMIT 1');
  if (!item) throw new Problem(rowUnknown);
  const at = ports.clock.now();
  const comment = body.comment || null;
  const { login, organisation } = principal;
  // What the library is said to have wrong is its sources' to answer; what was asked before is not asked again.
  const doubts = body.state === 'library' ? doubtsOf(v, { ...item, differs: item.differs.map((d) => d.field) }) : [];
  if (doubts.length) await raise(ports, v.subject, doubts, comment, principal);
  await ports.db.tx(async (trx) => {
    await sql`INSERT INTO libraries.verification_case (verification, row, outcome, entity, state, comment, by_login, organisation, at)
      VALUES (${id}, ${row}, ${item.outcome}, ${item.entity}, ${body.state}, ${comment}, ${login}, ${organisation}, ${at})
      ON CONFLICT (verification, row) DO UPDATE SET state = EXCLUDED.state, comment = EXCLUDED.comment,
        by_login = EXCLUDED.by_login, organisation = EXCLUDED.organisation, at = EXCLUDED.at`.execute(trx);
    await ports.audit.append(
      {
        ...{ actor: principal, action: 'verify.correct', object: `verification/${id}/${row}`, outcome: 'ok' },
        detail: { state: body.state, outcome: item.outcome },
      },
      trx,
    );
  });
  return { ...item, state: body.state, comment, by: login, at: at.toISOString() };
}

/** What of a row is in doubt: each field that differs, how the entity stands, or whether there is such a record at all. */
function doubtsOf(
  v: Pick<Verification, 'id'>,
  r: { row: number; outcome: (typeof outcomes)[number]; entity: number | null; differs: readonly string[] },
) {
  const gone = r.outcome === 'deceased' || r.outcome === 'moved' || r.outcome === 'closed';
  const none = r.outcome === 'unknown' || r.outcome === 'ambiguous';
  const named = [...(gone ? ['status'] : []), ...(none ? ['record'] : []), ...r.differs];
  return named.map((field) => ({
    from: { verification: v.id, row: r.row },
    ...{ entity: r.entity, field, outcome: r.outcome },
  }));
}

/** Rows that are sent to the departments of the sources at a time. */
const SENT = 10_000;

/** Asks the departments of the sources about all rows of an outcome (or all that do not agree) at once. */
export async function raiseRows(
  ports: VerifyPorts,
  id: number,
  body: z.output<typeof raiseBody>,
  principal: Principal,
) {
  const v = await oneVerification(ports.db, id, principal);
  if (v.state !== 'done') throw new Problem(notWhole);
  const which = body.outcome ? `outcome = ${literal(body.outcome)}` : `outcome NOT IN ('agreed', 'incomplete')`;
  const found = await ports.lake.query<RowRow>(
    `SELECT row, outcome, entity, differs FROM v.verification_row_v1 WHERE verification = $id AND ${which} ORDER BY row LIMIT ${SENT + 1}`,
    { id },
  );
  if (found.length > SENT) throw new Problem(tooMany, { max: SENT });
  const doubts = found.flatMap((r) =>
    doubtsOf(v, { ...r, differs: fieldsOf(v.subject, r.differs).map((f) => f.name) }),
  );
  const comment = body.comment || null;
  const answer = await raise(ports, v.subject, doubts, comment, principal);
  const { login, organisation } = principal;
  const rows = found.map((r) => ({ row: r.row, outcome: r.outcome, entity: r.entity }));
  await sql`INSERT INTO libraries.verification_case (verification, row, outcome, entity, state, comment, by_login, organisation, at)
    SELECT ${id}, x.row, x.outcome, x.entity, 'library', ${comment}, ${login}, ${organisation}, ${ports.clock.now()}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(row integer, outcome text, entity bigint)
    ON CONFLICT (verification, row) DO NOTHING`.execute(ports.db.kysely);
  return answer;
}

/** What departments say the library has wrong: for data stewards to review. */
export async function reviews(ports: Pick<VerifyPorts, 'db'>) {
  const found = await ports.db.query<Record<string, unknown> & { at: Date }>(
    `SELECT c.verification, v.title, v.subject, v.organisation, c.row, c.outcome, c.entity, c.comment, c.by_login AS by, c.at
     FROM libraries.verification_case c JOIN libraries.verification v ON v.id = c.verification
     WHERE c.state = 'library' ORDER BY c.at LIMIT 500`,
  );
  return { items: found.map((r) => ({ ...r, at: r.at.toISOString() })) as never };
}

/**
 * The delivery: the department's own rows as it sent them (an upload) or their place and business key (a run of a source), and
 * beside them what came of each, as a code and in words. Needs a purpose, since an upload holds identity numbers.
 */
export async function delivery(ports: VerifyPorts, id: number, principal: Principal, purpose: string) {
  const v = await oneVerification(ports.db, id, principal);
  if (v.state !== 'done') throw new Problem(notWhole);
  const audit = (detail: Record<string, unknown>) =>
    ports.audit.append({
      ...{ actor: principal, action: 'verify.deliver', object: `verification/${id}`, purpose, outcome: 'ok', detail },
    });
  await audit({ phase: 'begun', received: v.counts!.received });
  const folder = scratchOf(ports, `${id}-${randomUUID()}`);
  async function* lines(): AsyncGenerator<(string | null)[]> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let n = 0;
    try {
      const { from, columns } = await ownRows(ports, v, folder);
      yield [...columns, '校核结果代码', '校核结果', '不一致的项'];
      const cells = columns.map((c, i) => `o.${ident(c)} AS c${i}`);
      const stream = ports.lake.stream<Record<string, unknown> & { outcome: number; differs: number }>(
        `SELECT ${[...cells, 'r.outcome', 'r.differs'].join(', ')} FROM ${from} o
         JOIN (SELECT row, outcome, differs FROM vfy.row WHERE verification = ${v.id}) r ON r.row = o."#row" ORDER BY r.row`,
      );
      for await (const batch of stream)
        for (const r of batch) {
          n += 1;
          const o = outcomes[r.outcome - 1]!;
          const own = columns.map((_, i) => (r[`c${i}`] === null ? null : String(r[`c${i}`])));
          const names = fieldsOf(v.subject, r.differs).map((f) => f.title.zh);
          yield [...own, o, outcomeTitles[o].zh, names.join('、')];
        }
      await audit({ phase: 'ended', rows: n });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const subject = {
    kind: 'delivery' as const,
    subject: `${id}/${randomUUID()}`,
    title: { zh: `校核结果交付：第 ${id} 次`, en: `Delivery of verification ${id}` },
    organisation: v.organisation,
    facts: { verification: id, rows: v.counts!.received },
  };
  const chunks = sealedStream(ports.seal, subject, csvFile(lines()));
  return { chunks, filename: `${v.title}-校核结果.csv`, contentType: 'text/csv; charset=utf-8' };
}

async function ownRows(
  ports: VerifyPorts,
  v: Verification,
  folder: string,
): Promise<{ from: string; columns: string[] }> {
  if (v.blob) {
    const path = await plainFile(ports, v, folder);
    const columns = await ports.lake.session((s) => headersOf(s, path));
    return { from: `(SELECT row_number() OVER ()::INTEGER AS "#row", * FROM ${csvSql(path, false)})`, columns };
  }
  const d = catalogueOf(ports.lake).sources.get(v.source!)?.declaration;
  if (!d) throw new Problem(sourceUnfit, { source: v.source });
  // Sensitive fields are tokens here and of no use to the department: the business key names its row.
  const open = d.fields.filter((f) => d.key.includes(f.name) && f.protection !== 'sensitive').map((f) => f.name);
  const from = `(SELECT _row AS "#row", _row AS "行号", ${open.map(ident).join(', ') || 'NULL AS "-"'} FROM ${receivedTable(d.id)} WHERE _run = ${v.run!})`;
  return { from, columns: ['行号', ...open] };
}
