/**
 * Search over the catalogue at 10,000 resources: time of each question, p50, p95 and worst; time to load and to index; memory.
 * The entries are made up of departments, things and items of the declared words; the same questions are asked of a plain scan
 * (every text lowered and searched by `includes`, no ranking, no synonyms, no facets) in the same run.
 *
 *   node --import tsx bench/catalogue/search.ts [entries] [--write]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { EntryBook, entryContent, readWords } from '../../hub/src/catalogue/entry/index.ts';
import { EntrySearch } from '../../hub/src/catalogue/entry/search.ts';
import { migrate, openDb } from '../../hub/src/platform/db/index.ts';

const size = Number(process.argv[2] ?? 10_000);
const root = fileURLToPath(new URL('../..', import.meta.url));
const standards = `${root}standards`;
const { groups } = parse(readFileSync(`${standards}/catalogue-words.yaml`, 'utf8')) as { groups: string[][] };
const vocabulary = groups.flat().filter((w) => /^\p{Script=Han}{2,}$/u.test(w));

/** A generator of numbers from a seed (mulberry32), so that every run asks the same. */
let seed = 20_261_121;
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const kinds = ['登记信息', '年度统计', '办理结果', '监督检查记录', '名录', '变更明细', '申报材料', '评价结果'];
const towns = ['浒山', '周巷', '观海卫', '掌起', '龙山', '匡堰', '桥头', '逍林', '宗汉', '坎墩', '附海', '崇寿'];
const items = vocabulary.flatMap((w) => ['编号', '日期', '数量', '状态', '类别'].map((s) => w + s));

function entryOf(n: number) {
  const [a, b] = [pick(vocabulary), pick(vocabulary)];
  const content = entryContent.parse({
    title: { zh: `${pick(towns)}${a}${b}${pick(kinds)}` },
    abstract: {
      zh: `${pick(towns)}街道办理${a}业务形成的${b}${pick(kinds)}，含${pick(vocabulary)}和${pick(vocabulary)}，供部门核验使用`,
    },
    classification: pick(['102001', '203001', '207002', '307001', '104001']),
    format: pick(['xlsx', 'csv', 'mysql', 'pdf']),
    level: pick(['general', 'general', 'important']),
    cycle: pick(['daily', 'weekly', 'monthly', 'yearly']),
    sharing: { type: pick(['unconditional', 'conditional', 'refused']), condition: '用于行政管理' },
    open: { open: random() < 0.2 },
    items: Array.from({ length: 12 }, () => ({ title: { zh: pick(items) }, type: 'C' })),
  });
  return { id: `d${n % 60}.n${n}`, provider: `d${n % 60}`, sequence: n + 100_001, content };
}

const db = await openDb({ kind: 'pglite' });
await migrate(db, [{ room: 'catalogue', folder: `${root}hub/src/catalogue/migrations` }]);
for (let at = 0; at < size; at += 500) {
  const rows = JSON.stringify(Array.from({ length: Math.min(500, size - at) }, (_, i) => entryOf(at + i)));
  await db.query(
    `INSERT INTO catalogue.entry (id, provider, sequence, published, created_at)
     SELECT id, provider, sequence, 1, now() FROM jsonb_to_recordset($1::jsonb) AS r(id text, provider text, sequence int)`,
    [rows],
  );
  await db.query(
    `INSERT INTO catalogue.entry_version (entry, version, state, content, origin, made_by, made_at, changed_by, changed_at, decided_at)
     SELECT id, 1, 'published', content, 'file', 'b', now(), 'b', now(), now() FROM jsonb_to_recordset($1::jsonb) AS r(id text, content jsonb)`,
    [rows],
  );
}
const ms = (from: number) => Math.round((performance.now() - from) * 100) / 100;
let from = performance.now();
const book = await new EntryBook(db).load();
const load = ms(from);
const { words } = readWords(standards);
const search = new EntrySearch(book, words, (id) => ({ zh: `慈溪市${id}局`, en: id }));
from = performance.now();
search.refresh();
const index = ms(from);

const questions = Array.from({ length: 1000 }, (_, i) => {
  const two = `${pick(vocabulary)}${pick(vocabulary)}`;
  return [
    pick(vocabulary),
    two,
    `${pick(towns)} ${pick(vocabulary)}`,
    pick(['bdc', 'shbx', 'xzcf', 'qymc', 'jiguan']),
    two.slice(0, 3),
  ][i % 5]!;
});
const ask = (q: string, i: number) =>
  search.find({
    ...{ words: q, chosen: i % 3 === 0 ? { sharing: ['unconditional'], cycle: ['daily', 'weekly'] } : {} },
    ...{ offset: 0, limit: 30, sort: 'relevance', visible: () => true },
  });
for (let i = 0; i < 50; i++) ask(questions[i]!, i);
const cpu = process.cpuUsage();
const times = questions.map((q, i) => {
  const start = performance.now();
  ask(q, i);
  return performance.now() - start;
});
// Processor time says what a question costs when others are at work on the machine too.
const used = process.cpuUsage(cpu);
const found = questions.filter((q, i) => ask(q, i).total > 0).length;
const texts = book.all().map((e) => JSON.stringify(e.published!.content).toLowerCase());
let held = 0;
const scans = questions.map((q) => {
  const start = performance.now();
  for (const text of texts) if (text.includes(q)) held++;
  return performance.now() - start;
});
const at = (list: number[], share: number) =>
  Math.round([...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]! * 100) / 100;
const result = {
  ...{ day: new Date().toISOString().slice(0, 10), cores: cpus().length, node: process.version, entries: size },
  ...{ loadMs: load, indexMs: index, questions: questions.length, answered: found },
  searchMs: { p50: at(times, 0.5), p95: at(times, 0.95), worst: at(times, 1) },
  searchCpuMs: Math.round((used.user + used.system) / questions.length / 10) / 100,
  plainScanMs: { p50: at(scans, 0.5), p95: at(scans, 0.95) },
  plainScanFound: held,
  heapMiB: Math.round(process.memoryUsage().heapUsed / 1_048_576),
};
console.log(JSON.stringify(result, null, 2));
if (process.argv.includes('--write')) {
  mkdirSync(`${root}bench/results`, { recursive: true });
  writeFileSync(`${root}bench/results/catalogue.json`, `${JSON.stringify(result, null, 2)}\n`);
}
await db.close();
