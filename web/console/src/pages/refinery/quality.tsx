/** Data quality: A of B in six dimensions, from departments down to the rows that fail. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { api } from '../../api/client.ts';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { FailingDrawer } from './failing.tsx';
import { dimensions, type QualityLine, useClasses } from './shared.ts';

type By = 'department' | 'class' | 'field' | 'rule';

export default function Quality() {
  const { t } = useSpeech();
  const url = useUrlState();
  const owners = useOwners();
  const classes = useClasses();
  const source = url.get('source');
  const by = (url.get('by') || (source ? 'field' : 'class')) as By;
  const query = {
    by,
    owner: url.get('owner'),
    source,
    field: url.get('field'),
    dimension: url.get('dimension'),
    run: url.get('run'),
  };
  const quality = useQuery({
    queryKey: ['refinery', 'quality', query],
    queryFn: ({ signal }) => api.get('/api/v1/refinery/quality', { query, signal }),
    placeholderData: keepPreviousData,
  });
  const failing = url.get('failing');
  return (
    <Page title={t('titles.quality')} lead={t('refinery.quality.lead')}>
      <div className="stack">
        {quality.data?.items.length ? <Totals lines={quality.data.items} /> : null}
        <div>
          <div className="filters">
            <div className="filter">
              <span>{t('refinery.quality.by')}</span>
              <Segmented
                value={by}
                aria-label={t('refinery.quality.by')}
                onChange={(value) => url.set({ by: String(value), failing: undefined })}
                options={(['department', 'class', 'field', 'rule'] as const).map((value) => ({
                  value,
                  label: t(`refinery.quality.by-${value}`),
                  disabled: (value === 'field' || value === 'rule') && !source,
                }))}
              />
            </div>
            <Filters keys={['owner', 'source', 'field', 'dimension', 'run']}>
              <ChoiceFilter name="owner" label={t('exchange.owner')} choices={owners.choices} width={180} />
              <ChoiceFilter name="source" label={t('refinery.class')} choices={classes.choices} width={220} />
              <ChoiceFilter
                name="dimension"
                label={t('refinery.quality.dimension')}
                choices={dimensions.map((value) => ({ value, label: t(`refinery.dimension.${value}`) }))}
              />
            </Filters>
          </div>
          <Loaded query={quality}>
            {(data) =>
              data.items.length === 0 ? (
                <div className="panel">
                  <Empty title={t('refinery.quality.empty')}>{t('refinery.quality.empty-text')}</Empty>
                </div>
              ) : (
                <Lines lines={data.items} by={by} ownerName={owners.nameOf} />
              )
            }
          </Loaded>
        </div>
      </div>
      {failing ? <FailingDrawer of={failing} onClose={() => url.set({ failing: undefined, page: undefined })} /> : null}
    </Page>
  );
}

/** A and B of each dimension over all lines. */
function Totals({ lines }: { lines: readonly QualityLine[] }) {
  const { t } = useSpeech();
  const sums = new Map<string, { a: number; b: number }>();
  for (const line of lines) {
    for (const one of line.dimensions) {
      const sum = sums.get(one.dimension) ?? { a: 0, b: 0 };
      sums.set(one.dimension, { a: sum.a + one.a, b: sum.b + one.b });
    }
  }
  return (
    <Figures>
      {dimensions
        .filter((dimension) => sums.has(dimension))
        .map((dimension) => {
          const { a, b } = sums.get(dimension)!;
          const share = b ? a / b : null;
          return (
            <Figure
              key={dimension}
              label={
                <span title={t(`refinery.dimension-means.${dimension}`)}>{t(`refinery.dimension.${dimension}`)}</span>
              }
              note={`${full(a)} / ${full(b)}`}
              {...(share !== null && share < 0.9
                ? { tone: 'bad' as const }
                : share !== null && share < 0.98
                  ? { tone: 'warn' as const }
                  : {})}
            >
              {percent(share, 2)}
            </Figure>
          );
        })}
    </Figures>
  );
}

function Lines({ lines, by, ownerName }: { lines: readonly QualityLine[]; by: By; ownerName: (id: string) => string }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const wanted = url.get('dimension');
  const shown = dimensions.filter((d) => !wanted || d === wanted);
  const sorted = [...lines].sort((a, b) => (a.score ?? 2) - (b.score ?? 2));
  const name = (line: QualityLine) => {
    if (by === 'department') {
      return (
        <button type="button" className="link-button" onClick={() => url.set({ owner: line.owner, by: 'class' })}>
          {ownerName(line.owner)}
        </button>
      );
    }
    if (by === 'class') {
      return (
        <>
          <button
            type="button"
            className="link-button"
            onClick={() => url.set({ source: line.source ?? undefined, by: 'field' })}
          >
            {line.title ? say(line.title) : line.source}
          </button>
          <div className="small quiet">{ownerName(line.owner)}</div>
        </>
      );
    }
    if (by === 'field') {
      return (
        <>
          <button
            type="button"
            className="link-button"
            onClick={() => url.set({ field: line.field ?? undefined, by: 'rule' })}
          >
            {line.fieldTitle ? say(line.fieldTitle) : line.field || t('refinery.quality.whole-row')}
          </button>
          <div className="small quiet">
            {url.get('source') || !line.title ? null : <>{say(line.title)} </>}
            <span className="mono">{line.field}</span>
          </div>
        </>
      );
    }
    return (
      <>
        {line.rule ? t(`refinery.rule.${line.rule}`) : '—'}
        <div className="small quiet">
          {line.fieldTitle ? <>{say(line.fieldTitle)} </> : null}
          <span className="mono">{line.field}</span>
        </div>
      </>
    );
  };
  return (
    <DataTable
      caption={t('titles.quality')}
      rows={sorted}
      rowKey={(row) => [row.owner, row.source, row.run, row.field, row.rule].join('|')}
      columns={[
        { key: 'name', title: t(`refinery.quality.by-${by}`), head: true, render: name },
        {
          key: 'score',
          title: t('refinery.quality.score'),
          align: 'end',
          render: (row) => <span className={toneClass(row.score)}>{percent(row.score, 2)}</span>,
        },
        ...shown.map((dimension) => ({
          key: dimension,
          title: <span title={t(`refinery.dimension-means.${dimension}`)}>{t(`refinery.dimension.${dimension}`)}</span>,
          align: 'end' as const,
          render: (row: QualityLine) => {
            const value = row.dimensions.find((d) => d.dimension === dimension);
            if (!value || value.b === 0) return <span className="quiet">—</span>;
            const share = value.a / value.b;
            const title = `${full(value.a)} / ${full(value.b)}`;
            const failing = by === 'rule' && row.rule && row.source && row.run && value.a < value.b;
            return failing ? (
              <button
                type="button"
                className={`link-button ${toneClass(share)}`}
                title={title}
                onClick={() => url.set({ failing: [row.source, row.run, row.field ?? '', row.rule].join('/') })}
              >
                {percent(share, 2)} · {t('refinery.quality.failing', { n: full(value.b - value.a) })}
              </button>
            ) : (
              <span className={toneClass(share)} title={title}>
                {percent(share, 2)}
              </span>
            );
          },
        })),
        ...(by === 'class'
          ? [
              {
                key: 'profile',
                title: <span className="visually-hidden">{t('titles.profile')}</span>,
                tight: true,
                render: (row: QualityLine) => (
                  <Link to="/refinery/profile" search={{ source: row.source ?? undefined } as never}>
                    {t('titles.profile')}
                  </Link>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

function toneClass(share: number | null): string {
  if (share === null) return 'quiet';
  return share >= 0.98 ? '' : share >= 0.9 ? 'warn-text' : 'bad-text strong';
}
