/** Reviews of roles: begun by the security administrator or by themselves, with their progress and what became of each role. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Popconfirm, Select } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { ItemState } from './item-state.tsx';
import { Delegations, Roles, useNames } from './shared.tsx';

type View = Answer<'/api/v1/people/recertifications'>;
type Campaign = View['items'][number];
const states = ['open', 'confirmed', 'withdrawn', 'suspended', 'unanswered', 'lapsed', 'restored'] as const;
const key = ['people', 'recertifications'] as const;

export default function Recertification() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const url = useUrlState();
  const view = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get('/api/v1/people/recertifications', { signal }),
  });
  const begin = useMutation({
    mutationFn: () => api.post('/api/v1/people/recertifications', {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['people'] }),
  });
  const running = view.data?.items.find((c) => c.closedAt === null);
  const chosen = view.data?.items.find((c) => String(c.id) === url.get('review')) ?? view.data?.items[0];
  return (
    <Page
      title={t('titles.recertification')}
      lead={t('people.review.lead')}
      actions={
        view.data && !running ? (
          <Popconfirm
            title={t('people.review.begin-sure', { n: view.data.days })}
            okText={t('people.review.begin')}
            cancelText={t('common.cancel')}
            onConfirm={() => begin.mutate()}
          >
            <Button type="primary" loading={begin.isPending}>
              {t('people.review.begin')}
            </Button>
          </Popconfirm>
        ) : null
      }
    >
      {begin.isError ? <Failure error={begin.error} /> : null}
      <Loaded query={view}>
        {(data) => (
          <div className="stack">
            <p className="small quiet">
              {data.yearly ? t('people.review.yearly', { day: data.yearly }) : t('people.review.by-hand')}{' '}
              {data.suspends ? t('people.review.suspends') : t('people.review.suspends-not')}
            </p>
            {chosen ? <Chosen of={chosen} /> : null}
            <Panel title={t('people.review.all')} flush={data.items.length > 0}>
              <Campaigns
                of={data.items}
                choose={(id) => url.set({ review: String(id), state: undefined, after: undefined })}
              />
            </Panel>
            <Lent />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

const done = (c: Campaign) => Object.entries(c.counts).reduce((n, [s, k]) => (s === 'open' ? n : n + k), 0);
const total = (c: Campaign) => Object.values(c.counts).reduce((n, k) => n + k, 0);

function Campaigns({ of: items, choose }: { of: readonly Campaign[]; choose: (id: number) => void }) {
  const { t } = useSpeech();
  return (
    <DataTable
      caption={t('people.review.all')}
      rows={[...items]}
      rowKey={(row) => row.id}
      empty={<Empty title={t('people.review.none')}>{t('people.review.none-text')}</Empty>}
      columns={[
        {
          key: 'year',
          title: t('people.review.year'),
          head: true,
          tight: true,
          render: (row) => (
            <button type="button" className="link-button" onClick={() => choose(row.id)}>
              {row.year} · {row.id}
            </button>
          ),
        },
        {
          key: 'from',
          title: t('people.review.started'),
          tight: true,
          render: (row) => <Instant at={row.startedAt} />,
        },
        { key: 'by', title: t('people.review.by'), render: (row) => row.startedBy ?? t('people.review.itself') },
        { key: 'due', title: t('people.review.due'), tight: true, render: (row) => day(row.due) },
        {
          key: 'progress',
          title: t('people.review.progress'),
          align: 'end',
          tight: true,
          render: (row) => `${done(row)} / ${total(row)}`,
        },
        {
          key: 'state',
          title: t('exchange.state'),
          tight: true,
          render: (row) => (
            <Label tone={row.closedAt ? undefined : 'info'}>
              {t(row.closedAt ? 'people.review.closed' : 'people.review.running')}
            </Label>
          ),
        },
      ]}
    />
  );
}

function Chosen({ of: campaign }: { of: Campaign }) {
  const { t } = useSpeech();
  const { nameOf } = useNames();
  const url = useUrlState();
  const client = useQueryClient();
  const state = states.find((s) => s === url.get('state'));
  const after = Number(url.get('after')) || undefined;
  const items = useQuery({
    queryKey: [...key, campaign.id, state, after],
    queryFn: ({ signal }) =>
      api.get('/api/v1/people/recertifications/{id}/items', {
        params: { id: campaign.id },
        query: { limit: 100, ...(state ? { state } : {}), ...(after ? { after } : {}) },
        signal,
      }),
  });
  const restore = useMutation({
    mutationFn: (id: number) => api.post('/api/v1/people/recertifications/items/{id}/restore', { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['people'] }),
  });
  return (
    <Panel
      title={t('people.review.of', { year: campaign.year, due: day(campaign.due) })}
      extra={
        <Select
          aria-label={t('exchange.state')}
          size="small"
          style={{ minWidth: 150 }}
          allowClear
          placeholder={t('people.review.every-state')}
          value={state ?? null}
          onChange={(s) => url.set({ state: s ?? undefined, after: undefined })}
          options={states.map((s) => ({ value: s, label: t(`people.review.state.${s}`) }))}
        />
      }
    >
      <div className="stack">
        <Figures>
          {states
            .filter((s) => campaign.counts[s])
            .map((s) => (
              <Figure key={s} label={t(`people.review.state.${s}`)}>
                <Num value={campaign.counts[s] ?? 0} exact />
              </Figure>
            ))}
        </Figures>
        {restore.isError ? <Failure error={restore.error} /> : null}
        <Loaded query={items}>
          {(data) => (
            <div className="stack-s">
              <DataTable
                caption={t('people.review.of', { year: campaign.year, due: day(campaign.due) })}
                rows={data.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('people.review.no-items')} />}
                columns={[
                  {
                    key: 'who',
                    title: t('frame.account.name'),
                    head: true,
                    render: (row) => (
                      <>
                        {row.name}
                        <div className="small quiet mono">{row.login}</div>
                      </>
                    ),
                  },
                  { key: 'role', title: t('people.review.role'), render: (row) => <Roles of={[row.role]} /> },
                  {
                    key: 'reviewer',
                    title: t('people.review.reviewer'),
                    render: (row) =>
                      row.reviewer === 'head'
                        ? t('people.review.head-of', { name: nameOf(row.ofOrganisation) })
                        : t(`frame.role.${row.reviewer}`),
                  },
                  { key: 'state', title: t('exchange.state'), render: (row) => <ItemState of={row} /> },
                  {
                    key: 'act',
                    title: <span className="visually-hidden">{t('people.acts')}</span>,
                    tight: true,
                    render: (row) =>
                      row.state === 'suspended' ? (
                        <Button size="small" loading={restore.isPending} onClick={() => restore.mutate(row.id)}>
                          {t('people.review.restore')}
                        </Button>
                      ) : null,
                  },
                ]}
              />
              <span className="row">
                {after ? (
                  <Button size="small" onClick={() => url.set({ after: undefined })}>
                    {t('common.first')}
                  </Button>
                ) : null}
                {data.next ? (
                  <Button size="small" onClick={() => url.set({ after: String(data.next) })}>
                    {t('common.next')}
                  </Button>
                ) : null}
              </span>
            </div>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

/** Roles that are lent now or soon: rights that a review of roles would not show. */
function Lent() {
  const { t } = useSpeech();
  const lent = useQuery({
    queryKey: ['people', 'delegations'],
    queryFn: ({ signal }) => api.get('/api/v1/people/delegations', { signal }),
  });
  return (
    <Panel title={t('people.delegation.all')}>
      <Loaded query={lent}>
        {(data) => (
          <Delegations
            of={data.items}
            caption={t('people.delegation.all')}
            mayEnd
            refresh={['people', 'delegations']}
          />
        )}
      </Loaded>
    </Panel>
  );
}
