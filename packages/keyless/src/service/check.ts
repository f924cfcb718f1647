/** Looks at a service's folder: every record of the calendar and of the rounds, and whether both tell the same. */
import { existsSync, statSync } from 'node:fs';
import { join as path } from 'node:path';
import { Calendar, checkCalendar, type Finding } from '../calendar/index.ts';
import { takeLock } from '../calendar/lock.ts';
import { HEADER } from '../calendar/records.ts';
import { readSignature } from '../format/signature.ts';
import { equal } from '../hash/imprint.ts';
import { verifyInternal } from '../verify/internal.ts';
import type { RoundRecord } from './round-records.ts';
import { RoundTree } from './round-tree.ts';
import { dayOf, dayOfFile, segments } from './rounds.ts';
import { RoundsFile } from './rounds-file.ts';

const DAY = 86_400;

/**
 * Checks the folder of a signing service that nobody runs (`keyless.locked` otherwise): CRC and order of every record, roots of blocks, ends
 * that were never finished, and for every round that is still kept that its tree leads to its root and its root stands in the calendar. With
 * `mend` unfinished ends are cut, a last round without its calendar record is entered, and a damaged record of the calendar is written again from its
 * round.
 */
export function checkFolder(folder: string, { mend = false }: { mend?: boolean } = {}): Finding[] {
  if (!existsSync(folder)) return [];
  const unlock = takeLock(folder);
  try {
    const findings: Finding[] = [];
    const names = segments(path(folder, 'rounds'));
    for (const name of names) {
      const file = RoundsFile.open(name, { readOnly: !mend });
      findings.push(...file.check(mend));
      file.close();
    }
    findings.push(
      ...checkCalendar(folder, {
        mend,
        restore: (after, before) => roundsBetween(names, after, before),
      }),
    );
    const broken = findings.some(({ code, mended }) => (code === 'crc' || code === 'header') && !mended);
    findings.push(...agreement(folder, names, mend, broken));
    return findings;
  } finally {
    unlock();
  }
}

/** Times and roots of the rounds between two seconds, both left out. */
function roundsBetween(names: readonly string[], after: number, before: number): { time: number; root: Uint8Array }[] {
  const out: { time: number; root: Uint8Array }[] = [];
  for (const name of names) {
    if (dayOfFile(name) < dayOf(after) || dayOfFile(name) > dayOf(before)) continue;
    eachRecord(name, (record) => {
      if (record.kind === 'round' && record.round.time > after && record.round.time < before)
        out.push({ time: record.round.time, root: record.round.root });
    });
  }
  return out;
}

function eachRecord(name: string, visit: (record: RoundRecord, offset: number) => void): void {
  if (!existsSync(name)) return;
  const file = RoundsFile.open(name, { readOnly: true });
  try {
    for (const { read, offset } of file.records()) visit(read(), offset);
  } finally {
    file.close();
  }
}

/** Rounds against their own trees, against the calendar, and the calendar against rounds of days that are still kept. */
function agreement(folder: string, names: readonly string[], mend: boolean, broken: boolean): Finding[] {
  const findings: Finding[] = [];
  // A calendar that was cut off before its header was whole has no second in it yet.
  const own = (statSync(path(folder, 'calendar.log'), { throwIfNoEntry: false })?.size ?? 0) >= HEADER;
  const calendar = own && !broken ? Calendar.open(folder, mend ? { locked: true } : { readOnly: true }) : undefined;
  const say = (code: string, zh: string, en: string, file: string, offset: number, mended = false) =>
    findings.push({ code, zh, en, file, offset, mended });
  let before = 0;
  try {
    for (const name of names) {
      const rounds = new Map<number, Uint8Array>();
      eachRecord(name, (record, offset) => {
        if (record.kind === 'answer') {
          const root = rounds.get(record.time);
          if (!root || !answers(record.signature, root))
            say(
              'answer',
              `第 ${record.time} 秒的上级签名不成立`,
              `the signature from above of second ${record.time} does not hold`,
              name,
              offset,
            );
          return;
        }
        const { time, algorithm, root, leaves } = record.round;
        if (time <= before)
          say(
            'rounds-order',
            `第 ${time} 秒的轮次次序不对`,
            `the round of second ${time} is out of order`,
            name,
            offset,
          );
        before = Math.max(before, time);
        rounds.set(time, root);
        if (!equal(new RoundTree(algorithm, leaves).root, root))
          say(
            'rounds-root',
            `第 ${time} 秒的请求与其根不符`,
            `the requests of second ${time} do not lead to its root`,
            name,
            offset,
          );
        if (!calendar) return;
        const entered = calendar.rootAt(time);
        if (entered && equal(entered, root)) return;
        if (entered)
          say(
            'two-roots',
            `第 ${time} 秒在日历中的根与轮次不同`,
            `second ${time} has another root in the calendar`,
            name,
            offset,
          );
        else {
          const last = !calendar.last || Number(calendar.last.time) < time;
          if (last && mend) calendar.append([{ time, root }]);
          say(
            'completed',
            `第 ${time} 秒的轮次没有记入日历（没有答复过）`,
            `the round of second ${time} is not in the calendar (nobody was answered)`,
            name,
            offset,
            last && mend,
          );
        }
      });
      if (calendar && rounds.size > 0) findings.push(...withoutRound(calendar, name, rounds));
    }
  } finally {
    calendar?.close();
  }
  return findings;
}

/** Whether a signature from above holds and is one of this root. */
function answers(bytes: Uint8Array, root: Uint8Array): boolean {
  try {
    const signature = readSignature(bytes);
    return equal(signature.chains[0]!.inputHash, root) && verifyInternal(signature).verdict.outcome === 'ok';
  } catch {
    return false;
  }
}

/** Signed seconds of a day whose rounds are kept, but not theirs. */
function withoutRound(calendar: Calendar, name: string, rounds: ReadonlyMap<number, Uint8Array>): Finding[] {
  const findings: Finding[] = [];
  const day = Date.parse(`${dayOfFile(name)}T00:00:00Z`) / 1000;
  for (let before = BigInt(day + DAY); ; ) {
    const seconds = calendar.list({ before, limit: 1024 });
    for (const { time } of seconds) {
      if (Number(time) < day) return findings;
      if (!rounds.has(Number(time)))
        findings.push({
          code: 'round-missing',
          zh: `日历中第 ${time} 秒没有轮次`,
          en: `second ${time} of the calendar has no round`,
          file: name,
          mended: false,
        });
      before = time;
    }
    if (seconds.length === 0) return findings;
  }
}
