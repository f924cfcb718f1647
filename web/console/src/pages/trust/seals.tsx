/** Everything that was sealed: what, whose, when, proven by what; and the question whether a file was ever sealed here. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { SealState } from '../../components/seal-state.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOriginNames } from './names.ts';
import { SealSearch } from './seal-search.tsx';
import { Banner } from './verdict.tsx';

export const kinds = [
  'run',
  'delivery',
  'export',
  'audit',
  'golden',
  'rule',
  'archive',
  'archive-step',
  'file',
] as const;
type Brief = Answer<'/api/v1/seals'>['items'][number];

export default function Seals() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const nameOf = useOriginNames();
  const imprint = url.get('imprint');
  const query = {
    kind: url.get('kind'),
    subject: url.get('subject'),
    state: url.get('state'),
    imprint,
    before: url.get('before'),
    limit: 50,
  };
  const seals = useQuery({
    queryKey: ['seals', 'list', query],
    queryFn: ({ signal }) => api.get('/api/v1/seals', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.seals')} lead={t('trust.seals.lead')}>
      <div className="stack">
        <Summary />
        <SealSearch imprint={imprint} found={seals.data} />
        <div>
          <Filters keys={['kind', 'subject', 'state', 'imprint']}>
            <ChoiceFilter
              name="kind"
              label={t('trust.account.kind')}
              choices={kinds.map((value) => ({ value, label: t(`trust.kind.${value}`) }))}
            />
            <TextFilter name="subject" label={t('trust.seals.subject')} hint={t('trust.seals.subject-hint')} />
            <ChoiceFilter
              name="state"
              label={t('trust.seals.state')}
              choices={(['pending', 'sealed'] as const).map((value) => ({ value, label: t(`trust.state.${value}`) }))}
            />
          </Filters>
          <Loaded query={seals}>
            {(data) => (
              <div className="stack-s">
                <DataTable
                  caption={t('titles.seals')}
                  rows={data.items}
                  rowKey={(row) => row.id}
                  empty={
                    <div className="panel">
                      <Empty title={t('trust.seals.empty')}>{t('trust.seals.empty-text')}</Empty>
                    </div>
                  }
                  columns={[
                    { key: 'id', title: '#', align: 'end', tight: true, render: (row: Brief) => row.id },
                    {
                      key: 'kind',
                      title: t('trust.account.kind'),
                      tight: true,
                      render: (row) => t(`trust.kind.${row.kind}`),
                    },
                    {
                      key: 'title',
                      title: t('trust.seals.title'),
                      head: true,
                      render: (row) => (
                        <Link to="/trust/seals/$seal" params={{ seal: String(row.id) } as never} className="seal-title">
                          {say(row.title)}
                        </Link>
                      ),
                    },
                    {
                      key: 'organisation',
                      title: t('trust.seals.organisation'),
                      render: (row) => (row.organisation ? nameOf(row.organisation) : t('trust.seals.city')),
                    },
                    {
                      key: 'state',
                      title: t('trust.seals.state'),
                      tight: true,
                      render: (row) => <SealState seal={row} />,
                    },
                    {
                      key: 'signed',
                      title: t('trust.seals.signed'),
                      tight: true,
                      render: (row) => <Instant at={row.signedAt} />,
                    },
                    {
                      key: 'published',
                      title: t('trust.seals.published'),
                      tight: true,
                      render: (row) =>
                        row.publishedAt ? (
                          <Link
                            to="/trust/publications"
                            search={{ time: String(Date.parse(row.publishedAt) / 1000) } as never}
                          >
                            <Instant at={row.publishedAt} />
                          </Link>
                        ) : (
                          <span className="quiet">—</span>
                        ),
                    },
                    {
                      key: 'imprint',
                      title: t('trust.account.fingerprint'),
                      tight: true,
                      render: (row) => <Hash value={row.imprint.slice(2)} />,
                    },
                  ]}
                />
                <Paging next={data.next} />
              </div>
            )}
          </Loaded>
        </div>
      </div>
    </Page>
  );
}

/** Ways to the first and the following page of a list that is paged by its last entry. */
export function Paging({ next }: { next: number | null }) {
  const { t } = useSpeech();
  const url = useUrlState();
  return (
    <div className="row" style={{ justifyContent: 'flex-end' }}>
      {url.get('before') ? (
        <Button size="small" onClick={() => url.set({ before: undefined })}>
          {t('common.first')}
        </Button>
      ) : null}
      {next === null ? null : (
        <Button size="small" onClick={() => url.set({ before: next })}>
          {t('common.next')}
        </Button>
      )}
    </div>
  );
}

function Summary() {
  const { t, say } = useSpeech();
  const summary = useQuery({
    queryKey: ['seals', 'summary'],
    queryFn: ({ signal }) => api.get('/api/v1/seals/summary', { signal }),
  });
  return (
    <Loaded query={summary}>
      {(data) => (
        <div className="stack-s">
          {data.fault ? (
            <Banner tone="bad" word={t('trust.service.alarm')}>
              <p>{say(data.fault)}</p>
              <p className="small">{t('trust.service.alarm-text')}</p>
            </Banner>
          ) : null}
          <Figures>
            <Figure
              label={t('trust.state.pending')}
              {...(data.pending ? { tone: 'warn' as const } : {})}
              note={
                data.oldestPending ? (
                  <>
                    {t('trust.seals.oldest')} <Instant at={data.oldestPending} only="ago" />
                  </>
                ) : (
                  t('trust.seals.none-pending')
                )
              }
            >
              <Num value={data.pending} />
            </Figure>
            <Figure label={t('trust.seals.last-signed')} note={<Instant at={data.lastSigned} only="day" />}>
              <Instant at={data.lastSigned} only="clock" />
            </Figure>
            {data.kinds.map((one) => (
              <Figure
                key={one.kind}
                label={t(`trust.kind.${one.kind}`)}
                note={t('trust.seals.of-these-published', { n: one.extended.toLocaleString('en-US') })}
              >
                <Num value={one.sealed} />
              </Figure>
            ))}
          </Figures>
        </div>
      )}
    </Loaded>
  );
}
