/** What the pages of catalogue entries share: states, clocks, findings, types. */

import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { type Answer, api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

export type EntryLine = Answer<'/api/v1/catalogue/entries'>['items'][number];
export type EntryDetail = Answer<'/api/v1/catalogue/entries/{id}'>;
export type EntryContent = EntryDetail['content'];
export type EntryItem = EntryContent['items'][number];
export type Finding = EntryDetail['findings'][number];
export type Clock = NonNullable<NonNullable<EntryDetail['draft']>['clock']>;
export type Working = NonNullable<EntryLine['working']>;
export type Step = EntryDetail['steps'][number];

/** Classification codes, data types, ways of sharing: the same for everybody all day. */
export const useClasses = () =>
  useQuery({
    queryKey: ['catalogue', 'classes'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/classes', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

const workingTones = { draft: undefined, submitted: 'info', reviewing: 'warn', returned: 'bad' } as const;

/** What is worked on, and how far it is. */
export function WorkingLabel({ working }: { working: Working }) {
  const { t } = useSpeech();
  const tone = Object.hasOwn(workingTones, working.state)
    ? workingTones[working.state as keyof typeof workingTones]
    : undefined;
  return (
    <Label tone={tone} title={t('entries.version-n', { n: working.version })}>
      {working.kind === 'retire' ? `${t('entries.retiring')} · ` : ''}
      {t(`entries.working.${working.state}`)}
    </Label>
  );
}

const clockTones: Record<Clock['state'], 'info' | 'warn' | 'bad' | 'good' | undefined> = {
  running: 'info',
  warning: 'warn',
  overdue: 'bad',
  met: 'good',
  late: 'bad',
  stopped: undefined,
  unknown: 'warn',
};

/** A legal period: how many working days are left, and until when. */
export function ClockLabel({ clock }: { clock: Clock }) {
  const { t } = useSpeech();
  const left =
    clock.state === 'unknown'
      ? t('entries.clock.unknown', { year: clock.missingYear })
      : clock.left === null
        ? t(`entries.clock.${clock.state}`)
        : clock.left < 0
          ? t('entries.clock.overdue-n', { n: -clock.left })
          : t('entries.clock.left', { n: clock.left });
  return (
    <span className="row" style={{ gap: 6 }}>
      <Label tone={clockTones[clock.state]}>{left}</Label>
      {clock.due ? <span className="small quiet nowrap">{t('entries.clock.due', { day: day(clock.due) })}</span> : null}
    </span>
  );
}

/** Where in an entry a finding lies, in words: 信息项 3, 共享条件 … */
export function placeOf(pointer: string, t: TFunction): string {
  const item = /^\/items\/(\d+)/.exec(pointer);
  if (item) return t('entries.place.item', { n: Number(item[1]) + 1 });
  const key = pointer.split('/').filter(Boolean).join('-').replace(/-\d+$/, '');
  return key ? t(`entries.place.${key}`) : t('entries.place.whole');
}

/** Findings, errors first. */
export function Findings({ findings, onPick }: { findings: readonly Finding[]; onPick?: (pointer: string) => void }) {
  const { t, say } = useSpeech();
  if (findings.length === 0) return <p className="quiet">{t('entries.no-findings')}</p>;
  const sorted = [...findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  return (
    <ul className="stack-s plain">
      {sorted.map((f) => (
        <li key={`${f.code} ${f.pointer} ${f.zh}`} className="row row-top" style={{ flexWrap: 'nowrap' }}>
          <Label tone={f.severity === 'error' ? 'bad' : 'warn'}>{t(`entries.severity.${f.severity}`)}</Label>
          <span>
            {onPick && f.pointer ? (
              <button type="button" className="link-button" onClick={() => onPick(f.pointer)}>
                {placeOf(f.pointer, t)}
              </button>
            ) : (
              <span className="strong">{placeOf(f.pointer, t)}</span>
            )}{' '}
            {say(f)}
          </span>
        </li>
      ))}
    </ul>
  );
}
