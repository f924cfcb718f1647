/**
 * What was granted out of the planted city, and everything by which its recipient gets it: files of deliveries, the service interface,
 * change events. Used by the test of access rules only.
 */
import { type Asker, ask } from './access-crawl.ts';
import { planted, plantedLevels } from './access-planted.ts';
import type { App } from './app.ts';
import { type Principal, permissionsOf, type Role } from './platform/auth/principal.ts';
import { act, content, draft, matterOf, sharingPorts } from './sharing/index.ts';

/** Somebody of the demonstration: who signs in as what for whom. */
export interface Person extends Asker {
  role: string | null;
  organisation: string | null;
}

/** A grant to the other department: of which level, of all items or of the public one alone. */
export interface Granted {
  share: number;
  level: string;
  items: 'all' | 'public';
  /** What its recipient was given, by way. */
  given: Map<string, string>;
}

type People = ReadonlyMap<string, Person>;

async function request(
  app: App,
  people: People,
  level: string,
  items: string[],
  mode: 'batch' | 'service',
): Promise<number> {
  const ports = sharingPorts(app.deps);
  const person = (login: string): Principal => {
    const { role, organisation } = people.get(login)!;
    const held = [role as Role];
    const self = { userId: login, login, name: login, organisation, roles: held, sessionId: 'planted', purpose: null };
    return { ...self, permissions: permissionsOf(held) };
  };
  const personal = items.filter((i) => !i.endsWith('_text'));
  const body = content.parse({
    ...{ ground: '职责清单第三条', scene: '访问规则试验', scope: '业务科室内部使用', mode, items, contact: '联系人' },
    ...{ frequency: mode === 'batch' ? 'daily' : 'once', conditions: '仅用于访问规则试验' },
    necessity: Object.fromEntries(personal.map((i) => [i, '核对人员身份所必需'])),
    until: new Date(app.deps.clock.now().getTime() + 90 * 86_400_000).toISOString().slice(0, 10),
  });
  const id = await draft(ports, { entry: `scjg.planted-${level}`, content: body }, person('rsj-officer'));
  const course = [
    ['propose', 'rsj-officer', {}],
    ['agree-own', 'rsj-head', {}],
    ['advise', 'officer', { share: true }],
    ['grant', 'head', {}],
  ] as const;
  for (const [action, login, data] of course) {
    const { version } = await matterOf(app.db.kysely, 'request', id, null);
    await act(ports, 'request', id, { action, version, comment: '同意', data }, person(login));
  }
  const [share] = await app.db.query<{ id: number }>('SELECT id FROM sharing.share WHERE request = $1', [id]);
  return share!.id;
}

/** Grants of every level, with what each way of having them gave. */
export async function plantGrants(app: App, people: People): Promise<Granted[]> {
  const fields = [...new Set(planted.map((p) => p.field))];
  const all: Granted[] = [];
  // Of one level also the public item alone: then the other items of the same rows are what must not be had.
  for (const level of plantedLevels)
    for (const items of level === 'important' ? (['all', 'public'] as const) : (['all'] as const))
      for (const mode of ['batch', 'service'] as const) {
        const share = await request(app, people, level, items === 'all' ? fields : ['open_text'], mode);
        const given = new Map<string, string>();
        all.push({ share, level, items, given });
        const got = mode === 'batch' ? [delivered, pushed] : [looked];
        for (const get of got) for (const [way, text] of await get(app, people, share)) given.set(way, text);
      }
  return all;
}

const call = async <T>(app: App, who: Asker, method: string, path: string, body?: unknown): Promise<T> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const { status, text } = await ask(app, who, path, init);
  if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${text}`);
  return JSON.parse(text) as T;
};

/** The file and the manifest of a delivery, and what its page says. */
async function delivered(app: App, people: People, share: number): Promise<[string, string][]> {
  const recipient = people.get('rsj-officer')!;
  const path = `/api/v1/sharing/shares/${share}/deliveries`;
  const { id } = await call<{ id: number }>(app, people.get('officer')!, 'POST', path, { kind: 'full', format: 'csv' });
  const [job] = (await app.jobs.list({ kind: 'sharing.deliver', limit: 1 })) as { id: string }[];
  await app.jobs.wait(job!.id);
  const headers = { 'jingwei-purpose': encodeURIComponent('访问规则试验') };
  const file = await ask(app, recipient, `/api/v1/sharing/deliveries/${id}/file`, { headers });
  const manifest = await ask(app, recipient, `/api/v1/sharing/deliveries/${id}/manifest`, { headers });
  return [
    ['file', file.text],
    ['manifest', manifest.text],
  ];
}

/** Everything that the service interface can be asked, also what it must refuse. */
async function looked(app: App, people: People, share: number): Promise<[string, string][]> {
  const body = { name: '试验系统', purpose: '访问规则试验', sandbox: false, method: 'secret' };
  const client = await call<{ id: string; secret: string }>(
    app,
    people.get('rsj-officer')!,
    'POST',
    '/api/v1/gateway/clients',
    body,
  );
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
  });
  const answer = await fetch(`${app.url}/services/oauth/token`, { method: 'POST', body: form });
  const { access_token } = (await answer.json()) as { access_token: string };
  const nobody = { name: 'a program', cookie: '' };
  const headers = { authorization: `Bearer ${access_token}` };
  const get = async (path: string): Promise<string> => {
    const { status, text } = await ask(app, nobody, `/services/${share}${path}`, { headers });
    if (status !== 503) return text;
    // A service that was granted a moment ago prepares its table.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return get(path);
  };
  const said: [string, string][] = [
    ['list', await get('/records')],
    ['count', await get('/count')],
  ];
  const number = /"_record":"([0-9a-f]{20})"/.exec(said[0]![1])?.[1];
  if (number) said.push(['record', await get(`/records/${number}`)]);
  for (const { source, field, value } of planted.filter((p) => p.owner === 'scjg')) {
    const asked = encodeURIComponent(value);
    said.push([
      `filter by ${field} of ${source}`,
      (await get(`/records?${field}=${asked}`)).replaceAll(value, '').replaceAll(asked, ''),
    ]);
    said.push([`fields of ${field}`, await get(`/records?fields=${field}`)]);
  }
  return said;
}

/** Everything that stands, as change events that the recipient fetches. */
async function pushed(app: App, people: People, share: number): Promise<[string, string][]> {
  const recipient = people.get('rsj-officer')!;
  const body = { grant: share, title: '试验订阅', target: { kind: 'pull' }, begin: 'all' };
  const { id, secret } = await call<{ id: number; secret: string }>(
    app,
    recipient,
    'POST',
    '/api/v1/subscriptions',
    body,
  );
  const headers = { authorization: `Bearer ${secret}` };
  let events = '';
  // The first answer says that what stands now begins; each next one is asked for with the cursor of the one before.
  for (let after = '', more = true; more; ) {
    const path = `/api/v1/subscriptions/${id}/events?wait=0${after}`;
    const { status, text } = await ask(app, { name: 'a program', cookie: '' }, path, { headers });
    if (status !== 200) throw new Error(`${path} answers ${status}: ${text}`);
    events += text;
    const said = JSON.parse(text) as { cursor: string; events: unknown[] };
    after = `&after=${said.cursor}`;
    more = said.events.length > 0;
  }
  return [['events', events]];
}
