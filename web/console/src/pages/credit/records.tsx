/** Records of one category of the panorama, class by class, fetched when they come into view. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api } from '../../api/client.ts';
import { Unit } from '../../components/figure.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded, Skeleton } from '../../components/states.tsx';
import { type Column, DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { unitText } from '../../format/units.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { CorrectButton } from '../verify/raise.tsx';
import { Cell } from './cell.tsx';
import type { ClassWithFields, CreditRecord, Panorama } from './types.ts';

type CategorySummary = Panorama['categories'][number];

/** Becomes true when the element first comes near the screen. */
function useSeen() {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element || seen) return;
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && setSeen(true), {
      rootMargin: '400px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [seen]);
  return { ref, seen };
}

export function Category({ entity, category }: { entity: string; category: CategorySummary }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const { ref, seen } = useSeen();
  const classes = category.classes.filter((one) => one.count > 0);
  const key = `class-${category.category}`;
  const chosen = classes.find((one) => String(one.class) === url.get(key)) ?? classes[0];
  return (
    <Panel
      id={`c-${category.category}`}
      flush
      title={
        <>
          {say(category.title)} <span className="num quiet">{full(category.count)}</span>
        </>
      }
      extra={
        <span className="quiet">
          {category.amount ? (
            <>
              {t('credit.records.sum')} {full(Number(category.amount))}
              <Unit of={classes[0]?.unit} /> ·{' '}
            </>
          ) : null}
          {category.latest ? `${t('credit.records.latest')} ${category.latest}` : ''}
        </span>
      }
    >
      <div ref={ref} className="records">
        {classes.length > 1 ? (
          <div className="chips">
            {classes.map((one) => (
              <button
                key={one.class}
                type="button"
                aria-pressed={one.class === chosen?.class}
                onClick={() => url.set({ [key]: one.class }, { replace: true })}
              >
                {say(one.title)} <span className="num quiet">{full(one.count)}</span>
              </button>
            ))}
          </div>
        ) : (
          <p className="records-class small quiet">
            {chosen ? say(chosen.title) : ''} · <span className="mono">{chosen?.source}</span>
          </p>
        )}
        {seen && chosen ? (
          <Records key={chosen.class} entity={entity} of={chosen.class} rows={chosen.count} />
        ) : (
          <Waiting rows={chosen?.count ?? 0} />
        )}
      </div>
    </Panel>
  );
}

/** As high as the table will be, so that nothing below jumps when it comes. */
function Waiting({ rows }: { rows: number }) {
  return (
    <div style={{ minHeight: 34 + Math.min(rows, 10) * 36 }}>
      <Skeleton rows={Math.min(Math.max(rows, 1), 6)} />
    </div>
  );
}

function Records({ entity, of, rows }: { entity: string; of: number; rows: number }) {
  const { t } = useSpeech();
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1);
  const query = { class: of, limit: 10, cursor };
  const facts = useQuery({
    queryKey: ['credit', 'facts', entity, query],
    queryFn: ({ signal }) =>
      api.get('/api/v1/credit/enterprises/{entity}/facts', { params: { entity }, query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded query={facts} skeleton={<Waiting rows={rows} />}>
      {(data) => (
        <>
          <RecordTable records={data.records} classes={data.classes} />
          {cursors.length || data.next ? (
            <div className="row spread records-foot">
              <span className="small quiet">
                {t('credit.records.place', {
                  from: full(cursors.length * 10 + 1),
                  to: full(cursors.length * 10 + data.records.length),
                  n: full(data.total),
                })}
              </span>
              <span className="row">
                <Button size="small" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                  {t('credit.records.before')}
                </Button>
                <Button
                  size="small"
                  disabled={!data.next}
                  onClick={() => data.next && setCursors([...cursors, data.next])}
                >
                  {t('common.next')}
                </Button>
              </span>
            </div>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

/** Formats whose values are long sentences of Chinese: narrower they would break at every second character. */
const wideFormats = new Set(['company-name', 'address']);

/** Records of one class as a table: the cells stand in the order of the class's fields. */
export function RecordTable({
  records,
  classes,
  lead = [],
}: {
  records: readonly CreditRecord[];
  classes: readonly ClassWithFields[];
  lead?: readonly Column<CreditRecord>[];
}) {
  const { t, say, language } = useSpeech();
  const url = useUrlState();
  const one = classes.length === 1 ? classes[0] : undefined;
  const titleOf = new Map(classes.map((c) => [c.class, c]));
  const numeric = (type: string) => type === 'integer' || type === 'decimal';
  return (
    <DataTable<CreditRecord>
      caption={one ? say(one.title) : t('titles.classes')}
      rows={records}
      rowKey={(row) => row.fact}
      chosen={(row) => url.get('fact') === row.fact}
      empty={<p className="panel-body quiet">{t('credit.records.none')}</p>}
      columns={[
        ...lead,
        ...(one
          ? one.fields.map<Column<CreditRecord>>((field, i) => ({
              key: field.name,
              title: (
                <>
                  {say(field.title)}
                  {field.unit ? <span className="unit">（{unitText(field.unit, language)}）</span> : null}
                </>
              ),
              ...(numeric(field.type) ? { align: 'end' as const } : {}),
              render: (row) => {
                const cell = row.cells[i];
                if (
                  numeric(field.type) &&
                  cell?.shown === 'plain' &&
                  !cell.flagged &&
                  cell.value &&
                  Number.isFinite(Number(cell.value))
                ) {
                  return Number(cell.value).toLocaleString('en-US', { maximumFractionDigits: 4 });
                }
                return (
                  <div className={wideFormats.has(field.format ?? '') ? 'cell wide' : 'cell'}>
                    <Cell cell={cell} mono={field.format === 'uscc' || field.format === 'document-number'} />
                  </div>
                );
              },
            }))
          : [
              {
                key: 'class',
                title: t('credit.records.class'),
                render: (row: CreditRecord) => say(titleOf.get(row.class)?.title),
              },
              {
                key: 'day',
                title: t('credit.records.day'),
                tight: true,
                render: (row: CreditRecord) => row.day ?? '—',
              },
              {
                key: 'what',
                title: t('credit.records.what'),
                render: (row: CreditRecord) => {
                  const fields = titleOf.get(row.class)?.fields ?? [];
                  const shown = fields
                    .map((field, i) => ({ field, cell: row.cells[i] }))
                    .filter(
                      ({ field, cell }) =>
                        (field.role === 'title' || field.role === 'number' || field.role === 'status') && cell?.value,
                    );
                  return (
                    <span className="row">
                      {shown.map(({ field, cell }) => (
                        <span key={field.name}>
                          <span className="quiet small">{say(field.title)}</span> <Cell cell={cell} unit={field.unit} />
                        </span>
                      ))}
                    </span>
                  );
                },
              },
              {
                key: 'amount',
                title: t('credit.records.amount'),
                align: 'end' as const,
                render: (row: CreditRecord) => (row.amount ? full(Number(row.amount)) : '—'),
              },
            ]),
        {
          key: 'origin',
          title: t('credit.origin.short'),
          tight: true,
          render: (row) => (
            <button type="button" className="link-button nowrap" onClick={() => url.set({ fact: row.fact })}>
              #{row.run} · {full(row.row)}
            </button>
          ),
        },
        {
          key: 'correct',
          title: t('correct.raise.action'),
          tight: true,
          render: (row) => <CorrectButton target={{ fact: row.fact }} of={`#${row.run} · ${full(row.row)}`} />,
        },
      ]}
    />
  );
}
