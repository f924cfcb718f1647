/** Notices (通知): one inbox for everything that warns, and the ways out of the hub (docs/notices.md). */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { noticeBackfills } from './backfills.ts';
export type { Channel, Content, Outcome, Outgoing } from './channels/channel.ts';
export { deliveryCounts, matterCounts } from './health.ts';
export { type KindName, kindNames, kinds } from './kinds.ts';
export type { Deputyship, EscalationStep, Link, Notice, NoticePort, Recipient, Urgency } from './port.ts';
export { noticeRoutes } from './routes.ts';
export { type NoticeContext, Notices, vaultPhones } from './service.ts';

/** The tables of notices; they refer to accounts. */
export const noticeMigrations: MigrationSet = {
  room: 'notices',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
