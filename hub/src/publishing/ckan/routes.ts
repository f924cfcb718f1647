/** CKAN's action API: GET with a query, POST with JSON or a form, answered in CKAN's own envelope whatever happens. */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addDataService, audienceOf, readCity } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { actions, type CkanDeps, runAction } from './actions.ts';
import type { OpenDataPort } from './datastore.ts';
import { badRequest, CkanError } from './errors.ts';
import { openData, tellOfFiles } from './open.ts';
import { baseOf } from './packages.ts';
import { Parameters } from './parameters.ts';

/** Largest body of a question. */
const BODY = 1 << 20;
const room = 'publishing';
const access = 'public' as const;
/** Requests a minute from one address: a client that asks for every package by itself takes ten thousand of them. */
const rateLimit = 12_000;

/** Either CKAN's envelope or, for what is no action, its bare text. */
const envelope = z.union([
  z.object({ help: z.string(), success: z.boolean(), result: z.unknown().optional(), error: z.unknown().optional() }),
  z.string(),
]);
const path = z.object({ name: z.string().max(100) });
/** Whatever an action takes: what is wrong with it is told by the action, in CKAN's words. */
const query = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

type RoutesDeps = Pick<Deps, 'db' | 'lake' | 'config' | 'http' | 'clock' | 'folders' | 'log'>;

/** Routes of the CKAN read API of a hub with its open data, of whose files DCAT-AP is told as well. */
export function ckanRoutes(deps: RoutesDeps): RouteDefinition[] {
  tellOfFiles(deps);
  return actionRoutes(deps, openData(deps));
}

/** The routes over any open data; without it there are no rows. */
export function actionRoutes(deps: RoutesDeps, open?: OpenDataPort): RouteDefinition[] {
  const city = readCity(deps.folders.cities, deps.config.city);
  const own: CkanDeps = { ...deps, title: city.name, version: '1', open };
  addDataService(deps.db, {
    id: 'ckan',
    title: { zh: '目录查询接口（CKAN 3）', en: 'Catalogue API (CKAN 3)' },
    description: {
      zh: '按 CKAN 的动作接口查询目录和开放数据。',
      en: "The catalogue and open data by CKAN's action API.",
    },
    endpoint: '/api/3/action',
    conformsTo: { url: 'https://docs.ckan.org/en/2.10/api/', title: 'CKAN Action API 3' },
  });

  const answer = async (
    name: string,
    given: () => Promise<Record<string, unknown>>,
    { principal, request, reply }: { principal: Principal | null; request: FastifyRequest; reply: FastifyReply },
  ) => {
    const help = `${baseOf({ ports: own })}/api/3/action/help_show?name=${encodeURIComponent(name)}`;
    try {
      const audience = await audienceOf(deps.db, principal, request);
      if (audience !== 'public') reply.header('cache-control', 'no-store').header('vary', 'authorization, cookie');
      return { help, success: true, result: await runAction(own, name, new Parameters(await given()), audience) };
    } catch (error) {
      return failed(error, help, reply, deps.log);
    }
  };
  const shown = Object.keys(actions).join(', ');
  const get = (base: string, version: string) =>
    defineRoute({
      ...{ method: 'GET', path: `${base}/{name}`, room, access, rateLimit, params: path, query, response: envelope },
      summary: { zh: `CKAN 动作接口${version}（查询）`, en: `CKAN action API${version}, by GET` },
      description: { zh: `动作：${shown}`, en: `Actions: ${shown}` },
      handler: ({ params, ...rest }) => answer(params.name, async () => ({ ...rest.query }), rest),
    });
  const post = (base: string, version: string) =>
    defineRoute({
      ...{ method: 'POST', path: `${base}/{name}`, room, access, rateLimit, params: path, query, response: envelope },
      ...{ bodyType: 'raw', bodyLimit: BODY },
      summary: { zh: `CKAN 动作接口${version}（POST）`, en: `CKAN action API${version}, by POST` },
      handler: ({ params, ...rest }) =>
        answer(params.name, async () => ({ ...rest.query, ...(await bodyOf(rest.request)) }), rest),
    });
  return [
    get('/api/3/action', ''),
    post('/api/3/action', ''),
    // Python's client leaves the version out.
    get('/api/action', '（不带版本）'),
    post('/api/action', '（不带版本）'),
    defineRoute({
      ...{ method: 'GET', path: '/api/3', room, access, rateLimit, response: z.object({ version: z.number() }) },
      summary: { zh: 'CKAN 接口版本', en: 'Version of the CKAN API' },
      handler: async () => ({ version: 3 }),
    }),
  ];
}

/** The parameters of a body: JSON whatever it is called, as CKAN has it, or a form. */
async function bodyOf(request: FastifyRequest): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request.body as Readable) parts.push(Buffer.from(part as Uint8Array));
  const text = Buffer.concat(parts).toString().trim();
  if (text === '') return {};
  const type = request.headers['content-type'] ?? '';
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return { ...found };
  } catch {
    if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  }
  throw badRequest('JSON Error: Error decoding JSON data.');
}

function failed(error: unknown, help: string, reply: FastifyReply, log: Deps['log']) {
  if (error instanceof CkanError) {
    reply.code(error.status);
    if (error.type === null) return error.message;
    const fields = Object.keys(error.fields).length ? error.fields : { message: error.message };
    return { help, success: false, error: { __type: error.type, ...fields } };
  }
  if (error instanceof Problem) {
    const { status, code } = error.kind;
    reply.code(status);
    const type = status === 404 ? 'Not Found Error' : status < 500 ? 'Validation Error' : 'Internal Server Error';
    return { help, success: false, error: { __type: type, message: error.toJSON().title.en, code } };
  }
  log.error({ err: error }, 'an action of the CKAN API failed');
  reply.code(500);
  return { help, success: false, error: { __type: 'Internal Server Error', message: 'Internal Server Error' } };
}
