/** What the pages of the exchange share. */
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { KeptProblem, SourceItem } from '../../api/types.ts';
import type { Choice } from '../../components/filters.tsx';
import { Label } from '../../components/page.tsx';
import { placeText } from '../../components/states.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

export const sourceStates = ['running', 'current', 'overdue', 'never', 'failed', 'unavailable'] as const;

const tones = {
  running: 'info',
  current: 'good',
  overdue: 'warn',
  never: undefined,
  failed: 'bad',
  unavailable: undefined,
} as const;

/** Where a source stands, in a word. */
export function StateLabel({ source }: { source: Pick<SourceItem, 'state' | 'overdueDays'> }) {
  const { t } = useSpeech();
  return (
    <Label tone={tones[source.state]}>
      {t(`terms.state.${source.state}`)}
      {source.state === 'overdue' && source.overdueDays > 0 ? ` ${source.overdueDays} ${t('common.day-unit')}` : ''}
    </Label>
  );
}

/** The departments, as choices of a filter. */
export function useOwners(): { choices: Choice[]; nameOf: (id: string) => string } {
  const { say } = useSpeech();
  const { may } = useSession();
  const { data } = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    staleTime: 300_000,
    enabled: may('catalogue.read'),
  });
  // Those on duty see no catalogue, and yet the names of organisations.
  const names = useQuery({
    queryKey: ['command', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/command/organisations', { signal }),
    staleTime: 300_000,
    enabled: !may('catalogue.read') && may('command.read'),
  });
  const items = data?.items ?? [];
  const named: readonly { id: string; name: { zh: string; en: string } }[] = data?.items ?? names.data?.items ?? [];
  return {
    choices: items.filter((o) => o.resources > 0).map((o) => ({ value: o.id, label: say(o.name) })),
    nameOf: (id) => {
      const found = named.find((o) => o.id === id);
      return found ? say(found.name) : id;
    },
  };
}

/** The sources, as choices of a filter. */
export function useSourceChoices(): Choice[] {
  const { say } = useSpeech();
  const { may } = useSession();
  const { data } = useQuery({
    queryKey: ['exchange', 'sources', 'choices'],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/sources', { query: {}, signal }),
    staleTime: 300_000,
    enabled: may('exchange.read'),
  });
  return (data?.items ?? []).map((one) => ({ value: one.id, label: `${say(one.title)} · ${one.id}` }));
}

export interface CountersLike {
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
}

/** received = accepted + quarantined + duplicate, shown as it is asserted. */
export function Equation({ counters, big = false }: { counters: CountersLike; big?: boolean }) {
  const { t } = useSpeech();
  return (
    <p className={big ? 'equation big' : 'equation'}>
      <span>
        {t('exchange.received')} <b>{full(counters.received)}</b>
      </span>
      <i>=</i>
      <span>
        {t('exchange.accepted')} <b className="good-text">{full(counters.accepted)}</b>
      </span>
      <i>+</i>
      <span>
        {t('exchange.quarantined')}{' '}
        <b className={counters.quarantined ? 'warn-text' : ''}>{full(counters.quarantined)}</b>
      </span>
      <i>+</i>
      <span>
        {t('exchange.duplicate')} <b>{full(counters.duplicate)}</b>
      </span>
    </p>
  );
}

/** The three parts of what was received, as one bar. */
export function Parts({ counters, width = 120 }: { counters: CountersLike; width?: number | string }) {
  const { t } = useSpeech();
  const of = Math.max(1, counters.received);
  const title = `${t('exchange.accepted')} ${percent(counters.accepted / of)} · ${t('exchange.quarantined')} ${percent(counters.quarantined / of)} · ${t('exchange.duplicate')} ${percent(counters.duplicate / of)}`;
  return (
    <span
      className="bar"
      style={{ width, display: 'inline-flex', verticalAlign: 'middle' }}
      role="img"
      aria-label={title}
      title={title}
    >
      <span style={{ width: `${(counters.accepted / of) * 100}%`, background: 'var(--jw-primary)' }} />
      <span style={{ width: `${(counters.duplicate / of) * 100}%`, background: 'var(--jw-ink3)' }} />
      <span style={{ width: `${(counters.quarantined / of) * 100}%`, background: 'var(--jw-weft)' }} />
    </span>
  );
}

/** A problem that the hub kept. */
export function Kept({ problem }: { problem: KeptProblem }) {
  const { say, t } = useSpeech();
  const place = placeText(problem.place, t);
  return (
    <span>
      {say(problem.title)}{' '}
      <span className="quiet small">
        <code>{problem.code}</code>
        {place ? ` · ${place}` : ''}
      </span>
    </span>
  );
}
