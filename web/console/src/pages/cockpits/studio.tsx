/** The studio: a steward tries an indicator's statement, sees what it answers, how long it takes, what it reads, and how it will look. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Bars, Columns, Trend } from './charts.tsx';
import type { Figure, Measure } from './live.ts';
import { ask, type Reloaded, send, type Tried, type Views } from './wire.ts';

type Kind = Measure['kind'];
const kinds: Kind[] = ['value', 'trend', 'parts', 'list', 'towns', 'points'];
const samples: Record<Kind, string> = {
  value: 'SELECT count(*) AS value FROM v.legal_person_v1\nWHERE established > $day - 30',
  trend:
    "SELECT date_trunc('month', established) AS at, count(*) AS value\nFROM v.legal_person_v1 WHERE established > $day - 730\nGROUP BY 1 ORDER BY 1",
  parts: 'SELECT status AS label, count(*) AS value\nFROM v.legal_person_v1 GROUP BY 1 ORDER BY 2 DESC',
  list: 'SELECT entity, name, established FROM v.legal_person_v1\nORDER BY established DESC LIMIT 20',
  towns:
    'SELECT left(division, 9) AS division, count(*) AS value\nFROM v.legal_person_v1 WHERE division IS NOT NULL GROUP BY 1',
  points: "SELECT lon, lat, name AS label FROM v.place_v1\nWHERE kind = '公园' AND lon IS NOT NULL",
};

export default function Studio() {
  const { t, say, language } = useSpeech();
  const id = useId();
  const [kind, setKind] = useState<Kind>('value');
  const [sql, setSql] = useState(samples.value);
  const views = useQuery({
    queryKey: ['cockpits', 'views'],
    queryFn: ({ signal }) => ask<Views>('/views', { signal }),
    staleTime: 300_000,
  });
  const trial = useMutation({ mutationFn: () => send<Tried>('/try', { kind, sql }) });
  const load = useMutation({ mutationFn: () => send<Reloaded>('/load') });
  const answer = trial.data;
  return (
    <Page
      title={t('titles.cockpit-studio')}
      lead={t('cockpits.studio-lead')}
      back={{ to: '/cockpits', label: t('titles.cockpits') }}
      actions={
        <Button loading={load.isPending} onClick={() => load.mutate()}>
          {t('cockpits.load')}
        </Button>
      }
    >
      <div className="stack">
        {load.isError ? <Failure error={load.error} /> : null}
        {load.data ? (
          <div className={load.data.problems.length ? 'note bad' : 'note good'} role="status">
            <p>{t('cockpits.loaded', { n: load.data.scenarios, problems: load.data.problems.length })}</p>
            <ul className="small">
              {load.data.problems.map((p) => (
                <li key={`${p.place}${p.en}`}>
                  <code>{p.place}</code> {say(p)}
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        <div className="ck-studio">
          <Panel title={t('cockpits.statement')}>
            <div className="stack-s">
              <div className="row">
                <label htmlFor={`${id}-k`}>{t('cockpits.kind')}</label>
                <Select
                  id={`${id}-k`}
                  aria-label={t('cockpits.kind')}
                  value={kind}
                  style={{ minWidth: 150 }}
                  options={kinds.map((k) => ({ value: k, label: t(`cockpits.kind-${k}`) }))}
                  onChange={(k: Kind) => {
                    if (sql === samples[kind]) setSql(samples[k]);
                    setKind(k);
                  }}
                />
                <Button type="primary" loading={trial.isPending} onClick={() => trial.mutate()}>
                  {t('cockpits.try')}
                </Button>
              </div>
              <label htmlFor={`${id}-s`} className="visually-hidden">
                SQL
              </label>
              <Input.TextArea
                id={`${id}-s`}
                className="mono"
                value={sql}
                onChange={(e) => setSql(e.target.value)}
                autoSize={{ minRows: 8, maxRows: 22 }}
                spellCheck={false}
                maxLength={20_000}
                onKeyDown={(e) => {
                  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) trial.mutate();
                }}
              />
              <p className="small quiet">{t('cockpits.studio-help')}</p>
            </div>
          </Panel>
          <Panel title={t('cockpits.views')} flush>
            <ul className="ck-views">
              {(views.data?.items ?? []).map((v) => (
                <li key={v.name}>
                  <details>
                    <summary>
                      <code>{v.name}</code>
                    </summary>
                    <p className="small quiet">{v.columns.join(', ')}</p>
                  </details>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
        {trial.isError ? <Failure error={trial.error} /> : null}
        {answer ? (
          <Panel title={t('cockpits.answer')}>
            <div className="stack-s">
              <Facts>
                <Fact label={t('cockpits.took')}>{duration(answer.ms, language)}</Fact>
                <Fact label={t('cockpits.depends')}>
                  <code>{answer.views.join(', ')}</code>
                </Fact>
                <Fact label={t('cockpits.permissions')}>
                  {answer.permissions.length ? <code>{answer.permissions.join(', ')}</code> : 'cockpit.read'}
                </Fact>
                {answer.people ? (
                  <Fact label={t('cockpits.people')}>
                    <Label tone="warn">{t('cockpits.people-text')}</Label>
                  </Fact>
                ) : null}
                {answer.missing.length ? <Fact label={t('cockpits.waiting')}>{answer.missing.join(', ')}</Fact> : null}
              </Facts>
              <Preview kind={kind} rows={answer.rows} />
              <DataTable
                caption={t('cockpits.answer')}
                rows={answer.rows}
                rowKey={(_, i) => i}
                empty={<Empty title={t('cockpits.empty')} />}
                columns={answer.columns.map((c) => ({
                  key: c,
                  title: c,
                  render: (r: (typeof answer.rows)[number]) => <Value2 value={r[c]} />,
                }))}
              />
              <details>
                <summary>{t('cockpits.plan')}</summary>
                <pre className="ck-sql">{answer.plan}</pre>
              </details>
            </div>
          </Panel>
        ) : null}
      </div>
    </Page>
  );
}

function Value2({ value }: { value: unknown }) {
  return value === null || value === undefined ? <span className="quiet">—</span> : String(value);
}

/** The answer as the panel of its kind would draw it. */
function Preview({ kind, rows }: { kind: Kind; rows: Figure['rows'] }) {
  const { t } = useSpeech();
  if (!rows.length || (kind !== 'trend' && kind !== 'parts')) return null;
  const measure = {
    kind,
    key: 'trial/trial',
    id: 'trial',
    scenario: 'trial',
    title: { zh: t('cockpits.answer'), en: t('cockpits.answer') },
    unit: null,
    digits: 1,
    as: 'number',
    target: null,
    direction: 'none',
    warn: null,
    bad: null,
    note: null,
    refresh: 60,
    stale: 1000,
    words: {},
    columns: [],
    sources: [],
    drill: null,
    live: false,
  } satisfies Measure;
  const numbers = rows.map((r) => ({
    ...r,
    value: r.value === null ? null : Number(r.value),
    key: String(r.label ?? ''),
  }));
  const figure = {
    key: 'trial/trial',
    state: 'ready',
    value: null,
    target: null,
    before: null,
    yesterday: null,
    spark: [],
    exercise: false,
    rows: numbers,
    suppressed: 0,
    at: null,
    asOf: null,
    problem: null,
    needs: null,
    version: 1,
  } satisfies Figure;
  return (
    <div className="ck-chart">
      {kind === 'trend' ? (
        <Trend figure={figure} measure={measure} />
      ) : rows.length > 8 ? (
        <Columns figure={figure} measure={measure} />
      ) : (
        <Bars figure={figure} measure={measure} />
      )}
    </div>
  );
}
