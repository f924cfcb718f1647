/** Where a source's field is other than the element that it refers to, and where a field that refers to none is called like one. Pure. */
import type { SourceDeclaration, SourceField } from '../declaration.ts';
import type { Element } from './declaration.ts';
import type { Registry } from './load.ts';

/** What differs. `unreferred` is no fault: the field is called like the element and does not refer to it. */
export type DifferenceKind =
  | 'type'
  | 'format'
  | 'unit'
  | 'codes'
  | 'protection'
  | 'length'
  | 'retired'
  | 'unknown'
  | 'unreferred';

/** One difference of one field. */
export interface Difference {
  kind: DifferenceKind;
  source: string;
  field: string;
  element: string;
  /** What the element says, and what the field is. */
  expected: string;
  found: string;
}

const strictness = ['public', 'internal', 'personal', 'sensitive'];

/** Differences of one field. `longest`: characters of its longest value in the latest run, where that is known. */
export function differencesOf(
  registry: Pick<Registry, 'codeSets'>,
  source: string,
  field: SourceField,
  element: Element,
  longest?: number,
): Difference[] {
  const out: Difference[] = [];
  const say = (kind: DifferenceKind, expected: string, found: string) =>
    out.push({ kind, source, field: field.name, element: element.id, expected, found });
  if (element.status === 'retired') say('retired', element.replacedBy ?? '—', element.id);
  if (field.type !== element.type) say('type', element.type, field.type);
  if (element.format !== undefined && field.format !== element.format)
    say('format', element.format, field.format ?? '—');
  if ((field.unit ?? '') !== (element.unit ?? '') && element.unit !== undefined)
    say('unit', element.unit, field.unit ?? '—');
  if (strictness.indexOf(field.protection) < strictness.indexOf(element.protection))
    say('protection', element.protection, field.protection);
  const set = element.codes === undefined ? undefined : registry.codeSets.get(element.codes);
  const codes = set?.versions.at(-1)?.codes;
  if (codes && field.codes) {
    // A field may hold a part of the set, by codes or by their names; no code of its own and none under another name.
    const names = new Map(codes.map((c) => [c.code, c.zh]));
    const words = new Set(names.values());
    const strange = Object.entries(field.codes).filter(([code, name]) => !words.has(code) && names.get(code) !== name);
    if (strange.length) say('codes', set.id, strange.map(([code, name]) => `${code}=${name}`).join('、'));
  }
  if (element.length && longest !== undefined && longest > element.length.max)
    say('length', `≤ ${element.length.max}`, String(longest));
  return out;
}

/** All differences of all sources. `longest` by `source field`. */
export function allDifferences(
  registry: Pick<Registry, 'codeSets' | 'elements'>,
  declarations: readonly SourceDeclaration[],
  longest: ReadonlyMap<string, number> = new Map(),
): Difference[] {
  const named = new Map<string, Element>();
  for (const e of registry.elements.values())
    if (e.status !== 'retired') for (const name of [e.title.zh, ...e.synonyms]) named.set(name, e);
  return declarations.flatMap((d) =>
    d.fields.flatMap((f): Difference[] => {
      if (f.element === undefined) {
        const like = named.get(f.title.zh);
        return like && like.type === f.type
          ? [{ kind: 'unreferred', source: d.id, field: f.name, element: like.id, expected: like.id, found: '—' }]
          : [];
      }
      const element = registry.elements.get(f.element);
      if (!element)
        return [{ kind: 'unknown', source: d.id, field: f.name, element: f.element, expected: '—', found: f.element }];
      // What stands in the vault has the length of a token.
      const chars = f.protection === 'sensitive' ? undefined : longest.get(`${d.id} ${f.name}`);
      return differencesOf(registry, d.id, f, element, chars);
    }),
  );
}
