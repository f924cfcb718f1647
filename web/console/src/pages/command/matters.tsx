/** What happens in the city beside operations: open alerts and urgent or late events, for those who may see them. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Exercise } from './shared.tsx';

const SHOWN = 6;

export function CityMatters() {
  const { may } = useSession();
  if (!may('alert.read') && !may('event.read')) return null;
  return (
    <div className="command-matters">
      {may('alert.read') ? <Alerts /> : null}
      {may('event.read') ? <Events /> : null}
    </div>
  );
}

function Alerts() {
  const { t, say } = useSpeech();
  const open = useQuery({
    queryKey: ['command', 'alerts'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts', { query: { state: 'open', limit: 50 }, signal }),
    refetchInterval: 10_000,
  });
  const worst = [...(open.data?.alerts ?? [])].sort((a, b) => b.level - a.level || b.id - a.id).slice(0, SHOWN);
  return (
    <Panel
      title={`${t('command.open-alerts')} ${open.data?.total ?? ''}`}
      extra={<Link to="/alerts">{t('command.see-all')}</Link>}
    >
      {worst.length ? (
        <ul className="command-list">
          {worst.map((a) => (
            <li key={a.id}>
              <Label tone={a.level >= 3 ? 'bad' : 'warn'}>{t(`command.colour-${Math.max(1, a.level)}`)}</Label>
              <Exercise of={a.exercise} />
              <Link to="/alerts/$alert" params={{ alert: String(a.id) } as never}>
                {say(a.title)}
              </Link>
              <span className="small quiet">{`${a.label ? say(a.label) : ''} ${instant(a.openedAt).slice(5, 16)}`}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet small">{t('command.no-alerts')}</p>
      )}
    </Panel>
  );
}

function Events() {
  const { t } = useSpeech();
  const query = { open: 'true' as const, limit: 50 };
  const open = useQuery({
    queryKey: ['command', 'events'],
    queryFn: ({ signal }) => api.get('/api/v1/events', { query, signal }),
    refetchInterval: 10_000,
  });
  const rank = (e: { urgency: string; lateAt?: string | null }) => (e.urgency === 'urgent' ? 0 : 1);
  const first = [...(open.data?.events ?? [])].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
  return (
    <Panel
      title={`${t('command.open-events')} ${open.data ? `${open.data.count ?? ''}${open.data.more ? '+' : ''}` : ''}`}
      extra={<Link to="/events">{t('command.see-all')}</Link>}
    >
      {first.length ? (
        <ul className="command-list">
          {first.map((e) => (
            <li key={e.id}>
              {e.urgency === 'urgent' ? <Label tone="bad">{t('command.urgent')}</Label> : null}
              <Link to="/events/$event" params={{ event: String(e.id) } as never}>
                {e.text || e.number}
              </Link>
              <span className="small quiet">{`${e.address ?? ''}`}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet small">{t('command.no-events')}</p>
      )}
    </Panel>
  );
}
