/** The query workbench: what may be queried, a statement with its parameters, its answer as rows, chart and plan, what was asked lately. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Tabs } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../../api/client.ts';
import { Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Empty, Failure, problemOf, Skeleton } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import { Answered } from './answered.tsx';
import { Drawing, type Drawn } from './drawing.tsx';
import { Editor } from './editor.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { History } from './history.tsx';
import { type Parameter, Parameters, parametersOf } from './parameters.tsx';
import { PlanTree } from './plan.tsx';
import { SaveDialog, type Saved } from './save-dialog.tsx';
import { Schema, type View } from './schema.tsx';
import './workbench.css';

const START = `-- Ctrl+Enter / ⌘+Enter
SELECT status, count(*) AS n
FROM v.legal_person_v1
GROUP BY status
ORDER BY n DESC`;
const DRAFT = 'jingwei.workbench.draft';
const kept = (): string | null => {
  try {
    return sessionStorage.getItem(DRAFT);
  } catch {
    return null;
  }
};

export default function Workbench() {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const url = useUrlState();
  const client = useQueryClient();
  const id = url.number('query', 0);
  const [text, setText] = useState(() => kept() ?? START);
  const [values, setValues] = useState<Parameter[]>([]);
  const [chart, setChart] = useState<Drawn | null>(null);
  const [tab, setTab] = useState('rows');
  const [dialog, setDialog] = useState<'save' | 'export' | null>(null);
  const [answeredText, setAnsweredText] = useState('');
  const views = useQuery({
    queryKey: ['workbench', 'views'],
    queryFn: ({ signal }) => api.get('/api/v1/workbench/views', { signal }),
    staleTime: 300_000,
  });
  const saved = useQuery({
    queryKey: ['workbench', 'saved', id],
    queryFn: ({ signal }) => api.get('/api/v1/workbench/saved/{id}', { params: { id }, signal }),
    enabled: id > 0,
  });
  const [opened, setOpened] = useState(0);
  useEffect(() => {
    if (!saved.data || opened === saved.data.id) return;
    setOpened(saved.data.id);
    setText(saved.data.statement);
    setValues(saved.data.parameters);
    setChart(saved.data.chart as Drawn | null);
  }, [saved.data, opened]);
  useEffect(() => {
    try {
      sessionStorage.setItem(DRAFT, text);
    } catch {
      // A browser that keeps nothing: the draft lives as long as the page.
    }
  }, [text]);
  useTabTitle(id > 0 ? saved.data?.name : undefined);
  const parameters = useMemo(() => parametersOf(text, values), [text, values]);
  const run = useMutation({
    mutationFn: (statement: string) => {
      setAnsweredText(statement);
      return api.post('/api/v1/workbench/run', {
        body: { statement, parameters: parametersOf(statement, values), rows: 10_000 },
      });
    },
    onSuccess: () => {
      plan.reset();
      if (tab === 'plan' || tab === 'history') setTab('rows');
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['workbench', 'history'] }),
  });
  const plan = useMutation({
    mutationFn: (statement: string) =>
      api.post('/api/v1/workbench/plan', { body: { statement, parameters: parametersOf(statement, values) } }),
  });
  const cancel = useMutation({ mutationFn: () => api.post('/api/v1/workbench/cancel') });
  const offered = useMemo(
    () =>
      (views.data?.views ?? [])
        .filter((v) => v.lacking === null)
        .map((v) => ({
          ...{ name: v.name, title: say(v.title) },
          columns: v.columns.map((c) => ({ name: c.name, title: say(c.title), type: c.type })),
        })),
    [views.data, say],
  );
  const place = run.isError ? problemOf(run.error).place : plan.isError ? problemOf(plan.error).place : null;
  const fault =
    place?.line && (run.isError ? answeredText === text : true)
      ? { line: place.line, column: place.column ?? 1 }
      : null;
  const ask = (statement = text) => {
    if (!run.isPending) run.mutate(statement);
  };
  const sample = (view: View) => {
    const statement = `SELECT *\nFROM v.${view.name}\nLIMIT 20`;
    setText(statement);
    setChart({ kind: 'table', x: '', y: [], series: '' });
    setTab('rows');
    ask(statement);
  };
  const insert = (piece: string) =>
    setText((before) => `${before}${/[\s(.,]$/.test(before) || !before ? '' : ' '}${piece}`);
  const told = run.data;
  const limits = views.data?.limits;
  const answer = (
    <>
      {run.isError ? <Failure error={run.error} /> : null}
      {run.isPending ? <Skeleton rows={6} /> : null}
      {!run.isPending && !run.isError && told ? (
        <Answered told={told} views={views.data?.views ?? []} />
      ) : !run.isPending && !run.isError ? (
        <Empty title={t('workbench.nothing-yet')}>{t('workbench.nothing-yet-text')}</Empty>
      ) : null}
    </>
  );
  return (
    <Page
      title={id > 0 && saved.data ? saved.data.name : t('titles.workbench')}
      lead={id > 0 && saved.data ? saved.data.description : t('workbench.lead')}
      {...(id > 0 ? { back: { to: '/workbench/saved', label: t('titles.workbench-saved') } } : {})}
      actions={<Link to="/workbench/saved">{t('titles.workbench-saved')}</Link>}
    >
      {saved.isError ? <Failure error={saved.error} /> : null}
      {/* Above the folded list: on a phone nobody would see it in there. */}
      {views.isError ? <Failure error={views.error} retry={() => void views.refetch()} /> : null}
      <div className="wb">
        <details className="wb-side panel" open={window.innerWidth > 900}>
          <summary className="strong">{t('workbench.schema')}</summary>
          {views.isPending ? <Skeleton rows={8} /> : null}
          {views.data ? <Schema views={views.data.views} onSample={sample} onInsert={insert} /> : null}
        </details>
        <div className="wb-main stack">
          <Panel
            title={t('workbench.statement')}
            extra={
              limits ? (
                <span className="quiet">
                  {t('workbench.limits', { seconds: limits.seconds, rows: limits.rows.toLocaleString('en-US') })}
                </span>
              ) : null
            }
          >
            <div className="stack-s">
              <Editor
                value={text}
                onChange={setText}
                onRun={() => ask()}
                views={offered}
                fault={fault}
                label={t('workbench.statement')}
              />
              <Parameters parameters={parameters} onChange={setValues} />
              <div className="row">
                <Button type="primary" loading={run.isPending} onClick={() => ask()}>
                  {t('workbench.run')}
                </Button>
                {run.isPending ? (
                  <Button danger loading={cancel.isPending} onClick={() => cancel.mutate()}>
                    {t('workbench.cancel')}
                  </Button>
                ) : null}
                <Button
                  loading={plan.isPending}
                  disabled={run.isPending}
                  onClick={() => {
                    setTab('plan');
                    plan.mutate(text);
                  }}
                >
                  {t('workbench.explain')}
                </Button>
                <Button onClick={() => setDialog('save')}>{t('workbench.save')}</Button>
                {views.data?.exports ? (
                  <Button disabled={run.isPending} onClick={() => setDialog('export')}>
                    {t('workbench.export')}
                  </Button>
                ) : null}
              </div>
              <PurposeNote />
            </div>
          </Panel>
          <section className="panel" aria-label={t('workbench.answer')}>
            <div className="panel-body">
              <Tabs
                activeKey={tab}
                onChange={setTab}
                destroyOnHidden
                items={[
                  { key: 'rows', label: t('workbench.rows'), children: answer },
                  {
                    key: 'chart',
                    label: t('workbench.chart'),
                    children:
                      told && !run.isError && !run.isPending && told.rows.length ? (
                        <Drawing told={told} chart={chart} onChange={setChart} />
                      ) : (
                        answer
                      ),
                  },
                  {
                    key: 'plan',
                    label: t('workbench.plan'),
                    children: plan.isError ? (
                      <Failure error={plan.error} />
                    ) : plan.data ? (
                      <PlanTree plan={plan.data.plan} views={plan.data.views} />
                    ) : plan.isPending ? (
                      <Skeleton rows={4} />
                    ) : (
                      <Empty title={t('workbench.no-plan')}>{t('workbench.no-plan-text')}</Empty>
                    ),
                  },
                  {
                    key: 'history',
                    label: t('workbench.history'),
                    children: (
                      <History
                        onOpen={(item) => {
                          setText(item.statement);
                          setValues(item.parameters);
                          setTab('rows');
                        }}
                      />
                    ),
                  },
                ]}
              />
            </div>
          </section>
        </div>
      </div>
      {dialog === 'save' ? (
        <SaveDialog
          saved={id > 0 ? (saved.data ?? null) : null}
          content={{ statement: text, parameters, chart }}
          onClose={() => setDialog(null)}
          onSaved={(one: Saved) => {
            setDialog(null);
            setOpened(one.id);
            message.success(t('workbench.saved-done', { name: one.name }));
            void client.invalidateQueries({ queryKey: ['workbench', 'saved'] });
            url.set({ query: one.id }, { replace: true });
          }}
        />
      ) : null}
      {dialog === 'export' && limits ? (
        <ExportDialog
          statement={text}
          parameters={parameters}
          most={limits.exportRows}
          onClose={() => setDialog(null)}
        />
      ) : null}
    </Page>
  );
}
