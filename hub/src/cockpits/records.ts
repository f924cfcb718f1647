/** The records behind a figure, as the viewer may see them; every look at personal values is audited. */
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { purposeNeeded } from '../platform/auth/problems.ts';
import { Problem } from '../platform/problem.ts';
import { Shower } from '../refinery/index.ts';
import type { recordsAnswer } from './api.ts';
import { run, scalar } from './compute.ts';
import type { Desk } from './desk.ts';
import type { Measure, Scenario } from './load.ts';
import * as k from './problems.ts';
import { lacking } from './rights.ts';
import { columnView, measureView } from './views.ts';

/** One page of records. `key`: of one part only. */
export async function recordsOf(
  desk: Desk,
  scenario: Scenario,
  measure: Measure,
  query: { key?: string | undefined; page: number; size: number },
  who: Principal,
): Promise<z.input<typeof recordsAnswer>> {
  const { records } = measure;
  if (!records) throw new Problem(k.noRecords);
  const needs = lacking(who, records.permissions);
  if (needs) throw new Problem(k.notAllowed, { permission: needs });
  if (records.people && !who.purpose) throw new Problem(purposeNeeded);
  if (records.statement.missing.length) throw new Problem(k.waiting, { views: records.statement.missing.join(', ') });
  const { lake, clock, vault, audit } = desk.deps;
  const where =
    query.key !== undefined && records.by
      ? { sql: `answer."${records.by}"::VARCHAR = $key`, params: { key: query.key } }
      : undefined;
  const rows = await run(lake, records.statement, clock.now(), {
    ...{ rows: query.size, seconds: measure.declared.seconds, offset: (query.page - 1) * query.size },
    ...(where ? { where } : {}),
  });
  const shower = new Shower(who, vault);
  const guarded = { level: 'general' as const, owner: scenario.owner };
  const answer = rows.slice(0, query.size).map((row) => {
    const links: Record<string, string> = {};
    const cells = Object.fromEntries(
      records.columns.map((c) => {
        const own = scalar(row[c.name]);
        const target = c.link?.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) =>
          encodeURIComponent(String(scalar(row[name]) ?? '')),
        );
        if (target && own !== null) links[c.name] = target;
        const field = {
          protection: c.protection ?? ('internal' as const),
          ...(c.format ? { format: c.format as never } : {}),
        };
        return [c.name, shower.cell(guarded, field, own === null ? null : String(own))];
      }),
    );
    return { cells, links };
  });
  await shower.settle(audit, `cockpit/${measure.key}`);
  return {
    measure: measureView(desk, measure),
    columns: records.columns.map(columnView),
    rows: answer,
    more: rows.length > query.size,
  };
}
