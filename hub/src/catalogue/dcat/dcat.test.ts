import type * as RDF from '@rdfjs/types';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeOver } from '../entry/takeover.ts';
import { content, entryBench, source, who } from '../entry/testing.ts';
import { create, step } from '../entry/workflow.ts';
import { useCatalogue } from '../module.ts';
import { type DcatDataset, datasets, told, toldEntries } from './dataset.ts';
import { describeDataset, describeMember, type Place } from './describe.ts';
import { parseRdf } from './parse.ts';
import { readCatalogue } from './read.ts';
import { syntaxFor } from './routes.ts';
import { expand } from './vocabulary.ts';
import { type Syntax, write } from './write.ts';

const at: Place = {
  base: 'https://hub.example',
  city: {
    id: 'cixi',
    name: { zh: '慈溪市', en: 'Cixi' },
    code: '330282',
    centre: { longitude: 121.24, latitude: 30.17 },
  },
};
let bench: Awaited<ReturnType<typeof entryBench>>;
let all: DcatDataset[];
beforeAll(async () => {
  const sources = [
    source('scjg.permit', 11, { open: true }),
    source('scjg.penalty', 12, { sharing: { type: 'conditional', condition: '用于行政管理，须说明用途' } }),
    source('scjg.secret', 13, { sharing: { type: 'refused', ground: '《保密法》第十条' } }),
    source('rsj.core', 14, { level: 'core', open: true }),
  ];
  bench = await entryBench(sources);
  useCatalogue(bench.context.ports.lake, bench.catalogue);
  await takeOver({ db: bench.db, clock: bench.clock }, bench.book, sources);
  all = await datasets(bench.context.ports, toldEntries(bench.db, 'government'));
});
afterAll(() => bench.end());

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}
const textIn = (syntax: Syntax, list: readonly DcatDataset[]) =>
  textOf(
    write(
      syntax,
      list.map((d) => describeMember(at, d)),
    ),
  );
async function quadsOf(syntax: Syntax, text: string): Promise<RDF.Quad[]> {
  const quads: RDF.Quad[] = [];
  await parseRdf([text], { syntax, base: 'https://hub.example/' }, (q) => quads.push(q));
  return quads;
}
const read = (syntax: Syntax, text: string | Uint8Array, limits = {}) =>
  readCatalogue([text], { syntax, base: 'https://other.example/', limits });
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (e) => e.kind?.code ?? String(e),
  );

test('strangers are told what is open, never core data or what is not shared; departments everything in force', () => {
  const ids = (audience: 'public' | 'government') => toldEntries(bench.db, audience).map((e) => e.id);
  expect(ids('public')).toEqual(['scjg.permit']);
  expect(ids('government')).toEqual(['rsj.core', 'scjg.penalty', 'scjg.permit', 'scjg.secret']);
});

test('a draft and a retired entry are told to nobody', async () => {
  const officer = who('data-officer', 'rsj');
  const [id] = await create(bench.context, [{ provider: 'rsj', content: content(), origin: 'form' }], officer);
  await bench.book.refresh([id!]);
  expect(told(bench.book.get(id!)!, 'government')).toBe(false);
  const { open } = bench.book.get(id!)!;
  await step(bench.context, id!, 'withdraw', { revision: open!.revision, reasons: ['x'] } as never, officer);
});

test('JSON-LD and Turtle say the same, triple by triple', async () => {
  const plain = (quads: RDF.Quad[]) => {
    const one = (t: RDF.Term) =>
      t.termType === 'BlankNode'
        ? '_'
        : t.termType === 'Literal'
          ? `${t.value}@${t.language}^${t.datatype.value}`
          : t.value;
    return quads.map((q) => [q.subject, q.predicate, q.object].map(one).join(' ')).sort();
  };
  const turtle = plain(await quadsOf('ttl', await textIn('ttl', all)));
  expect(plain(await quadsOf('jsonld', await textIn('jsonld', all)))).toEqual(turtle);
  expect(turtle.length).toBeGreaterThan(200);
});

test('whatever a dataset refers to is described with the class that DCAT-AP asks for', async () => {
  const quads = await quadsOf('ttl', await textIn('ttl', all));
  const type = expand('rdf:type');
  const types = new Map<string, Set<string>>();
  for (const q of quads)
    if (q.predicate.value === type)
      types.set(q.subject.value, (types.get(q.subject.value) ?? new Set()).add(q.object.value));
  const classes = {
    ...{ 'dct:publisher': 'foaf:Agent', 'dcat:theme': 'skos:Concept', 'dct:accessRights': 'dct:RightsStatement' },
    ...{ 'dct:accrualPeriodicity': 'dct:Frequency', 'dct:spatial': 'dct:Location', 'dct:conformsTo': 'dct:Standard' },
    ...{
      'dct:language': 'dct:LinguisticSystem',
      'dct:provenance': 'dct:ProvenanceStatement',
      'dct:type': 'skos:Concept',
    },
    ...{ 'dcat:distribution': 'dcat:Distribution', 'dcatap:applicableLegislation': 'eli:LegalResource' },
    ...{ 'dcat:dataset': 'dcat:Dataset', 'dcat:record': 'dcat:CatalogRecord', 'dcat:contactPoint': 'vcard:Kind' },
    ...{
      'foaf:primaryTopic': 'dcat:Resource',
      'dcat:landingPage': 'foaf:Document',
      'dct:format': 'dct:MediaTypeOrExtent',
    },
  };
  for (const [name, wanted] of Object.entries(classes)) {
    const uses = quads.filter((q) => q.predicate.value === expand(name));
    expect(uses.length, name).toBeGreaterThan(0);
    for (const q of uses) expect([...(types.get(q.object.value) ?? [])], name).toContain(expand(wanted));
  }
  const once = [
    'dct:publisher',
    'dct:accessRights',
    'dct:accrualPeriodicity',
    'dct:issued',
    'dct:modified',
    'dcat:version',
  ];
  for (const d of all)
    for (const name of once) {
      const own = quads.filter((q) => q.subject.value.endsWith(`/${d.id}`) && q.predicate.value === expand(name));
      expect(own, `${d.id} ${name}`).toHaveLength(1);
    }
});

test('another hub reads what was written: titles, terms of sharing, items with their protection', async () => {
  for (const syntax of ['ttl', 'jsonld'] as const) {
    const { datasets: found } = await read(syntax, await textIn(syntax, all));
    expect(found.map((d) => d.entry)).toEqual(all.map((d) => d.id));
    const penalty = found.find((d) => d.entry === 'scjg.penalty')!;
    expect(penalty).toMatchObject({
      ...{ uri: 'https://hub.example/dcat/datasets/scjg.penalty', sharing: 'conditional', access: 'RESTRICTED' },
      ...{ title: { zh: '行政许可信息', en: 'Permits' }, condition: '用于行政管理，须说明用途', cycle: 'daily' },
      ...{ collected: true, level: 'general', subject: 'legal-person', classification: '307001', version: '1' },
      publisher: { id: 'scjg', name: '慈溪市市场监督管理局', code: '113302820296605042' },
    });
    expect(penalty.items.map((i) => [i.name, i.type, i.protection, i.required])).toEqual([
      ['permit_no', 'C', 'public', true],
      ['comp_nm', 'C', 'public', false],
      ['valid_to', 'D', 'public', false],
      ['fee', expect.any(String), 'public', false],
    ]);
    expect(found.find((d) => d.entry === 'scjg.secret')).toMatchObject({ access: 'NON_PUBLIC', distributions: [] });
  }
});

test('any text of an entry survives both ways', async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((s) => /\S/.test(s));
  await fc.assert(
    fc.asyncProperty(text, text, fc.constantFrom<Syntax>('ttl', 'jsonld'), async (title, abstract, syntax) => {
      const odd = { ...all[0]!, title: { zh: title, en: title }, abstract: { zh: abstract, en: abstract } };
      const written = await textOf(write(syntax, [describeDataset(at, odd)]));
      const found = await read(syntax, written);
      const shown = (s: string) => s.replace(/[^\P{Cc}\n\t]/gu, '').trim();
      expect(found.datasets[0]?.description.zh).toBe(shown(abstract));
      if (shown(title)) expect(found.datasets[0]?.title.zh).toBe(shown(title));
    }),
    { numRuns: 40 },
  );
});

test('a document is read within bounds: bytes, nesting, triples, long values', async () => {
  const ttl = await textIn('ttl', all);
  expect(await code(read('ttl', ttl, { bytes: 1000 }))).toBe('catalogue.dcat.too-large');
  expect(await code(read('ttl', ttl, { triples: 20 }))).toBe('catalogue.dcat.too-many');
  expect(await code(read('ttl', ttl, { term: 10 }))).toBe('catalogue.dcat.too-long');
  const deep = `<urn:a> <urn:b> ${'('.repeat(100)}${')'.repeat(100)}, "#[[[" .`;
  expect(await code(read('ttl', deep))).toBe('catalogue.dcat.too-deep');
  expect(await code(read('ttl', `<urn:a> <urn:b> "${'(['.repeat(100)}", '''${'[" '.repeat(90)}''' .`))).toBe('none');
  expect(await code(read('jsonld', `${'['.repeat(100)}${']'.repeat(100)}`))).toBe('catalogue.dcat.too-deep');
  expect(await code(read('jsonld', await textIn('jsonld', all), { triples: 20 }))).toBe('catalogue.dcat.too-many');
});

test('garbage is refused with a code, and a context elsewhere is never fetched', async () => {
  for (const bad of ['{"@graph":[', 'null oops', '<html><body>502</body></html>', '{"a":1}}'])
    expect(await code(read('jsonld', bad)), bad).toBe('catalogue.dcat.not-rdf');
  expect(await code(read('ttl', '<html><body>502</body></html>'))).toBe('catalogue.dcat.not-rdf');
  expect(await code(read('ttl', new Uint8Array([0x22, 0xff, 0xfe])))).toBe('catalogue.dcat.not-rdf');
  const remote = '{"@context":"https://elsewhere.example/context.jsonld","@id":"urn:x","title":"a"}';
  expect(await code(read('jsonld', remote))).toBe('catalogue.dcat.remote-context');
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 200 }), fc.constantFrom<Syntax>('ttl', 'jsonld'), async (text, syntax) => {
      expect(await code(read(syntax, text))).toMatch(/^(none|catalogue\.dcat\.)/);
    }),
    { numRuns: 60 },
  );
});

test('items whose protection is not told count as sensitive; a link that is none of the web is dropped', async () => {
  const d = `@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
    @prefix csvw: <http://www.w3.org/ns/csvw#> .
    <urn:d> a dcat:Dataset ; dct:title "甲" ; dct:conformsTo <urn:s> ; dcat:landingPage <javascript:alert(1)> .
    <urn:s> csvw:column [ csvw:name "id_no" ] , [ csvw:name "Robert'); DROP" ] .
    [] a dcat:Dataset ; dct:title "无名" .`;
  const { datasets: found } = await read('ttl', d);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ landingPage: null, items: [{ name: 'id_no', protection: 'sensitive' }] });
});

test('the syntax follows the Accept header', () => {
  expect(syntaxFor(undefined)).toBe('ttl');
  expect(syntaxFor('application/ld+json')).toBe('jsonld');
  expect(syntaxFor('text/turtle;q=0.3, application/ld+json;q=0.9')).toBe('jsonld');
  expect(syntaxFor('text/html, */*;q=0.1')).toBe('ttl');
  expect(syntaxFor('text/html')).toBeNull();
});
