/** The catalogue's routes. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import {
  organisationList,
  type ResourceDetail,
  type ResourceSummary,
  resourceDetail,
  resourcePage,
  resourceQuery,
} from './api.ts';
import type { Catalogue, CataloguedSource } from './catalogue.ts';
import type { Protection } from './declaration.ts';
import { coreMetadata, nationalType, resourceCode } from './metadata.ts';

const unknown = problemKind('catalogue.resource.unknown', 404, '目录里没有“{id}”。', 'The catalogue has no "{id}".');

const ORDER: Protection[] = ['public', 'internal', 'personal', 'sensitive'];

function summaryOf(catalogue: Catalogue, { declaration: d, version }: CataloguedSource): ResourceSummary {
  const owner = catalogue.organisations.get(d.owner);
  const highest = Math.max(...d.fields.map((f) => ORDER.indexOf(f.protection)));
  return {
    id: d.id,
    number: d.number,
    code: resourceCode(d),
    title: d.title,
    abstract: d.abstract,
    owner: { id: d.owner, name: owner?.name ?? { zh: d.owner, en: d.owner } },
    category: d.category,
    subject: d.subject,
    level: d.level,
    sharing: { type: d.sharing.type, condition: d.sharing.condition ?? null, ground: d.sharing.ground ?? null },
    open: d.open,
    cadence: d.cadence,
    mode: d.mode,
    transport: d.transport.kind,
    fields: d.fields.length,
    protection: ORDER[highest]!,
    declaration: version,
  };
}

function matches({ declaration: d }: CataloguedSource, words: string): boolean {
  const text = [
    ...[d.id, resourceCode(d), d.title.zh, d.title.en, d.abstract.zh, d.abstract.en],
    ...d.fields.flatMap((f) => [f.name, f.title.zh, f.title.en]),
  ]
    .join('\n')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((w) => text.includes(w));
}

/** Routes over what is declared now. */
export function catalogueRoutes(lake: Lake, catalogue: () => Catalogue): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/catalogue/resources',
      room: 'catalogue',
      summary: { zh: '信息资源目录', en: 'Information resources' },
      access: 'catalogue.read',
      query: resourceQuery,
      response: resourcePage,
      async handler({ query }) {
        const own = catalogue();
        const found = [...own.sources.values()].filter(
          (s) =>
            (!query.owner || s.declaration.owner === query.owner) &&
            (!query.category || s.declaration.category === query.category) &&
            (!query.level || s.declaration.level === query.level) &&
            (!query.sharing || s.declaration.sharing.type === query.sharing) &&
            (!query.search || matches(s, query.search)),
        );
        const page = found.slice(query.offset, query.offset + query.limit);
        return { items: page.map((s) => summaryOf(own, s)), total: found.length };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/catalogue/resources/{id}',
      room: 'catalogue',
      summary: { zh: '一项信息资源及其国家元数据', en: 'One resource with its national metadata' },
      access: 'catalogue.read',
      params: z.object({ id: z.string() }),
      response: resourceDetail,
      problems: [unknown],
      async handler({ params }): Promise<ResourceDetail> {
        const own = catalogue();
        const source = own.sources.get(params.id);
        if (!source) throw new Problem(unknown, { id: params.id });
        const d = source.declaration;
        const versions = await lake.query<{ version: number; recorded: string; sha256: string }>(
          'SELECT version, recorded, sha256 FROM cat.declaration WHERE source = $source ORDER BY version',
          { source: d.id },
        );
        return {
          ...summaryOf(own, source),
          key: d.key,
          contract: d.contract,
          unavailable:
            d.transport.kind === 'unavailable' ? { reason: d.transport.reason, expected: d.transport.expected } : null,
          items: d.fields.map((f, i) => ({
            position: i + 1,
            name: f.name,
            column: f.column ?? f.name,
            title: f.title,
            type: f.type,
            nationalType: nationalType(f),
            format: f.format ?? null,
            unit: f.unit ?? null,
            required: f.required,
            protection: f.protection,
            codes: f.codes ?? null,
            role: f.role ?? null,
            fact: f.fact ?? null,
            golden: f.golden ?? null,
            key: d.key.includes(f.name),
          })),
          relations: d.relations.map((r) => Object.fromEntries(Object.entries(r).map(([a, b]) => [a, String(b)]))),
          metadata: coreMetadata(d, own.organisations.get(d.owner)),
          versions,
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/catalogue/organisations',
      room: 'catalogue',
      summary: { zh: '机构', en: 'Organisations' },
      access: 'catalogue.read',
      response: organisationList,
      async handler() {
        const own = catalogue();
        const all = own.declarations();
        return {
          items: [...own.organisations.values()].map((o) => ({
            id: o.id,
            name: o.name,
            code: o.code ?? null,
            kind: o.kind ?? null,
            until: o.until ?? null,
            heir: o.heir ?? null,
            resources: all.filter((d) => d.owner === o.id).length,
            unavailable: all.filter((d) => d.owner === o.id && d.transport.kind === 'unavailable').length,
          })),
        };
      },
    }),
  ];
}
