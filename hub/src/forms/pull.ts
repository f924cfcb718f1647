/** What a phone takes along: forms to fill in, own tasks with their targets, and own records that changed since it last asked. */
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../platform/auth/principal.ts';
import { Problem } from '../platform/problem.ts';
import { mayOf, must } from './access.ts';
import type * as api from './api.ts';
import type { Design } from './design.ts';
import { named } from './designs.ts';
import type { FormsPorts } from './ports.ts';
import { noOrganisation } from './problems.ts';
import type { RecordRow } from './store.ts';
import { myTasks, targets } from './tasks.ts';
import { showAll } from './values.ts';

/** Records of one answer, and targets of a task that are taken along. */
const PAGE = 200;
const TARGETS = 2000;
const DAYS = 90;

/** Everything for one person. The cursor grows with every change of a record; asking again with it gives what came after. */
export async function pull(
  ports: FormsPorts,
  since: number | undefined,
  p: Principal,
): Promise<z.input<typeof api.pullAnswer>> {
  if (p.organisation === null) throw new Problem(noOrganisation);
  must(mayOf(p, p.organisation).fill);
  const db = ports.db.kysely;
  const recent = new Date(ports.clock.now().getTime() - DAYS * 86_400_000);
  const which =
    since === undefined
      ? sql`(r.state IN ('draft', 'returned') OR r.updated_at >= ${recent})`
      : sql`r.cursor > ${since}`;
  const records = await sql<RecordRow>`SELECT r.* FROM forms.record r JOIN forms.form f ON f.id = r.form
    WHERE r.filled_by = ${p.login} AND f.organisation = ${p.organisation} AND ${which} ORDER BY r.cursor LIMIT ${PAGE + 1}`.execute(
    db,
  );
  const page = records.rows.slice(0, PAGE);
  const forms = await sql<{
    id: number;
    version: number;
    design: Design;
  }>`SELECT f.id, v.version, v.design FROM forms.form f
    JOIN forms.version v ON v.form = f.id AND (v.version = f.published OR v.version IN
      (SELECT r.version FROM forms.record r WHERE r.form = f.id AND r.filled_by = ${p.login} AND r.state IN ('draft', 'returned')))
    WHERE f.organisation = ${p.organisation} AND f.state <> 'draft' ORDER BY f.id, v.version`.execute(db);
  const tasks = await myTasks(ports, p);
  const shown = await showAll(
    ports,
    page.map((r) => r.values),
  );
  if (page.length)
    await ports.audit.append({
      actor: p,
      action: 'forms.pull',
      object: `organisation:${p.organisation}`,
      outcome: 'ok',
      detail: { records: page.length },
    });
  return {
    cursor: page.at(-1)?.cursor ?? since ?? 0,
    more: records.rows.length > PAGE,
    forms: forms.rows.map((f) => ({
      id: f.id,
      version: f.version,
      title: f.design.title,
      design: f.design,
      organisation: named(ports, p.organisation!),
    })),
    tasks: await Promise.all(
      tasks.map(async (t) => ({
        ...t,
        items: (await targets(ports, t.id, { login: p.login }, { limit: TARGETS, offset: 0 })).items,
      })),
    ),
    records: page.map((r, i) => ({
      ...{
        id: r.id,
        form: r.form,
        version: r.version,
        revision: r.revision,
        state: r.state,
        caption: r.caption,
        values: shown[i]!,
      },
      ...{ updatedAt: r.updated_at.toISOString(), reason: r.reason },
    })),
  };
}
