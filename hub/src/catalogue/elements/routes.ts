/** The routes of the registry of data elements and code sets. Whoever reads the catalogue reads it. */
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import type { Catalogue } from '../catalogue.ts';
import * as api from './api.ts';
import type { CodeSet, Element } from './declaration.ts';
import { allDifferences, type Difference } from './differences.ts';
import { loadRegistry, type Registry, registryRoot } from './load.ts';
import { usagesOf } from './used.ts';

const elementUnknown = problemKind(
  'catalogue.element.unknown',
  404,
  '没有数据元“{id}”。',
  'There is no data element "{id}".',
);
const setUnknown = problemKind('catalogue.codes.unknown', 404, '没有代码集“{id}”。', 'There is no code set "{id}".');
const versionUnknown = problemKind(
  'catalogue.codes.version-unknown',
  404,
  '代码集“{id}”没有版本“{version}”。',
  'The code set "{id}" has no version "{version}".',
);

const room = 'catalogue';
const access = 'catalogue.read' as const;

/** Characters of the longest value of every field in its latest profiled run; empty where nothing was profiled. */
async function longestValues(deps: Pick<Deps, 'lake'>): Promise<Map<string, number>> {
  const there = await deps.lake.first(
    `SELECT 1 AS one FROM information_schema.tables WHERE table_schema = 'v' AND table_name = 'profile_v1'`,
  );
  if (!there) return new Map();
  const rows = await deps.lake.query<{ source: string; field: string; n: number }>(
    `SELECT source, field, arg_max(max_length, run)::INTEGER AS n FROM v.profile_v1 WHERE max_length IS NOT NULL GROUP BY source, field`,
  );
  return new Map(rows.map((r) => [`${r.source} ${r.field}`, r.n]));
}

const includes = (q: string, ...texts: (string | undefined)[]): boolean =>
  texts.some((t) => t?.toLowerCase().includes(q.toLowerCase()));

/** All of them. */
export function elementRoutes(deps: Deps, catalogue: () => Catalogue): RouteDefinition[] {
  let read: Registry | undefined;
  const registry = (): Registry => {
    if (read) return read;
    read = loadRegistry(registryRoot(deps.folders.sources));
    for (const problem of read.problems) deps.log.error({ problem: problem.toJSON() }, problem.message);
    return read;
  };
  const nameOf = (id: string | undefined) =>
    id === undefined ? null : (catalogue().organisations.get(id)?.name ?? { zh: id, en: id });
  const differences = async (): Promise<Difference[]> =>
    allDifferences(registry(), catalogue().declarations(), await longestValues(deps));
  const shownDifference = (d: Difference) => {
    const source = catalogue().sources.get(d.source)!.declaration;
    const none = { zh: d.element, en: d.element };
    return {
      ...{ ...d, sourceTitle: source.title, elementTitle: registry().elements.get(d.element)?.title ?? none },
      fieldTitle: source.fields.find((f) => f.name === d.field)!.title,
    };
  };
  const shownElement = (e: Element, fields: number, differing: number) => ({
    ...{ id: e.id, number: e.number, version: e.version, status: e.status, title: e.title, definition: e.definition },
    ...{ group: e.group, groupTitle: registry().groups.get(e.group)!, type: e.type, format: e.format ?? null },
    ...{ length: e.length ?? null, unit: e.unit ?? null, codes: e.codes ?? null, protection: e.protection },
    codesTitle: e.codes === undefined ? null : (registry().codeSets.get(e.codes)?.title ?? null),
    ...{ standard: e.standard ?? null, owner: e.owner ?? null, ownerName: nameOf(e.owner), synonyms: e.synonyms },
    ...{ replacedBy: e.replacedBy ?? null, fields, differing },
  });
  const shownSet = (s: CodeSet) => ({
    ...{ id: s.id, number: s.number, title: s.title, definition: s.definition, standard: s.standard ?? null },
    ...{ owner: s.owner ?? null, ownerName: nameOf(s.owner), builtin: s.builtin !== undefined },
    versions: s.versions.map((v) => ({ version: v.version, from: v.from, n: v.codes.length })),
    elements: [...registry().elements.values()]
      .filter((e) => e.codes === s.id)
      .map((e) => ({ id: e.id, title: e.title })),
  });
  const counted = async () => {
    const all = await differences();
    const faults = all.filter((d) => d.kind !== 'unreferred');
    const fields = new Map<string, number>();
    let [total, referring] = [0, 0];
    for (const d of catalogue().declarations())
      for (const f of d.fields) {
        total += 1;
        if (f.element === undefined) continue;
        referring += 1;
        fields.set(f.element, (fields.get(f.element) ?? 0) + 1);
      }
    const differing = new Map<string, Set<string>>();
    for (const d of faults)
      differing.set(d.element, (differing.get(d.element) ?? new Set()).add(`${d.source} ${d.field}`));
    return { all, faults, fields, total, referring, differing };
  };
  const file = (key: string): string => {
    const place = registry().places.get(key);
    return place ? `${place.file}:${place.line}` : '';
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/elements', room, access, query: api.elementsQuery },
      response: api.elementsAnswer,
      summary: { zh: '数据元', en: 'Data elements' },
      async handler({ query }) {
        const { elements, groups, problems } = registry();
        const { all, faults, fields, total, referring, differing } = await counted();
        const found = [...elements.values()].filter(
          (e) =>
            (!query.group || e.group === query.group) &&
            (!query.status || e.status === query.status) &&
            (!query.differing || differing.has(e.id)) &&
            (!query.q ||
              includes(query.q, e.id, e.number, e.title.zh, e.title.en, e.definition.zh, e.standard, ...e.synonyms)),
        );
        return {
          items: found
            .slice(query.offset, query.offset + query.limit)
            .map((e) => shownElement(e, fields.get(e.id) ?? 0, differing.get(e.id)?.size ?? 0)),
          total: found.length,
          groups: [...groups].map(([group, title]) => ({
            ...{ group, title },
            n: [...elements.values()].filter((e) => e.group === group).length,
          })),
          summary: {
            ...{ fields: total, referring, unreferred: all.length - faults.length },
            differing: new Set(faults.map((d) => `${d.source} ${d.field}`)).size,
          },
          problems: problems.map((p) => {
            const { code, title, place } = p.toJSON();
            return { code, ...title, place: place?.file ? `${place.file}:${place.line ?? 1}` : null };
          }),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/elements/differences', room, access, query: api.differencesQuery },
      response: api.differencesAnswer,
      summary: { zh: '数据源字段与数据元的差异', en: 'Where fields of sources differ from their elements' },
      async handler({ query }) {
        const all = (await differences())
          .filter((d) => (query.kind ? d.kind === query.kind : d.kind !== 'unreferred'))
          .map(shownDifference)
          .filter(
            (d) =>
              !query.q || includes(query.q, d.source, d.field, d.sourceTitle.zh, d.fieldTitle.zh, d.elementTitle.zh),
          );
        return { items: all.slice(query.offset, query.offset + query.limit), total: all.length };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/elements/{id}', room, access, params: api.idParams },
      ...{ response: api.elementAnswer, problems: [elementUnknown] },
      summary: { zh: '一个数据元及其用处', en: 'A data element and where it is used' },
      async handler({ params }) {
        const e = registry().elements.get(params.id);
        if (!e) throw new Problem(elementUnknown, { id: params.id });
        const { faults, fields, differing } = await counted();
        return {
          element: shownElement(e, fields.get(e.id) ?? 0, differing.get(e.id)?.size ?? 0),
          place: file(`elements/${e.id}`),
          usages: await usagesOf(deps, catalogue(), e.id),
          differences: faults.filter((d) => d.element === e.id).map(shownDifference),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/codes', room, access, query: api.codeSetsQuery, response: api.codeSetsAnswer },
      summary: { zh: '代码集', en: 'Code sets' },
      async handler({ query }) {
        const sets = [...registry().codeSets.values()];
        const found = query.q
          ? sets.flatMap((s) =>
              (s.versions.at(-1)?.codes ?? [])
                .filter((c) => c.code.toLowerCase() === query.q.toLowerCase() || includes(query.q, c.zh, c.en))
                .map((c) => ({
                  ...{ set: s.id, setTitle: s.title, code: c.code, parent: c.parent ?? null },
                  title: { zh: c.zh, en: c.en },
                })),
            )
          : [];
        const own = sets.filter(
          (s) =>
            !query.q ||
            includes(query.q, s.id, s.number, s.title.zh, s.title.en, s.standard) ||
            found.some((f) => f.set === s.id),
        );
        return { items: own.map(shownSet), found: found.slice(0, 50) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/codes/{id}', room, access, params: api.idParams, query: api.codesQuery },
      ...{ response: api.codesAnswer, problems: [setUnknown, versionUnknown] },
      summary: { zh: '一个代码集的代码', en: 'The codes of a set' },
      async handler({ params, query }) {
        const s = registry().codeSets.get(params.id);
        if (!s) throw new Problem(setUnknown, { id: params.id });
        const at = query.version ? s.versions.findIndex((v) => v.version === query.version) : s.versions.length - 1;
        const version = s.versions[at];
        if (!version) throw new Problem(versionUnknown, { id: s.id, version: query.version });
        const before = new Map((s.versions[at - 1]?.codes ?? []).map((c) => [c.code, c]));
        const children = new Map<string, number>();
        for (const c of version.codes)
          if (c.parent !== undefined) children.set(c.parent, (children.get(c.parent) ?? 0) + 1);
        const found = version.codes.filter((c) =>
          query.q
            ? c.code.toLowerCase().startsWith(query.q.toLowerCase()) || includes(query.q, c.zh, c.en)
            : query.parent
              ? c.parent === query.parent
              : // A large table is told from its top.
                version.codes.length <= 200 || c.parent === undefined,
        );
        const now = new Set(version.codes.map((c) => c.code));
        return {
          ...{ set: shownSet(s), version: version.version, place: file(`codes/${s.id}`), total: found.length },
          codes: found.slice(query.offset, query.offset + query.limit).map((c) => {
            const old = before.get(c.code);
            const change =
              before.size === 0 ? null : !old ? ('new' as const) : old.zh !== c.zh ? ('renamed' as const) : null;
            return {
              ...{ code: c.code, title: { zh: c.zh, en: c.en }, parent: c.parent ?? null, change },
              children: children.get(c.code) ?? 0,
            };
          }),
          gone: [...before.values()]
            .filter((c) => !now.has(c.code))
            .map((c) => ({ code: c.code, title: { zh: c.zh, en: c.en } })),
        };
      },
    }),
  ];
}
