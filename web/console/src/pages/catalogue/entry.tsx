/** One entry of the catalogue: what it says, where it comes from, how it came about, and what can be done with it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { App, Button, Tabs } from 'antd';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { ClockLabel, type EntryDetail, Findings, useClasses, WorkingLabel } from './entry-parts.tsx';
import { StepButtons } from './entry-steps.tsx';
import { History, Versions } from './entry-versions.tsx';
import { Lineage } from './lineage.tsx';
import { LevelLabel, ProtectionLabel, SharingLabel } from './resources.tsx';

export default function Entry() {
  const { t, say } = useSpeech();
  const { entry: id } = useParams({ strict: false }) as { entry: string };
  const entry = useQuery({
    queryKey: ['catalogue', 'entry', id],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/entries/{id}', { params: { id }, signal }),
  });
  useTabTitle(entry.data ? say(entry.data.title) : undefined);
  return (
    <Loaded query={entry} heading={t('titles.entry')}>
      {(data) => (
        <Page
          title={say(data.title)}
          back={{ to: '/catalogue/entries', label: t('titles.entries') }}
          lead={
            <span className="row">
              {data.level ? <LevelLabel level={data.level} /> : null}
              {data.sharing ? <SharingLabel type={data.sharing} /> : null}
              {data.open ? <Label tone="good">{t('catalogue.open')}</Label> : null}
              {data.state === 'published' ? null : (
                <Label tone={data.state === 'retired' ? 'bad' : 'warn'}>{t(`entries.state.${data.state}`)}</Label>
              )}
              <span>{say(data.provider.name)}</span>
              <span className="mono quiet">{data.code}</span>
            </span>
          }
          actions={<Actions entry={data} />}
        >
          <div className="stack">
            {data.draft ? <Draft entry={data} /> : null}
            <Parts entry={data} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Actions({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const { modal } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const begin = useMutation({
    mutationFn: (kind: 'change' | 'retire') =>
      api.post('/api/v1/catalogue/entries/{id}/draft', { params: { id: entry.id }, body: { kind } }),
    onSuccess: async (answer, kind) => {
      client.setQueryData(['catalogue', 'entry', entry.id], answer);
      await client.invalidateQueries({ queryKey: ['catalogue', 'desk'] });
      if (kind === 'change')
        void navigate({ to: '/catalogue/entries/$entry/edit', params: { entry: entry.id } as never });
    },
  });
  return (
    <>
      {begin.error ? <Failure error={begin.error} /> : null}
      {entry.mayBegin ? (
        <>
          <Button type="primary" loading={begin.isPending} onClick={() => begin.mutate('change')}>
            {t('entries.change')}
          </Button>
          <Button
            danger
            onClick={() =>
              modal.confirm({
                title: t('entries.retire-title'),
                content: t('entries.retire-text'),
                okButtonProps: { danger: true },
                onOk: () => begin.mutateAsync('retire'),
              })
            }
          >
            {t('entries.retire')}
          </Button>
        </>
      ) : null}
      {entry.source && may('exchange.read') ? (
        <Link to="/exchange/sources/$source" params={{ source: entry.source } as never}>
          {t('catalogue.as-source')}
        </Link>
      ) : null}
    </>
  );
}

/** What is being worked on, above what is in force. */
function Draft({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  const draft = entry.draft!;
  return (
    <Panel
      title={t('entries.draft-title', { n: draft.version })}
      extra={
        <>
          <WorkingLabel working={draft} />
          {draft.clock ? <ClockLabel clock={draft.clock} /> : null}
        </>
      }
    >
      <div className="stack-s">
        {draft.reasons.length && draft.state !== 'submitted' && draft.state !== 'reviewing' ? (
          <div className="note bad">
            <p className="strong">{t('entries.returned-because')}</p>
            <ol className="plain-list numbered">
              {draft.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ol>
          </div>
        ) : null}
        <Findings findings={entry.findings} />
        <div className="row">
          {entry.mayEdit && draft.kind === 'change' ? (
            <Link to="/catalogue/entries/$entry/edit" params={{ entry: entry.id } as never}>
              <Button>{t('entries.edit')}</Button>
            </Link>
          ) : null}
          <StepButtons id={entry.id} revision={draft.revision} steps={entry.steps} findings={entry.findings} />
        </div>
      </div>
    </Panel>
  );
}

function Parts({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const parts = [
    { key: 'metadata', label: t('catalogue.metadata'), children: <Metadata entry={entry} /> },
    {
      key: 'items',
      label: t('catalogue.items-n', { n: entry.content.items.length }),
      children: <Items entry={entry} />,
    },
    ...(entry.source
      ? [
          {
            key: 'lineage',
            label: t('entries.tab.lineage'),
            children: <LineagePart entry={entry} source={entry.source} />,
          },
        ]
      : []),
    { key: 'versions', label: t('entries.tab.versions'), children: <Versions entry={entry} /> },
    { key: 'history', label: t('entries.tab.history'), children: <History entry={entry} /> },
  ];
  return (
    <Tabs
      items={parts}
      activeKey={url.get('part') || 'metadata'}
      onChange={(part) => url.set({ part: part === 'metadata' ? undefined : part })}
    />
  );
}

function Metadata({ entry }: { entry: EntryDetail }) {
  const { t, language } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('catalogue.metadata')} extra={<span className="quiet">{t('catalogue.metadata-note')}</span>}>
        <Facts>
          {entry.metadata.map((element) => (
            <Fact
              key={element.name}
              label={language === 'zh' ? element.name : `${element.en} ${element.name}`}
              wide={(element.value?.length ?? 0) > 60}
            >
              {element.value ?? <span className="quiet">—</span>}
            </Fact>
          ))}
        </Facts>
      </Panel>
      <Freshness entry={entry} />
    </div>
  );
}

/** When its source delivered last, how often it does, and how good it is. */
function Freshness({ entry }: { entry: EntryDetail }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const quality = useQuery({
    queryKey: ['quality', 'of', entry.source],
    queryFn: ({ signal }) =>
      api.get('/api/v1/refinery/quality', { query: { by: 'class', source: entry.source }, signal }),
    enabled: Boolean(entry.source) && may('refinery.read'),
    staleTime: 60_000,
  });
  if (!entry.freshness) return <p className="note">{t('entries.not-collected-text')}</p>;
  const { freshness } = entry;
  const own = quality.data?.items[0];
  return (
    <Panel title={t('entries.freshness')}>
      <Facts>
        <Fact label={t('entries.last-run')}>
          {freshness.lastRun === null ? (
            <span className="quiet">{t('entries.never')}</span>
          ) : (
            <Link to="/exchange/runs/$run" params={{ run: String(freshness.lastRun) } as never}>
              {instant(freshness.finished)}
            </Link>
          )}
        </Fact>
        <Fact label={t('entries.runs')}>{full(freshness.runs)}</Fact>
        <Fact label={t('entries.rows')}>{full(freshness.rows)}</Fact>
        <Fact label={t('entries.interval')}>
          {freshness.intervalDays === null ? '—' : t('entries.days', { n: freshness.intervalDays })}
        </Fact>
        {own && own.score !== null ? (
          <Fact label={t('entries.quality')}>
            <Link to="/refinery/quality">{percent(own.score)}</Link>
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}

function Items({ entry }: { entry: EntryDetail }) {
  const { t, say } = useSpeech();
  const classes = useClasses();
  const departments = new Map(entry.sourceDepartments.map((s) => [s.index, s.organisation]));
  const rows = entry.content.items.map((item, index) => ({ ...item, index }));
  return (
    <DataTable
      caption={t('catalogue.items-n', { n: rows.length })}
      rows={rows}
      rowKey={(row) => row.index}
      columns={[
        { key: 'n', title: '#', align: 'end', render: (row) => row.index + 1 },
        {
          key: 'title',
          title: t('exchange.field.title'),
          head: true,
          render: (row) => (
            <>
              {say({ zh: row.title.zh, en: row.title.en || row.title.zh })}{' '}
              {row.key ? <Label tone="primary">{t('catalogue.key')}</Label> : null}
              {row.field ? <div className="small quiet mono">{row.field}</div> : null}
            </>
          ),
        },
        {
          key: 'type',
          title: t('catalogue.type'),
          tight: true,
          render: (row) => {
            const type = classes.data?.types.find((c) => c.letter === row.type);
            return row.type ? (
              <>
                <span className="mono">{row.type}</span> {type ? say(type.title) : ''}
                {row.length ? ` (${row.length})` : ''}
              </>
            ) : (
              <Label tone="bad">{t('entries.missing')}</Label>
            );
          },
        },
        { key: 'unit', title: t('catalogue.unit'), tight: true, render: (row) => row.unit ?? '—' },
        {
          key: 'required',
          title: t('exchange.field.required'),
          tight: true,
          render: (row) => (row.required ? t('common.yes') : <span className="quiet">{t('common.no')}</span>),
        },
        {
          key: 'protection',
          title: t('exchange.field.protection'),
          tight: true,
          render: (row) => <ProtectionLabel protection={row.protection} />,
        },
        {
          key: 'department',
          title: t('entries.source-department'),
          render: (row) => {
            const department = departments.get(row.index);
            return department ? say(department.name) : <span className="quiet">—</span>;
          },
        },
        { key: 'note', title: t('entries.note'), render: (row) => row.note || <span className="quiet">—</span> },
      ]}
    />
  );
}

function LineagePart({ entry, source }: { entry: EntryDetail; source: string }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('entries.tab.lineage')} extra={<span className="quiet">{entry.id}</span>}>
      <Lineage source={source} />
    </Panel>
  );
}
