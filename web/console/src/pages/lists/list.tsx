/** One list: its figures, its towns, its days, and its members with how they are followed up. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { day, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';
import { MemberDrawer } from './member.tsx';

type Detail = Answer<'/api/v1/libraries/lists/{list}'>;
const size = 50;

export default function ListPage() {
  const { t, say } = useSpeech();
  const { list } = useParams({ strict: false }) as { list: string };
  const detail = useQuery({
    queryKey: ['lists', list],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/lists/{list}', { params: { list }, signal }),
  });
  useTabTitle(detail.data ? say(detail.data.title) : undefined);
  return (
    <Page
      title={detail.data ? say(detail.data.title) : t('titles.list')}
      lead={detail.data ? say(detail.data.purpose) : undefined}
      back={{ to: '/lists', label: t('titles.lists') }}
    >
      <Loaded query={detail}>
        {(data) => (
          <div className="stack">
            <Head data={data} />
            {data.members === 'each' ? <Members data={data} /> : <p className="note">{t('lists.figures-only')}</p>}
            {data.scope === null || data.scope.length < 6 ? (
              <Split title={t('lists.counties')} column={t('lists.county')} rows={data.counties} />
            ) : null}
            <Split title={t('lists.towns')} column={t('lists.town')} rows={data.towns} />
            <History data={data} />
            {data.sql ? (
              <Panel title={t('lists.sql')}>
                <div className="stack-s">
                  {(['who', 'done', 'except'] as const).map((part) =>
                    data.sql?.[part] ? (
                      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
                      <pre key={part} className="small" style={{ overflowX: 'auto' }} tabIndex={0}>
                        {data.sql[part]}
                      </pre>
                    ) : null,
                  )}
                </div>
              </Panel>
            ) : null}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Head({ data }: { data: Detail }) {
  const { t, say, language } = useSpeech();
  const comma = language === 'en' ? ', ' : '、';
  const { counts, last } = data;
  return (
    <>
      <Figures>
        <Figure label={t('lists.members')} note={data.day ? day(data.day) : t(`lists.state.${data.state}`)}>
          {counts ? full(counts.members) : '—'}
        </Figure>
        <Figure label={t('lists.fresh')}>{counts ? full(counts.fresh) : '—'}</Figure>
        <Figure label={t('lists.done')}>{counts ? full(counts.endedDone) : '—'}</Figure>
        <Figure label={t('lists.withdrawn')}>{counts ? full(counts.endedWithdrawn) : '—'}</Figure>
        {last ? (
          <>
            <Figure label={t('lists.who')}>{full(last.who)}</Figure>
            <Figure label={t('lists.has')}>{full(last.done)}</Figure>
            <Figure label={t('lists.excepted')}>{full(last.excepted)}</Figure>
          </>
        ) : null}
      </Figures>
      <Panel
        title={t('lists.cases')}
        extra={<Label>{data.scope ? t('lists.scope', { division: data.scope }) : t('lists.all')}</Label>}
      >
        <div className="stack-s">
          <p className="row" style={{ gap: 8, flexWrap: 'wrap' }}>
            {data.cases.map((c) => (
              <Label key={c.state} tone={c.state === 'open' ? 'warn' : c.state === 'done' ? 'good' : undefined}>
                {stateTitle(data, c.state, say)} {full(c.members)}
              </Label>
            ))}
          </p>
          <Facts>
            <Fact label={t('lists.ground')} wide>
              {say(data.ground)}
            </Fact>
            <Fact label={t('lists.owner')}>{say(data.ownerName)}</Fact>
            <Fact label={t('lists.frequency')}>{t(`lists.cadence.${data.cadence}`)}</Fact>
            <Fact label={t('lists.receives')} wide>
              {data.entitled.map((e) => say(e.name)).join(comma)}
            </Fact>
          </Facts>
        </div>
      </Panel>
    </>
  );
}

/** A state's title as the list declares it. */
export function stateTitle(
  data: Pick<Detail, 'states'>,
  id: string,
  say: (words: { zh: string; en: string }) => string,
): string {
  const found = data.states.find((s) => s.id === id);
  return found ? say(found.title) : id;
}

function Members({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const url = useUrlState();
  const page = url.number('page', 1);
  const filter = {
    which: url.get('which') || 'current',
    town: url.get('town') || undefined,
    state: url.get('state') || undefined,
    overdue: url.get('overdue') || undefined,
  };
  const query = { ...filter, page, size };
  const members = useQuery({
    queryKey: ['lists', data.id, 'members', query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/lists/{list}/members', { params: { list: data.id }, query, signal }),
    placeholderData: keepPreviousData,
  });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (format: string) =>
      download(urlOf('/api/v1/libraries/lists/{list}/export', { list: data.id }, { ...filter, format })),
    onSuccess: async (name) => {
      message.success(t('lists.exported', { name }));
      await client.invalidateQueries({ queryKey: ['seals'] });
    },
  });
  const towns = data.towns.map((x) => ({ value: x.town ?? 'none', label: x.title ?? x.town ?? t('lists.none') }));
  const ended = filter.which === 'done' || filter.which === 'withdrawn';
  return (
    <Panel
      title={t('lists.member-list')}
      extra={
        <>
          <SealMark kind="export" subject={`list/${data.id}/`} silent />
          <Button size="small" loading={save.isPending} onClick={() => save.mutate('xlsx')}>
            {t('lists.export-xlsx')}
          </Button>
          <Button size="small" loading={save.isPending} onClick={() => save.mutate('csv')}>
            {t('lists.export-csv')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        {save.isError ? <Failure error={save.error} /> : null}
        <Filters keys={['which', 'town', 'state', 'overdue']}>
          <ChoiceFilter
            name="which"
            label={t('lists.which.label')}
            otherwise="current"
            choices={(['current', 'fresh', 'done', 'withdrawn'] as const).map((value) => ({
              value,
              label: t(`lists.which.${value}`),
            }))}
          />
          <ChoiceFilter name="town" label={t('lists.town')} choices={towns} />
          <ChoiceFilter
            name="state"
            label={t('lists.follow-state')}
            choices={data.states.map((s) => ({ value: s.id, label: say(s.title) }))}
          />
          <ChoiceFilter
            name="overdue"
            label={t('lists.overdue')}
            choices={[{ value: 'true', label: t('lists.overdue-yes') }]}
          />
        </Filters>
        <Loaded query={members}>
          {(answer) => (
            <>
              <DataTable
                caption={t('lists.member-list')}
                rows={answer.items}
                rowKey={(row) => `${row.entity}-${row.since}`}
                empty={<Empty title={t('lists.no-members')} />}
                columns={[
                  { key: 'name', title: t('lists.name'), head: true, render: (row) => <Cell cell={row.name} /> },
                  { key: 'number', title: t('lists.number'), render: (row) => <Cell cell={row.number} mono /> },
                  {
                    key: 'town',
                    title: t('lists.town'),
                    render: (row) => row.divisionTitle ?? row.division ?? t('lists.none'),
                  },
                  { key: 'reason', title: t('lists.reason'), render: (row) => row.reason ?? '—' },
                  {
                    key: 'due',
                    title: t('lists.due'),
                    tight: true,
                    render: (row) => (
                      <span className={row.due && data.day && row.due < data.day ? 'bad-text' : undefined}>
                        {day(row.due)}
                      </span>
                    ),
                  },
                  { key: 'since', title: t('lists.since'), tight: true, render: (row) => day(row.since) },
                  {
                    key: 'state',
                    title: t('lists.follow-state'),
                    tight: true,
                    render: (row) =>
                      ended ? (
                        `${day(row.until)} ${row.ending ? t(`lists.ending.${row.ending}`) : ''}`
                      ) : (
                        <button
                          type="button"
                          className="link-button"
                          onClick={() => url.set({ member: String(row.entity) })}
                        >
                          {stateTitle(data, row.state, say)}
                        </button>
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
        {url.get('member') ? (
          <MemberDrawer list={data} entity={Number(url.get('member'))} onClose={() => url.set({ member: undefined })} />
        ) : null}
      </div>
    </Panel>
  );
}

/** Figures by division. */
function Split({ title, column, rows }: { title: string; column: string; rows: Detail['towns'] }) {
  const { t } = useSpeech();
  if (!rows.length) return null;
  const most = Math.max(1, ...rows.map((x) => x.members));
  return (
    <Panel title={title} flush>
      <DataTable
        caption={title}
        rows={rows}
        rowKey={(row) => row.town ?? '-'}
        columns={[
          {
            key: 'town',
            title: column,
            head: true,
            render: (row) => row.title ?? row.town ?? t('lists.none'),
          },
          {
            key: 'bar',
            title: '',
            render: (row) => (
              <span className="bar" aria-hidden="true" style={{ display: 'block', minWidth: 120 }}>
                <span style={{ width: `${(row.members / most) * 100}%`, background: 'var(--jw-primary)' }} />
              </span>
            ),
          },
          { key: 'members', title: t('lists.members'), align: 'end', render: (row) => full(row.members) },
          { key: 'fresh', title: t('lists.fresh'), align: 'end', render: (row) => full(row.fresh) },
          { key: 'done', title: t('lists.done'), align: 'end', render: (row) => full(row.endedDone) },
          { key: 'withdrawn', title: t('lists.withdrawn'), align: 'end', render: (row) => full(row.endedWithdrawn) },
        ]}
      />
    </Panel>
  );
}

function History({ data }: { data: Detail }) {
  const { t } = useSpeech();
  if (!data.history.length) return null;
  return (
    <Panel title={t('lists.history')} flush>
      <DataTable
        caption={t('lists.history')}
        rows={[...data.history].reverse().slice(0, 14)}
        rowKey={(row) => row.day}
        columns={[
          { key: 'day', title: t('lists.day'), head: true, render: (row) => day(row.day) },
          { key: 'members', title: t('lists.members'), align: 'end', render: (row) => full(row.members) },
          { key: 'fresh', title: t('lists.fresh'), align: 'end', render: (row) => full(row.fresh) },
          { key: 'still', title: t('lists.still'), align: 'end', render: (row) => full(row.still) },
          { key: 'done', title: t('lists.done'), align: 'end', render: (row) => full(row.endedDone) },
          { key: 'withdrawn', title: t('lists.withdrawn'), align: 'end', render: (row) => full(row.endedWithdrawn) },
        ]}
      />
    </Panel>
  );
}
