/** Preservation: what is kept, when it was verified, what was found, formats and algorithms that age, and what is due for appraisal. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { bytes, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Appraisals } from './appraisals.tsx';

type State = Answer<'/api/v1/archive-preservation'>;
const fitnessTones = { keep: 'good', convert: 'warn', refuse: 'bad' } as const;

export default function Preservation() {
  const { t } = useSpeech();
  const state = useQuery({
    queryKey: ['archives', 'preservation'],
    queryFn: ({ signal }) => api.get('/api/v1/archive-preservation', { signal }),
    refetchInterval: ({ state: s }) => (s.data?.runs.some((r) => r.ended === null) ? 2_000 : false),
  });
  return (
    <Page
      title={t('titles.archive-preservation')}
      lead={t('archives.preservation-lead')}
      actions={<Actions state={state.data} />}
    >
      <Loaded query={state}>
        {(data) => (
          <div className="stack">
            {data.damaged > 0 ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('archives.damaged-n', { n: data.damaged })}</p>
                <p className="small">
                  {t('archives.damaged-text')}{' '}
                  <Link to="/archives" search={{ condition: 'damaged' } as never}>
                    {t('archives.see-damaged')}
                  </Link>
                </p>
              </div>
            ) : null}
            <Figures>
              <Figure label={t('archives.desk.kept')} note={bytes(data.bytes)}>
                {full(data.kept)}
              </Figure>
              <Figure
                label={t('archives.desk.damaged')}
                {...(data.damaged ? { tone: 'bad' as const } : { tone: 'good' as const })}
              >
                {full(data.damaged)}
              </Figure>
              <Figure label={t('archives.due-verify')} note={t('archives.every-days', { n: data.days })}>
                {full(data.due)}
              </Figure>
              <Figure label={t('archives.oldest')}>
                {data.oldest ? <Instant at={data.oldest} only="day" /> : '—'}
              </Figure>
              <Figure label={t('archives.to-reseal')} note={t('archives.reseal-with', { name: data.resealWith })}>
                {full(data.toReseal)}
              </Figure>
            </Figures>
            <p className="small quiet">
              {t(`archives.store.${data.store}`)} · {t(data.scanner ? 'archives.scanner-on' : 'archives.scanner-off')}
            </p>
            <Runs runs={data.runs} />
            <Panel title={t('archives.formats-kept')} flush>
              <DataTable
                caption={t('archives.formats-kept')}
                rows={data.formats}
                rowKey={(row) => row.id}
                empty={<Empty title={t('archives.nothing-kept')} />}
                columns={[
                  { key: 'title', title: t('archives.format'), head: true, render: (row) => row.title },
                  {
                    key: 'fit',
                    title: t('archives.fitness-title'),
                    render: (row) => (
                      <Label tone={fitnessTones[row.fitness as keyof typeof fitnessTones]}>
                        {t(`archives.fitness.${row.fitness}`)}
                      </Label>
                    ),
                  },
                  { key: 'files', title: t('archives.files'), align: 'end', render: (row) => full(row.files) },
                  { key: 'bytes', title: t('archives.size'), align: 'end', render: (row) => bytes(row.bytes) },
                ]}
              />
            </Panel>
            <Panel title={t('archives.algorithms')} flush>
              <DataTable
                caption={t('archives.algorithms')}
                rows={data.algorithms}
                rowKey={(row) => row.name}
                empty={<Empty title={t('archives.nothing-kept')} />}
                columns={[
                  { key: 'name', title: t('archives.algorithm'), head: true, render: (row) => row.name },
                  {
                    key: 'age',
                    title: t('archives.facet.state'),
                    render: (row) => (
                      <Label tone={row.ageing ? 'warn' : 'good'}>
                        {t(row.ageing ? 'archives.ageing' : 'archives.not-ageing')}
                      </Label>
                    ),
                  },
                  { key: 'n', title: t('archives.desk.kept'), align: 'end', render: (row) => full(row.archives) },
                ]}
              />
            </Panel>
            <Appraisals />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Runs({ runs }: { runs: State['runs'] }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('archives.runs')} flush>
      <DataTable
        caption={t('archives.runs')}
        rows={runs}
        rowKey={(row) => row.id}
        empty={<Empty title={t('archives.no-runs')}>{t('archives.no-runs-text')}</Empty>}
        columns={[
          { key: 'at', title: t('archives.run-at'), head: true, tight: true, render: (row) => <Instant at={row.at} /> },
          {
            key: 'ended',
            title: t('archives.facet.state'),
            tight: true,
            render: (row) =>
              row.ended ? (
                <Label tone={row.findings.length ? 'bad' : 'good'}>
                  {row.findings.length ? t('archives.findings-n', { n: row.findings.length }) : t('archives.all-sound')}
                </Label>
              ) : (
                <Label tone="info">{t('archives.running')}</Label>
              ),
          },
          { key: 'n', title: t('archives.desk.kept'), align: 'end', tight: true, render: (row) => full(row.archives) },
          { key: 'bytes', title: t('archives.size'), align: 'end', tight: true, render: (row) => bytes(row.bytes) },
          {
            key: 'findings',
            title: t('archives.findings'),
            render: (row) =>
              row.findings.length === 0 ? (
                '—'
              ) : (
                <ul className="plain-list">
                  {row.findings.slice(0, 5).map((f) => (
                    <li key={f.archive}>
                      <Link to="/archives/$archive" params={{ archive: String(f.archive) } as never}>
                        {f.reference ?? `#${f.archive}`}
                      </Link>{' '}
                      <span className="small quiet">{f.items.join(' ')}</span>
                    </li>
                  ))}
                </ul>
              ),
          },
        ]}
      />
    </Panel>
  );
}

function Actions({ state }: { state: State | undefined }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const soon = () => {
    void message.info(t('archives.verify-ordered'));
    // The job begins a moment later; then the page follows it by itself.
    setTimeout(() => void client.invalidateQueries({ queryKey: ['archives'] }), 1_500);
  };
  const verify = useMutation({
    mutationFn: () => api.post('/api/v1/archive-preservation/verify', { body: { all: true } }),
    onSuccess: soon,
  });
  const reseal = useMutation({
    mutationFn: () => api.post('/api/v1/archive-preservation/reseal', {}),
    onSuccess: soon,
  });
  return (
    <>
      {verify.isError ? <Failure error={verify.error} /> : null}
      {reseal.isError ? <Failure error={reseal.error} /> : null}
      {state && state.toReseal > 0 ? (
        <Button loading={reseal.isPending} onClick={() => reseal.mutate()}>
          {t('archives.reseal')}
        </Button>
      ) : null}
      <Button type="primary" loading={verify.isPending} onClick={() => verify.mutate()}>
        {t('archives.verify-all')}
      </Button>
    </>
  );
}
