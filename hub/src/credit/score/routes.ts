/** The routes of scores. Everything that names an enterprise is audited; statistics name none. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { entityParams } from '../api-enterprise.ts';
import type { Metadata } from '../metadata.ts';
import { enterpriseUnknown } from '../problems.ts';
import { viewerOf } from '../view.ts';
import * as api from './api.ts';
import { SCORE_JOB } from './job.ts';
import { readModels } from './model.ts';
import * as problem from './problems.ts';
import { classesReadBy, historyOf, ranking, recordedModel, runOf, scoreOf } from './read.ts';
import { publish, type ReleaseRules } from './release.ts';
import { statistics } from './statistics.ts';
import { whatIf, whatIfAnswer, whatIfBody } from './what-if.ts';

/** What the routes stand on. */
export interface ScorePorts extends Pick<Deps, 'lake' | 'vault' | 'audit' | 'jobs'> {
  metadata: Metadata;
  /** The folder of declared models. */
  folder: () => string;
  release: ReleaseRules;
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
      access: 'score.read',
      params: entityParams,
      query: api.scoreQuery,
      response: api.enterpriseScore,
      problems: [enterpriseUnknown, problem.notScored, problem.modelUnknown, problem.runUnknown],
      handler: (c) => {
        const rules = { exact: c.principal.permissions.has('score.rank'), k: ports.release.k };
        return scoreOf({ lake, metadata }, viewerOf(ports, c), c.params.entity, { ...c.query, ...rules });
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}/history`,
      room,
      summary: { zh: '企业历次评分', en: "An enterprise's scores over time" },
      access: 'score.read',
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
      access: 'score.rank',
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
      access: 'score.statistics',
      query: api.statisticsQuery,
      response: api.statisticsAnswer,
      problems: [problem.modelUnknown],
      handler: async (c) => {
        await viewerOf(ports, c).record('credit.score-statistics', 'score-statistics', {
          by: c.query.by,
          across: c.query.across ?? null,
        });
        return statistics(lake, ports.release, c.query);
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/models`,
      room,
      summary: { zh: '评分模型', en: 'Scoring models' },
      access: 'score.read',
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
      access: 'score.read',
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
      access: 'score.manage',
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
    defineRoute({
      method: 'POST',
      path: `${base}/releases`,
      room,
      summary: { zh: '发布一期去标识化统计', en: 'Publish de-identified statistics' },
      description: {
        zh: '与往期相差不足 k 家的单元格在新一期中不公布',
        en: 'Cells that differ from an earlier release by fewer than k are withheld in the new one',
      },
      access: 'score.manage',
      body: z.object({ model: api.statisticsQuery.shape.model }),
      response: api.releaseAnswer,
      status: 201,
      problems: [problem.modelUnknown],
      handler: async (c) => {
        const run = await runOf(lake, c.body);
        if (!run) throw new Problem(problem.modelUnknown, { model: c.body.model ?? '' });
        const made = await publish(
          lake,
          await recordedModel(lake, run.model, run.version),
          run,
          ports.release.k,
          c.clock.now(),
        );
        await viewerOf(ports, c).record('credit.score-release', `score-release/${made.release}`, { run: run.run });
        return { release: made.release, day: made.day };
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/what-if`,
      reads: true,
      heavy: true,
      room,
      summary: { zh: '权重试算：若改权重，得分与等级如何变化', en: 'What other weights would do to scores and grades' },
      access: 'score.rank',
      body: whatIfBody,
      response: whatIfAnswer,
      problems: [problem.modelUnknown, problem.notScored, problem.unknownId],
      handler: async (c) => {
        const answer = await whatIf(lake, c.body);
        await viewerOf(ports, c).record('credit.score-what-if', `score-run/${answer.run}`, { weights: c.body.weights });
        return answer;
      },
    }),
  ];
}
