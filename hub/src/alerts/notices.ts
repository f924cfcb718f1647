/** Grave alerts come to people's inboxes: to who keeps watch and to the department whose sensors they stand on. */
import type { Notice, NoticePort } from '../platform/notices/index.ts';
import type { Trx } from '../platform/notices/port.ts';
import type { AlertRow, ChangeKind } from './live/alert.ts';
import { colourOf, colourTitles } from './pure/index.ts';

/** From this level on (orange) somebody is to be told. */
const GRAVE = 3;

/** What an alert's notices are about. */
const about = (id: number): string => `alert/${id}`;

type Told = Pick<AlertRow, 'id' | 'level' | 'title' | 'label' | 'owner' | 'exercise' | 'silenced' | 'inhibited'> &
  Partial<Pick<AlertRow, 'peak'>>;

/** The notice of an alert at its present level. Exercises are marked wherever they are told of. */
function noticeOf(a: Told): Notice {
  const colour = colourTitles[colourOf(a.level)!];
  const place = a.label ? { zh: `（${a.label.zh}）`, en: ` (${a.label.en})` } : { zh: '', en: '' };
  const mark = a.exercise ? { zh: '【演练】', en: '[EXERCISE] ' } : { zh: '', en: '' };
  return {
    ...{ key: `alert.opened/${a.id}/${a.level}`, kind: 'alert.opened', about: about(a.id), link: `/alerts/${a.id}` },
    to: [{ role: 'duty-officer' }, ...(a.owner ? [{ role: 'data-officer' as const, organisation: a.owner }] : [])],
    title: {
      zh: `${mark.zh}${colour.zh}预警：${a.title.zh}${place.zh}`,
      en: `${mark.en}${colour.en} alert: ${a.title.en}${place.en}`,
    },
    text: {
      zh: `${mark.zh}${a.title.zh}${place.zh}达到${colour.zh}级别，请立即查看并处置。`,
      en: `${mark.en}${a.title.en}${place.en} reached ${colour.en.toLowerCase()}: look at it now.`,
    },
  };
}

/** Tells of alerts that opened or rose to orange or red, and takes back what is over; in the transaction that writes them. */
export async function tellAlerts(
  notices: NoticePort,
  trx: Trx,
  changes: readonly { kind: ChangeKind; alert: Told }[],
): Promise<void> {
  const grave = changes.filter(
    ({ kind, alert: a }) =>
      (kind === 'opened' || kind === 'raised') && a.level >= GRAVE && a.silenced === null && a.inhibited === null,
  );
  if (grave.length)
    await notices.tell(
      trx,
      grave.map((c) => noticeOf(c.alert)),
    );
  for (const { kind, alert } of changes)
    if (kind === 'closed' && Math.max(alert.level, alert.peak ?? 0) >= GRAVE) await alertOver(notices, trx, alert.id);
}

/** An alert is over: so is what was told of it. */
export const alertOver = (notices: NoticePort, trx: Trx, id: number): Promise<void> =>
  notices.withdraw(trx, { kind: 'alert.opened', about: about(id) });
