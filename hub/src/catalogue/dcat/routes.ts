/** The catalogue as DCAT-AP: whole or page by page, and each dataset; Turtle and JSON-LD by address or by the Accept header. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { Db } from '../../platform/db/index.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { ENTRIES_LIMIT } from '../entry/book.ts';
import { entriesOf } from '../entry/published.ts';
import { readCity } from './city.ts';
import { type Audience, dataServices, datasets, datasetsOf, told, toldEntries } from './dataset.ts';
import { describeCatalog, describeDataset, describeMember, describePage, type Place } from './describe.ts';
import type { Node } from './node.ts';
import { type Syntax, syntaxes, write } from './write.ts';

const unknown = problemKind(
  'catalogue.dcat.unknown',
  404,
  '目录中没有数据集“{id}”。',
  'The catalogue has no dataset "{id}".',
);
const notAcceptable = problemKind(
  'catalogue.dcat.not-acceptable',
  406,
  '本接口提供 text/turtle 和 application/ld+json。',
  'This address offers text/turtle and application/ld+json.',
);

/** Tells who asks of a request without a session: another hub by its signature, a harvester by its key. */
export type ReaderOf = (request: FastifyRequest) => Promise<Audience | null>;
const readers = new WeakMap<Db, ReaderOf>();

/** A later room knows who reads with a key of its own. */
export const useReader = (db: Db, reader: ReaderOf): void => void readers.set(db, reader);

/** For whom the catalogue is told: whoever is signed in and reads it, another hub with a key, else a stranger. */
export async function audienceOf(db: Db, principal: Principal | null, request: FastifyRequest): Promise<Audience> {
  if (principal?.permissions.has('catalogue.read')) return 'government';
  return (await readers.get(db)?.(request)) ?? 'public';
}

/** The syntax that a reader prefers (RFC 9110, section 12.5.1); Turtle where it does not mind. */
export function syntaxFor(accept: string | undefined): Syntax | null {
  if (!accept) return 'ttl';
  const wanted = accept.split(',').map((part, i) => {
    const [type = '', ...params] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const q = Number(params.find((p) => p.startsWith('q='))?.slice(2) ?? 1);
    return { type, q: Number.isFinite(q) ? q : 0, i };
  });
  wanted.sort((a, b) => b.q - a.q || a.i - b.i);
  for (const { type, q } of wanted) {
    if (q <= 0) continue;
    if (type === 'application/ld+json' || type === 'application/json') return 'jsonld';
    if (type === 'text/turtle' || type === 'text/*' || type === '*/*') return 'ttl';
    if (type === 'application/*') return 'jsonld';
  }
  return null;
}

const pageQuery = z.object({
  /** Datasets of a page; everything in one answer where it is large enough. */
  size: z.coerce.number().int().min(1).max(ENTRIES_LIMIT).default(500),
  /** Id of the entry after which the page begins: stable while the catalogue changes. */
  after: z.string().max(120).optional(),
});
type PageQuery = z.output<typeof pageQuery>;
const datasetPath = z.object({ id: z.string().max(140) });

const room = 'catalogue';
const access = 'public' as const;
const rateLimit = 600;

/** Routes of DCAT. */
export function dcatRoutes(deps: Pick<Deps, 'db' | 'lake' | 'folders' | 'config' | 'http'>): RouteDefinition[] {
  const city = readCity(deps.folders.cities, deps.config.city);
  const at = (): Place => ({ base: deps.http.url().replace(/\/+$/, ''), city });

  const page = async (
    syntax: Syntax,
    asked: string,
    query: PageQuery,
    principal: Principal | null,
    request: FastifyRequest,
  ) => {
    const audience = await audienceOf(deps.db, principal, request);
    return {
      chunks: write(syntax, pageOf(deps, at(), audience, { ...query, path: asked })),
      contentType: `${syntaxes[syntax].type}; charset=utf-8`,
    };
  };
  const chosen = (request: FastifyRequest): Syntax => {
    const syntax = syntaxFor(request.headers.accept);
    if (!syntax) throw new Problem(notAcceptable);
    return syntax;
  };
  const fixed = (['ttl', 'jsonld'] as const).map((syntax) =>
    defineRoute({
      ...{ method: 'GET', path: `/dcat/catalog.${syntax}`, room, access, rateLimit, query: pageQuery },
      response: { stream: syntaxes[syntax].type },
      summary: {
        zh: `目录（DCAT-AP，${syntaxes[syntax].title}）`,
        en: `The catalogue as DCAT-AP, ${syntaxes[syntax].title}`,
      },
      handler: ({ query, principal, request }) => page(syntax, `/dcat/catalog.${syntax}`, query, principal, request),
    }),
  );
  return [
    ...fixed,
    defineRoute({
      ...{ method: 'GET', path: '/dcat/catalog', room, access, rateLimit, query: pageQuery, problems: [notAcceptable] },
      response: { stream: syntaxes.ttl.type },
      summary: { zh: '目录（DCAT-AP，按 Accept 选择格式）', en: 'The catalogue as DCAT-AP, by the Accept header' },
      async handler({ query, principal, request, reply }) {
        reply.header('vary', 'accept');
        return page(chosen(request), '/dcat/catalog', query, principal, request);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/dcat/datasets/{id}', room, access, rateLimit, params: datasetPath },
      ...{ response: { stream: syntaxes.ttl.type }, problems: [unknown, notAcceptable] },
      summary: { zh: '一个数据集（DCAT-AP；可加 .ttl、.jsonld）', en: 'One dataset as DCAT-AP; with .ttl or .jsonld' },
      async handler({ params, principal, request, reply }) {
        const match = /^(.+)\.(ttl|jsonld)$/.exec(params.id);
        const syntax = (match?.[2] as Syntax | undefined) ?? chosen(request);
        const id = match?.[1] ?? params.id;
        if (!match) reply.header('vary', 'accept');
        const entry = entriesOf(deps.db).get(id);
        // What is not told is as unknown as what is not there.
        if (!entry || !told(entry, await audienceOf(deps.db, principal, request))) throw new Problem(unknown, { id });
        const [dataset] = await datasets(deps, [entry]);
        return {
          chunks: write(syntax, [describeDataset(at(), dataset!)]),
          contentType: `${syntaxes[syntax].type}; charset=utf-8`,
        };
      },
    }),
  ];
}

/** The nodes of a page: where it stands, the catalogue, its datasets. */
async function* pageOf(
  deps: Pick<Deps, 'db' | 'lake'>,
  at: Place,
  audience: Audience,
  { size, after, path }: PageQuery & { path: string },
): AsyncGenerator<Node> {
  const all = toldEntries(deps.db, audience);
  let from = 0;
  if (after !== undefined) while (from < all.length && all[from]!.id <= after) from++;
  const entries = all.slice(from, from + size);
  const address = (next?: string) =>
    `${at.base}${path}?size=${size}${next === undefined ? '' : `&after=${encodeURIComponent(next)}`}`;
  const more = from + entries.length < all.length;
  yield describePage(at.base, {
    ...{ own: address(after), first: address(), total: all.length },
    next: more ? address(entries.at(-1)!.id) : null,
  });
  const modified = all.reduce((m, e) => Math.max(m, e.published!.decided_at?.getTime() ?? 0), 0);
  yield describeCatalog(at, dataServices(deps.db), modified ? new Date(modified) : null);
  for await (const dataset of datasetsOf(deps, { audience, entries })) yield describeMember(at, dataset);
}
