/**
 * A whole catalogue harvested in the ways that others do it: by a CKAN harvester (package_search page by page in the order of ids, then
 * again for what changed since), by package_list and package_show one by one, by DCAT-AP pages in both syntaxes. Every way is held
 * against the entries that were put in: complete, nothing twice.
 *
 *   node --import tsx bench/harvest.ts [entries] [--write]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type ForeignPage, readCatalogue } from '../hub/src/catalogue/dcat/index.ts';
import { entryContent } from '../hub/src/catalogue/entry/index.ts';
import { type BenchEntry, benchHub } from './catalogue/hub.ts';

const size = Number(process.argv[2] ?? 10_000);
const root = fileURLToPath(new URL('..', import.meta.url));
const { groups } = parse(readFileSync(`${root}standards/catalogue-words.yaml`, 'utf8')) as { groups: string[][] };
const vocabulary = groups.flat().filter((w) => /^\p{Script=Han}{2,}$/u.test(w));
const pick = <T>(from: readonly T[], n: number): T => from[n % from.length]!;

/** Open entries of sixty departments, each with twelve items. */
const entries: BenchEntry[] = Array.from({ length: size }, (_, n) => ({
  ...{ id: `d${n % 60}.n${n}`, provider: `d${n % 60}`, sequence: n + 100_001 },
  content: entryContent.parse({
    title: { zh: `${pick(vocabulary, n)}${pick(vocabulary, n * 7 + 3)}信息` },
    abstract: { zh: `办理${pick(vocabulary, n * 3)}业务形成的${pick(vocabulary, n * 5)}记录，供核验使用` },
    classification: pick(['102001', '203001', '207002', '307001', '104001'], n),
    ...{ format: pick(['xlsx', 'csv', 'pdf'], n), level: 'general', cycle: pick(['daily', 'monthly', 'yearly'], n) },
    ...{ sharing: { type: 'unconditional' }, open: { open: true }, tags: [pick(vocabulary, n * 11)] },
    items: Array.from({ length: 12 }, (_, i) => ({ title: { zh: `${pick(vocabulary, n + i * 13)}编号` }, type: 'C' })),
  }),
}));
const loadBefore = loadavg()[0];
const hub = await benchHub(0, entries);
// The repository's own open entries are in the catalogue too.
const wanted = new Set((await all('/api/3/action/package_list')) as string[]);
if (wanted.size < size) throw new Error(`${wanted.size} packages of ${size}`);

async function all(path: string): Promise<unknown> {
  const answer = await fetch(hub.url + path);
  const body = (await answer.json()) as { success: boolean; result: unknown };
  if (!answer.ok || !body.success) throw new Error(`${path}: ${answer.status}`);
  return body.result;
}

interface Way {
  requests: number;
  found: number;
  twice: number;
  missing: number;
  seconds: number;
  /** Seconds of processor, of client and hub together: what a busy machine does not change much. */
  cpuSeconds: number;
  /** Longest answer, milliseconds. */
  longestMs: number;
  /** Most memory of the process while it ran, beyond what it had before, MiB. */
  residentMiB: number;
}
const ways: Record<string, Way> = {};

async function measure(name: string, run: (take: (id: string) => void, asked: (ms: number) => void) => Promise<void>) {
  const seen = new Map<string, number>();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  let [requests, longest] = [0, 0];
  const from = performance.now();
  const cpu = process.cpuUsage();
  await run(
    (id) => seen.set(id, (seen.get(id) ?? 0) + 1),
    (ms) => {
      requests++;
      longest = Math.max(longest, ms);
    },
  );
  clearInterval(watch);
  const used = process.cpuUsage(cpu);
  ways[name] = {
    ...{ requests, found: seen.size, twice: [...seen.values()].filter((n) => n > 1).length },
    missing: [...wanted].filter((id) => !seen.has(id)).length,
    ...{ seconds: Math.round((performance.now() - from) / 10) / 100, longestMs: Math.round(longest) },
    cpuSeconds: Math.round((used.user + used.system) / 10_000) / 100,
    residentMiB: Math.round((most - before) / 1_048_576),
  };
  console.log(name, JSON.stringify(ways[name]));
}
const timed = async <T>(asked: (ms: number) => void, work: Promise<T>): Promise<T> => {
  const from = performance.now();
  const out = await work;
  asked(performance.now() - from);
  return out;
};

interface Page {
  count: number;
  results: { id: string; name: string; metadata_modified: string }[];
}
for (const rows of [100, 1000])
  await measure(`ckan harvester, ${rows} a page`, async (take, asked) => {
    const ids = new Set<string>();
    for (let start = 0; ; start += rows) {
      const query = new URLSearchParams({
        rows: String(rows),
        start: String(start),
        sort: 'id asc',
        fq: '+dataset_type:dataset',
      });
      const page = (await timed(asked, all(`/api/3/action/package_search?${query}`))) as Page;
      if (page.results.length === 0) break;
      for (const p of page.results) {
        if (ids.has(p.id)) throw new Error(`${p.id} twice`);
        ids.add(p.id);
        take(p.name);
      }
    }
  });
await measure('package_list and package_show, 500 of them', async (take, asked) => {
  for (const name of [...wanted].slice(0, 500))
    take(((await timed(asked, all(`/api/3/action/package_show?id=${name}`))) as { name: string }).name);
});
for (const syntax of ['jsonld', 'ttl'] as const)
  await measure(`dcat-ap ${syntax}, 500 a page`, async (take, asked) => {
    for (let next: string | null = `${hub.url}/dcat/catalog.${syntax}?size=500`; next; ) {
      const answer: Response = await fetch(next);
      const page: ForeignPage = await timed(
        asked,
        readCatalogue(answer.body as unknown as AsyncIterable<Uint8Array>, { syntax, base: next }),
      );
      for (const d of page.datasets) take(d.entry!.replace('.', '-'));
      next = page.next;
    }
  });
await measure('dcat-ap ttl, one stream', async (take, asked) => {
  const answer = await fetch(`${hub.url}/dcat/catalog.ttl?size=50000`);
  let rest = '';
  const decoder = new TextDecoder();
  await timed(
    asked,
    (async () => {
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        rest += decoder.decode(chunk, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop()!;
        for (const line of lines) {
          const id = /jw:entry "([^"]+)"/.exec(line)?.[1];
          if (id) take(id.replace('.', '-'));
        }
      }
    })(),
  );
});
const result = {
  ...{ day: new Date().toISOString().slice(0, 10), cores: cpus().length, node: process.version },
  // What else the machine did: runnable tasks over the last minute, before and after.
  load: [loadBefore, loadavg()[0]].map((l) => Math.round(l! * 10) / 10),
  ...{ entries: wanted.size, note: 'client and hub in one process', ways },
};
if (process.argv.includes('--write')) {
  mkdirSync(`${root}bench/results`, { recursive: true });
  writeFileSync(`${root}bench/results/harvest.json`, `${JSON.stringify(result, null, 2)}\n`);
}
await hub.end();
const short = Object.entries(ways).filter(([name, w]) => w.twice || (w.missing && !name.startsWith('package_list')));
if (short.length) throw new Error(`not complete: ${short.map(([n]) => n).join(', ')}`);
