/** How the keeping of the server's log stands, as figures and as one line for people. Pure. */
import type { Bilingual } from '../../i18n/index.ts';
import { type Part, type Standing, size } from '../../operations/parts.ts';
import type { Problem } from '../../problem.ts';
import type { Gap } from './spans.ts';

/** Figures. Instants in milliseconds, bytes, milliseconds. */
export type PointState =
  | { enabled: false }
  | {
      enabled: true;
      problem: Problem | null;
      /** The first and the last instant that can be restored; null: none yet. */
      oldest: number | null;
      newest: number | null;
      /** How long ago the last instant is that is kept; null: none since the hub started. */
      behind: number | null;
      /** Instants between which nothing can be restored, by lack of log. */
      gaps: Gap[];
      bases: number;
      segments: number;
      bytes: number;
      /** Log that waits on this machine, on the server, and at most together. */
      waiting: number;
      retained: number;
      most: number;
      /** Whether the server would keep log for the hub until its disk is full. */
      unbounded: boolean;
      /** When log was last lost because the server or the hub gave it up. */
      lost: number | null;
      restarts: number;
      /** Between two keepings. */
      every: number;
      days: number;
    };

const cityTime = (ms: number): string => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')}`;
const base = { id: 'point-in-time', title: { zh: '按时间点恢复', en: 'Point in time' }, link: '/system/backups' };
const line = (standing: Standing, text: Bilingual): Part => ({ ...base, standing, text });

/** One line; undefined where nothing of it was asked for. The share of the bound at which it warns is a quarter: long before. */
export function statement(s: PointState): Part | undefined {
  if (!s.enabled) return undefined;
  const held = s.waiting + s.retained;
  const keeps = {
    zh: `待归档日志 ${size(held)}（上限 ${size(s.most)}）`,
    en: `${size(held)} of log wait (${size(s.most)} at most)`,
  };
  if (s.problem) {
    const { title } = s.problem.toJSON();
    return line(held > s.most / 4 || s.newest === null ? 'bad' : 'warn', {
      zh: `${title.zh}；${keeps.zh}`,
      en: `${title.en}; ${keeps.en}`,
    });
  }
  if (s.newest === null || s.oldest === null)
    return line('warn', { zh: '正在制作第一份基础备份', en: 'the first base backup is being made' });
  const reach = {
    zh: `可恢复 ${cityTime(s.oldest)} 至 ${cityTime(s.newest)} 的任意时刻`,
    en: `any instant from ${cityTime(s.oldest)} to ${cityTime(s.newest)}`,
  };
  if (held > s.most / 4) return line('bad', { zh: `${keeps.zh}；${reach.zh}`, en: `${keeps.en}; ${reach.en}` });
  const gap = s.gaps.at(-1);
  const late = s.behind === null || s.behind > 10 * s.every;
  const slow = s.behind !== null && s.behind > 3 * s.every;
  const seconds = s.behind === null ? '?' : String(Math.round(s.behind / 1000));
  const said: Bilingual = { zh: `${reach.zh}，落后 ${seconds} 秒`, en: `${reach.en}, ${seconds} s behind` };
  if (gap) {
    said.zh += `；${cityTime(gap.from)} 至 ${cityTime(gap.to)} 的日志缺失`;
    said.en += `; the log between ${cityTime(gap.from)} and ${cityTime(gap.to)} is missing`;
  }
  if (s.unbounded) {
    said.zh +=
      "；服务器未设上限：请执行 ALTER SYSTEM SET max_slot_wal_keep_size = '16GB'，以免枢纽停机时占满服务器磁盘";
    said.en +=
      "; the server has no bound: ALTER SYSTEM SET max_slot_wal_keep_size = '16GB', lest its disk fills while the hub is down";
  }
  return line(late ? 'bad' : slow || gap || s.unbounded ? 'warn' : 'ok', said);
}
