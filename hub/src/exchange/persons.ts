/**
 * Which fields of a source's rows are whose: a row about one natural person is that person's whole; of every other row only the fields
 * that go with the identity number are. Read out of the declaration and of what declared libraries say of it (a marriage names two).
 */
import type { SourceDeclaration, SourceField } from '../catalogue/index.ts';

/** A person as a library reads them out of a row: the field of the number and the fields that are said of them. */
export interface PersonMention {
  source: string;
  id: string;
  fields: readonly string[];
}

/** One person of a row. */
export interface PersonGroup {
  /** The field of the identity number; null: the row names a person without it. */
  id: string | null;
  /** Whether the row is about this person and nobody else. */
  whole: boolean;
  /** Fields that are emptied when the row is not theirs whole. */
  fields: string[];
  /** Of them names of the person. */
  names: string[];
  /** Telephone and account numbers that are the person's own. */
  numbers: string[];
}

const guarded = (f: SourceField): boolean => f.protection === 'personal' || f.protection === 'sensitive';
const isNumber = (f: SourceField): boolean => f.protection === 'sensitive' && f.format !== 'citizen-id';

/** The persons that a row of a source may name. */
export function personGroups(d: SourceDeclaration, mentions: readonly PersonMention[]): PersonGroup[] {
  const byName = new Map(d.fields.map((f) => [f.name, f]));
  const ids = d.fields.filter((f) => f.format === 'citizen-id' && f.protection === 'sensitive');
  const own = mentions.filter((m) => m.source === d.id);
  const alone = d.subject === 'natural-person' && ids.length <= 1;
  const groups = ids.map((id): PersonGroup => {
    const said = new Set<string>([id.name]);
    for (const r of d.relations) if (r.personId === id.name && r.person) said.add(r.person);
    if (id.role === 'person-id') for (const f of d.fields) if (f.role === 'person') said.add(f.name);
    const mentioned = own.filter((m) => m.id === id.name).flatMap((m) => m.fields);
    for (const name of mentioned) said.add(name);
    const only = ids.length === 1;
    const fields = d.fields.filter((f) => guarded(f) && (only || said.has(f.name)));
    // Of a row with a guardian or a contact only what is said of the person is the person's own.
    const theirs = (f: SourceField) => (mentioned.length > 0 ? mentioned.includes(f.name) : true);
    const names = fields.filter((f) => f.format === 'person-name' && (said.size > 1 ? said.has(f.name) : true));
    return {
      id: id.name,
      whole: alone,
      fields: fields.map((f) => f.name),
      names: names.map((f) => f.name),
      numbers: fields.filter((f) => isNumber(f) && theirs(f)).map((f) => f.name),
    };
  });
  // What is said of two is emptied for neither: it stays the other's.
  const shared = new Set(
    d.fields.map((f) => f.name).filter((name) => groups.filter((g) => g.fields.includes(name)).length > 1),
  );
  for (const g of groups) g.fields = g.fields.filter((name) => !shared.has(name) || name === g.id);
  const taken = new Set(groups.flatMap((g) => [...g.fields, ...g.names]));
  const rest = d.fields.filter((f) => guarded(f) && !taken.has(f.name));
  const named = rest.filter((f) => f.format === 'person-name');
  // A person beside a thing (an owner, a warden) without a number: known again by name and telephone together.
  if (named.length > 0)
    groups.push({
      id: null,
      whole: d.subject === 'natural-person' && ids.length === 0,
      fields: rest.filter((f) => byName.get(f.name)!.format === 'person-name' || isNumber(f)).map((f) => f.name),
      names: named.map((f) => f.name),
      numbers: rest.filter(isNumber).map((f) => f.name),
    });
  return groups;
}
