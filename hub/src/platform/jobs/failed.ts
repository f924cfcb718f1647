/** Tells the system administrators of jobs that failed for good. */
import type { Kysely } from 'kysely';
import type { AnyTables } from '../db/index.ts';
import { cityDay } from '../law/index.ts';
import type { NoticePort } from '../notices/port.ts';
import type { FailedJob } from './jobs.ts';

/** One notice a day for a kind of job and a reason: a job that fails every hour is one matter, not twenty-four. */
export function tellFailed(notices: NoticePort, trx: Kysely<AnyTables>, job: FailedJob, at: Date): Promise<void> {
  const { kind, title, error } = job;
  return notices.tell(trx, {
    key: `job.failed/${kind}/${error.code}/${cityDay(at)}`,
    kind: 'job.failed',
    to: [{ role: 'system-admin' }],
    title: { zh: `任务失败：${title.zh}`, en: `A job failed: ${title.en}` },
    text: { zh: `${error.title.zh}（当日首次）`, en: `${error.title.en} (the first time today)` },
    link: '/system/jobs',
    about: `job-kind/${kind}`,
  });
}
