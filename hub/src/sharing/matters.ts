/** The three kinds of matters as they are kept, and how one is read by whom it is there for. */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Content, Frequency, RowCondition } from './content.ts';
import type { MachineName } from './machine.ts';
import { noticeOf, type Tellers } from './notices.ts';
import { seenBy } from './people.ts';
import { unknownDispute, unknownGrant, unknownRequest } from './problems.ts';

/** A request. */
export interface RequestRow {
  id: number;
  requester: string;
  provider: string;
  entry: string;
  sharing: 'unconditional' | 'conditional';
  state: string;
  version: number;
  content: Content;
  advice: { share: boolean; comment: string; ground: string | null } | null;
  refusal: { reason: string; ground: string } | null;
  missing: string[] | null;
  created_by: string;
  proposed_by: string | null;
  created_at: Date;
  submitted_at: Date | null;
  decided_at: Date | null;
}

/** What waits for the other side of a grant. */
export type PendingChange = { end: true } | { until?: string; items?: string[] };
export interface Renewal {
  until: string;
  reason: string;
  asked_by: string;
  agreed: boolean;
}

/** A grant (共享授权). */
export interface ShareRow {
  id: number;
  request: number;
  requester: string;
  provider: string;
  entry: string;
  state: string;
  version: number;
  mode: 'service' | 'batch' | 'file';
  items: string[];
  plain: string[];
  filter: RowCondition[];
  frequency: Frequency;
  format: 'csv' | 'parquet' | 'xlsx';
  mark: string;
  since: string;
  until: string;
  next_delivery: string | null;
  mend_by: string | null;
  mended: boolean;
  pending: PendingChange | null;
  renewal: Renewal | null;
  disposal: { how: string; where: string; day: string } | null;
  created_at: Date;
  reminded_at: Date | null;
}

/** A dispute about a request. */
export interface DisputeRow {
  id: number;
  request: number;
  requester: string;
  provider: string;
  raised_by_side: 'requester' | 'provider';
  state: string;
  version: number;
  reason: string;
  outcome: 'share' | 'keep' | 'other' | null;
  words: string | null;
  document: string | null;
  offered_by: string | null;
  created_at: Date;
  ended_at: Date | null;
}

export interface Matters {
  request: RequestRow;
  share: ShareRow;
  dispute: DisputeRow;
}

export const columnsOf = {
  request: sql`id, requester, provider, entry, sharing, state, version, content, advice, refusal, missing, created_by,
    proposed_by, created_at, submitted_at, decided_at`,
  share: sql`id, request, requester, provider, entry, state, version, mode, items, plain, filter, frequency, format, mark,
    since::text AS since, until::text AS until, next_delivery::text AS next_delivery, mend_by::text AS mend_by, mended,
    pending, renewal, disposal, created_at, reminded_at`,
  dispute: sql`id, request, requester, provider, raised_by_side, state, version, reason, outcome, words, document,
    offered_by, created_at, ended_at`,
} as const;

export const tableOf = (m: MachineName) => sql.table(`sharing.${m}`);
const unknown = { request: unknownRequest, share: unknownGrant, dispute: unknownDispute };

/** Who asks is a person, or the hub itself (null), which sees everything. */
export async function matterOf<M extends MachineName>(
  db: Kysely<AnyTables>,
  m: M,
  id: number,
  p: Principal | null,
): Promise<Matters[M]> {
  const found = await sql<Matters[M]>`SELECT ${columnsOf[m]} FROM ${tableOf(m)}
    WHERE id = ${id} AND ${p === null ? sql`true` : seenBy(p)}`.execute(db);
  const row = found.rows[0];
  // Another department's draft is nobody's business: it is as unknown as one that is not there.
  if (!row || (p !== null && hiddenDraft(m, row, p))) throw new Problem(unknown[m], { id });
  return row;
}

/** Requests that the requester's head has not agreed to are within that department. */
export const beforeSubmission = ['draft', 'agreeing'] as const;

const hiddenDraft = (m: MachineName, row: Matters[MachineName], p: Principal): boolean =>
  m === 'request' &&
  (row as RequestRow).submitted_at === null &&
  (p.organisation === null || p.organisation !== row.requester);

/** One step as it is kept. */
export interface StepRow {
  seq: number;
  request: number;
  matter: 'request' | 'share' | 'dispute' | 'delivery' | 'clock';
  id: number;
  action: string;
  from_state: string | null;
  to_state: string | null;
  actor: string;
  login: string | null;
  organisation: string | null;
  deputy_for: string | null;
  article: number | null;
  comment: string | null;
  detail: Record<string, unknown> | null;
  at: Date;
}

/** Keeps a step. */
export async function keepStep(trx: Kysely<AnyTables>, s: Omit<StepRow, 'seq'>): Promise<void> {
  await sql`INSERT INTO sharing.step (request, matter, id, action, from_state, to_state, actor, login, organisation,
      deputy_for, article, comment, detail, at)
    VALUES (${s.request}, ${s.matter}, ${s.id}, ${s.action}, ${s.from_state}, ${s.to_state}, ${s.actor}, ${s.login},
      ${s.organisation}, ${s.deputy_for}, ${s.article}, ${s.comment}, ${s.detail && JSON.stringify(s.detail)}::jsonb,
      ${s.at})`.execute(trx);
}

/** What kinds of notices an organisation gets, and how they read. */
export const noticeTitles = {
  submitted: { zh: '收到共享申请', en: 'A request arrived' },
  supplement: { zh: '需补充申请材料', en: 'The request is to be supplemented' },
  granted: { zh: '申请已同意', en: 'The request was granted' },
  refused: { zh: '申请未获同意', en: 'The request was refused' },
  'extension-asked': { zh: '提供部门申请延期', en: 'An extension was asked for' },
  extended: { zh: '时限已延长', en: 'A period was extended' },
  warning: { zh: '时限将至', en: 'A period is about to end' },
  overdue: { zh: '已超期', en: 'A period is over' },
  computed: { zh: '节假日安排已发布，时限已算出', en: 'A due day was computed' },
  delivered: { zh: '数据已交付', en: 'Data was delivered' },
  'not-brought': { zh: '数据未能送达接收目标', en: 'A delivery did not reach its target' },
  received: { zh: '接收方已确认收讫', en: 'The recipient confirmed its receipt' },
  mismatch: { zh: '接收方指纹不一致', en: "The recipient's fingerprint differs" },
  suspended: { zh: '共享已暂停，请限期整改', en: 'Sharing was suspended' },
  resumed: { zh: '共享已恢复', en: 'Sharing was resumed' },
  ended: { zh: '共享已终止，请处置数据', en: 'Sharing ended: dispose of the data' },
  change: { zh: '对方提出变更或终止', en: 'A change or an end was proposed' },
  filed: { zh: '变更或终止已备案', en: 'A change or an end was filed' },
  renewal: { zh: '续期申请', en: 'A renewal' },
  'ends-soon': { zh: '使用时限将届满', en: 'The time limit of use is about to end' },
  disposal: { zh: '数据处置', en: 'Disposal of data' },
  dispute: { zh: '争议有新进展', en: 'A dispute moved' },
  corrected: { zh: '收到过的数据已更正', en: 'A value that was delivered was wrong' },
  'push-failing': { zh: '变更推送持续失败', en: 'Pushed changes keep failing' },
  'push-paused': { zh: '变更推送已自动暂停', en: 'Pushing of changes was paused' },
} as const satisfies Record<string, Bilingual>;
export type NoticeKind = keyof typeof noticeTitles;

/** Tells an organisation, and its people; `authority` is told as the organisation of that name. */
export async function notify(
  ports: Tellers,
  trx: Kysely<AnyTables>,
  to: string,
  kind: NoticeKind,
  about: { request: number; share?: number | null },
  detail: Record<string, unknown>,
  at: Date,
): Promise<void> {
  const { rows } = await sql<{
    seq: number;
  }>`INSERT INTO sharing.notice (organisation, kind, request, share, detail, at)
    VALUES (${to}, ${kind}, ${about.request}, ${about.share ?? null}, ${JSON.stringify(detail)}::jsonb, ${at})
    RETURNING seq`.execute(trx);
  const notice = noticeOf(to, kind, about.request, rows[0]!.seq);
  if (notice) await ports.notices.tell(trx, notice);
}

/** As whom the authority on sharing is told. */
export const AUTHORITY = '@authority';
