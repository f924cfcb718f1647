/**
 * Holds what a hub serves as DCAT-AP against SHACL shapes, in both syntaxes, page by page, and compares the two.
 *
 *   node --import tsx bench/dcat-shapes.ts <shapes.ttl> <address of a running hub> [--key=…]
 *   node --import tsx bench/dcat-shapes.ts <shapes.ttl> <plan.csv>
 *
 * With a plan (编号, 提供部门, 数据项名称, 数据项描述, 数据项内容, 领域) a hub is started whose catalogue it is.
 */
import { readFileSync } from 'node:fs';
import type { DatasetCore } from '@rdfjs/types';
import { Parser, type Quad, Store } from 'n3';
import SHACLValidator from 'rdf-validate-shacl';
import { parseRdf } from '../hub/src/catalogue/dcat/parse.ts';
import { entryContent } from '../hub/src/catalogue/entry/index.ts';
import { parseCsv } from '../hub/src/platform/sheet/testing.ts';

const [shapesFile, target] = process.argv.slice(2).filter((a) => !a.startsWith('--'));
if (!shapesFile || !target) throw new Error('shapes and an address or a plan are needed');
const key = process.argv.find((a) => a.startsWith('--key='))?.slice(6);
const shapes = new Store(new Parser().parse(readFileSync(shapesFile, 'utf8')));

/** The plan's datasets as published, open entries. */
function planned(file: string) {
  const [, ...rows] = parseCsv(readFileSync(file, 'utf8').replace(/\r?\n/g, '\r\n'));
  return rows
    .filter((r) => r.length >= 5)
    .map(([, department, title, abstract, items], i) => ({
      ...{ id: `scjg.n${i + 1}`, provider: 'scjg', sequence: 100_001 + i },
      content: entryContent.parse({
        title: { zh: title },
        abstract: { zh: `${department}：${abstract}` },
        ...{ classification: '307001', format: 'xlsx', level: 'general', cycle: 'yearly' },
        sharing: { type: 'unconditional' },
        open: { open: true },
        items: items!
          .split(/[、，,；;]/)
          .map((t) => t.replace(/等$/, '').trim())
          .filter(Boolean)
          .map((zh) => ({ title: { zh }, type: 'C' })),
      }),
    }));
}

const hub = target.endsWith('.csv') ? await (await import('./catalogue/hub.ts')).benchHub(0, planned(target)) : null;
const base = hub?.url ?? target.replace(/\/+$/, '');
const counts: Record<string, number> = {};
let violations = 0;
for (const [syntax, type] of [
  ['ttl', 'text/turtle'],
  ['jsonld', 'application/ld+json'],
] as const) {
  let pages = 0;
  let datasets = 0;
  let triples = 0;
  let bytes = 0;
  for (let next: string | undefined = `${base}/dcat/catalog.${syntax}`; next; ) {
    const answer = await fetch(next, { headers: { accept: type, ...(key ? { authorization: key } : {}) } });
    if (!answer.ok) throw new Error(`${next}: ${answer.status}`);
    const text = await answer.text();
    const data = new Store();
    await parseRdf([text], { syntax, base: next }, (q) => data.addQuad(q as Quad));
    const report = await new SHACLValidator(shapes as DatasetCore).validate(data as DatasetCore);
    for (const r of report.results.slice(0, 10))
      console.log(
        r.focusNode?.value,
        String((r.path as { value?: string })?.value),
        r.message.map((m) => m.value).join('; '),
      );
    violations += report.results.length;
    const hydra = 'http://www.w3.org/ns/hydra/core#next';
    next = data.getObjects(null, hydra, null)[0]?.value;
    pages++;
    triples += data.size;
    bytes += text.length;
    datasets += data.countQuads(
      null,
      'http://www.w3.org/1999/02/22-rdf-syntax-ns#type',
      'http://www.w3.org/ns/dcat#Dataset',
      null,
    );
  }
  counts[syntax] = triples;
  console.log(JSON.stringify({ syntax, pages, datasets, triples, characters: bytes }));
}
// A control that can fail: without its titles the same data must not hold.
const one = new Store();
const first = `${base}/dcat/catalog.ttl?size=1`;
const text = await (await fetch(first, { headers: key ? { authorization: key } : {} })).text();
await parseRdf([text], { syntax: 'ttl', base: first }, (q) => {
  if (q.predicate.value !== 'http://purl.org/dc/terms/title') one.addQuad(q as Quad);
});
const control = (await new SHACLValidator(shapes as DatasetCore).validate(one as DatasetCore)).results.length;
if (!control) throw new Error('the shapes find nothing in a catalogue without titles');
console.log(JSON.stringify({ control, violations, alike: counts.ttl === counts.jsonld }));
await hub?.end();
if (violations || counts.ttl !== counts.jsonld) process.exitCode = 1;
