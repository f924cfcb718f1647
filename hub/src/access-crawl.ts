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
