/** The receipt of one run. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Form, InputNumber } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { RunDetail } from '../../api/types.ts';
import { Num } from '../../components/figure.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { RowSealMark, SealMark } from '../../components/seal-mark.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { bytes, duration, full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Equation, Kept, Parts, useOwners } from './shared.tsx';

export default function Run() {
  const { t, say, language } = useSpeech();
  const { run: number } = useParams({ strict: false }) as { run: string };
  const owners = useOwners();
  const run = useQuery({
    queryKey: ['exchange', 'run', number],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/runs/{run}', { params: { run: number }, signal }),
  });
  useTabTitle(run.data ? `${t('titles.run')} #${number}` : undefined);
  return (
    <Loaded query={run} heading={t('titles.run')}>
      {(data) => (
        <Page
          title={`${t('titles.run')} #${data.run}`}
          back={{ to: '/exchange/runs', label: t('titles.runs') }}
          lead={
            <span className="row">
              <Label tone="primary">{t(`terms.runKind.${data.kind}`)}</Label>
              <Link to="/exchange/sources/$source" params={{ source: data.source } as never}>
                {say(data.title)}
              </Link>
              <span>{owners.nameOf(data.owner)}</span>
              {data.root ? <SealMark kind="run" subject={String(data.run)} /> : null}
            </span>
          }
        >
          <div className="stack">
            <Panel title={t('exchange.run.equation')}>
              <Equation counters={data} big />
              <div style={{ marginBlockStart: 12 }}>
                <Parts counters={data} width="100%" />
              </div>
            </Panel>
            <div className="cols-2">
              <Panel title={t('exchange.run.delivery')}>
                <Facts>
                  <Fact label={t('exchange.run.input')} wide>
                    <span className="mono">{data.input}</span>
                  </Fact>
                  <Fact label={t('exchange.run.bytes')}>{bytes(data.bytes)}</Fact>
                  <Fact label={t('exchange.run.declaration')}>
                    <Link to="/catalogue/resources/$resource" params={{ resource: data.source } as never}>
                      {t('exchange.run.version', { n: data.declaration })}
                    </Link>
                  </Fact>
                  <Fact label={t('exchange.run.started')}>
                    <Instant at={data.started} />
                  </Fact>
                  <Fact label={t('exchange.run.finished')}>
                    <Instant at={data.finished} />
                  </Fact>
                  <Fact label={t('exchange.run.took')}>
                    {duration(Date.parse(data.finished) - Date.parse(data.started), language)} ·{' '}
                    <Num value={Math.round(data.rate)} unit={t('common.rate')} />
                  </Fact>
                  <Fact label={t('exchange.run.vanished')}>
                    <Num value={data.vanished} exact />
                  </Fact>
                  {data.blob ? (
                    <Fact label={t('exchange.run.blob')} wide>
                      <Hash value={data.blob} whole />
                    </Fact>
                  ) : null}
                </Facts>
              </Panel>
              <Panel title={t('exchange.run.proof')}>
                <p className="quiet small" style={{ marginBlockEnd: 10 }}>
                  {t('exchange.run.proof-lead', { n: full(data.leaves) })}
                </p>
                <Facts>
                  <Fact label={t('exchange.run.root')} wide>
                    {data.root ? <Hash value={data.root} whole /> : t('exchange.run.no-root')}
                  </Fact>
                </Facts>
                {data.leaves > 0 ? <RowProof run={data} /> : null}
              </Panel>
            </div>
            {data.notices.length ? (
              <Panel title={t('exchange.run.notices')}>
                <ul className="stack-s">
                  {data.notices.map((notice) => (
                    <li key={`${notice.code}-${notice.title.en}`}>
                      <Kept problem={notice} />
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            <div className="cols-2">
              <Panel title={t('exchange.run.steps')} flush>
                <Steps run={data} />
              </Panel>
              <Panel title={t('exchange.run.by-rule')} flush>
                {data.quarantine.length ? (
                  <DataTable
                    caption={t('exchange.run.by-rule')}
                    rows={data.quarantine}
                    rowKey={(row) => `${row.rule}-${row.field}`}
                    columns={[
                      { key: 'rule', title: t('exchange.rule'), head: true, render: (row) => say(row.title) },
                      {
                        key: 'field',
                        title: t('exchange.field.name'),
                        render: (row) => <span className="mono">{row.field ?? '—'}</span>,
                      },
                      {
                        key: 'rows',
                        title: t('common.rows'),
                        align: 'end',
                        render: (row) => (
                          <Link
                            to="/exchange/quarantine"
                            search={
                              {
                                source: data.source,
                                run: String(data.run),
                                rule: row.rule,
                                field: row.field ?? undefined,
                              } as never
                            }
                          >
                            {full(row.rows)}
                          </Link>
                        ),
                      },
                    ]}
                  />
                ) : (
                  <p className="panel-body quiet">{t('exchange.run.none-quarantined')}</p>
                )}
              </Panel>
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Steps({ run }: { run: RunDetail }) {
  const { t, language } = useSpeech();
  const most = Math.max(1, ...run.steps.map((s) => s.ms));
  return (
    <DataTable
      caption={t('exchange.run.steps')}
      rows={run.steps}
      rowKey={(row, i) => `${row.name}-${i}`}
      columns={[
        {
          key: 'name',
          title: t('exchange.run.step'),
          head: true,
          render: (row) => t(`exchange.run.step-name.${row.name}`, { defaultValue: row.name }),
        },
        { key: 'rows', title: t('common.rows'), align: 'end', render: (row) => full(row.rows) },
        {
          key: 'bar',
          title: <span className="visually-hidden">{t('exchange.run.share')}</span>,
          render: (row) => (
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${(row.ms / most) * 100}%`, background: 'var(--jw-primary)' }} />
            </span>
          ),
        },
        { key: 'ms', title: t('exchange.run.took'), align: 'end', render: (row) => duration(row.ms, language) },
      ]}
    />
  );
}

/** The way from one row's leaf to the root, as anyone can recompute it. */
function RowProof({ run }: { run: RunDetail }) {
  const { t } = useSpeech();
  const [row, setRow] = useState<number | null>(null);
  const proof = useQuery({
    queryKey: ['exchange', 'proof', run.run, row],
    queryFn: ({ signal }) =>
      api.get('/api/v1/exchange/runs/{run}/rows/{row}/proof', { params: { run: run.run, row: row ?? 0 }, signal }),
    enabled: row !== null,
  });
  return (
    <div className="stack-s" style={{ marginBlockStart: 12 }}>
      <Form layout="inline" onFinish={(values: { row: number }) => setRow(values.row)} initialValues={{ row: 1 }}>
        <Form.Item name="row" label={t('exchange.run.prove-row')}>
          <InputNumber min={0} max={run.leaves} precision={0} />
        </Form.Item>
        <Button htmlType="submit" loading={proof.isFetching}>
          {t('exchange.run.prove')}
        </Button>
      </Form>
      {proof.isError ? <Failure error={proof.error} /> : null}
      {proof.data ? (
        <div>
          <RowSealMark run={run.run} row={proof.data.row} />
        </div>
      ) : null}
      {proof.data ? (
        <ol className="proof">
          <li>
            <span className="quiet">{t('exchange.run.leaf')}</span> <Hash value={proof.data.leaf} />
          </li>
          {proof.data.path.map((step) => (
            <li key={`${step.level}-${step.imprint}`}>
              <span className="quiet">
                {t('exchange.run.level', { n: step.level })} ·{' '}
                {step.side === 'left' ? t('exchange.run.left') : t('exchange.run.right')}
              </span>{' '}
              <Hash value={step.imprint} />
            </li>
          ))}
          <li>
            <span className="quiet">{t('exchange.run.root')}</span> <Hash value={proof.data.root} />{' '}
            {proof.data.root === run.root ? (
              <Label tone="good">{t('exchange.run.same-root')}</Label>
            ) : (
              <Label tone="bad">{t('exchange.run.other-root')}</Label>
            )}
          </li>
        </ol>
      ) : null}
    </div>
  );
}
