/** The routes of scores. Everything that names an enterprise is audited; statistics name none. */
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { Deps } from '../../platform/room.ts';
import { entityParams } from '../api-enterprise.ts';
import type { Metadata } from '../metadata.ts';
import { enterpriseUnknown } from '../problems.ts';
import { viewerOf } from '../view.ts';
import * as api from './api.ts';
import { SCORE_JOB } from './job.ts';
import { readModels } from './model.ts';
import * as problem from './problems.ts';
import { classesReadBy, historyOf, ranking, scoreOf } from './read.ts';
import { leastCell, statistics } from './statistics.ts';

/** What the routes stand on. */
export interface ScorePorts extends Pick<Deps, 'lake' | 'vault' | 'audit' | 'jobs'> {
  metadata: Metadata;
  /** The folder of declared models. */
  folder: () => string;
}

const room = 'credit';
const base = '/api/v1/credit/score';

export { viewerOf } from '../view.ts';

/** All routes. */
export function scoreRoutes(ports: ScorePorts): RouteDefinition[] {
  const { lake, metadata } = ports;
  return [
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}`,
      room,
      summary: { zh: '企业信用评分与每一分的依据', en: "An enterprise's score and the reason of every point" },
      access: 'credit.read',
      params: entityParams,
      query: api.scoreQuery,
      response: api.enterpriseScore,
      problems: [enterpriseUnknown, problem.notScored, problem.modelUnknown, problem.runUnknown],
      handler: (c) => scoreOf({ lake, metadata }, viewerOf(ports, c), c.params.entity, c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}/history`,
      room,
      summary: { zh: '企业历次评分', en: "An enterprise's scores over time" },
      access: 'credit.read',
      params: entityParams,
      query: api.scoreQuery.pick({ model: true }),
      response: api.scoreHistory,
      problems: [problem.modelUnknown],
      handler: async (c) => {
        const viewer = viewerOf(ports, c);
        await viewer.record('credit.score-history', `legal-person/${c.params.entity}`);
        return historyOf(lake, c.params.entity, c.query.model);
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises`,
      room,
      summary: { zh: '信用排名', en: 'Enterprises by score' },
      access: 'credit.read',
      query: api.rankingQuery,
      response: api.rankingAnswer,
      problems: [problem.modelUnknown, problem.runUnknown],
      handler: (c) => ranking(lake, viewerOf(ports, c), c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/statistics`,
      room,
      summary: { zh: '去标识化统计', en: 'De-identified statistics' },
      description: {
        zh: '不含名称；少于 k 家的单元格及可据以推算它的单元格不公布',
        en: 'Without names; cells of fewer than k, and those that they could be reckoned from, are withheld',
      },
      access: 'overview.read',
      query: api.statisticsQuery,
      response: api.statisticsAnswer,
      problems: [problem.modelUnknown],
      handler: async (c) => {
        await viewerOf(ports, c).record('credit.score-statistics', 'score-statistics', {
          by: c.query.by,
          across: c.query.across ?? null,
        });
        return statistics(lake, leastCell(ports.folder()), c.query);
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/models`,
      room,
      summary: { zh: '评分模型', en: 'Scoring models' },
      access: 'credit.read',
      response: api.modelsAnswer,
      handler: async () => {
        const loaded = readModels(ports.folder());
        const versions = await lake.query<{
          model: string;
          version: number;
          edition: string;
          hash: string;
          first_seen: string;
        }>('SELECT model, version, edition, hash, first_seen FROM cs.model ORDER BY model, version DESC');
        const models = loaded
          .flatMap((l) => l.model ?? [])
          .map(async (m) => ({
            model: m.model,
            title: m.title,
            edition: m.edition,
            versions: versions
              .filter((v) => v.model === m.model)
              .map((v) => ({ version: v.version, edition: v.edition, hash: v.hash, firstSeen: v.first_seen })),
            scale: m.scale,
            grades: m.grades,
            dimensions: m.dimensions,
            caps: m.caps,
            indicators: await Promise.all(
              m.indicators.map(async ({ scope: _, ...i }) => ({
                ...i,
                sql: m.sql.get(i.id)!,
                classes: (await classesReadBy(metadata, m.sql.get(i.id)!)).map((k) => ({
                  class: k.class,
                  title: k.title,
                  category: k.category,
                })),
              })),
            ),
          }));
        return {
          models: await Promise.all(models),
          problems: loaded.flatMap((l) => l.problems.map((p) => p.toJSON())),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/runs`,
      room,
      summary: { zh: '评分批次', en: 'Scoring runs' },
      access: 'credit.read',
      response: api.runsAnswer,
      handler: async () => {
        const rows = await lake.query<{
          run: number;
          model: string;
          version: number;
          day: string;
          finished: string;
          entities: number;
          unavailable: string;
        }>(
          `SELECT run, model, version, day, finished, entities, unavailable FROM v.credit_score_run_v1
           WHERE finished IS NOT NULL ORDER BY run DESC LIMIT 400`,
        );
        return { runs: rows.map((r) => ({ ...r, unavailable: r.unavailable.split(',').filter(Boolean) })) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/runs`,
      room,
      summary: { zh: '立即评分', en: 'Score now' },
      access: 'refinery.review',
      body: api.orderBody,
      response: api.orderAnswer,
      status: 202,
      problems: [problem.modelUnknown],
      handler: async (c) => {
        const job = await ports.jobs.submit(SCORE_JOB, c.body, { by: c.principal.userId, unique: 'ordered' });
        await viewerOf(ports, c).record('credit.score-run', `job/${job}`, { ...c.body });
        return { job };
      },
    }),
  ];
}
