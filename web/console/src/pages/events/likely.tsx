/** Before anything is filed: what the words speak of, and which open events look the same, while the caller is still on the line. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Why } from './reports.tsx';
import { Due, StateLabel, useNames, usePlace } from './shared.tsx';

export type LikelyAnswer = Answer<'/api/v1/events/likely', 'post'>;

/** What is held against recent reports. */
export interface Said {
  text: string;
  matter?: string | undefined;
  address?: string | undefined;
  longitude?: number | undefined;
  latitude?: number | undefined;
  at?: string | undefined;
}

/** A value that has not changed for a moment. */
function useCalm<T>(value: T, ms: number): T {
  const [calm, setCalm] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return calm;
}

/** Asked when somebody stops typing; nothing is written by asking. */
export function useLikely(said: Said) {
  const text = useCalm(JSON.stringify(said), 500);
  const asked = JSON.parse(text) as Said;
  const place = asked.longitude !== undefined || (asked.address?.length ?? 0) >= 2;
  return useQuery({
    queryKey: ['events', 'likely', text],
    queryFn: ({ signal }) => api.post('/api/v1/events/likely', { body: asked, signal }),
    enabled: asked.text.trim().length >= 2 && place,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function Likely({
  query,
  onRemark,
}: {
  query: ReturnType<typeof useLikely>;
  /** The caller asks for an event that is there: its number is taken over into an answer. */
  onRemark: (event: LikelyAnswer['likely'][number]['event']) => void;
}) {
  const { t } = useSpeech();
  const names = useNames();
  const place = usePlace();
  if (query.isError) return <Failure error={query.error} />;
  const found = query.data?.likely ?? [];
  if (found.length === 0)
    return <Empty title={t(query.data ? 'events.likely-none' : 'events.likely-wait')}>{t('events.likely-text')}</Empty>;
  return (
    <ul className="event-likely" aria-live="polite">
      {found.map(({ event, probability, why, join }) => (
        <li key={event.id} className={join ? 'join' : undefined}>
          <p className="row spread">
            <Link to="/events/$event" params={{ event: String(event.id) } as never} target="_blank" className="strong">
              {names.matter(event.matter)}
            </Link>
            <Label tone={join ? 'good' : 'warn'}>
              {t(join ? 'events.likely-join' : 'events.likely-ask', { p: percent(probability, 0) })}
            </Label>
          </p>
          <p className="event-row-text">{event.text}</p>
          <p className="small quiet event-row-facts">
            <span className="num">{event.number}</span>
            <span>{place(event)}</span>
            <StateLabel state={event.state} />
            <Due of={event} />
          </p>
          <Why why={why} />
          <div>
            <Button size="small" onClick={() => onRemark(event)}>
              {t('events.likely-answer')}
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
