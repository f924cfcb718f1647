/** Open data for departments and the authority: what is proposed, what the check says, what is open and how it is used. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Stars, StateLabel } from './shared.tsx';

type Line = Answer<'/api/v1/open/datasets'>['items'][number];

export default function OpenDesk() {
  const { t } = useSpeech();
  const all = useQuery({
    queryKey: ['open-desk', 'all'],
    queryFn: ({ signal }) => api.get('/api/v1/open/datasets', { signal }),
    refetchInterval: 30_000,
  });
  return (
    <Page
      title={t('titles.open-desk')}
      lead={t('opendata.desk-lead')}
      actions={
        <>
          <Link to="/open">
            <Button>{t('opendata.public-page')}</Button>
          </Link>
          {all.data?.mayPropose ? (
            <Link to="/open-new">
              <Button type="primary">{t('titles.open-new')}</Button>
            </Link>
          ) : null}
        </>
      }
    >
      <Loaded query={all}>
        {(data) => {
          const open = data.items.filter((d) => d.published);
          const proposals = data.items.filter(
            (d) => !['open', 'withdrawn'].includes(d.state) || (d.state === 'withdrawn' && !d.published),
          );
          const sum = (kind: 'view' | 'download' | 'call') => open.reduce((n, d) => n + d.use[kind], 0);
          return (
            <div className="stack">
              <Figures>
                <Figure label={t('opendata.datasets')}>{full(open.filter((d) => d.state === 'open').length)}</Figure>
                <Figure label={t('opendata.todo')}>
                  {full(data.items.filter((d) => d.steps.some((s) => ['submit', 'agree', 'open'].includes(s))).length)}
                </Figure>
                <Figure label={t('opendata.views')}>{full(sum('view'))}</Figure>
                <Figure label={t('opendata.downloads')}>{full(sum('download'))}</Figure>
                <Figure label={t('opendata.calls')}>{full(sum('call'))}</Figure>
              </Figures>
              <Panel title={t('opendata.proposals')} flush>
                <Proposals rows={proposals} />
              </Panel>
              <Panel title={t('opendata.published')} flush>
                <Published rows={open} />
              </Panel>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Name({ d }: { d: Line }) {
  const { say } = useSpeech();
  return (
    <Link to="/open-desk/$id" params={{ id: String(d.id) } as never}>
      {say(d.title)}
    </Link>
  );
}

function Proposals({ rows }: { rows: readonly Line[] }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={t('opendata.proposals')}
      rows={rows}
      rowKey={(d) => d.id}
      empty={<Empty title={t('opendata.proposals-none')}>{t('opendata.proposals-none-text')}</Empty>}
      columns={[
        { key: 'title', title: t('opendata.dataset'), head: true, render: (d) => <Name d={d} /> },
        { key: 'provider', title: t('opendata.provider'), render: (d) => say(d.provider.name) },
        { key: 'state', title: t('opendata.state.label'), tight: true, render: (d) => <StateLabel state={d.state} /> },
        {
          key: 'check',
          title: t('opendata.check'),
          tight: true,
          render: (d) =>
            d.standing === null ? (
              <span className="quiet">{t('opendata.not-checked')}</span>
            ) : d.standing === 0 ? (
              <Label tone="good">{t('opendata.passed')}</Label>
            ) : (
              <Label tone="bad">{t('opendata.blocked', { n: d.standing })}</Label>
            ),
        },
        {
          key: 'todo',
          title: t('opendata.todo'),
          tight: true,
          render: (d) =>
            d.steps
              .filter((s) => ['submit', 'agree', 'open'].includes(s))
              .map((s) => t(`opendata.step.${s}`))
              .join('、'),
        },
        {
          key: 'created',
          title: t('opendata.created'),
          tight: true,
          render: (d) => <span className="num">{day(d.created)}</span>,
        },
      ]}
    />
  );
}

function Published({ rows }: { rows: readonly Line[] }) {
  const { t, say } = useSpeech();
  const figure = (key: 'view' | 'download' | 'call', title: string) => ({
    ...{ key, title, align: 'end' as const, tight: true },
    render: (d: Line) => <span className="num">{full(d.use[key])}</span>,
  });
  return (
    <DataTable
      caption={t('opendata.published')}
      rows={rows}
      rowKey={(d) => d.id}
      empty={<Empty title={t('opendata.published-none')} />}
      columns={[
        { key: 'title', title: t('opendata.dataset'), head: true, render: (d) => <Name d={d} /> },
        { key: 'provider', title: t('opendata.provider'), render: (d) => say(d.provider.name) },
        {
          key: 'state',
          title: t('opendata.state.label'),
          tight: true,
          render: (d) => (
            <span className="row" style={{ gap: 6 }}>
              <StateLabel state={d.state} />
              {d.state === 'open' && d.reason ? (
                <Label tone="bad" title={say(d.reason)}>
                  {t('opendata.held')}
                </Label>
              ) : null}
            </span>
          ),
        },
        figure('view', t('opendata.views')),
        figure('download', t('opendata.downloads')),
        figure('call', t('opendata.calls')),
        {
          key: 'stars',
          title: t('opendata.stars-title'),
          tight: true,
          render: (d) => <Stars value={d.use.stars} count={d.use.ratings} />,
        },
        {
          key: 'next',
          title: t('opendata.renews'),
          tight: true,
          render: (d) => <span className="num">{d.next ?? '—'}</span>,
        },
      ]}
    />
  );
}
