/** The borrowings desk: one's own requests and loans; for archivists, everybody's, to decide upon. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { ReasonModal } from './marks.tsx';

type Borrowing = Answer<'/api/v1/archive-borrowings'>['items'][number];
const tones = { requested: 'warn', lent: 'info', overdue: 'bad', refused: undefined, returned: 'good' } as const;
const states = ['requested', 'lent', 'overdue', 'refused', 'returned'] as const;

export default function Borrowings() {
  const { t } = useSpeech();
  const { me } = useSession();
  const url = useUrlState();
  const client = useQueryClient();
  const archivist = me.permissions.includes('archive.manage');
  const [deciding, setDeciding] = useState<{ row: Borrowing; approve: boolean } | null>(null);
  const all = useQuery({
    queryKey: ['archives', 'borrowings'],
    queryFn: ({ signal }) => api.get('/api/v1/archive-borrowings', { signal }),
  });
  const changed = () => client.invalidateQueries({ queryKey: ['archives'] });
  const back = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/archive-borrowings/{id}/return', { params: { id } }),
    onSuccess: () => void changed(),
  });
  const state = url.get('state');
  return (
    <Page
      title={t('titles.archive-borrowings')}
      lead={t(archivist ? 'archives.desk-lead' : 'archives.borrowings-lead')}
    >
      <div className="stack-s">
        <Filters keys={['state']}>
          <ChoiceFilter
            name="state"
            label={t('archives.facet.state')}
            choices={states.map((value) => ({ value, label: t(`archives.loan.${value}`) }))}
          />
        </Filters>
        {back.isError ? <Failure error={back.error} /> : null}
        <Loaded query={all}>
          {({ items }) => (
            <DataTable
              caption={t('titles.archive-borrowings')}
              rows={items.filter((row) => !state || row.state === state)}
              rowKey={(row) => row.id}
              empty={<Empty title={t('archives.no-borrowings')}>{t('archives.no-borrowings-text')}</Empty>}
              columns={[
                {
                  key: 'title',
                  title: t('archives.field.title'),
                  head: true,
                  render: (row) => (
                    <div style={{ minWidth: '13em' }}>
                      <Link to="/archives/$archive" params={{ archive: String(row.archive) } as never}>
                        {row.title ?? `#${row.archive}`}
                      </Link>
                      <p className="small quiet mono">{row.reference}</p>
                    </div>
                  ),
                },
                {
                  key: 'state',
                  title: t('archives.facet.state'),
                  tight: true,
                  render: (row) => <Label tone={tones[row.state]}>{t(`archives.loan.${row.state}`)}</Label>,
                },
                {
                  key: 'kind',
                  title: t('archives.borrow-kind'),
                  tight: true,
                  render: (row) => t(`archives.kind.${row.kind}`),
                },
                ...(archivist
                  ? [{ key: 'login', title: t('archives.borrower'), render: (row: Borrowing) => row.login }]
                  : []),
                {
                  key: 'purpose',
                  title: t('archives.purpose'),
                  render: (row) => (
                    <>
                      {row.purpose}
                      {row.reason ? (
                        <p className="small quiet">{t('archives.decision-was', { reason: row.reason })}</p>
                      ) : null}
                    </>
                  ),
                },
                {
                  key: 'until',
                  title: t('archives.until'),
                  tight: true,
                  render: (row) =>
                    row.until ? <Instant at={row.until} only="day" /> : t('archives.n-days', { n: row.days }),
                },
                {
                  key: 'actions',
                  title: t('archives.actions'),
                  tight: true,
                  render: (row) => (
                    <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
                      {archivist && row.state === 'requested' && !row.mine ? (
                        <>
                          <Button size="small" type="primary" onClick={() => setDeciding({ row, approve: true })}>
                            {t('archives.approve')}
                          </Button>
                          <Button size="small" onClick={() => setDeciding({ row, approve: false })}>
                            {t('archives.refuse')}
                          </Button>
                        </>
                      ) : null}
                      {row.state === 'lent' || row.state === 'overdue' || (row.state === 'requested' && row.mine) ? (
                        <Button
                          size="small"
                          loading={back.isPending && back.variables === row.id}
                          onClick={() => back.mutate(row.id)}
                        >
                          {row.state === 'requested' ? t('archives.withdraw') : t('archives.give-back')}
                        </Button>
                      ) : null}
                    </span>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </div>
      {deciding ? (
        <ReasonModal
          title={t(deciding.approve ? 'archives.approve' : 'archives.refuse')}
          label={t('archives.decision-reason')}
          note={`${deciding.row.login} · ${deciding.row.title ?? ''} · ${t('archives.n-days', { n: deciding.row.days })}`}
          okText={t(deciding.approve ? 'archives.approve' : 'archives.refuse')}
          danger={!deciding.approve}
          optional={deciding.approve}
          run={(reason) =>
            api.post('/api/v1/archive-borrowings/{id}/decision', {
              params: { id: deciding.row.id },
              body: { approve: deciding.approve, ...(reason ? { reason } : {}) },
            })
          }
          onClose={() => setDeciding(null)}
          onDone={() => {
            setDeciding(null);
            void changed();
          }}
        />
      ) : null}
    </Page>
  );
}
