/** Which of a record's values are a person's, and what is left without them. Pure. */
import type { SourceDeclaration } from '../../catalogue/index.ts';
import { personGroups } from '../../exchange/index.ts';
import { withoutWordsIn } from '../../platform/personal.ts';
import type { Design, Value, Values } from '../design.ts';
import { isFiles, isRelation, isSecret, protectionOf, valueFields } from '../pure/index.ts';
import { declarationOf, type SourceRow } from '../source/declaration.ts';

/** Whom a record may be about. */
export interface FormPerson {
  /** Tokens of the identity number, of own telephones. */
  citizen: ReadonlySet<string>;
  own: ReadonlySet<string>;
  names: readonly string[];
  /** Number in the library of persons, as relations point at it. */
  entity: number | null;
  plain: readonly string[];
}

const FILES = new Set(['picture', 'file', 'signature']);
const saysToken = (v: Value | undefined, tokens: ReadonlySet<string>): boolean => isSecret(v) && tokens.has(v.token);

/**
 * Names of the fields whose values are the person's; null: the values say nobody, or somebody else. A record with one identity number is about that
 * person with everything that is guarded in it; of one with several (a couple) the fields that go with the number, as in received rows. Without
 * one: by what points at the person in the library, or by name and own telephone together. `theirs`: the record's history is about them alone.
 */
export function personFields(design: Design, values: Values, who: FormPerson, theirs = false): Set<string> | null {
  const fields = valueFields(design);
  const guarded = fields.filter((f) => protectionOf(f) !== 'public' && protectionOf(f) !== 'internal');
  const all = new Set([...guarded, ...fields.filter((f) => FILES.has(f.kind))].map((f) => f.name));
  const ids = fields.filter((f) => f.kind === 'citizen-id');
  const said = ids.filter((f) => saysToken(values[f.name], who.citizen));
  const others = ids.some((f) => isSecret(values[f.name]) && !saysToken(values[f.name], who.citizen));
  if (said.length > 0) {
    if (ids.length === 1) return all;
    const groups = personGroups(declarationOf('forms', 'form', [design]) as SourceDeclaration, []);
    const mine = new Set(said.flatMap((f) => [f.name, ...(groups.find((g) => g.id === f.name)?.fields ?? [])]));
    return new Set(guarded.map((f) => f.name).filter((n) => mine.has(n)));
  }
  if (others) return null;
  const points = fields.filter((f) => {
    const v = values[f.name];
    return (
      f.kind === 'relation' && f.to === 'person' && isRelation(v) && who.entity !== null && v.id === String(who.entity)
    );
  });
  const related = fields.filter((f) => f.kind === 'relation' && f.to === 'person');
  if (points.length > 0) return related.length === 1 ? all : new Set(points.map((f) => f.name));
  const named = fields.filter((f) => f.kind === 'text' && who.names.includes(String(values[f.name])));
  const called = fields.filter((f) => f.kind === 'phone' && saysToken(values[f.name], who.own));
  if (named.length > 0 && called.length > 0)
    return design.source.subject === 'natural-person' && ids.length <= 1
      ? all
      : new Set([...named, ...called].map((f) => f.name));
  return theirs ? all : null;
}

/**
 * Whether none of a record's versions names somebody else: by number, telephone, in the library of persons, or where the person's name stands. What
 * stands in a version that says the person (a telephone that is known from nowhere else) is theirs.
 */
export function allTheirs(said: readonly { design: Design; values: Values }[], who: FormPerson): boolean {
  const own = new Set<string>();
  const nameFields = new Set<string>();
  const key = (name: string, v: Value) => `${name} ${isSecret(v) ? v.token : JSON.stringify(v)}`;
  for (const { design, values } of said) {
    if (!personFields(design, values, who)) continue;
    for (const f of valueFields(design)) {
      const v = values[f.name];
      if (v === undefined || v === null) continue;
      if (f.kind !== 'citizen-id' || saysToken(v, who.citizen)) own.add(key(f.name, v));
      if (f.kind === 'text' && who.names.includes(String(v))) nameFields.add(f.name);
    }
  }
  const another = (f: Design['fields'][number], v: Value): boolean => {
    if (f.kind === 'citizen-id') return isSecret(v) && !who.citizen.has(v.token);
    if (own.has(key(f.name, v))) return false;
    if (f.kind === 'phone') return isSecret(v) && !who.own.has(v.token);
    if (f.kind === 'relation') return f.to === 'person' && isRelation(v) && v.id !== String(who.entity);
    return f.kind === 'text' && nameFields.has(f.name) && !who.names.includes(String(v));
  };
  return said.every(({ design, values }) =>
    valueFields(design).every((f) => {
      const v = values[f.name];
      return v === undefined || v === null || !another(f, v);
    }),
  );
}

/** Values without some fields; the person's name and numbers leave the words of the others. */
export function withoutFields(values: Values, fields: ReadonlySet<string>, who: FormPerson): Values {
  const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !fields.has(name)));
  return withoutWordsIn(rest, who.plain, who.names);
}

/** Files that stand in some fields. */
export const filesIn = (values: Values, fields: ReadonlySet<string>): string[] =>
  [...fields].flatMap((name) => {
    const v = values[name];
    return Array.isArray(v) && isFiles(v) ? v.map((f) => f.id) : [];
  });

/** A row for the exchange without some fields (a field has columns of its own name and with an ending). */
export function rowWithout(row: SourceRow, fields: ReadonlySet<string>, who: FormPerson): SourceRow {
  const goes = (column: string) =>
    fields.has(column) || fields.has(column.replace(/_(?:lon|lat|code|rows|files)$/, ''));
  const left = <T>(values: Record<string, T>) => Object.fromEntries(Object.entries(values).filter(([n]) => !goes(n)));
  const { record_id, ...texts } = left(row.texts);
  return {
    texts: { ...(record_id === undefined ? {} : { record_id }), ...withoutWordsIn(texts, who.plain, who.names) },
    tokens: left(row.tokens),
  };
}
