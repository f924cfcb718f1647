/**
 * The archives of the demonstration: made once, after the city is integrated, by a job that hands documents in as departments do, waits for
 * their checks and takes them in as an archivist does.
 */
import { z } from 'zod';
import { integrationFinished } from '../../libraries/index.ts';
import { type Principal, permissionsOf, type Role } from '../../platform/auth/principal.ts';
import { findAccount } from '../../platform/auth/store.ts';
import type { Bus } from '../../platform/bus/index.ts';
import type { JobKind } from '../../platform/jobs/index.ts';
import { settle, takeIn } from '../archiving.ts';
import { askFor, decide } from '../borrowing.ts';
import { addFile, createDraft, submit } from '../deposit.ts';
import type { ArchiveDeps } from '../deps.ts';
import { archiveRow } from '../store.ts';
import { type DemoDocument, demoDocuments } from './documents.ts';

const KIND = 'archives.demo';

const somebody = (login: string, role: Role, organisation: string | null, userId = login): Principal => ({
  ...{ userId, login, name: login, organisation, roles: [role], permissions: permissionsOf([role]) },
  ...{ sessionId: 'demo', purpose: null },
});

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function handIn(deps: ArchiveDeps, document: DemoDocument): Promise<number> {
  const officer = somebody(`${document.organisation}-demo`, 'data-officer', document.organisation);
  const id = await createDraft(deps, officer, { metadata: document.metadata, package: false });
  for (const { content, ...file } of document.files) await addFile(deps, officer, id, file, once(content));
  await deps.jobs.wait(await submit(deps, officer, id));
  if (document.fate === 'kept' && (await archiveRow(deps.db, id)).state === 'passed')
    await takeIn(deps, somebody('archivist-demo', 'archivist', null), id, { I03: '演示数据从中间件号开始' });
  return id;
}

/** Something to decide upon and something lent: by the officer of the demonstration, of other departments' archives. */
async function borrow(deps: ArchiveDeps): Promise<void> {
  const account = await findAccount({ login: 'officer' }, deps.db.kysely);
  const rows = await deps.db.query<{ id: number }>(
    `SELECT id FROM archives.archive WHERE state IN ('archived', 'preserved') AND organisation <> 'scjg' AND NOT controlled
     ORDER BY id LIMIT 3`,
  );
  if (!account || rows.length < 3) return;
  const officer = somebody('officer', 'data-officer', 'scjg', account.id);
  const lent = await askFor(deps, officer, rows[1]!.id, { kind: 'download', purpose: '联合检查取证', days: 10 });
  await decide(deps, somebody('archivist-demo', 'archivist', null), lent.id, { approve: true });
  await askFor(deps, officer, rows[2]!.id, { kind: 'view', purpose: '核对批复内容', days: 5 });
}

/** The job. After a kill it goes on with the next document. */
export function demoJob(deps: ArchiveDeps): JobKind<Record<string, never>> {
  return {
    kind: KIND,
    title: { zh: '生成演示档案', en: 'Make the archives of the demonstration' },
    params: z.object({}) as never,
    async run(context) {
      const documents = demoDocuments(context.clock.now().getUTCFullYear());
      const begun = z.object({ next: z.number().int() }).safeParse(context.state);
      for (let i = begun.data?.next ?? 0; i < documents.length; i++) {
        context.signal.throwIfAborted();
        await handIn(deps, documents[i]!);
        await context.checkpoint({ next: i + 1 });
        context.progress({ done: i + 1, total: documents.length });
      }
      await settle(deps);
      await borrow(deps);
      return { archives: documents.length };
    },
  };
}

/** Orders the job once in the life of a data folder, when the city has been integrated. */
export async function wantDemo(deps: ArchiveDeps, bus: Bus): Promise<void> {
  const before = await deps.jobs.list({ kind: KIND, limit: 1 });
  const there = await deps.db.query('SELECT 1 FROM archives.archive LIMIT 1');
  if (before.length > 0 || there.length > 0) return;
  const order = () => deps.jobs.submit(KIND, {}, { unique: 'demo' });
  if (await deps.lake.first('SELECT 1 AS one FROM v.integration_v1 WHERE finished IS NOT NULL LIMIT 1')) {
    await order();
    return;
  }
  const forget = bus.on(integrationFinished, async () => {
    forget();
    await order();
  });
}
