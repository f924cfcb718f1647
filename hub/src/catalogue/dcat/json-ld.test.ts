import type * as RDF from '@rdfjs/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellPlain } from './json-ld.ts';
import { parseRdf, type ReadOptions } from './parse.ts';
import { prefixes } from './vocabulary.ts';

/** Triples as sorted text; blank nodes are not told apart. */
const plain = (quads: readonly RDF.Quad[]) => {
  const one = (t: RDF.Term) =>
    t.termType === 'BlankNode'
      ? '_'
      : t.termType === 'Literal'
        ? `"${t.value}"@${t.language}^${t.datatype.value}`
        : t.value;
  return quads.map((q) => [q.subject, q.predicate, q.object].map(one).join(' ')).sort();
};
async function read(document: unknown, options: Partial<ReadOptions> = {}): Promise<string[]> {
  const quads: RDF.Quad[] = [];
  await parseRdf([JSON.stringify(document)], { syntax: 'jsonld', base: 'https://a.example/b/', ...options }, (q) =>
    quads.push(q),
  );
  return plain(quads);
}
/** What the fast reader says; null where it leaves a document to the general processor. */
async function told(document: unknown): Promise<string[] | null> {
  const quads: RDF.Quad[] = [];
  return (await tellPlain(document, (q) => quads.push(q))) ? plain(quads) : null;
}

const context = { dct: prefixes.dct, jw: prefixes.jw, xsd: prefixes.xsd };
const iri = fc.constantFrom('https://b.example/x', 'dct:Thing', 'urn:u:1', 'jw:a-b', 'dct://x');
const odd = ['relative', '#part', '_:b1', 'dct', 'https://b.example/a b', 'nothing', '', '@type'];
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const { node } = fc.letrec<{ node: object; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: text, weight: 3 },
    fc.boolean(),
    fc.integer(),
    fc.record({ '@value': text }),
    fc.record({ '@value': text, '@language': fc.constantFrom('zh', 'en', 'zh-hans') }),
    fc.record({ '@value': text, '@type': fc.constantFrom('xsd:date', 'https://b.example/type') }),
    fc.record({ '@id': iri }),
    tie('node'),
  ),
  node: fc
    .record(
      {
        ...{ '@id': iri, '@type': fc.oneof(iri, fc.array(iri, { maxLength: 2 })) },
        ...{ 'dct:title': fc.oneof(tie('value'), fc.array(tie('value'), { maxLength: 3 })), 'jw:more': tie('value') },
      },
      { requiredKeys: [] },
    )
    .map((n) => ({ ...n })),
}));
const document = fc.array(node, { maxLength: 3 }).map((nodes) => ({ '@context': context, '@graph': nodes }));
/** A context in a list says the same, and is read by the general processor. */
const inList = (doc: { '@context': unknown }) => ({ ...doc, '@context': [doc['@context']] });

test('documents with prefixes only are read without the general processor, and say what it says', async () => {
  await fc.assert(
    fc.asyncProperty(document, async (doc) => {
      const fast = await told(doc);
      expect(fast).not.toBeNull();
      expect(await told(inList(doc))).toBeNull();
      expect(fast).toEqual(await read(inList(doc)));
    }),
    { numRuns: 60 },
  );
});

test('whatever has a meaning of its own is left to the general processor', async () => {
  const title = (value: unknown) => ({ '@context': context, '@id': 'urn:a', 'dct:title': value });
  const others: unknown[] = [
    ...[null, 1.5, 1e30, -0.5, [['a']], { '@list': ['a'] }, { '@set': ['a'] }, { '@value': 1 }].map(title),
    ...[
      { '@value': 'a', '@type': '@json' },
      { '@value': 'a', '@language': 'zh', '@type': 'xsd:date' },
    ].map(title),
    ...[{ '@value': 'a', '@language': 'not a language' }, { '@graph': [] }, { '@reverse': {} }].map(title),
    title({ '@context': { dct: 'urn:else:' }, 'dct:title': 'a' }),
    { '@context': { ...context, title: 'dct:title' }, '@id': 'urn:a', title: 'a' },
    { '@context': { ...context, own: 'dct:part/' }, '@id': 'urn:a', 'own:title': 'a' },
    { '@context': { ...context, term: 'https://b.example/whole' }, '@id': 'urn:a', 'term:title': 'a' },
    { '@context': { '@vocab': prefixes.dct }, '@id': 'urn:a', title: 'a' },
    { '@context': context, '@id': 'urn:named', '@graph': [{ '@id': 'urn:a', 'dct:title': 'a' }] },
    ...[[], null, 'text', { '@context': 'https://elsewhere.example/' }, { '@graph': [1] }],
    JSON.parse('{"__proto__": {"dct:title": "a"}, "@id": "urn:a"}'),
  ];
  for (const doc of others) expect(await told(doc), JSON.stringify(doc)).toBeNull();
  for (const name of odd) {
    expect(await told({ '@context': context, '@id': name, 'dct:title': 'a' }), name).toBeNull();
    expect(await told({ '@context': context, '@id': 'urn:a', [name]: 'a' }), name).toBeNull();
    expect(await told(title({ '@id': name })), name).toBeNull();
    expect(await told({ '@context': context, '@id': 'urn:a', '@type': name }), name).toBeNull();
  }
});

test('contexts and types may come last, types by words of a context, also of one that the reader brings', async () => {
  const wanted = await read({
    ...{ '@context': { ...context, Set: { '@id': 'dct:Set', '@context': { title: 'dct:title' } } } },
    ...{ '@type': 'Set', '@id': 'urn:a', title: '甲' },
  });
  expect(wanted).toHaveLength(2);
  const terms = { ...context, kind: '@type', Set: { '@id': 'dct:Set', '@context': { title: 'dct:title' } } };
  expect(await read({ title: '甲', '@id': 'urn:a', kind: 'Set', '@context': terms })).toEqual(wanted);
  const elsewhere = 'https://known.example/context.jsonld';
  const brought = { title: '甲', '@id': 'urn:a', kind: 'Set', '@context': elsewhere };
  expect(await read(brought, { contexts: { [elsewhere]: { '@context': terms } } })).toEqual(wanted);
});

test('a long document of terms is read whole, whatever its characters and wherever it is cut', async () => {
  const nodes = Array.from({ length: 400 }, (_, n) => ({
    title: `${'𠮷'.repeat(60)}${n}`,
    type: 'dct:Set',
    id: `urn:n:${n}`,
  }));
  const terms = { ...context, id: '@id', type: '@type', title: 'dct:title' };
  const found = await read({ '@graph': nodes, '@context': terms });
  expect(found).toHaveLength(800);
  expect(found.filter((t) => t.includes(`${'𠮷'.repeat(60)}`) && !t.includes('\ufffd'))).toHaveLength(400);
});
