/** Extending by a calendar of our own. */
import type { Calendar } from '../calendar/index.ts';
import { writeCalendarChain } from '../sign/write.ts';
import { refuse, STATUS } from './refusal.ts';

/**
 * The chain 0x802 from a second to another (the newest signed one where none is named) and the newest second. `now`: Unix milliseconds. Refuses with
 * the extender's numbers: a range that runs backwards, before the calendar, after it, in the future.
 */
export function ownExtension(
  calendar: Calendar,
  now: number,
  aggregationTime: bigint,
  publicationTime?: bigint,
): { chain: Uint8Array; last: bigint } {
  const present = BigInt(Math.floor(now / 1000));
  const to = publicationTime ?? calendar.last?.time ?? 0n;
  if (publicationTime !== undefined && publicationTime < aggregationTime)
    refuse(STATUS.tooLarge, 'extend.range', '聚合时间在公开时间之后', 'the range of times runs backwards');
  if (aggregationTime > present || to > present)
    refuse(STATUS.tooLong, 'extend.future', '时间在未来', 'the time is in the future');
  const { first, last } = calendar;
  if (first === undefined || !last || to > last.time || aggregationTime > last.time)
    return refuse(
      STATUS.tooMany,
      'extend.new',
      '日历还没有到这一秒',
      'the time is after the last second of the calendar',
    );
  if (aggregationTime < first)
    refuse(STATUS.overQuota, 'extend.old', '时间早于日历的起点', 'the time is before the calendar begins');
  const chain = writeCalendarChain({
    publicationTime: to,
    aggregationTime,
    inputHash: calendar.rootAt(aggregationTime) ?? calendar.emptyRoot,
    links: calendar.chain(aggregationTime, to),
  });
  return { chain, last: last.time };
}
