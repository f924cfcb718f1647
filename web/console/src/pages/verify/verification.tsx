/** One verification: what became of the rows, the delivery, and the rows to correct. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button, Popconfirm, Select } from 'antd';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';
import { VerificationState } from './verifications.tsx';

type One = Answer<'/api/v1/libraries/verifications/{id}'>;
const size = 50;
const cases = ['open', 'department', 'library', 'settled'] as const;

export default function Verification() {
  const { t } = useSpeech();
  const { id } = useParams({ strict: false }) as { id: string };
  const one = useQuery({
    queryKey: ['verifications', id],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/verifications/{id}', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? 1_000 : false),
  });
  useTabTitle(one.data?.title);
  return (
    <Page
      title={one.data?.title ?? t('titles.verification')}
      back={{ to: '/verifications', label: t('titles.verifications') }}
    >
      <Loaded query={one}>
        {(data) => (
          <div className="stack">
            <Result data={data} />
            {data.state === 'done' ? <Corrections data={data} /> : null}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Result({ data }: { data: One }) {
  const { t, say, language } = useSpeech();
  const comma = language === 'en' ? ', ' : '、';
  const { message } = App.useApp();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => download(urlOf('/api/v1/libraries/verifications/{id}/delivery', { id: data.id })),
    onSuccess: async (name) => {
      message.success(t('verify.downloaded', { name }));
      // What was handed out is sealed with its last byte.
      await client.invalidateQueries({ queryKey: ['seals'] });
    },
  });
  return (
    <>
      {data.state === 'done' ? (
        <Figures>
          <Figure label={t('verify.received')} note={t('verify.equation', { n: full(data.received ?? 0) })}>
            {full(data.received ?? 0)}
          </Figure>
          {data.counts
            .filter((c) => c.rows > 0)
            .map((c) => (
              <Figure
                key={c.outcome}
                label={say(c.title)}
                note={percent(data.received ? c.rows / data.received : null, 1)}
                {...(c.outcome === 'agreed' ? { tone: 'good' as const } : {})}
              >
                {full(c.rows)}
              </Figure>
            ))}
        </Figures>
      ) : null}
      <Panel
        title={t('verify.result')}
        extra={
          data.state === 'done' ? (
            <>
              <SealMark kind="delivery" subject={`${data.id}/`} silent />
              <Button size="small" type="primary" loading={save.isPending} onClick={() => save.mutate()}>
                {t('verify.download')}
              </Button>
            </>
          ) : null
        }
      >
        <div className="stack-s">
          {save.isError ? <Failure error={save.error} /> : null}
          {data.problem ? (
            <p className="note bad" role="alert">
              {say(data.problem.title)} <span className="mono small">{data.problem.code}</span>
            </p>
          ) : null}
          <Facts>
            <Fact label={t('verify.state-title')}>
              <span role="status">
                <VerificationState state={data.state} />
              </span>
            </Fact>
            <Fact label={t('verify.subject')}>{t(`verify.${data.subject}`)}</Fact>
            <Fact label={t('verify.origin')}>
              {data.fileName ?? `${data.source} ${t('verify.run', { run: data.run })}`}
            </Fact>
            <Fact label={t('verify.at')}>{instant(data.at)}</Fact>
            <Fact label={t('verify.columns')} wide>
              {Object.values(data.columns).join(comma) || '—'}
            </Fact>
          </Facts>
        </div>
      </Panel>
    </>
  );
}

function Corrections({ data }: { data: One }) {
  const { t, say, language } = useSpeech();
  const comma = language === 'en' ? ', ' : '、';
  const { message } = App.useApp();
  const client = useQueryClient();
  const url = useUrlState();
  const page = url.number('page', 1);
  const query = { outcome: url.get('outcome') || undefined, state: url.get('state') || undefined, page, size };
  const rows = useQuery({
    queryKey: ['verifications', String(data.id), 'rows', query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/verifications/{id}/rows', { params: { id: data.id }, query, signal }),
    placeholderData: keepPreviousData,
  });
  const put = useMutation({
    mutationFn: ({ row, state }: { row: number; state: (typeof cases)[number] }) =>
      api.put('/api/v1/libraries/verifications/{id}/rows/{row}', { params: { id: data.id, row }, body: { state } }),
    onSuccess: () => {
      message.success(t('verify.saved'));
      void client.invalidateQueries({ queryKey: ['verifications', String(data.id), 'rows'] });
    },
  });
  const send = useMutation({
    mutationFn: () =>
      api.post('/api/v1/libraries/verifications/{id}/corrections', {
        params: { id: data.id },
        body: query.outcome ? { outcome: query.outcome as 'differs' } : {},
      }),
    onSuccess: (answer) => {
      message.success(t('verify.sent', { n: full(answer.raised), known: full(answer.known) }));
      void client.invalidateQueries({ queryKey: ['verifications', String(data.id), 'rows'] });
      void client.invalidateQueries({ queryKey: ['corrections'] });
    },
  });
  return (
    <Panel
      title={t('verify.corrections')}
      extra={
        <>
          <Link to="/corrections">{t('titles.corrections')}</Link>
          <Popconfirm
            title={t('verify.send-sure')}
            okText={t('verify.send')}
            cancelText={t('common.cancel')}
            onConfirm={() => send.mutate()}
          >
            <Button size="small" loading={send.isPending}>
              {t('verify.send')}
            </Button>
          </Popconfirm>
        </>
      }
    >
      <div className="stack-s">
        {send.isError ? <Failure error={send.error} /> : null}
        <Filters keys={['outcome', 'state']}>
          <ChoiceFilter
            name="outcome"
            label={t('verify.outcome')}
            choices={data.counts
              .filter((c) => c.outcome !== 'agreed' && c.rows > 0)
              .map((c) => ({ value: c.outcome, label: say(c.title) }))}
          />
          <ChoiceFilter
            name="state"
            label={t('verify.handling')}
            choices={cases.map((value) => ({ value, label: t(`verify.case.${value}`) }))}
          />
        </Filters>
        {put.isError ? <Failure error={put.error} /> : null}
        <Loaded query={rows}>
          {(answer) => (
            <>
              <DataTable
                caption={t('verify.corrections')}
                rows={answer.items}
                rowKey={(row) => row.row}
                empty={<Empty title={t('verify.none')} />}
                columns={[
                  { key: 'row', title: t('verify.row'), head: true, tight: true, render: (row) => full(row.row) },
                  { key: 'outcome', title: t('verify.outcome'), render: (row) => say(row.title) },
                  {
                    key: 'differs',
                    title: t('verify.differs'),
                    render: (row) => row.differs.map((d) => say(d.title)).join(comma) || '—',
                  },
                  {
                    key: 'found',
                    title: t('verify.found'),
                    render: (row) =>
                      row.entity !== null ? (
                        <Cell cell={row.name} />
                      ) : row.candidates ? (
                        t('verify.candidates', { n: row.candidates })
                      ) : (
                        '—'
                      ),
                  },
                  {
                    key: 'state',
                    title: t('verify.handling'),
                    render: (row) => (
                      <Select
                        size="small"
                        aria-label={`${t('verify.handling')} ${row.row}`}
                        style={{ minWidth: 180 }}
                        value={row.state}
                        onChange={(state) => put.mutate({ row: row.row, state })}
                        options={cases.map((value) => ({ value, label: t(`verify.case.${value}`) }))}
                      />
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
  );
}
