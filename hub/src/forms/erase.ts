/** Forms as holders of a person's data: records in which the person stands, their history, targets, attachments, uploaded spreadsheets. */
import { sql } from 'kysely';
import { personEntity } from '../libraries/index.ts';
import {
  GONE,
  type PersonalHolder,
  type PersonalHolding,
  type PersonSubject,
  saysNumber,
  withoutWords,
  withoutWordsIn,
} from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';
import type { Values } from './design.ts';
import { dropUpload, uploadsOf } from './erase/imports.ts';
import { allTheirs, type FormPerson, filesIn, personFields, rowWithout, withoutFields } from './erase/values.ts';
import { change, type Trx } from './ports.ts';
import { captionOf } from './pure/index.ts';
import { uniqueDigests } from './records.ts';
import type { SourceRow } from './source/declaration.ts';
import { designOf, nextCursor, type RecordRow } from './store.ts';

type Needs = Pick<Deps, 'db' | 'blobs' | 'lake' | 'vault' | 'folders'>;
type Person = FormPerson & { norm: string };

const titles = {
  records: { zh: '采集表单记录及其历史', en: 'Collected records and their history' },
  files: { zh: '采集记录的附件', en: 'Attachments of collected records' },
  targets: { zh: '采集任务的对象', en: 'Targets of collecting' },
  mentions: { zh: '他人采集记录的文字中其人的号码', en: 'Numbers of the person in words of records about others' },
  operations: { zh: '未被受理的手机提交内容', en: 'What phones sent and was refused' },
  imports: { zh: '上传的采集表格文件', en: 'Spreadsheets that were uploaded' },
} as const;
type Place = keyof typeof titles;

const like = (column: ReturnType<typeof sql>, needles: readonly string[]) =>
  needles.length === 0
    ? sql<boolean>`false`
    : sql<boolean>`(${sql.join(
        needles.map((t) => sql`strpos(${column}::text, ${t}) > 0`),
        sql` OR `,
      )})`;

/** What stands in values as text where somebody may be the person. */
const needlesOf = (who: Person): string[] => [
  ...who.citizen,
  ...who.own,
  ...(who.entity === null ? [] : [`"id": "${who.entity}"`]),
];

/** Records in which the person stands now or stood once. Needles narrow; the fields of the design decide. */
async function recordsOf(db: Trx, who: Person): Promise<string[]> {
  const needles = needlesOf(who);
  const { rows } = await sql<{ record: string; form: number; version: number; values: Values }>`
    SELECT id AS record, form, version, values FROM forms.record WHERE ${like(sql`values`, needles)}
    UNION ALL SELECT c.record, r.form, c.version, c.values FROM forms.change c JOIN forms.record r ON r.id = c.record
      WHERE c.values IS NOT NULL AND ${like(sql`c.values`, needles)}`.execute(db);
  const found = new Set<string>();
  for (const r of rows)
    if (personFields(await designOf(db, r.form, r.version), r.values, who)?.size) found.add(r.record);
  return [...found].sort();
}

/** Records about others in whose words (remarks, reasons) one of the person's numbers stands. */
async function mentioning(db: Trx, who: Person, found: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string; values: Values; caption: string; reason: string | null }>`
    SELECT id, values, caption, reason FROM forms.record
      WHERE ${like(sql`values`, who.plain)} OR ${like(sql`reason`, who.plain)} OR ${like(sql`caption`, who.plain)}
    UNION ALL SELECT record, coalesce(values, '{}'::jsonb), '', reason FROM forms.change
      WHERE ${like(sql`values`, who.plain)} OR ${like(sql`reason`, who.plain)}`.execute(db);
  const says = rows.filter((r) => saysNumber(`${JSON.stringify(r.values)} ${r.caption} ${r.reason ?? ''}`, who.plain));
  return [...new Set(says.map((r) => r.id))].filter((id) => !found.includes(id)).sort();
}

/** Takes the numbers out of those words, and nothing else. */
async function withoutMention(trx: Trx, id: string, who: Person): Promise<void> {
  const bare = (text: string | null) => (text === null ? null : withoutWords(text, who.plain));
  const { rows } = await sql<RecordRow>`SELECT * FROM forms.record WHERE id = ${id} FOR UPDATE`.execute(trx);
  const r = rows[0]!;
  await sql`UPDATE forms.record SET values = ${JSON.stringify(withoutWordsIn(r.values, who.plain))}::jsonb,
      caption = ${bare(r.caption)}, reason = ${bare(r.reason)}, revision = revision + 1, cursor = ${await nextCursor(trx)}
    WHERE id = ${id}`.execute(trx);
  const changes = await sql<Said>`SELECT seq, version, values, reason FROM forms.change WHERE record = ${id}`.execute(
    trx,
  );
  for (const c of changes.rows)
    await sql`UPDATE forms.change SET reason = ${bare(c.reason)},
        values = ${c.values ? JSON.stringify(withoutWordsIn(c.values, who.plain)) : null}::jsonb WHERE seq = ${c.seq}`.execute(
      trx,
    );
  const sent = await sql<{ id: number; row: SourceRow }>`SELECT id, row FROM forms.outbox WHERE record = ${id}`.execute(
    trx,
  );
  for (const line of sent.rows)
    await sql`UPDATE forms.outbox SET row = ${JSON.stringify(withoutWordsIn(line.row, who.plain))}::jsonb WHERE id = ${line.id}`.execute(
      trx,
    );
}

async function targetsOf(db: Trx, who: Person): Promise<number[]> {
  const { rows } = await sql<{ id: number; form: number; values: Values; relation: { to: string; id: string } | null }>`
    SELECT t.id, k.form, t.values, t.relation FROM forms.target t JOIN forms.task k ON k.id = t.task
    WHERE ${like(sql`t.values`, needlesOf(who))} OR ${like(sql`t.relation`, needlesOf(who))} ORDER BY t.id`.execute(db);
  const found: number[] = [];
  for (const t of rows) {
    const points = t.relation?.to === 'person' && who.entity !== null && t.relation.id === String(who.entity);
    if (points || (await aboutInAnyVersion(db, t.form, t.values, who))) found.push(t.id);
  }
  return found;
}

async function aboutInAnyVersion(db: Trx, form: number, values: Values, who: Person): Promise<boolean> {
  const { rows } = await sql<{ version: number }>`SELECT version FROM forms.version WHERE form = ${form}`.execute(db);
  for (const { version } of rows) if (personFields(await designOf(db, form, version), values, who)?.size) return true;
  return false;
}

/** What was refused stands with tokens of every text that could hold a number, whatever number it is. */
const operationsWith = ({ vault }: Needs, who: Person) => {
  const tokens = [...who.citizen, ...who.own, ...who.plain.map((n) => vault.tokenOf('citizen-id', n))];
  return sql<boolean>`(${like(sql`content`, tokens)} OR ${like(sql`answer`, tokens)})`;
};

/** The room as a holder. */
export function formsHolder(deps: Needs, entityOf: typeof personEntity = personEntity): PersonalHolder {
  const { db } = deps;
  const personOf = async (subject: PersonSubject, plain: readonly string[], names: readonly string[]) => ({
    ...{ norm: subject.norm, citizen: new Set(subject.citizen), own: new Set(subject.own), plain, names },
    entity: await entityOf(deps, subject.norm),
  });
  return {
    async find(subject, { plain, names }) {
      const who = await personOf(subject, plain, names);
      const found = await recordsOf(db.kysely, who);
      const operations = await sql<{
        n: number;
      }>`SELECT count(*)::int AS n FROM forms.operation WHERE ${operationsWith(deps, who)}`.execute(db.kysely);
      const holding = (place: Place, count: number): PersonalHolding[] => {
        const action = place === 'imports' ? 'delete' : 'blank';
        return count > 0 ? [{ place, title: titles[place], count, action, link: '/forms' }] : [];
      };
      return [
        ...holding('records', found.length),
        ...holding('mentions', (await mentioning(db.kysely, who, found)).length),
        ...holding('targets', (await targetsOf(db.kysely, who)).length),
        ...holding('operations', operations.rows[0]!.n),
        ...holding('imports', (await uploadsOf(deps, who, found)).length),
      ];
    },
    async erase({ subject, plain, names, signal }) {
      const who = await personOf(subject, plain, names);
      const found = await recordsOf(db.kysely, who);
      // First what is found by the records that were made from it.
      const uploads = await uploadsOf(deps, who, found);
      for (const u of uploads) {
        signal.throwIfAborted();
        await dropUpload(deps, u);
      }
      let files = 0;
      for (const id of found) {
        signal.throwIfAborted();
        files += await change(deps, (trx) => eraseRecord(deps, trx, id, who));
      }
      const mentions = await mentioning(db.kysely, who, found);
      for (const id of mentions) {
        signal.throwIfAborted();
        await change(deps, (trx) => withoutMention(trx, id, who));
      }
      const targets = await change(deps, async (trx) => {
        const ids = await targetsOf(trx, who);
        await sql`UPDATE forms.target SET values = '{}'::jsonb, title = ${GONE}, relation = NULL WHERE id = ANY(${ids}::int[])`.execute(
          trx,
        );
        return ids.length;
      });
      const operations =
        await sql`UPDATE forms.operation SET content = NULL, answer = jsonb_set(answer, '{faults}', '[]')
        WHERE ${operationsWith(deps, who)}`.execute(db.kysely);
      const done = (place: Place, count: number) => {
        const action = place === 'imports' || place === 'files' ? ('delete' as const) : ('blank' as const);
        return count > 0 ? [{ place, title: titles[place], count, action }] : [];
      };
      return {
        done: [
          ...done('records', found.length),
          ...done('mentions', mentions.length),
          ...done('files', files),
          ...done('targets', targets),
          ...done('operations', Number(operations.numAffectedRows ?? 0)),
          ...done('imports', uploads.length),
        ],
        rewrite: [],
      };
    },
  };
}

interface Said {
  seq: string;
  version: number;
  values: Values | null;
  reason: string | null;
}

/** Empties one record and all that was ever said of it of the person; answers how many attachments went. */
async function eraseRecord(deps: Needs, trx: Trx, id: string, who: Person): Promise<number> {
  const { rows } = await sql<RecordRow>`SELECT * FROM forms.record WHERE id = ${id} FOR UPDATE`.execute(trx);
  const r = rows[0]!;
  const changes = (
    await sql<Said>`SELECT seq, version, values, reason FROM forms.change WHERE record = ${id} ORDER BY seq`.execute(
      trx,
    )
  ).rows;
  const designs = new Map<number, Awaited<ReturnType<typeof designOf>>>();
  for (const v of new Set([r.version, ...changes.map((c) => c.version)]))
    designs.set(v, await designOf(trx, r.form, v));
  const said = [...changes.flatMap((c) => (c.values ? [{ version: c.version, values: c.values }] : [])), r];
  // Drafts without a number are the person's as well where nobody else was ever named in the record.
  const theirs = allTheirs(
    said.map((x) => ({ design: designs.get(x.version)!, values: x.values })),
    who,
  );
  const fieldsOf = (version: number, values: Values) =>
    personFields(designs.get(version)!, values, who, theirs) ?? new Set<string>();
  const gone = said.flatMap((x) => filesIn(x.values, fieldsOf(x.version, x.values)));
  const mine = fieldsOf(r.version, r.values);
  const values = mine.size > 0 ? withoutFields(r.values, mine, who) : r.values;
  const design = designs.get(r.version)!;
  // A new revision under a new cursor: phones take over what is left, and what they still have cannot come back unseen.
  await sql`UPDATE forms.record SET values = ${JSON.stringify(values)}::jsonb, caption = ${captionOf(design, values) || GONE},
      reason = ${words(r.reason, who)}, revision = revision + 1, cursor = ${await nextCursor(trx)} WHERE id = ${id}`.execute(
    trx,
  );
  for (const c of changes) {
    const own = c.values ? fieldsOf(c.version, c.values) : new Set<string>();
    const left = c.values && own.size > 0 ? withoutFields(c.values, own, who) : c.values;
    await sql`UPDATE forms.change SET values = ${left ? JSON.stringify(left) : null}::jsonb, reason = ${words(c.reason, who)}
      WHERE seq = ${c.seq}`.execute(trx);
  }
  await sql`UPDATE forms.operation SET answer = jsonb_set(answer, '{faults}', '[]'), content = NULL WHERE record = ${id}`.execute(
    trx,
  );
  const digests = uniqueDigests(design, values).map((u) => u.digest);
  await sql`DELETE FROM forms.unique_value WHERE record = ${id} AND digest <> ALL (${digests}::text[])`.execute(trx);
  await eraseOutbox(
    trx,
    r,
    new Set([...said.flatMap((x) => [...fieldsOf(x.version, x.values)])]),
    who,
    mine,
    values,
    design.source.subject === 'natural-person',
  );
  return eraseFiles(deps, trx, id, gone);
}

const words = (text: string | null, who: Person): string | null =>
  text === null ? null : withoutWords(text, who.plain, who.names);

/** What waits for the exchange: a row about the person alone is not sent (it would go at once there), of any other the fields leave. */
async function eraseOutbox(
  trx: Trx,
  r: RecordRow,
  ever: ReadonlySet<string>,
  who: Person,
  now: ReadonlySet<string>,
  left: Values,
  alone: boolean,
): Promise<void> {
  // Of a form about persons: nothing that names somebody is left.
  const empty =
    alone && now.size > 0 && !Object.values(left).some((v) => v !== null && typeof v === 'object' && 'token' in v);
  if (empty) {
    await sql`DELETE FROM forms.outbox WHERE record = ${r.id} AND sent_at IS NULL`.execute(trx);
    await sql`UPDATE forms.record SET known = EXISTS (SELECT 1 FROM forms.outbox WHERE record = ${r.id} AND op <> 'D') AND known
      WHERE id = ${r.id}`.execute(trx);
  }
  const { rows } = await sql<{
    id: number;
    row: SourceRow;
  }>`SELECT id, row FROM forms.outbox WHERE record = ${r.id}`.execute(trx);
  for (const line of rows)
    await sql`UPDATE forms.outbox SET row = ${JSON.stringify(rowWithout(line.row, ever, who))}::jsonb, problem = NULL WHERE id = ${line.id}`.execute(
      trx,
    );
}

/** Lets files go that nothing else refers to: before it is said, so that a kill in between is found again. */
async function eraseFiles({ blobs }: Needs, trx: Trx, record: string, ids: readonly string[]): Promise<number> {
  const { rows } = await sql<{
    id: string;
    blob: string | null;
    exif: string | null;
  }>`SELECT id, blob, exif FROM forms.file
    WHERE record = ${record} AND id = ANY(${[...ids]}::uuid[]) AND (blob IS NOT NULL OR exif IS NOT NULL)`.execute(trx);
  await sql`UPDATE forms.file SET state = 'refused', blob = NULL, exif = NULL, name = ${GONE}
    WHERE id = ANY(${rows.map((f) => f.id)}::uuid[])`.execute(trx);
  for (const blob of rows.flatMap((f) => [f.blob, f.exif]).filter((b): b is string => b !== null)) {
    const used = await sql`SELECT 1 AS one FROM forms.file WHERE blob = ${blob} OR exif = ${blob} LIMIT 1`.execute(trx);
    if (used.rows.length === 0 && (await blobs.has(blob))) await blobs.remove(blob);
  }
  return rows.length;
}
