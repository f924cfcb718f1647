/**
 * How long what is kept (保存期限): each kind of record with its period, the law or reason for it, the setting that changes it, and how old the
 * oldest is. The law's least periods are held by the settings' own bounds; what lags behind its period, or ended too early, is said.
 */
import type { Bilingual } from '../i18n/index.ts';
import type { Deps } from '../room.ts';

/** One kind of record. */
export interface Kept {
  /** Stable, for rows of the page. */
  id: string;
  title: Bilingual;
  /** Days after which it goes; null: it is kept for ever. */
  days: number | null;
  /** Days that the law asks for at least; absent where none does. */
  least?: number;
  /** Why so long: the law, or what it is for. */
  ground: Bilingual;
  /** The setting of the configuration, where it can be changed. */
  setting: string | null;
  /** When the oldest record is of; null: there is none, or it is not kept by age. */
  oldest(): Promise<Date | null>;
}

/** A kind of record as it stands. */
export interface KeptView extends Omit<Kept, 'oldest' | 'least'> {
  least: number | null;
  oldest: string | null;
  /** `late`: older records are there than should be; `short`: shorter than the law asks for. */
  standing: 'ok' | 'late' | 'short';
}

const DAY = 86_400_000;
/** Records go in rounds of hours, some of a day: so many days late are none. */
const GRACE = 3;

/** Judges one kind at an instant. */
export async function keptView({ oldest, least, ...kept }: Kept, now: Date): Promise<KeptView> {
  const at = await oldest();
  const late = kept.days !== null && at !== null && now.getTime() - at.getTime() > (kept.days + GRACE) * DAY;
  const short = least !== undefined && kept.days !== null && kept.days < least;
  return {
    ...kept,
    least: least ?? null,
    oldest: at?.toISOString() ?? null,
    standing: short ? 'short' : late ? 'late' : 'ok',
  };
}

/** Days that logs of networks are kept at least: Cybersecurity Law 网络安全法, article 21 (six months). */
export const LOG_DAYS = 183;

/** The oldest instant of a column of the operational store. */
export async function oldestOf(db: Deps['db'], table: string, column: string): Promise<Date | null> {
  const [row] = await db.query<{ at: Date | null }>(`SELECT min(${column}) AS at FROM ${table}`);
  return row?.at ?? null;
}

/** What the platform itself keeps. */
export function ownRetention({ db, config }: Pick<Deps, 'db' | 'config'>): Kept[] {
  const { notices, seal } = config;
  return [
    {
      ...{ id: 'audit', title: { zh: '审计日志', en: 'Audit' }, days: null, least: LOG_DAYS, setting: null },
      ground: {
        zh: '网络安全法第二十一条（不少于六个月）；链式保存，永不删除',
        en: 'Cybersecurity Law art. 21 (six months at least); a chain, never deleted',
      },
      oldest: () => oldestOf(db, 'audit.entry', 'at'),
    },
    {
      ...{ id: 'jobs', title: { zh: '已结束的任务', en: 'Jobs that ended' }, days: 90, setting: null },
      ground: { zh: '排查所需；结果另见审计', en: 'For finding faults; their outcome is in the audit' },
      oldest: () => oldestOf(db, 'jobs.job', 'finished_at'),
    },
    {
      ...{
        id: 'notices',
        title: { zh: '已办结的通知', en: 'Settled notices' },
        days: notices.keepDays,
        setting: 'notices.keepDays',
      },
      ground: { zh: '办理过程的证明', en: 'What shows that people were told' },
      oldest: async () =>
        (await db.query<{ at: Date | null }>('SELECT min(settled_at) AS at FROM notices.matter'))[0]?.at ?? null,
    },
    {
      ...{
        id: 'rounds',
        title: { zh: '签名轮次的叶子', en: 'Leaves of signed rounds' },
        days: seal.roundDays,
        setting: 'seal.roundDays',
      },
      ground: {
        zh: '仅用于中断后补签；签名与日历永久保存',
        en: 'For completing after a stop; signatures and calendar stay for ever',
      },
      oldest: async () => null,
    },
    {
      ...{ id: 'seals', title: { zh: '签封与日历', en: 'Seals and the calendar' }, days: null, setting: null },
      ground: { zh: '证明力不随时间失效', en: 'A proof does not end with time' },
      oldest: () => oldestOf(db, 'seal.seal', 'requested_at'),
    },
  ];
}
