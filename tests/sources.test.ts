/** The declared sources of the repository and the organisations that own them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { panoramaCategory, type SourceDeclaration, sourceDeclaration } from '../hub/src/catalogue/declaration.ts';

const root = new URL('..', import.meta.url).pathname;
const folders = readdirSync(join(root, 'sources'), { withFileTypes: true })
  .filter((d) => d.isDirectory())
  .flatMap((owner) => readdirSync(join(root, 'sources', owner.name)).map((resource) => `${owner.name}/${resource}`))
  .sort();
const read = (folder: string): unknown =>
  parse(readFileSync(join(root, 'sources', folder, 'source.yaml'), 'utf8')) as unknown;
const declared: SourceDeclaration[] = [];
const organisations = (
  parse(readFileSync(join(root, 'cities/cixi/organisations.yaml'), 'utf8')) as {
    organisations: { id: string; name: { zh: string; en: string }; code: string; kind: string }[];
  }
).organisations;

describe('declared sources', () => {
  it.each(folders)('%s obeys the schema and its folder', (folder) => {
    const source = sourceDeclaration.parse(read(folder));
    expect(source.id).toBe(folder.replace('/', '.'));
    expect(organisations.map((o) => o.id)).toContain(source.owner);
    expect(source.owner).toBe(folder.split('/')[0]);
    const names = source.fields.map((f) => f.name);
    expect(new Set(names).size, 'field names are unique').toBe(names.length);
    for (const key of source.key) expect(names).toContain(key);
    const facts = source.fields.flatMap((f) => (f.fact ? [f.fact] : []));
    expect(new Set(facts).size, 'a fact role is given once').toBe(facts.length);
    expect(facts, 'one field dates the fact').toContain('date');
    for (const f of source.fields) {
      if (f.format === 'citizen-id' || f.format === 'phone') expect(f.protection, f.name).toBe('sensitive');
      if (f.format === 'person-name') expect(f.protection, f.name).toBe('personal');
    }
    for (const r of source.relations)
      for (const [k, v] of Object.entries(r)) if (k !== 'kind') expect(names, `${r.kind}.${k}`).toContain(v);
    declared.push(source);
  });

  it('gives every class a number of its own', () => {
    const numbers = declared.map((s) => s.number);
    expect(declared.length).toBe(folders.length);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('covers every category of the panorama', () => {
    const covered = new Set(declared.map((s) => s.category));
    for (const category of panoramaCategory.options) if (category !== 'other') expect(covered).toContain(category);
  });
});

describe('organisations of the demo city', () => {
  it('are 28 departments with distinct ids and codes', () => {
    expect(organisations).toHaveLength(28);
    expect(new Set(organisations.map((o) => o.id)).size).toBe(28);
    expect(new Set(organisations.map((o) => o.code)).size).toBe(28);
  });
});
