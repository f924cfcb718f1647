/** How the signing service is, in words; an alarm is loud, since nothing is signed while it lasts. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { Answer } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Failure } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { algorithmText } from './time.tsx';
import { Banner } from './verdict.tsx';

type Status = Answer<'/api/v1/trust/status'>;

const at = (second: number | null) => (second === null ? null : new Date(second * 1000).toISOString());

/** The alarm where there is one. */
function Alarm({ status }: { status: Status }) {
  const { t, say } = useSpeech();
  if (status.signing && !status.alarm) return null;
  return (
    <Banner tone="bad" word={t('trust.service.alarm')}>
      <p>{status.alarm ? say(status.alarm) : t('trust.service.off')}</p>
      <p className="small">{t('trust.service.alarm-text')}</p>
    </Banner>
  );
}

export function ServiceNote({ query, onlyAlarm = false }: { query: UseQueryResult<Status>; onlyAlarm?: boolean }) {
  const { t, say } = useSpeech();
  const status = query.data;
  if (!status) return query.isError ? <Failure error={query.error} retry={() => void query.refetch()} /> : null;
  if (onlyAlarm) return <Alarm status={status} />;
  return (
    <div className="stack">
      <Alarm status={status} />
      <Figures>
        <Figure label={t('trust.service.state')} tone={status.signing ? 'good' : 'bad'} note={say(status.name)}>
          {status.signing ? t('trust.service.on') : t('trust.service.stopped')}
        </Figure>
        <Figure
          label={t('trust.service.seals')}
          note={
            status.firstSecond === null ? undefined : (
              <>
                {t('trust.service.since')} <Instant at={at(status.firstSecond)} only="day" />
              </>
            )
          }
        >
          <Num value={status.seals} />
        </Figure>
        <Figure
          label={t('trust.service.last')}
          note={status.lastSecond === null ? undefined : <Instant at={at(status.lastSecond)} only="day" />}
        >
          {status.lastSecond === null ? '—' : <Instant at={at(status.lastSecond)} only="clock" />}
        </Figure>
        <Figure label={t('trust.service.published')}>
          {status.lastPublication ? <Instant at={status.lastPublication} only="day" /> : '—'}
        </Figure>
        <Figure
          label={t('trust.service.algorithm')}
          note={t('trust.service.key', { kind: status.authority.toUpperCase() })}
        >
          {algorithmText(status.algorithm)}
        </Figure>
      </Figures>
      {status.parent ? <p className="small">{t('trust.service.parent', { name: status.parent })}</p> : null}
    </div>
  );
}
