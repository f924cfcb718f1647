/** What class numbers and payload positions mean, as tables that queries join. */
import type { LakeSession } from '../platform/lake/index.ts';
import type { VersionedDeclaration } from '../refinery/index.ts';

/** Replaces lib.class and lib.class_field by the given declarations (the latest version names the class). */
export async function publishClasses(
  session: LakeSession,
  declarations: readonly VersionedDeclaration[],
): Promise<void> {
  const latest = new Map<number, VersionedDeclaration>();
  for (const d of declarations) {
    const known = latest.get(d.declaration.number);
    if (!known || known.version < d.version) latest.set(d.declaration.number, d);
  }
  await session.run('DELETE FROM lib.class; DELETE FROM lib.class_field');
  await session.append(
    'lib.class',
    [...latest.values()].map(({ declaration: d }) => [
      d.number,
      d.id,
      d.owner,
      d.category,
      d.title.zh,
      d.title.en,
      d.level,
      d.subject,
      d.rank,
    ]),
  );
  await session.append(
    'lib.class_field',
    declarations.flatMap(({ version, declaration: d }) =>
      d.fields.map((f, i) => [
        d.number,
        version,
        i + 1,
        f.name,
        f.title.zh,
        f.title.en,
        f.type,
        f.format ?? null,
        f.unit ?? null,
        f.protection,
        f.fact ?? null,
        f.golden ?? null,
      ]),
    ),
  );
}
