/**
 * The hub of bench/erasure-kill.ts in a process of its own, on a folder.
 *
 *   prepare <data> <root> <at>   a city with a person in thirty classes, two deliveries out, a matter that waits for its approval
 *   run <data> <root> <at>       approves it where nobody has, waits until it is carried out, and tells what the folder is then
 */
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { catalogueOf } from '../hub/src/catalogue/index.ts';
import type { MatterView } from '../hub/src/erasure/index.ts';
import {
  type City,
  encodings,
  filesBelow,
  other,
  person,
  security,
  standsIn,
  startCity,
  steward,
} from '../hub/src/erasure-city.ts';
import { checkExchange } from '../hub/src/exchange/index.ts';
import { GoingClock, who } from '../hub/src/hub-testing.ts';
import { ident } from '../hub/src/platform/lake/index.ts';

const [what, data, root, at] = process.argv.slice(2) as [string, string, string, string];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const people = [other(0), person, other(1), other(2), other(3), other(4), other(5)];

async function prepare(city: City): Promise<void> {
  await city.deliver(people, 1);
  await city.deliver(people, 2);
  for (const [i, to] of ['rsj', 'sw'].entries()) {
    const id = await city.grant(`gaj.class-${i + 1}`, to);
    await city.call('POST', '/sharing/shares/{id}/deliveries', who('data-officer', 'gaj'), {
      params: { id },
      body: { kind: 'full', format: i === 0 ? 'csv' : 'parquet' },
    });
    await city.jobs();
  }
  // What was refused lies in the inbox as it came.
  const refused = join(data, 'inbox', 'gaj', 'class-1', 'refused');
  mkdirSync(refused, { recursive: true });
  writeFileSync(join(refused, 'a.csv'), `nm,id_no\n${person.name},${person.number}\n`);
  const body = { number: person.number, ground: 'request', document: '申请〔2026〕1号', received: '2026-11-03' };
  const { id } = await city.call<{ id: number }>('POST', '/erasure/matters', steward, { body });
  await city.jobs();
  await city.call('POST', '/erasure/matters/{id}/proposal', steward, {
    params: { id },
    body: { decisions: [{ source: 'gaj.class-25', action: 'delete', reason: '保存期限已满' }] },
  });
}

const matterOf = async (city: City): Promise<MatterView> => {
  const { items } = await city.call<{ items: { id: number }[] }>('GET', '/erasure/matters', steward);
  return city.call<MatterView>('GET', '/erasure/matters/{id}', steward, { params: { id: items[0]!.id } });
};

async function run(city: City): Promise<void> {
  const m = await matterOf(city);
  const params = { id: m.id };
  if (m.state === 'proposed') await city.call('POST', '/erasure/matters/{id}/approval', security, { params });
  say('approved');
  await city.jobs();
  for (let n = 0; (await matterOf(city)).state === 'running' && n < 5; n++) {
    // A job that was cut off too often ends: a person goes on.
    say('resumed');
    await city.call('POST', '/erasure/matters/{id}/resumption', steward, { params });
    await city.jobs();
  }
  say(`done ${JSON.stringify(await stateOf(city))}`);
}

/** What the folder is, without instants and without what counts attempts. */
async function stateOf(city: City): Promise<Record<string, unknown>> {
  const { lake, db, deps } = city.app;
  const m = await matterOf(city);
  const { rows } = await sql<{ text: string }>`SELECT text FROM erasure.certificate WHERE revision = 1`.execute(
    db.kysely,
  );
  const { deleted, kept, vault, receivers, searched } = JSON.parse(rows[0]?.text ?? '{}') as Record<string, unknown>;
  const tables: Record<string, string> = {};
  const columns = await lake.query<{ t: string; c: string; k: string }>(
    `SELECT schema_name || '.' || table_name AS t, column_name AS c, data_type AS k FROM duckdb_columns()
     WHERE NOT internal AND schema_name IN ('raw', 'ex', 'lib', 'rf', 'thm', 'lst', 'vfy', 'gw', 'sub', 'dlv')
       AND (schema_name || '.' || table_name) IN (SELECT schema_name || '.' || table_name FROM duckdb_tables()) ORDER BY 1, 2`,
  );
  for (const t of new Set(columns.map((c) => c.t))) {
    if (ACCOUNTS.has(t)) continue;
    const own = columns.filter((c) => c.t === t && !c.k.startsWith('TIMESTAMP') && !COUNTS.has(c.c));
    const [schema, name] = t.split('.') as [string, string];
    const of = own.map((c) => (c.k === 'BLOB' ? `hex(${ident(c.c)})` : ident(c.c))).join(', ');
    const all = await lake.query<{ r: string }>(
      `SELECT ROW(${of})::VARCHAR AS r FROM ${ident(schema)}.${ident(name)} ORDER BY 1`,
    );
    tables[t] = `${all.length} ${createHash('sha256')
      .update(all.map((r) => r.r).join('\n'))
      .digest('hex')
      .slice(0, 16)}`;
  }
  const needles = [person.name, person.number, person.phone, person.address].flatMap(encodings);
  const files = filesBelow(data).filter((p) => !p.startsWith(join(data, 'pg')));
  const blobs = filesBelow(join(data, 'blobs')).map((p) =>
    p
      .slice(join(data, 'blobs').length + 1)
      .replace('/', '')
      .replace('.sealed', ''),
  );
  const found: string[] = [];
  for (const address of blobs) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of deps.blobs.get(address)) chunks.push(chunk);
    const plain = Buffer.concat(chunks);
    // What is packed (Parquet) shows its texts no less: the city's values are too short to be compressed away.
    if (needles.some((n) => plain.includes(n))) found.push(address);
  }
  const check = await checkExchange(lake, catalogueOf(lake), { trees: true });
  const duties = await sql<{
    requester: string;
    records: string[];
  }>`SELECT requester, records FROM sharing.erasure_duty ORDER BY 1`.execute(db.kysely);
  return {
    state: m.state,
    problem: m.problem,
    steps: m.steps.length,
    certificates: rows.length,
    certificate: {
      deleted,
      kept,
      vault,
      searched,
      receivers: (receivers as { organisation: unknown; records: number }[]).map((r) => [r.organisation, r.records]),
    },
    tables,
    blobs: blobs.sort(),
    left: [...standsIn(files, needles).map((p) => p.slice(data.length)), ...found],
    faults: check.problems.map((p) => p.message),
    duties: duties.rows,
  };
}

/** Columns that count integrations and attempts. */
const COUNTS = new Set(['integration', 'made_in', 'first_run', 'last_run', 'name']);
/** The refinery's own account of how often and how long it integrated. */
const ACCOUNTS = new Set(['rf.integration', 'rf.step']);

if (what === 'prepare') {
  const city = await startCity(new GoingClock(at), { embedded: true, data });
  symlinkSync(city.root, root);
  await prepare(city);
  await city.stop();
} else {
  const city = await startCity(new GoingClock(at), { embedded: true, data, root });
  say('started');
  await run(city);
  await city.stop();
}
process.exit(0);
