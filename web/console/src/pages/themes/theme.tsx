/** One theme: how many, where, since when, how good; its members; on what ground and by which rule. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useMemo } from 'react';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Chart } from '../../components/chart.tsx';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters, TextFilter } from '../../components/filters.tsx';
import { Fact, Facts, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { day, full, percent } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Cell } from '../credit/cell.tsx';

type Detail = Answer<'/api/v1/libraries/themes/{theme}'>;
const LIMIT = 20;

export default function ThemePage() {
  const { t, say } = useSpeech();
  const { theme } = useParams({ strict: false }) as { theme: string };
  const detail = useQuery({
    queryKey: ['themes', theme],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/themes/{theme}', { params: { theme }, signal }),
  });
  useTabTitle(detail.data ? say(detail.data.title) : undefined);
  return (
    <Page
      title={detail.data ? say(detail.data.title) : t('titles.theme')}
      lead={detail.data ? say(detail.data.purpose) : undefined}
      back={{ to: '/themes', label: t('titles.themes') }}
    >
      <Loaded query={detail}>
        {(data) => (
          <div className="stack">
            <Figures>
              <Figure label={t('themes.members')} note={data.day ? day(data.day) : t(`themes.state.${data.state}`)}>
                {data.members === null ? '—' : full(data.members)}
              </Figure>
              <Figure label={t('themes.entered')}>{data.entered === null ? '—' : full(data.entered)}</Figure>
              <Figure label={t('themes.gone')}>{data.gone === null ? '—' : full(data.gone)}</Figure>
              <Figure label={t('themes.filled')}>{percent(data.filled)}</Figure>
              <Figure label={t('themes.contradicted')}>{percent(data.contradicted)}</Figure>
            </Figures>
            <Towns data={data} />
            <Members data={data} />
            <History data={data} />
            <About data={data} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Towns({ data }: { data: Detail }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const { set } = url;
  const shown = data.towns.slice(0, 24);
  const name = (town: Detail['towns'][number]) => town.title ?? town.town ?? t('themes.none');
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
      xAxis: {
        type: 'category' as const,
        data: shown.map((x) => x.title ?? x.town ?? t('themes.none')),
        axisLabel: { interval: 0, rotate: shown.length > 8 ? 40 : 0, hideOverlap: true },
      },
      yAxis: { type: 'value' as const, minInterval: 1 },
      series: [{ type: 'bar' as const, name: t('themes.members'), barMaxWidth: 26, data: shown.map((x) => x.members) }],
    }),
    [shown, t],
  );
  if (!data.towns.length) return null;
  return (
    <Panel title={t('themes.towns')}>
      <Chart
        option={option}
        height={220}
        label={t('themes.towns')}
        onPick={(picked) => set({ town: shown.find((x) => name(x) === picked)?.town ?? 'none', offset: undefined })}
      />
    </Panel>
  );
}

function Members({ data }: { data: Detail }) {
  const { t, say, language } = useSpeech();
  const { message } = App.useApp();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const which = (url.get('which') || 'current') as 'current' | 'entered' | 'gone';
  const filter = {
    which,
    ...(url.get('town') ? { town: url.get('town') } : {}),
    ...(url.get('q') ? { q: url.get('q') } : {}),
  };
  const query = { ...filter, offset, limit: LIMIT };
  const members = useQuery({
    queryKey: ['themes', data.id, 'members', query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/themes/{theme}/members', { params: { theme: data.id }, query, signal }),
    placeholderData: keepPreviousData,
  });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => download(urlOf('/api/v1/libraries/themes/{theme}/export', { theme: data.id }, filter)),
    onSuccess: async (name) => {
      message.success(t('themes.exported', { name }));
      await client.invalidateQueries({ queryKey: ['seals'] });
    },
  });
  return (
    <Panel
      title={t('themes.member-list')}
      extra={
        <>
          <SealMark kind="export" subject={`theme/${data.id}/`} silent />
          <Button size="small" loading={save.isPending} onClick={() => save.mutate()}>
            {t('themes.export')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        {data.personal ? <PurposeNote /> : null}
        {save.isError ? <Failure error={save.error} /> : null}
        <Filters keys={['which', 'town', 'q']}>
          <ChoiceFilter
            name="which"
            label={t('themes.which.label')}
            otherwise="current"
            choices={(['current', 'entered', 'gone'] as const).map((w) => ({
              value: w,
              label: t(`themes.which.${w}`),
            }))}
          />
          <ChoiceFilter
            name="town"
            label={t('themes.town')}
            choices={data.towns.map((x) => ({ value: x.town ?? 'none', label: x.title ?? x.town ?? t('themes.none') }))}
          />
          <TextFilter name="q" label={t('themes.search')} />
        </Filters>
        <Loaded query={members}>
          {(answer) => (
            <>
              <DataTable
                caption={t('themes.member-list')}
                rows={answer.items}
                rowKey={(row) => `${row.entity}-${row.since}`}
                empty={<Empty title={t('themes.no-members')} />}
                columns={[
                  ...answer.columns.map((column, i) => ({
                    key: column.name,
                    title: `${say(column.title)}${column.unit ? ` (${unitText(column.unit, language)})` : ''}`,
                    head: i === 0,
                    render: (row: (typeof answer.items)[number]) =>
                      i === 0 ? (
                        <Link
                          to="/themes/$theme/$entity"
                          params={{ theme: data.id, entity: String(row.entity) } as never}
                        >
                          <Cell cell={row.values[i]!} />
                        </Link>
                      ) : (
                        <Cell cell={row.values[i]!} />
                      ),
                  })),
                  { key: 'town', title: t('themes.town'), render: (row) => row.divisionTitle ?? row.division ?? '—' },
                  { key: 'reason', title: t('themes.reason'), render: (row) => row.reason ?? '—' },
                  { key: 'since', title: t('themes.since'), tight: true, render: (row) => day(row.since) },
                  ...(which === 'gone'
                    ? [
                        {
                          key: 'until',
                          title: t('themes.until'),
                          tight: true,
                          render: (row: (typeof answer.items)[number]) => day(row.until),
                        },
                      ]
                    : []),
                ]}
              />
              <Pager
                offset={offset}
                limit={LIMIT}
                total={answer.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}

function History({ data }: { data: Detail }) {
  const { t } = useSpeech();
  const option = useMemo(
    () => ({
      legend: { show: false },
      xAxis: { type: 'category' as const, data: data.history.map((h) => h.day), axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value' as const, scale: true, minInterval: 1 },
      series: [
        {
          type: 'line' as const,
          name: t('themes.members'),
          data: data.history.map((h) => h.members),
          showSymbol: false,
        },
      ],
    }),
    [data, t],
  );
  // One day makes no line.
  if (data.history.length < 2) return null;
  return (
    <Panel title={t('themes.history')}>
      <Chart option={option} height={200} label={t('themes.history')} />
    </Panel>
  );
}

function About({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  const { roles } = data.access;
  return (
    <Panel title={t('themes.about')}>
      <div className="stack-s">
        <Facts>
          <Fact label={t('themes.ground')} wide>
            {say(data.ground)}
          </Fact>
          <Fact label={t('themes.owner')}>{say(data.ownerName)}</Fact>
          <Fact label={t('themes.library')}>{say(data.libraryTitle)}</Fact>
          <Fact label={t('themes.scope')}>{data.scope ?? t('themes.all')}</Fact>
          <Fact label={t('themes.retention')}>{t('themes.days', { n: full(data.retention) })}</Fact>
          <Fact label={t('themes.sources')} wide>
            {data.sources.length ? data.sources.map((s) => say(s.title)).join('、') : say(data.libraryTitle)}
          </Fact>
          <Fact label={t('themes.access')} wide>
            {[...roles.map((r) => t(`themes.role.${r}`)), ...data.access.organisations.map((o) => say(o))].join('、')}
          </Fact>
          {data.withoutEntity ? (
            <Fact label={t('themes.without')}>{t('themes.rows', { n: full(data.withoutEntity) })}</Fact>
          ) : null}
        </Facts>
        {data.sql ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
          <pre className="small" style={{ overflowX: 'auto' }} tabIndex={0}>
            {data.sql}
          </pre>
        ) : null}
      </div>
    </Panel>
  );
}
