/**
 * Views of what sources say of the entities of a declared library: `v.<library>_record_<owner>_<resource>_v1` (entity, day, fact,
 * amount, then the fields by name), beside `v.record_…` of legal persons. Only rows whose entity is known.
 */
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import type { LibraryDeclaration } from '../base/index.ts';
import { classFields, recordSelect } from '../records.ts';

/** Name of the view, without the schema. */
export const libraryRecordView = (library: string, source: string): string =>
  `${library.replaceAll('-', '_')}_record_${source.replace(/[^a-z0-9]+/g, '_')}_v1`;

/** Creates or replaces the views of every source of every declared library. */
export async function defineLibraryRecordViews(
  s: LakeSession,
  libraries: readonly LibraryDeclaration[],
): Promise<void> {
  const classes = new Map((await classFields(s)).map((c) => [c.source, c]));
  for (const d of libraries)
    for (const source of new Set(d.sources.map((x) => x.source))) {
      const cls = classes.get(source);
      if (!cls) continue;
      const facts = `(SELECT m.entity, f.class, f.day, f.fact, f.amount, f.run, f.payload FROM v.legal_person_fact_v1 f
        JOIN v.base_mention_v1 m ON m.fact = f.fact AND m.library = ${d.number} AND m.class = ${cls.class} AND m.closed_run IS NULL AND m.entity IS NOT NULL)`;
      await s.run(
        `CREATE OR REPLACE VIEW v.${ident(libraryRecordView(d.library, source))} AS ${recordSelect(cls, facts)}`,
      );
    }
}
