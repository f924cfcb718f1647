/** How every part of the hub stands (运行状况), and what needs a hand today. Pure of rooms: each part is asked what it says of itself. */
import { statfs } from 'node:fs/promises';
import type { Bilingual } from '../i18n/index.ts';

/** `ok`, `warn`: look at it today; `bad`: now. */
export type Standing = 'ok' | 'warn' | 'bad';

/** One part as it stands. */
export interface Part {
  id: string;
  title: Bilingual;
  standing: Standing;
  /** What there is to say, with figures. */
  text: Bilingual;
  /** Page of the console that leads on. */
  link: string | null;
}

/** A file system's space in bytes. */
export interface Space {
  free: number;
  total: number;
}

/** Space where a folder is; undefined where the system does not tell. */
export async function spaceOf(folder: string): Promise<Space | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}

/** Bytes as people read them, the same in both languages. */
export const size = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = bytes;
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${i === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
};

/** The disk against its watermarks, in percent that must stay free. */
export function diskPart(
  id: string,
  title: Bilingual,
  space: Space | undefined,
  marks: { warn: number; stop: number },
): Part {
  const link = null;
  if (!space || space.total === 0)
    return {
      id,
      title,
      standing: 'warn',
      text: { zh: '无法得知磁盘余量', en: 'how much is free cannot be told' },
      link,
    };
  const share = (100 * space.free) / space.total;
  const standing: Standing = share < marks.stop ? 'bad' : share < marks.warn ? 'warn' : 'ok';
  const figures = {
    zh: `剩余 ${size(space.free)}（${share.toFixed(0)}%）`,
    en: `${size(space.free)} free (${share.toFixed(0)} %)`,
  };
  if (standing === 'bad')
    return {
      ...{ id, title, standing, link },
      text: { zh: `${figures.zh}，已停止接收新数据`, en: `${figures.en}; nothing new is taken in` },
    };
  return { id, title, standing, text: figures, link };
}

/** Times a check and says what it threw. */
export async function answering(
  id: string,
  title: Bilingual,
  check: () => Promise<unknown>,
  slow = 1_000,
): Promise<Part> {
  const from = performance.now();
  try {
    await check();
    const ms = performance.now() - from;
    const standing: Standing = ms > slow ? 'warn' : 'ok';
    return {
      id,
      title,
      standing,
      text: { zh: `应答 ${ms.toFixed(1)} 毫秒`, en: `answers in ${ms.toFixed(1)} ms` },
      link: null,
    };
  } catch {
    return { id, title, standing: 'bad', text: { zh: '没有应答', en: 'does not answer' }, link: null };
  }
}
