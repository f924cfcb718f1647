/** Looks at the files of a calendar whatever state they are in, and puts right what can be put right. */
import { existsSync, rmSync } from 'node:fs';
import { join as path } from 'node:path';
import { KeylessError } from '../errors.ts';
import { algorithmOf } from '../hash/algorithms.ts';
import { Calendar } from './calendar.ts';
import { AppendFile, type Finding } from './disk.ts';
import { HEADER, readHeader, readRecord, recordLength, writeRecord } from './records.ts';

/** A record that is damaged, between two sound ones. */
interface Damage {
  record: number;
  /** Times of the sound records around it; `before` is exclusive on both sides. */
  after: number;
  before: number;
}

/** Finds the signed seconds between two others, from elsewhere than the calendar. */
export type Restore = (after: number, before: number) => { time: number; root: Uint8Array }[];

/**
 * Checks a calendar: header, every record's CRC and order, an end that was never finished, roots of blocks. With `mend` the end is cut, blocks
 * are made again, and a damaged record is written again where `restore` knows exactly what must stand there. The folder must have no owner.
 */
export function checkCalendar(
  folder: string,
  { mend = false, restore }: { mend?: boolean; restore?: Restore } = {},
): Finding[] {
  const file = path(folder, 'calendar.log');
  if (!existsSync(file)) return [];
  const findings: Finding[] = [];
  const log = AppendFile.open(file, mend ? {} : { readOnly: true });
  try {
    let algorithm: number;
    try {
      algorithm = readHeader(log.read(0, HEADER), file);
    } catch (error) {
      if (!(error instanceof KeylessError)) throw error;
      // Cut off while it was made: nothing was ever signed in it, and opening makes it again.
      if (log.length < HEADER) return [];
      return [{ code: 'header', zh: error.zh, en: error.message, file, offset: 0, mended: false }];
    }
    walk(log, algorithmOf(algorithm)!.length + 1, findings, mend, restore);
  } finally {
    log.close();
  }
  if (findings.some(({ mended }) => !mended)) return findings;
  const blocks = path(folder, 'calendar.blocks');
  const calendar = Calendar.open(folder, mend ? { locked: true } : { readOnly: true });
  const wrong = calendar.check().filter(({ code }) => code === 'block');
  calendar.close();
  if (wrong.length > 0 && mend) {
    rmSync(blocks);
    Calendar.open(folder, { locked: true }).close();
  }
  return [...findings, ...wrong.map((finding) => ({ ...finding, mended: mend }))];
}

function walk(
  log: AppendFile,
  imprint: number,
  findings: Finding[],
  mend: boolean,
  restore: Restore | undefined,
): void {
  const length = recordLength(imprint);
  const total = Math.floor((log.length - HEADER) / length);
  const damage: Damage[] = [];
  let before = 0;
  let sound = 0;
  const piece = Math.floor((1 << 20) / length);
  for (let n = 0; n < total; ) {
    const bytes = log.read(HEADER + n * length, Math.min(piece, total - n) * length);
    for (let at = 0; at + length <= bytes.length; at += length, n++) {
      const record = readRecord(bytes, at, imprint);
      if (!record || record.time <= before) {
        damage.push({ record: n, after: before, before: Number.MAX_SAFE_INTEGER });
        continue;
      }
      for (let i = damage.length - 1; i >= 0 && damage[i]!.before === Number.MAX_SAFE_INTEGER; i--)
        damage[i]!.before = record.time;
      before = record.time;
      sound = n + 1;
    }
  }
  for (const { record, after, before: next } of damage.filter((one) => one.record < sound)) {
    // With two damaged records side by side nobody can say which of the seconds between belongs where.
    const known = damage.some((one) => one.record !== record && one.after === after)
      ? []
      : (restore?.(after, next) ?? []);
    const [only] = known;
    const mended = mend && known.length === 1 && only?.root.length === imprint;
    if (mended) log.overwrite(HEADER + record * length, writeRecord(only.time, only.root));
    findings.push({
      code: 'crc',
      zh: `日历第 ${record} 条记录损坏（第 ${after} 秒与第 ${next} 秒之间）`,
      en: `record ${record} of the calendar is damaged (between seconds ${after} and ${next})`,
      file: log.path,
      offset: HEADER + record * length,
      mended,
    });
  }
  const end = HEADER + sound * length;
  if (log.length <= end) return;
  findings.push({
    code: 'torn',
    zh: `日历末尾 ${log.length - end} 字节没有写完`,
    en: `the last ${log.length - end} bytes of the calendar were never finished`,
    file: log.path,
    offset: end,
    mended: mend,
  });
  if (mend) log.truncate(end);
}
