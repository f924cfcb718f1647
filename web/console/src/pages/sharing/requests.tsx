/** Requests raised by the own department and asked of it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { ClockMark } from './shared.tsx';

const size = 20;
const tones: Record<string, 'good' | 'warn' | 'bad' | 'info' | undefined> = {
  granted: 'good',
  refused: 'bad',
  supplement: 'warn',
  received: 'info',
  deciding: 'info',
};

export default function Requests() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { me, may } = useSession();
  const page = url.number('page', 1);
  const query = { which: url.get('which') || 'all', state: url.get('state') || undefined, page, size };
  const all = useQuery({
    queryKey: ['sharing', 'requests', query],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/requests', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const law = useQuery({
    queryKey: ['sharing', 'law'],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/law', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const states = Object.entries(law.data?.machines.request?.states ?? {});
  return (
    <Page
      title={t('titles.sharing-requests')}
      lead={t('sharing.requests-lead')}
      actions={
        may('sharing.request') ? (
          <Link to="/sharing/new">
            <Button type="primary">{t('sharing.new')}</Button>
          </Link>
        ) : null
      }
    >
      <Panel title={t('sharing.requests')}>
        <div className="stack-s">
          <Filters keys={['which', 'state']}>
            {me.user.organisation ? (
              <ChoiceFilter
                name="which"
                label={t('sharing.which.label')}
                otherwise="all"
                choices={(['all', 'raised', 'received'] as const).map((value) => ({
                  value,
                  label: t(`sharing.which.${value}`),
                }))}
              />
            ) : null}
            <ChoiceFilter
              name="state"
              label={t('sharing.state')}
              width={200}
              choices={states.map(([value, title]) => ({ value, label: say(title) }))}
            />
          </Filters>
          <Loaded query={all}>
            {(answer) => (
              <>
                <DataTable
                  caption={t('sharing.requests')}
                  rows={answer.items}
                  rowKey={(row) => row.id}
                  empty={<Empty title={t('sharing.empty')}>{t('sharing.empty-text')}</Empty>}
                  columns={[
                    {
                      key: 'title',
                      title: t('sharing.resource'),
                      head: true,
                      render: (row) => (
                        <>
                          <Link to="/sharing/requests/$request" params={{ request: String(row.id) } as never}>
                            {say(row.title)}
                          </Link>
                          <p className="small quiet num">#{row.id}</p>
                        </>
                      ),
                    },
                    { key: 'requester', title: t('sharing.requester'), render: (row) => say(row.requester.name) },
                    {
                      key: 'provider',
                      title: t('sharing.provider'),
                      render: (row) => (
                        <>
                          {say(row.provider.name)}
                          <p className="small quiet">{t(`sharing.sharing-type.${row.sharing}`)}</p>
                        </>
                      ),
                    },
                    {
                      key: 'mode',
                      title: t('sharing.mode-title'),
                      tight: true,
                      render: (row) => (row.mode ? t(`sharing.mode.${row.mode}`) : '—'),
                    },
                    {
                      key: 'state',
                      title: t('sharing.state'),
                      tight: true,
                      render: (row) => <Label tone={tones[row.state]}>{say(row.stateTitle)}</Label>,
                    },
                    {
                      key: 'clock',
                      title: t('sharing.clock'),
                      tight: true,
                      render: (row) => <ClockMark clock={row.clock} />,
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
