/** OpenAPI 3.1 out of the very schemas that validate, so that the description cannot differ from what is served. */
import { z } from 'zod';
import type { ProblemKind } from '../problem.ts';
import {
  badRequest,
  crossSite,
  forbidden,
  gone,
  internal,
  invalid,
  mediaType,
  notJson,
  problemSchema,
  signIn,
  tooLarge,
  tooMany,
} from './problems.ts';
import type { RouteDefinition } from './route.ts';

type Json = Record<string, unknown>;

/** Schemas that have a name (`.meta({ id })`) are gathered under components; a name that means two things is split. */
class Components {
  readonly schemas: Record<string, Json> = {};

  /** The JSON schema of a zod schema with its named parts moved to components. */
  of(schema: z.ZodType, io: 'input' | 'output', fallback: string): Json {
    const made = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json;
    const { $defs, $schema: _, ...root } = made as Json & { $defs?: Record<string, Json>; id?: string };
    const names = new Map<string, string>();
    for (const [id, def] of Object.entries($defs ?? {})) {
      const wanted = id.startsWith('__') ? `${fallback}${id.replace('__schema', 'Part')}` : id;
      names.set(id, this.#name(wanted, def, io));
    }
    const rewrite = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(rewrite);
      if (typeof node !== 'object' || node === null) return node;
      const entries = Object.entries(node).map(([k, v]): [string, unknown] => {
        if (k !== '$ref' || typeof v !== 'string') return [k, rewrite(v)];
        const id = v.replace('#/$defs/', '');
        return [k, `#/components/schemas/${v === '#' ? fallback : (names.get(id) ?? id)}`];
      });
      return Object.fromEntries(entries);
    };
    for (const [id, def] of Object.entries($defs ?? {})) {
      const { id: _id, ...rest } = def;
      this.schemas[names.get(id)!] = rewrite(rest) as Json;
    }
    const selfReferring = JSON.stringify(root).includes('"$ref":"#"');
    const own = typeof root.id === 'string' ? this.#name(root.id, root, io) : selfReferring ? fallback : undefined;
    const { id: _id, ...body } = rewrite(root) as Json;
    if (own === undefined) return body;
    this.schemas[own] = body;
    return { $ref: `#/components/schemas/${own}` };
  }

  readonly #origin = new Map<string, string>();

  #name(wanted: string, def: Json, io: 'input' | 'output'): string {
    const text = JSON.stringify(def);
    const known = this.#origin.get(wanted);
    if (known === undefined || known === text) {
      this.#origin.set(wanted, text);
      return wanted;
    }
    const other = `${wanted}${io === 'input' ? 'Input' : 'Output'}`;
    this.#origin.set(other, text);
    return other;
  }
}

/** A stable id out of method and path: `GET /api/v1/runs/{run}` is `getRunsByRun`. */
export function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api(\/v\d+)?/, '')
    .split('/')
    .filter(Boolean)
    .flatMap((s) => (s.startsWith('{') ? ['by', s.slice(1, -1)] : s.split(/[^a-zA-Z0-9]+/)))
    .filter(Boolean);
  return method.toLowerCase() + words.map((w) => w[0]!.toUpperCase() + w.slice(1)).join('');
}

function parametersOf(route: RouteDefinition, components: Components, id: string): Json[] {
  const list: Json[] = [];
  const add = (schema: z.ZodType, place: 'path' | 'query') => {
    const object = components.of(schema, 'input', `${id}${place}`) as {
      properties?: Json;
      required?: string[];
      $ref?: string;
    };
    const whole = object.$ref ? (components.schemas[object.$ref.split('/').at(-1)!] as typeof object) : object;
    for (const [name, part] of Object.entries(whole.properties ?? {})) {
      const required = place === 'path' || (whole.required ?? []).includes(name);
      const { description } = part as { description?: string };
      list.push({ name, in: place, required, schema: part, ...(description ? { description } : {}) });
    }
  };
  if (route.params) add(route.params, 'path');
  // A path parameter without a schema is a text.
  for (const [, name] of route.path.matchAll(/\{(\w+)\}/g)) {
    if (!list.some((p) => p.name === name)) list.push({ name, in: 'path', required: true, schema: { type: 'string' } });
  }
  if (route.query) add(route.query, 'query');
  return list;
}

/** The problems that a route may answer: the general ones that apply to it and its own. */
export function problemsOf(route: RouteDefinition): ProblemKind[] {
  const kinds = [tooMany, internal, badRequest];
  if (route.params || route.query || route.body) kinds.push(invalid);
  if (route.body) kinds.push(notJson, mediaType);
  if (route.body || route.bodyType === 'raw') kinds.push(tooLarge);
  if (route.method !== 'GET') kinds.push(crossSite);
  if (route.deprecated) kinds.push(gone);
  if (route.access !== 'public') kinds.push(signIn);
  if (route.access !== 'public' && route.access !== 'signed-in') kinds.push(forbidden);
  return [...new Set([...kinds, ...(route.problems ?? [])])];
}

function responsesOf(route: RouteDefinition, components: Components, id: string): Json {
  const status = route.status ?? 200;
  const ok: Json = { description: route.summary.en };
  if ('stream' in route.response) {
    ok.content = { [route.response.stream]: { schema: { type: 'string' } } };
  } else if (status !== 204) {
    ok.content = { 'application/json': { schema: components.of(route.response, 'output', `${id}Response`) } };
  }
  const responses: Json = { [status]: ok };
  for (const [code, kinds] of [...groupByStatus(problemsOf(route))].sort(([a], [b]) => a - b)) {
    responses[code] = {
      description: kinds.map((k) => `\`${k.code}\` ${k.zh} / ${k.en}`).join('\n\n'),
      content: {
        'application/problem+json': { schema: components.of(problemSchema, 'output', 'Problem') },
      },
    };
  }
  return responses;
}

function groupByStatus(kinds: ProblemKind[]): Map<number, ProblemKind[]> {
  const groups = new Map<number, ProblemKind[]>();
  for (const kind of kinds) groups.set(kind.status, [...(groups.get(kind.status) ?? []), kind]);
  return groups;
}

/** The whole description. */
export function describeApi(routes: readonly RouteDefinition[], version: string): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  const ids = new Set<string>();
  const ordered = [...routes].sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : a.method < b.method ? -1 : 1,
  );
  for (const route of ordered) {
    const id = operationId(route.method, route.path);
    if (ids.has(id)) throw new Error(`two routes have the operation id ${id}`);
    ids.add(id);
    const parameters = parametersOf(route, components, id);
    const body = route.bodyType === 'raw' ? { '*/*': { schema: { type: 'string', format: 'binary' } } } : undefined;
    const json = route.body && { 'application/json': { schema: components.of(route.body, 'input', `${id}Body`) } };
    const content = body ?? json;
    const operation: Json = {
      operationId: id,
      tags: [route.room],
      summary: route.summary.zh,
      description: [route.summary.en, route.description?.zh, route.description?.en].filter(Boolean).join('\n\n'),
      ...(route.deprecated ? { deprecated: true, 'x-deprecation': route.deprecated } : {}),
      'x-access': route.access,
      security: route.access === 'public' ? [] : [{ session: [] }],
      ...(parameters.length ? { parameters } : {}),
      ...(content ? { requestBody: { required: true, content } } : {}),
      responses: responsesOf(route, components, id),
    };
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jingwei 经纬',
      version,
      description:
        '城市大脑中枢接口。错误一律为 application/problem+json，含稳定代码和中英文说明。\n\nThe hub of an open City Brain.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(ordered.map((r) => r.room))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'jingwei' } },
    },
  };
}
