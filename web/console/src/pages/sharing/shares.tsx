/** Grants: what was agreed to, and when it was last delivered. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';

const size = 20;
/** Tone of a grant's state. */
export const shareTones: Record<string, 'good' | 'warn' | 'bad' | undefined> = {
  active: 'good',
  consulting: 'warn',
  suspended: 'bad',
  ended: 'warn',
  disposing: 'warn',
};

export default function Shares() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { me } = useSession();
  const page = url.number('page', 1);
  const query = { which: url.get('which') || 'all', page, size };
  const all = useQuery({
    queryKey: ['sharing', 'shares', query],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/shares', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.sharing-shares')} lead={t('sharing.shares-lead')}>
      <Panel title={t('sharing.share')}>
        <div className="stack-s">
          {me.user.organisation ? (
            <Filters keys={['which']}>
              <ChoiceFilter
                name="which"
                label={t('sharing.which.label')}
                otherwise="all"
                choices={(['all', 'raised', 'received'] as const).map((value) => ({
                  value,
                  label: t(`sharing.which.${value}`),
                }))}
              />
            </Filters>
          ) : null}
          <Loaded query={all}>
            {(answer) => (
              <>
                <DataTable
                  caption={t('sharing.share')}
                  rows={answer.items}
                  rowKey={(row) => row.id}
                  empty={<Empty title={t('sharing.shares-empty')}>{t('sharing.shares-empty-text')}</Empty>}
                  columns={[
                    {
                      key: 'title',
                      title: t('sharing.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/sharing/shares/$share" params={{ share: String(row.id) } as never}>
                            {say(row.title)}
                          </Link>
                          <p className="small quiet">
                            {say(row.requester.name)} ← {say(row.provider.name)}
                          </p>
                        </>
                      ),
                    },
                    {
                      key: 'mode',
                      title: t('sharing.mode-title'),
                      tight: true,
                      render: (row) => (
                        <>
                          {t(`sharing.mode.${row.mode}`)}
                          <p className="small quiet">{t(`sharing.frequency.${row.frequency}`)}</p>
                        </>
                      ),
                    },
                    {
                      key: 'state',
                      title: t('sharing.state'),
                      tight: true,
                      render: (row) => <Label tone={shareTones[row.state]}>{say(row.stateTitle)}</Label>,
                    },
                    {
                      key: 'period',
                      title: t('sharing.period'),
                      tight: true,
                      render: (row) => (
                        <span className="num">
                          {day(row.since)} – {day(row.until)}
                        </span>
                      ),
                    },
                    {
                      key: 'deliveries',
                      title: t('sharing.deliveries'),
                      align: 'end',
                      render: (row) => <span className="num">{full(row.deliveries)}</span>,
                    },
                    {
                      key: 'last',
                      title: t('sharing.last-delivery'),
                      tight: true,
                      render: (row) => (
                        <span className="num">{row.lastDelivery ? instant(row.lastDelivery) : '—'}</span>
                      ),
                    },
                  ]}
                />
                <Pager
                  offset={(page - 1) * size}
                  limit={size}
                  total={answer.total}
                  onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
                />
              </>
            )}
          </Loaded>
        </div>
      </Panel>
    </Page>
  );
}
