/**
 * Asks a hub everything that its description says can be asked, as somebody: every GET route, with every object that stands in the
 * planted city for its parameters. Used by the test of access rules only.
 */
import type { App } from './app.ts';

/** A route as the hub's description tells it. */
export interface Asked {
  path: string;
  /** Names of its query parameters, and those without which it refuses. */
  query: string[];
  required: string[];
}

/** What a question was answered with. */
export interface Said {
  route: string;
  url: string;
  status: number;
  text: string;
}

interface Description {
  paths: Record<string, { get?: { parameters?: { name: string; in: string; required?: boolean }[] } }>;
}

/** Every GET route of the description. */
export async function routesOf(url: string): Promise<Asked[]> {
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as Description;
  return Object.entries(paths).flatMap(([path, { get }]) => {
    if (!get) return [];
    const query = (get.parameters ?? []).filter((p) => p.in === 'query');
    return [{ path, query: query.map((p) => p.name), required: query.filter((p) => p.required).map((p) => p.name) }];
  });
}

/** Values that parameters may take: by `path#name` where a name means different things, else by name. */
export type Pool = Readonly<Record<string, readonly string[]>>;

const valuesOf = (pool: Pool, path: string, name: string): readonly string[] => {
  const own = Object.keys(pool).filter(
    (key) => key.includes('#') && path.startsWith(key.split('#')[0]!) && key.endsWith(`#${name}`),
  );
  // The longest path that fits says most.
  const best = own.sort((a, b) => b.length - a.length)[0];
  return pool[best ?? name] ?? [];
};

/** Addresses of a route with each value of the pool; none where a parameter has no value at all. */
export function addressesOf(route: Asked, pool: Pool): string[] {
  let all = [route.path];
  for (const name of [...route.path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!)) {
    const values = valuesOf(pool, route.path, name);
    all = all.flatMap((path) => values.map((v) => path.replace(`{${name}}`, encodeURIComponent(v))));
  }
  for (const name of route.required) {
    const values = valuesOf(pool, route.path, name);
    all = all.flatMap((url) =>
      values.map((v) => `${url}${url.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(v)}`),
    );
  }
  return all;
}

/** Somebody who asks: a session's cookie, or nobody's. */
export interface Asker {
  name: string;
  cookie: string;
  purpose?: string;
}

/** Asks one address; a stream is read to its end. */
export async function ask(
  app: Pick<App, 'url'>,
  asker: Asker,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; text: string }> {
  const headers = {
    ...(asker.cookie ? { cookie: asker.cookie } : {}),
    ...(init.body ? { 'content-type': 'application/json' } : {}),
  };
  const end = new AbortController();
  const answer = await fetch(app.url + path, {
    ...init,
    signal: end.signal,
    headers: { ...headers, ...(init.headers as Record<string, string>) },
    redirect: 'manual',
  });
  // A stream of events never ends by itself: what it says at first is what it says of what is there.
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) setTimeout(() => end.abort(), STREAM_MS);
  const parts: Uint8Array[] = [];
  try {
    for await (const part of answer.body ?? []) parts.push(part as Uint8Array);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
  return { status: answer.status, text: Buffer.concat(parts).toString('utf8') };
}

/** Names under which an item of a list tells what its own address is made of, the likeliest first. */
const NAMES = [
  'id',
  'code',
  'name',
  'key',
  'number',
  'run',
  'entity',
  'login',
  'class',
  'identifier',
  'scenario',
  'version',
];

/** Objects that stand in lists of an answer. */
function itemsOf(answer: unknown, depth = 0): Record<string, unknown>[] {
  if (depth > 3 || typeof answer !== 'object' || answer === null) return [];
  const inside = Object.values(answer).flatMap((v) => itemsOf(v, depth + 1));
  if (!Array.isArray(answer)) return inside;
  return [...answer.filter((v) => typeof v === 'object' && v !== null && !Array.isArray(v)), ...inside];
}

/**
 * Finds what the addresses of routes can be made of: whatever the lists above them name, asked by whoever may. Answers the pool with what was found.
 * A parameter takes one value: what stands in the planted city beside the planted rows is the same for all.
 */
export async function discover(
  app: Pick<App, 'url'>,
  askers: readonly Asker[],
  routes: readonly Asked[],
  known: Pool,
): Promise<Pool> {
  const pool: Record<string, readonly string[]> = { ...known };
  const listed = new Map<string, Record<string, unknown>[]>();
  for (const route of routes) {
    for (const [whole, name] of route.path.matchAll(/\{(\w+)\}/g)) {
      const above = route.path.slice(0, route.path.indexOf(whole)).replace(/\/$/, '');
      if (valuesOf(pool, route.path, name!).length > 0) continue;
      // The list that names it stands right above, or further up (`files/{no}` are told by the archive itself).
      for (const list of [above, above.slice(0, above.lastIndexOf('/'))]) {
        const [address] = addressesOf({ path: list, query: [], required: [] }, pool);
        if (address === undefined) continue;
        for (const asker of listed.has(address) ? [] : askers) {
          const { status, text } = await ask(app, asker, address);
          if (status !== 200) continue;
          const items = text.startsWith('{') || text.startsWith('[') ? itemsOf(JSON.parse(text)) : [];
          if (items.length === 0) continue;
          listed.set(address, items);
          break;
        }
        const items = listed.get(address) ?? [];
        listed.set(address, items);
        const own = [name!, ...NAMES].find((n) => items.some((i) => ['string', 'number'].includes(typeof i[n])));
        const value = own && items.find((i) => ['string', 'number'].includes(typeof i[own]))?.[own];
        if (value === undefined) continue;
        pool[`${above}#${name}`] = [String(value)];
        break;
      }
    }
  }
  return pool;
}

/** How long a stream of events is listened to, in milliseconds. */
const STREAM_MS = 300;

/** The code of a refusal at the gate: the asker's role lacks the route's permission, or nobody is signed in. */
const AT_THE_GATE = /"code":"http\.(forbidden|sign-in)"/;

/**
 * Asks every route at every address, a few at a time. Whoever is refused at the gate of a route is not asked about its further addresses:
 * the gate looks at the role alone, before anything of the address is read (platform/http/register.ts).
 */
export async function crawl(
  app: Pick<App, 'url'>,
  asker: Asker,
  routes: readonly Asked[],
  pool: Pool,
): Promise<Said[]> {
  const todo = routes.map((route) => ({ route: route.path, urls: addressesOf(route, pool) }));
  const said: Said[] = [];
  const work = async () => {
    for (let next = todo.shift(); next; next = todo.shift())
      for (const url of next.urls) {
        const answer = await ask(app, asker, url);
        said.push({ route: next.route, url, ...answer });
        if ((answer.status === 403 || answer.status === 401) && AT_THE_GATE.test(answer.text)) break;
      }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return said;
}
