/** The routes of risk: models, ranked lists, the tree behind a number. */
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import type { DeclaredModel, RiskModel } from './declaration.ts';
import * as k from './problems.ts';
import { detailOf, listOf } from './views.ts';

const base = '/api/v1/risk';
const room = 'risk';
const access = 'risk.read' as const;

export function riskRoutes(lake: Lake, models: () => readonly DeclaredModel[]): RouteDefinition[] {
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
        faults: models().flatMap((m) =>
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
      handler: ({ params, query }) => listOf(lake, named(params.model), { ...query, model: params.model }),
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
  ];
}
