/**
 * Load on a running hub: virtual users, each asking once a second (closed loop: the next question waits for the answer
 * before), panoramas and searches mixed. Reports latencies by kind and exits with 1 when a bound is broken.
 *
 *   node --import tsx bench/credit-load.ts --url http://127.0.0.1:8420 --login analyst --password … \
 *        [--users 50] [--seconds 60] [--panorama-p99 80] [--search-p95 100] [--json]
 *
 * The password may stand in JINGWEI_PASSWORD instead.
 */
import { parseArgs } from 'node:util';
import { pinyin } from 'pinyin-pro';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8420' },
    login: { type: 'string' },
    password: { type: 'string', default: process.env.JINGWEI_PASSWORD ?? '' },
    users: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    'panorama-p99': { type: 'string', default: '80' },
    'search-p95': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
if (!options.login) throw new Error('--login is needed');
const users = Number(options.users);
const seconds = Number(options.seconds);

interface Hit {
  entity: number;
  name: string;
  uscc: string | null;
  address: string | null;
}

/** Signs in and answers the headers that keep the session. */
async function signIn(): Promise<Record<string, string>> {
  const response = await fetch(`${options.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: options.url },
    body: JSON.stringify({ login: options.login, password: options.password }),
  });
  if (!response.ok) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
  const cookies = response.headers.getSetCookie().map((c) => c.split(';')[0]!);
  return { cookie: cookies.join('; ') };
}

const headers = await signIn();

async function get<T>(path: string): Promise<T> {
  const response = await fetch(options.url + path, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${path.split('?')[0]} ${text.slice(0, 200)}`);
  return JSON.parse(text) as T;
}

const searchPath = (q: string, page = 1, size = 20) =>
  `/api/v1/credit/search?q=${encodeURIComponent(q)}&page=${page}&size=${size}`;

/** Enterprises to ask for: pages from all over the results of broad questions. */
async function sampleOf(): Promise<Hit[]> {
  const found = new Map<number, Hit>();
  for (const q of ['有限公司', '公司', '厂', '店', '路', '慈溪', '9133']) {
    for (const page of [1, 7, 19, 41, 73, 97]) {
      const answer = await get<{ hits: Hit[] }>(searchPath(q, page, 100));
      for (const hit of answer.hits) found.set(hit.entity, hit);
    }
  }
  if (found.size === 0) throw new Error('the hub knows no enterprise that could be asked for');
  return [...found.values()];
}

const sample = await sampleOf();
let seed = 1;
/** A small generator of its own, so that two runs ask the same. */
const random = (n: number) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
};

const letters = (text: string, pattern?: 'first') =>
  pinyin(text, { toneType: 'none', type: 'array', ...(pattern ? { pattern } : {}) }).join('');
const questions: ((h: Hit) => string)[] = [
  (h) => h.name,
  (h) => h.name.replace(/^.{2,3}?[省市县区]/, '').slice(0, 4),
  (h) => h.name.slice(0, 5),
  (h) => h.uscc ?? h.name,
  (h) => (h.uscc ?? h.name).slice(0, 12),
  (h) => (h.address ?? h.name).slice(-8),
  (h) => letters(h.name.slice(2, 6)),
  (h) => letters(h.name.slice(0, 6), 'first'),
];

type Kind = 'panorama' | 'search';
const times: Record<Kind, number[]> = { panorama: [], search: [] };
const errors: string[] = [];

async function user(number: number, end: number): Promise<void> {
  // Users begin spread over the first second.
  let due = performance.now() + (number / users) * 1000;
  while (due < end) {
    await new Promise((r) => setTimeout(r, Math.max(0, due - performance.now())));
    const hit = sample[random(sample.length)]!;
    const kind: Kind = random(2) === 0 ? 'panorama' : 'search';
    const path =
      kind === 'panorama'
        ? `/api/v1/credit/enterprises/${hit.entity}`
        : searchPath(questions[random(questions.length)]!(hit).slice(0, 100));
    const start = performance.now();
    try {
      await get(path);
      times[kind].push(performance.now() - start);
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
    due = Math.max(due + 1000, performance.now());
  }
}

const end = performance.now() + seconds * 1000;
await Promise.all(Array.from({ length: users }, (_, i) => user(i, end)));

const figures = (ms: number[]) => {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0) * 10) / 10;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
};
const result = {
  users,
  seconds,
  enterprises: sample.length,
  panorama: figures(times.panorama),
  search: figures(times.search),
  errors: errors.length,
};
if (options.json) console.log(JSON.stringify(result));
else {
  for (const kind of ['panorama', 'search'] as const) {
    const f = result[kind];
    console.log(`${kind.padEnd(9)} n=${f.n}  p50 ${f.p50}  p95 ${f.p95}  p99 ${f.p99}  max ${f.max} ms`);
  }
  console.log(`errors ${errors.length}${errors[0] ? `, the first: ${errors[0]}` : ''}`);
}
const kept =
  errors.length === 0 &&
  result.panorama.p99 <= Number(options['panorama-p99']) &&
  result.search.p95 <= Number(options['search-p95']);
process.exitCode = kept ? 0 : 1;
