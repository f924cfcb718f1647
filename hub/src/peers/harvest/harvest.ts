/**
 * Reads another catalogue into entries kept apart from our own. Page by page; what is told twice is counted once, what is our own and
 * comes back is passed over, what is gone is marked and kept. A harvest that fails half-way changes what it saw and marks nothing as gone.
 */
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { type ForeignDataset, readCatalogue } from '../../catalogue/index.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { type JobKind, RetryableError } from '../../platform/jobs/index.ts';
import { Problem } from '../../platform/problem.ts';
import { HOUR, ownUrl, type PeersContext } from '../context.ts';
import { elsewhere, loop, notActive, unreachable } from '../problems.ts';
import { call, successOf } from '../protocol/call.ts';
import { below, signedCall } from '../protocol/client.ts';
import { contacted, type PeerRow, peerOf, toldOf } from '../store.ts';
import { CKAN_ROWS, ckanPage, readCkanPage } from './foreign-ckan.ts';

export const HARVEST = 'peers.harvest';
/** Bounds of a harvest: pages, bytes of one, entries of one hub. */
export const harvestLimits = { pages: 2_000, bytes: 32 << 20, entries: 100_000 };

/** The job. */
export function harvestJob(c: PeersContext): JobKind<{ peer: number }> {
  return {
    kind: HARVEST,
    title: { zh: '采集其他平台目录', en: "Read another hub's catalogue" },
    params: z.object({ peer: z.number().int() }),
    lane: 'peers',
    attempts: 3,
    async run(context, { peer: id }) {
      const peer = await peerOf(c.deps.db.kysely, id);
      if (peer.state !== 'active' || !peer.harvest_in) throw new Problem(notActive);
      try {
        return await harvest(c, peer, context.signal, (done, total) =>
          context.progress({ done, ...(total === null ? {} : { total }) }),
        );
      } catch (error) {
        context.signal.throwIfAborted();
        if (error instanceof Problem && error.kind === unreachable)
          throw new RetryableError('the other hub is away', { cause: error });
        throw error;
      }
    },
  };
}

interface Counts {
  pages: number;
  seen: number;
  added: number;
  changed: number;
  gone: number;
  twice: number;
  own: number;
}

/** Harvests a hub now; answers what it found. */
export async function harvest(
  c: PeersContext,
  peer: PeerRow,
  signal?: AbortSignal,
  progress: (done: number, total: number | null) => void = () => undefined,
): Promise<Counts> {
  const { db, clock } = c.deps;
  const begun = await sql<{ id: number }>`INSERT INTO peers.harvest (peer, state, started_at)
    VALUES (${peer.id}, 'running', ${clock.now()}) RETURNING id`.execute(db.kysely);
  const run = begun.rows[0]!.id;
  const counts: Counts = { pages: 0, seen: 0, added: 0, changed: 0, gone: 0, twice: 0, own: 0 };
  const end = (state: 'done' | 'failed', problem: unknown) => sql`UPDATE peers.harvest SET state = ${state},
      pages = ${counts.pages}, seen = ${counts.seen}, added = ${counts.added}, changed = ${counts.changed},
      gone = ${counts.gone}, twice = ${counts.twice}, own = ${counts.own}, ended_at = ${clock.now()},
      problem = ${problem === null ? null : JSON.stringify(problem)}::jsonb WHERE id = ${run}`;
  try {
    for await (const { datasets, total } of pagesOf(c, peer, signal)) {
      signal?.throwIfAborted();
      counts.pages++;
      await db.tx((trx) => keep(trx, c, peer, run, datasets, counts));
      progress(counts.seen, total);
    }
    await db.tx(async (trx) => {
      const gone = await sql`UPDATE peers.remote_entry SET gone_at = ${clock.now()}
        WHERE peer = ${peer.id} AND last_harvest <> ${run} AND gone_at IS NULL`.execute(trx);
      counts.gone = Number(gone.numAffectedRows ?? 0);
      await end('done', null).execute(trx);
      const next = new Date(clock.now().getTime() + peer.every_hours * HOUR);
      await sql`UPDATE peers.peer SET next_harvest = ${next} WHERE id = ${peer.id}`.execute(trx);
      await c.deps.audit.append(
        { actor: null, action: 'peers.harvest', object: `peer/${peer.id}`, outcome: 'ok', detail: { ...counts } },
        trx,
      );
    });
    await contacted(db, peer.id, clock.now());
    return counts;
  } catch (error) {
    await end('failed', toldOf(error)).execute(db.kysely);
    await contacted(db, peer.id, clock.now(), toldOf(error));
    // Looked at again in an hour, or sooner where it is asked for oftener.
    const next = new Date(clock.now().getTime() + Math.min(1, peer.every_hours) * HOUR);
    await db.query('UPDATE peers.peer SET next_harvest = $2 WHERE id = $1', [peer.id, next]);
    throw error;
  }
}

type Page = { datasets: ForeignDataset[]; total: number | null };

async function* pagesOf(c: PeersContext, peer: PeerRow, signal?: AbortSignal): AsyncGenerator<Page> {
  const { bytes, pages } = harvestLimits;
  const common = { networks: peer.networks, limits: { bytes }, ...(signal ? { signal } : {}) };
  if (peer.kind === 'ckan') {
    let start = 0;
    for (let n = 0; ; n++) {
      if (n >= pages) throw new Problem(loop);
      const answer = await call({ method: 'GET', url: ckanPage(peer.url, start), ...common });
      const page = readCkanPage(peer.url, await successOf(answer));
      yield { datasets: page.datasets, total: page.count };
      start += CKAN_ROWS;
      if (page.given === 0 || start >= page.count) return;
    }
  }
  const seen = new Set<string>();
  // A foreign catalogue's address is that of its document; a hub's is known.
  let next: URL | null = peer.kind === 'dcat' ? new URL(peer.url) : below(peer.url, '/dcat/catalog.jsonld?size=500');
  while (next) {
    if (seen.has(next.href) || seen.size >= pages) throw new Problem(loop);
    seen.add(next.href);
    const accept = 'application/ld+json, text/turtle;q=0.9';
    const answer =
      peer.kind === 'dcat'
        ? await call({ method: 'GET', url: next, headers: { accept }, ...common })
        : await signedCall(
            c,
            { ...peer, hub: peer.hub! },
            { method: 'GET', url: next, headers: { accept }, ...common },
          );
    if (answer.status < 200 || answer.status > 299) await successOf(answer);
    const type = String(answer.headers['content-type'] ?? '');
    const page = await readCatalogue(answer.chunks, {
      syntax: type.includes('turtle') ? 'ttl' : 'jsonld',
      base: next.href,
      limits: { bytes },
    });
    yield { datasets: page.datasets, total: page.total };
    const to: URL | null = page.next === null ? null : new URL(page.next);
    // A hub behind a proxy may call itself by its public name; the way to it stays the one that was settled.
    if (to && peer.kind === 'jingwei')
      next = below(peer.url, `${to.pathname.slice(to.pathname.indexOf('/dcat/'))}${to.search}`);
    else if (to && to.host !== new URL(peer.url).host) throw new Problem(elsewhere);
    else next = to;
  }
}

const names = [
  ...([
    'title',
    'description',
    'publisher',
    'access',
    'sharing',
    'condition',
    'level',
    'cycle',
    'items',
    'themes',
  ] as const),
  ...(['keywords', 'version', 'distributions', 'landingPage', 'classification', 'subject', 'collected'] as const),
] as const;

const wordsOf = (d: ForeignDataset): string =>
  [
    d.title.zh,
    d.title.en,
    d.description.zh,
    d.description.en,
    d.publisher?.name,
    ...d.identifiers,
    ...d.keywords,
    ...d.themes,
  ]
    .concat(d.items.map((i) => i.title.zh))
    .filter(Boolean)
    .join('\n')
    .toLowerCase()
    .slice(0, 20_000);

interface Held {
  uri: string;
  digest: string;
  content: ForeignDataset;
  last_harvest: number;
  gone_at: Date | null;
}

/** Keeps the datasets of a page. */
async function keep(
  trx: Kysely<AnyTables>,
  c: PeersContext,
  peer: PeerRow,
  run: number,
  datasets: readonly ForeignDataset[],
  counts: Counts,
): Promise<void> {
  const at = c.deps.clock.now();
  const own = `${ownUrl(c)}/`;
  const page = new Map<string, ForeignDataset>();
  for (const d of datasets) {
    // What began here and was told on by others is no entry of theirs.
    if (d.uri.startsWith(own)) counts.own++;
    else if (page.has(d.uri)) counts.twice++;
    else page.set(d.uri, d);
  }
  const uris = [...page.keys()];
  const found = await sql<Held>`SELECT uri, digest, content, last_harvest, gone_at FROM peers.remote_entry
    WHERE peer = ${peer.id} AND uri = ANY(${uris})`.execute(trx);
  const held = new Map(found.rows.map((r) => [r.uri, r]));
  const rows: Record<string, unknown>[] = [];
  const same: string[] = [];
  for (const [uri, d] of page) {
    const before = held.get(uri);
    if (before?.last_harvest === run) {
      counts.twice++;
      continue;
    }
    if (counts.seen >= harvestLimits.entries) throw new Problem(loop);
    counts.seen++;
    const digest = createHash('sha256').update(JSON.stringify(d)).digest('hex');
    if (before && before.digest === digest && before.gone_at === null) {
      same.push(uri);
      continue;
    }
    const was = before?.content;
    const changed = was ? names.filter((n) => JSON.stringify(was[n]) !== JSON.stringify(d[n])) : [];
    if (before) counts.changed++;
    else counts.added++;
    rows.push({ uri, digest, content: d, words: wordsOf(d), changed });
  }
  if (same.length)
    await sql`UPDATE peers.remote_entry SET last_harvest = ${run} WHERE peer = ${peer.id} AND uri = ANY(${same})`.execute(
      trx,
    );
  if (rows.length)
    await sql`INSERT INTO peers.remote_entry (peer, uri, digest, content, words, first_seen, last_harvest, changed)
      SELECT ${peer.id}, uri, digest, content, words, ${at}, ${run}, changed
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(uri text, digest text, content jsonb, words text, changed jsonb)
      ON CONFLICT (peer, uri) DO UPDATE SET digest = excluded.digest, content = excluded.content, words = excluded.words,
        last_harvest = excluded.last_harvest, changed = excluded.changed, changed_at = ${at}, gone_at = NULL`.execute(
      trx,
    );
}

/** Asks for the harvests that are due. */
export async function harvestDue(c: PeersContext): Promise<void> {
  const due = await sql<{ id: number }>`SELECT id FROM peers.peer WHERE state = 'active' AND harvest_in
    AND next_harvest <= ${c.deps.clock.now()}`.execute(c.deps.db.kysely);
  for (const { id } of due.rows) await c.deps.jobs.submit(HARVEST, { peer: id }, { unique: `peer-${id}` });
}
