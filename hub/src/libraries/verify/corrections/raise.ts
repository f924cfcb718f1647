/**
 * Raises corrections: each field in doubt becomes a matter of the department whose source the library's value is of, with a
 * deadline of ten working days. What was raised before is not raised again.
 */
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { catalogueOf } from '../../../catalogue/index.ts';
import type { Principal } from '../../../platform/auth/principal.ts';
import type { AnyTables } from '../../../platform/db/index.ts';
import type { Lake } from '../../../platform/lake/index.ts';
import { cityDay } from '../../../platform/law/index.ts';
import { Problem } from '../../../platform/problem.ts';
import type { Deps } from '../../../platform/room.ts';
import { baseLibraries, byName } from '../../base/index.ts';
import type { VerifySubject } from '../outcome.ts';
import { correctionDue } from './clock.ts';
import { nothingToRaise } from './problems.ts';

/** What may be in doubt of a subject: the field -> the attribute of the library that says it; null: the record itself. */
export const fields: Readonly<Record<VerifySubject, Readonly<Record<string, string | null>>>> = {
  person: {
    ...{ number: 'citizen', name: 'name', birth: 'birth', sex: 'sex', address: 'address', status: 'status' },
    ...{ division: 'division', record: null },
  },
  'legal-person': {
    ...{ number: 'uscc', name: 'name', established: 'established', representative: 'legal-representative' },
    ...{ address: 'address', status: 'status', record: null },
  },
};

/** Where a doubt was found: a row of a verification, or a member of a comparison list. */
export type RaisedFrom = { verification: number; row: number } | { list: string };

/** One doubt. */
export interface Doubt {
  from: RaisedFrom;
  entity: number | null;
  field: string;
  outcome: string | null;
}

/** What became of doubts: sent now, or known already. */
export const raiseAnswer = z.object({ raised: z.number().int(), known: z.number().int() });

type Ports = Pick<Deps, 'lake' | 'db' | 'clock' | 'audit' | 'folders' | 'notices'>;

/** Tells the departments whose values are doubted: one notice for all that is asked of a department at once. */
export async function tellOwners(
  ports: Pick<Deps, 'notices'>,
  trx: Kysely<AnyTables>,
  made: readonly { id: number; owner: string }[],
): Promise<void> {
  for (const owner of new Set(made.map((m) => m.owner))) {
    const ids = made.filter((m) => m.owner === owner).map((m) => m.id);
    const first = Math.min(...ids);
    await ports.notices.tell(trx, {
      ...{ key: `correction.assigned/${first}`, kind: 'correction.assigned', link: '/corrections' },
      ...{
        to: [{ role: 'data-officer', organisation: owner }],
        about: `correction/${ids.length === 1 ? first : `${first}+`}`,
      },
      title: { zh: `有 ${ids.length} 条疑义数据待核查`, en: `${ids.length} doubted values to be checked` },
      text: {
        zh: `其他部门对本部门提供的 ${ids.length} 项数据提出疑义，请核查后答复。`,
        en: `Others doubt ${ids.length} values of your department: check them and answer.`,
      },
    });
  }
}

/** Whose value stands: the source and the fact that it is of. */
interface Holder {
  source: string;
  fact: bigint | number;
}

/** The sources of golden values: `entity field` -> whose it is. */
async function holdersOf(ports: Ports, subject: VerifySubject, doubts: readonly Doubt[]): Promise<Map<string, Holder>> {
  const of = fields[subject];
  const asked = doubts.filter((d) => d.entity !== null && of[d.field]);
  const out = new Map<string, Holder>();
  if (!asked.length) return out;
  const entities = [...new Set(asked.map((d) => d.entity!))];
  const named = [...new Set(asked.map((d) => d.field))];
  type Row = { entity: number; attribute: string | number; source: string; fact: bigint | number };
  const answer = (rows: Row[], field: (attribute: string | number) => string | undefined) => {
    for (const r of rows) {
      const f = field(r.attribute);
      if (f) out.set(`${r.entity} ${f}`, { source: r.source, fact: r.fact });
    }
  };
  if (subject === 'legal-person') {
    const rows = await claimsOf(
      ports.lake,
      entities,
      named.map((f) => of[f]!),
    );
    answer(rows, (a) => named.find((f) => of[f] === a));
    return out;
  }
  const library = byName(baseLibraries(ports.lake, ports.folders).libraries, 'person')?.declaration;
  if (!library) return out;
  // A key is the register's; who says the name is whom to ask about it.
  const place = (field: string) =>
    library.attributes.findIndex((a) => a.name === (of[field] === 'citizen' ? 'name' : of[field])) + 1;
  const rows = await ports.lake.query<Row>(
    `SELECT v.entity, v.attribute, c.source, v.fact FROM lib.base_value v JOIN v.class_v1 c ON c.class = v.class
     WHERE v.library = $library AND v.entity IN (SELECT unnest($entities::BIGINT[]))
       AND v.attribute IN (SELECT unnest($places::INTEGER[]))`,
    { library: library.number, entities, places: named.map(place) },
  );
  for (const field of named) answer(rows, (a) => (a === place(field) ? field : undefined));
  return out;
}

/** Whose values stand of some legal persons: of each attribute the claim of the most trusted source, among equals the latest. */
export const claimsOf = (lake: Pick<Lake, 'query'>, entities: number[], attributes: string[]) =>
  lake.query<{ entity: number; attribute: string; source: string; fact: bigint | number }>(
    `SELECT f.entity, f.attribute, c.source, f.fact
     FROM (SELECT entity, attribute, class, fact FROM v.legal_person_claim_v1
           WHERE ${entities.length === 1 ? 'entity = $entities[1]' : 'entity IN (SELECT unnest($entities::BIGINT[]))'} AND list_contains($attributes::VARCHAR[], attribute)
             AND clean AND closed_run IS NULL
           QUALIFY row_number() OVER (PARTITION BY entity, attribute ORDER BY rank, day DESC NULLS LAST, fact DESC) = 1) f
     JOIN v.class_v1 c ON c.class = f.class`,
    { entities, attributes },
  );

/** Who is asked where no value stands: the register of the subject; of several that are trusted alike the largest. */
async function registerOf(
  ports: Ports,
  subject: VerifySubject,
): Promise<{ source: string | null; owner: string | null }> {
  if (subject === 'person') {
    const library = byName(baseLibraries(ports.lake, ports.folders).libraries, 'person')?.declaration;
    const source = library?.sources.find((s) => s.register)?.source;
    return { source: source ?? null, owner: library?.owner ?? null };
  }
  const registers = [...catalogueOf(ports.lake).sources.values()]
    .map((s) => s.declaration)
    .filter((s) => s.register && s.subject !== 'natural-person');
  const best = Math.min(...registers.map((r) => r.rank));
  const trusted = registers.filter((r) => r.rank === best);
  const sizes = await ports.lake.query<{ source: string }>(
    `SELECT source FROM v.run_v1 WHERE list_contains($sources::VARCHAR[], source) GROUP BY source ORDER BY sum(accepted) DESC`,
    { sources: trusted.map((r) => r.id) },
  );
  const register = trusted.find((r) => r.id === sizes[0]?.source) ?? trusted[0];
  return { source: register?.id ?? null, owner: register?.owner ?? null };
}

/** Keeps doubts as corrections, with the beginning of their history and one entry of the audit, or none of it. */
export async function raise(
  ports: Ports,
  subject: VerifySubject,
  doubts: readonly Doubt[],
  comment: string | null,
  principal: Principal,
): Promise<z.output<typeof raiseAnswer>> {
  if (!doubts.length) throw new Problem(nothingToRaise);
  const holders = await holdersOf(ports, subject, doubts);
  const register = await registerOf(ports, subject);
  const { sources } = catalogueOf(ports.lake);
  const rows = doubts.map((d) => {
    const holder = holders.get(`${d.entity} ${d.field}`);
    const owner = holder ? sources.get(holder.source)?.declaration.owner : undefined;
    const { source, owner: keeper } = holder && owner ? { source: holder.source, owner } : register;
    const fact = holder && owner ? String(holder.fact) : null;
    const from = 'list' in d.from ? { list: d.from.list } : d.from;
    return { ...from, entity: d.entity, field: d.field, outcome: d.outcome, source, owner: keeper, fact };
  });
  const at = ports.clock.now();
  const { due, missingYear } = correctionDue(cityDay(at));
  const { login, organisation } = principal;
  return ports.db.tx(async (trx) => {
    const made = await sql<{ id: number; owner: string }>`
      INSERT INTO libraries.correction (verification, row, list, subject, entity, field, outcome, source, owner, fact,
        raised_by, raised_organisation, raised_at, due, missing_year, comment, by_login, at)
      SELECT x.verification, x.row, x.list, ${subject}, x.entity, x.field, x.outcome, x.source, x.owner, x.fact,
        ${login}, ${organisation}, ${at}, ${due}::date, ${missingYear}::integer, ${comment}, ${login}, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS x(verification integer, row integer, list text,
        entity bigint, field text, outcome text, source text, owner text, fact bigint)
      ON CONFLICT DO NOTHING RETURNING id, owner`.execute(trx);
    const ids = made.rows.map((r) => r.id);
    await sql`INSERT INTO libraries.correction_entry (correction, state, comment, by_login, organisation, at)
      SELECT id, 'open', ${comment}, ${login}, ${organisation}, ${at}
      FROM jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) AS i(id_text), LATERAL (SELECT i.id_text::integer AS id) n`.execute(
      trx,
    );
    await tellOwners(ports, trx, made.rows);
    const first = doubts[0]!.from;
    const object = 'list' in first ? `list/${first.list}` : `verification/${first.verification}`;
    await ports.audit.append(
      {
        ...{ actor: principal, action: 'correction.raise', object, outcome: 'ok' },
        detail: { raised: ids.length, known: doubts.length - ids.length },
      },
      trx,
    );
    return { raised: ids.length, known: doubts.length - ids.length };
  });
}
