/** The declared sources of the repository and the organisations that own them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { panoramaCategory, type SourceDeclaration, sourceDeclaration } from '../hub/src/catalogue/declaration.ts';
import { demoUsers } from '../hub/src/platform/auth/bootstrap.ts';
import {
  classes,
  divisions,
  economyClasses,
  populationClasses,
  traceColumns,
} from '../packages/synthcity/src/index.ts';
import { unitText } from '../web/console/src/format/units.ts';

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

describe('units of the sources', () => {
  it('have an English word each, for the English pages', () => {
    const units = new Set(declared.flatMap((s) => s.fields.flatMap((f) => (f.unit ? [f.unit] : []))));
    expect(units.size).toBeGreaterThan(10);
    expect([...units].filter((unit) => /\p{Script=Han}/u.test(unitText(unit, 'en')))).toEqual([]);
  });
});

describe('organisations of the demo city', () => {
  it('are 30 departments with distinct ids and codes', () => {
    const departments = organisations.filter((o) => o.kind !== 'bank');
    expect(departments).toHaveLength(30);
    expect(new Set(departments.map((o) => o.code)).size).toBe(30);
    expect(new Set(organisations.map((o) => o.id)).size).toBe(organisations.length);
  });
});

describe('users of the demonstration', () => {
  it('belong to organisations that there are', () => {
    const own = new Set(organisations.map((o) => o.id));
    const named = demoUsers.flatMap((u) => (u.organisation === null ? [] : [u.organisation]));
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((id) => !own.has(id))).toEqual([]);
  });
});

describe('agreement with the synthetic city', () => {
  const modelled = new Map(classes.map((c) => [c.id, c]));
  const people = new Map(populationClasses.map((c) => [c.id, c]));
  const economy = new Map(economyClasses.map((c) => [c.id, c]));
  const delivered = () =>
    declared.filter((s) => s.transport.kind !== 'unavailable' && s.id !== 'scjg.registrations-archive');
  const available = () => delivered().filter((s) => !people.has(s.id) && !economy.has(s.id));

  it('has 111 classes of enterprises of 28 departments, each declared once', () => {
    expect(modelled.size).toBe(111);
    expect(new Set([...modelled.keys()].map((id) => id.split('.')[0])).size).toBe(28);
    expect(available().map((s) => s.id)).toEqual([...modelled.keys()]);
  });

  it('names the same fields in the same order, the same keys, modes, formats and registers', () => {
    for (const source of available()) {
      const model = modelled.get(source.id);
      expect(Object.keys(model?.columns ?? {}), source.id).toEqual(source.fields.map((f) => f.name));
      expect([...(model?.key ?? [])], source.id).toEqual(source.key);
      expect(model?.mode, source.id).toBe(source.mode);
      expect(model?.register ?? false, source.id).toBe(source.register);
      const t = source.transport;
      if (t.kind !== 'file') throw new Error(`${source.id} does not arrive as a file`);
      const kind =
        t.format !== 'csv'
          ? t.format
          : t.encoding === 'gb18030'
            ? 'gb'
            : t.encoding === 'utf-16'
              ? 'utf16'
              : t.delimiter === '|'
                ? 'pipe'
                : 'csv';
      expect(model?.file ?? 'csv', source.id).toBe(kind);
    }
  });

  it('has the classes of people and places, each declared with the same fields, keys and modes', () => {
    const own = delivered().filter((s) => people.has(s.id));
    expect(own.map((s) => s.id)).toEqual([...people.keys()]);
    for (const source of own) {
      const model = people.get(source.id);
      expect(Object.keys(model?.columns ?? {}), source.id).toEqual(source.fields.map((f) => f.name));
      expect([...(model?.key ?? [])], source.id).toEqual(source.key);
      expect(model?.mode, source.id).toBe(source.mode);
      expect(['natural-person', 'place'], source.id).toContain(source.subject);
    }
  });

  it('has the classes of the economy, each declared with the same fields, keys and modes', () => {
    const own = delivered().filter((s) => economy.has(s.id));
    expect(own.map((s) => s.id)).toEqual([...economy.keys()].sort());
    for (const source of own) {
      const model = economy.get(source.id);
      expect(Object.keys(model?.columns ?? {}), source.id).toEqual(source.fields.map((f) => f.name));
      expect([...(model?.key ?? [])], source.id).toEqual(source.key);
      expect(model?.mode, source.id).toBe(source.mode);
    }
  });

  it('gives every class a sample with the header that it declares', () => {
    for (const source of declared.filter((s) => s.transport.kind !== 'unavailable')) {
      const lines = readFileSync(join(root, 'sources', source.id.replace('.', '/'), 'sample.csv'), 'utf8')
        .trimEnd()
        .split('\n');
      const trace = source.mode === 'changes' ? [...traceColumns] : [];
      expect(lines[0]?.split(','), source.id).toEqual([...source.fields.map((f) => f.column ?? f.name), ...trace]);
      expect(lines.length, source.id).toBeGreaterThan(4);
      expect(lines.length, source.id).toBeLessThanOrEqual(51);
    }
  });

  it('uses every way in which a file may be written', () => {
    const ways = new Set(
      available().map((s) =>
        s.transport.kind === 'file' ? `${s.transport.format} ${s.transport.encoding} ${s.transport.delimiter}` : '',
      ),
    );
    expect([...ways].sort()).toEqual([
      'csv gb18030 ,',
      'csv utf-16 ,',
      'csv utf-8 ,',
      'csv utf-8 |',
      'jsonl utf-8 ,',
      'parquet utf-8 ,',
      'xlsx utf-8 ,',
    ]);
  });
});

describe('divisions of the demo city', () => {
  it('are those of the synthetic city', () => {
    const rows = readFileSync(join(root, 'cities/cixi/divisions.csv'), 'utf8').trimEnd().split('\n').slice(2);
    expect(rows.map((r) => r.split(',').slice(0, 2))).toEqual(divisions.map(([code, name]) => [code, name]));
  });
});
