/**
 * Entries of what is collected: each source declaration has one. Its first version is taken over as it is declared, since the
 * declarations are the catalogue that is in force; when a declaration says something else later, that becomes a draft, which
 * goes the way of every draft.
 */
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db/index.ts';
import type { CataloguedSource } from '../catalogue.ts';
import type { SourceDeclaration } from '../declaration.ts';
import { classificationOf, formatOf, nationalType } from '../metadata.ts';
import type { EntryBook } from './book.ts';
import { type EntryContent, entryContent } from './content.ts';

/** What a declaration says, as the content of an entry. */
export function declaredContent(d: SourceDeclaration): EntryContent {
  const way = d.transport.kind === 'file' ? '下载' : '系统对接';
  return entryContent.parse({
    title: d.title,
    abstract: d.abstract,
    classification: classificationOf(d),
    format: formatOf(d),
    subject: d.subject,
    level: d.level,
    sharing: {
      type: d.sharing.type,
      condition: d.sharing.condition ?? '',
      ground: d.sharing.ground ?? '',
      ways: d.sharing.type === 'refused' ? [] : [way],
    },
    open: { open: d.open },
    cycle: d.cadence,
    items: d.fields.map((f) => ({
      title: f.title,
      field: f.name,
      type: nationalType(f),
      unit: f.unit ?? null,
      required: f.required,
      key: d.key.includes(f.name),
      protection: f.protection,
      role: f.role ?? null,
    })),
  });
}

/** A declaration's new content on top of what people wrote: what no declaration speaks of stays as it is. */
export function mergedContent(held: EntryContent, declared: EntryContent): EntryContent {
  const items = declared.items.map((item) => {
    const before = held.items.find((i) => i.field === item.field);
    return before ? { ...item, length: before.length, note: before.note } : item;
  });
  return {
    ...declared,
    classification: held.classification,
    sharing: { ...declared.sharing, ways: held.sharing.ways },
    open: { ...declared.open, condition: held.open.condition },
    related: held.related,
    tags: held.tags,
    items,
  };
}

/** Makes entries and drafts of declarations that have none yet; answers how many of each. */
export async function takeOver(
  ports: { db: Db; clock: Clock },
  book: EntryBook,
  sources: Iterable<CataloguedSource>,
): Promise<{ taken: number; drafts: number }> {
  const now = ports.clock.now();
  const fresh: CataloguedSource[] = [];
  const changed: { source: CataloguedSource; content: EntryContent }[] = [];
  for (const source of sources) {
    const entry = book.get(source.declaration.id);
    if (!entry) fresh.push(source);
    else if (entry.published && !entry.open && !entry.retiredAt) {
      const content = mergedContent(entry.published.content, declaredContent(source.declaration));
      if (!isDeepStrictEqual(content, entry.published.content)) changed.push({ source, content });
    }
  }
  if (fresh.length === 0 && changed.length === 0) return { taken: 0, drafts: 0 };
  book.room(fresh.length);
  const rows = fresh.map(({ declaration: d, version }) => ({
    ...{ id: d.id, provider: d.owner, sequence: d.number, declaration: version, content: declaredContent(d) },
  }));
  let drafts = 0;
  await ports.db.tx(async (trx) => {
    const given = JSON.stringify(rows);
    await sql`INSERT INTO catalogue.entry (id, provider, sequence, source, published, created_at)
      SELECT id, provider, sequence, id, 1, ${now} FROM jsonb_to_recordset(${given}::jsonb)
        AS r(id text, provider text, sequence integer)`.execute(trx);
    await sql`INSERT INTO catalogue.entry_version
        (entry, version, state, content, origin, declaration, made_by, made_at, changed_by, changed_at, decided_at)
      SELECT id, 1, 'published', content, 'declaration', declaration, 'system', ${now}, 'system', ${now}, ${now}
      FROM jsonb_to_recordset(${given}::jsonb) AS r(id text, declaration integer, content jsonb)`.execute(trx);
    await sql`INSERT INTO catalogue.entry_step (entry, version, step, at)
      SELECT id, 1, 'taken-over', ${now} FROM jsonb_to_recordset(${given}::jsonb) AS r(id text)`.execute(trx);
    for (const { source, content } of changed) {
      const id = source.declaration.id;
      // A draft of this declaration that was withdrawn or published is not made again.
      const made = await sql<{ entry: string; version: number }>`INSERT INTO catalogue.entry_version
          (entry, version, state, content, origin, declaration, made_by, made_at, changed_by, changed_at)
        SELECT ${id}, max(version) + 1, 'draft', ${JSON.stringify(content)}::jsonb, 'declaration', ${source.version},
          'system', ${now}, 'system', ${now}
        FROM catalogue.entry_version WHERE entry = ${id}
        HAVING coalesce(max(declaration), 0) < ${source.version}
        RETURNING entry, version`.execute(trx);
      if (!made.rows[0]) continue;
      drafts++;
      await sql`INSERT INTO catalogue.entry_step (entry, version, step, at)
        VALUES (${id}, ${made.rows[0].version}, 'drafted-from-declaration', ${now})`.execute(trx);
    }
  });
  await book.refresh([...fresh.map((f) => f.declaration.id), ...changed.map((c) => c.source.declaration.id)]);
  return { taken: fresh.length, drafts };
}
