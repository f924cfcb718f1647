/** On an alert's page: the event that it became, for who may see events. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Fact } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { StateLabel } from './shared.tsx';

export function EventOfAlert({ alert }: { alert: number }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const found = useQuery({
    queryKey: ['events', 'of-alert', alert],
    queryFn: ({ signal }) => api.get('/api/v1/events/of-alert/{alert}', { params: { alert }, signal }),
    enabled: may('event.read'),
  });
  const event = found.data?.event;
  if (!event) return null;
  return (
    <Fact label={t('titles.event')}>
      <span className="row">
        <Link to="/events/$event" params={{ event: String(event.id) } as never}>
          {t('events.its-event', { number: event.number })}
        </Link>
        <StateLabel state={event.state} />
      </span>
    </Fact>
  );
}
