/** How the hub stands: what needs a hand today first, then every part, what is slow, what fails, what takes space. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { bytes, duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { mayOpen, type PageEntry, pages } from '../../pages.ts';
import { useSession } from '../../session/session.tsx';

type View = Answer<'/api/v1/operations'>;
type Part = View['parts'][number];
const tones = { ok: 'good', warn: 'warn', bad: 'bad' } as const;

export default function Operations() {
  const { t } = useSpeech();
  const view = useQuery({
    queryKey: ['operations'],
    queryFn: ({ signal }) => api.get('/api/v1/operations', { signal }),
    refetchInterval: 10_000,
  });
  return (
    <Page title={t('titles.operations')} lead={t('operations.lead')}>
      <Loaded query={view}>{(data) => <Shown of={data} />}</Loaded>
    </Page>
  );
}

function Shown({ of: data }: { of: View }) {
  const { t } = useSpeech();
  const open = data.parts.filter((p) => p.standing !== 'ok');
  return (
    <div className="stack">
      <Figures>
        <Figure
          label={t('operations.attention')}
          {...(open.length ? { tone: 'warn' as const } : { tone: 'good' as const })}
        >
          <Num value={open.length} exact />
        </Figure>
        <Figure label={t('operations.present')} note={t('operations.sessions', { n: data.present.sessions })}>
          <Num value={data.present.accounts} exact />
        </Figure>
        <Figure label={t('operations.answered')} note={t('operations.this-hour', { n: data.answered.now })}>
          <Num value={data.answered.before} />
        </Figure>
        <Figure label={t('operations.problem-codes')}>
          <Num value={data.problems.reduce((sum, p) => sum + p.n, 0)} />
        </Figure>
      </Figures>
      <Panel title={t('operations.today')} flush={open.length > 0}>
        {open.length ? <Parts of={open} caption={t('operations.today')} /> : <Empty title={t('operations.nothing')} />}
      </Panel>
      <Panel title={t('operations.parts')} flush>
        <Parts of={data.parts} caption={t('operations.parts')} />
      </Panel>
      <Panel title={t('operations.problems')} flush={data.problems.length > 0}>
        {data.problems.length ? (
          <DataTable
            caption={t('operations.problems')}
            rows={data.problems}
            rowKey={(row) => row.code}
            columns={[
              { key: 'code', title: t('common.code'), head: true, render: (row) => <code>{row.code}</code> },
              { key: 'status', title: 'HTTP', align: 'end', render: (row) => row.status },
              { key: 'n', title: t('operations.times'), align: 'end', render: (row) => <Num value={row.n} exact /> },
            ]}
          />
        ) : (
          <Empty title={t('operations.no-problems')} />
        )}
      </Panel>
      <Slow title={t('operations.slow-requests')} rows={data.slowRequests} />
      <Slow title={t('operations.slow-statements')} rows={data.slowStatements} />
      <Space />
      <Retention />
    </div>
  );
}

function Parts({ of: parts, caption }: { of: readonly Part[]; caption: string }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={caption}
      rows={[...parts]}
      rowKey={(row) => row.id}
      columns={[
        {
          key: 'part',
          title: t('operations.part'),
          head: true,
          tight: true,
          render: (row) => <To link={row.link}>{say(row.title)}</To>,
        },
        {
          key: 'standing',
          title: t('exchange.state'),
          tight: true,
          render: (row) => <Label tone={tones[row.standing]}>{t(`operations.standing.${row.standing}`)}</Label>,
        },
        { key: 'text', title: t('operations.says'), render: (row) => say(row.text) },
      ]}
    />
  );
}

/** A link where the person may follow it. */
function To({ link, children }: { link: string | null; children: ReactNode }) {
  const { held } = useSession();
  const page = (pages as readonly PageEntry[]).find((p) => p.path === link);
  return page && mayOpen(page, held) ? <Link to={page.path as never}>{children}</Link> : children;
}

function Slow({ title, rows }: { title: string; rows: View['slowRequests'] }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={title} flush={rows.length > 0}>
      {rows.length ? (
        <DataTable
          caption={title}
          rows={rows.slice(0, 15)}
          rowKey={(row) => `${row.at} ${row.what}`}
          columns={[
            {
              key: 'what',
              title: t('operations.what'),
              head: true,
              render: (row) => <code style={{ overflowWrap: 'anywhere' }}>{row.what}</code>,
            },
            { key: 'ms', title: t('exchange.run.took'), align: 'end', render: (row) => duration(row.ms, language) },
            { key: 'at', title: t('operations.at'), tight: true, render: (row) => <Instant at={row.at} /> },
          ]}
        />
      ) : (
        <Empty title={t('operations.none-slow')} />
      )}
    </Panel>
  );
}

function Space() {
  const { t } = useSpeech();
  const space = useQuery({
    queryKey: ['operations', 'space'],
    queryFn: ({ signal }) => api.get('/api/v1/operations/space', { signal }),
    staleTime: 60_000,
  });
  return (
    <Panel title={t('operations.space')} flush>
      <Loaded query={space}>
        {(data) => (
          <>
            <p className="small quiet" style={{ padding: '10px 18px 0' }}>
              {t('operations.lake-file', { file: bytes(data.lake.file), log: bytes(data.lake.log) })}
            </p>
            <DataTable
              caption={t('operations.space')}
              rows={data.tables}
              rowKey={(row) => `${row.engine} ${row.name}`}
              columns={[
                { key: 'name', title: t('operations.table'), head: true, render: (row) => <code>{row.name}</code> },
                {
                  key: 'engine',
                  title: t('operations.engine'),
                  tight: true,
                  render: (row) => t(`operations.of.${row.engine}`),
                },
                { key: 'rows', title: t('operations.rows'), align: 'end', render: (row) => <Num value={row.rows} /> },
                {
                  key: 'bytes',
                  title: t('operations.bytes'),
                  align: 'end',
                  render: (row) => (row.bytes === null ? <span className="quiet">—</span> : bytes(row.bytes)),
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

type Kept = Answer<'/api/v1/operations/retention'>['kept'][number];
const keptTones = { ok: 'good', late: 'warn', short: 'bad' } as const;

function Retention() {
  const { t, say } = useSpeech();
  const view = useQuery({
    queryKey: ['operations', 'retention'],
    queryFn: ({ signal }) => api.get('/api/v1/operations/retention', { signal }),
    staleTime: 60_000,
  });
  const period = ({ days }: Kept) => (days === null ? t('operations.for-ever') : t('operations.days', { n: days }));
  return (
    <Panel title={t('operations.retention')} flush>
      <Loaded query={view}>
        {(data) => (
          <DataTable
            caption={t('operations.retention')}
            rows={data.kept}
            rowKey={(row) => row.id}
            columns={[
              { key: 'what', title: t('operations.what'), head: true, render: (row) => say(row.title) },
              { key: 'days', title: t('operations.period'), tight: true, render: period },
              {
                key: 'oldest',
                title: t('operations.oldest'),
                tight: true,
                render: (row) => (row.oldest === null ? <span className="quiet">—</span> : <Instant at={row.oldest} />),
              },
              {
                key: 'standing',
                title: t('exchange.state'),
                tight: true,
                render: (row) => <Label tone={keptTones[row.standing]}>{t(`operations.kept.${row.standing}`)}</Label>,
              },
              {
                key: 'ground',
                title: t('operations.ground'),
                render: (row) => (
                  <>
                    {say(row.ground)}
                    {row.setting === null ? null : <code className="small quiet"> {row.setting}</code>}
                  </>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
