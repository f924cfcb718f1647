/** The routes of risk: models, ranked lists, the tree behind a number. */

import type { Clock } from '../platform/clock.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import type { RiskModel } from './declaration.ts';
import { pathOf } from './path.ts';
import * as k from './problems.ts';
import { type Names, tellOfPath } from './tell.ts';
import { detailOf, listOf } from './views.ts';
import type { RiskWatch } from './watch.ts';

const base = '/api/v1/risk';
const room = 'risk';
const access = 'risk.read' as const;

export function riskRoutes(
  lake: Lake,
  clock: Clock,
  watch: () => Pick<RiskWatch, 'models' | 'paths' | 'land'>,
  names: Names,
): RouteDefinition[] {
  const models = () => watch().models;
  const named = (id: string): RiskModel => {
    const found = models().find((m) => m.model?.model === id)?.model;
    if (!found) throw new Problem(k.modelUnknown, { id });
    return found;
  };
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/models`,
        room,
        access,
        response: api.modelsAnswer,
        summary: { zh: '风险模型', en: 'Models of risk' },
      },
      handler: async () => ({
        items: models().flatMap(({ model: m }) =>
          m
            ? [
                {
                  model: m.model,
                  title: m.title,
                  note: m.note,
                  kinds: m.objects.map((o) => ({ kind: o.kind, title: o.title })),
                },
              ]
            : [],
        ),
        faults: [...models(), watch().paths].flatMap((m) =>
          m.problems.map((p) => {
            const { code, title } = p.toJSON();
            return { code, title, file: p.place?.file ?? null, line: p.place?.line ?? null };
          }),
        ),
      }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/models/{model}`,
        room,
        access,
        params: api.modelParams,
        query: api.listQuery,
        response: api.listAnswer,
      },
      ...{ summary: { zh: '按风险排列的对象', en: 'Objects by risk' }, problems: [k.modelUnknown] },
      handler: ({ params, query }) =>
        listOf(lake, named(params.model), { ...query, model: params.model }, clock.now(), names),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/models/{model}/{kind}/{id}`,
        room,
        access,
        params: api.detailParams,
        response: api.detailAnswer,
      },
      ...{
        summary: { zh: '一个风险值的全部依据', en: 'Everything that a number follows from' },
        problems: [k.modelUnknown, k.objectUnknown],
      },
      handler: ({ params }) => detailOf(lake, named(params.model), params.kind, params.id),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/paths`, room, access, response: api.pathsAnswer },
      summary: { zh: '可推演的物质和对象', en: 'What a path may be reckoned of' },
      handler: async () => ({
        gases: watch().paths.paths?.gases ?? [],
        kinds: (watch().paths.paths?.exposed ?? []).map((e) => ({ kind: e.kind, title: e.title })),
        terrain: watch().land !== null,
      }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/path`,
        reads: true,
        room,
        access,
        body: api.pathBody,
        response: api.pathAnswer,
      },
      ...{
        summary: { zh: '影响范围推演', en: 'What lies in the path' },
        problems: [k.pathNone, k.pathWind, k.pathTerrain, k.pathDry, k.pathGas],
      },
      async handler({ body }) {
        const { paths, land } = { paths: watch().paths.paths, land: watch().land };
        const found = await pathOf(lake, paths, land, body, clock.now());
        return { ...found, tell: await tellOfPath(lake, paths?.tell ?? [], found.kinds, clock.now(), names) };
      },
    }),
  ];
}
