/** One quarantined row, whole, with the cell that broke the rule marked, and the form that mends it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button, Drawer, Form, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import type { QuarantineEntry } from '../../api/types.ts';
import { Fact, Facts, Label } from '../../components/page.tsx';
import { RowSealMark } from '../../components/seal-mark.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { Hash, Instant, Value } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

export function EntryDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, say } = useSpeech();
  const [run, row] = id.split('-') as [string, string];
  const entry = useQuery({
    queryKey: ['exchange', 'quarantine-entry', id],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/quarantine/{run}/{row}', { params: { run, row }, signal }),
  });
  return (
    <Drawer open onClose={onClose} size={720} title={t('exchange.quarantine.entry', { run, row })}>
      <Loaded query={entry}>
        {(data) => (
          <div className="stack">
            <div className="note warn">
              <p className="strong">{say(data.sentence)}</p>
              <p className="small quiet">
                <code>{data.rule}</code>
                {data.field ? ` · ${data.field}` : ''}
                {data.line === null ? '' : ` · ${t('exchange.quarantine.line')} ${full(data.line)}`}
              </p>
            </div>
            <Facts>
              <Fact label={t('exchange.source')}>
                <Link to="/exchange/sources/$source" params={{ source: data.source } as never}>
                  {say(data.title)}
                </Link>
              </Fact>
              <Fact label={t('exchange.run.number')}>
                <Link to="/exchange/runs/$run" params={{ run: String(data.run) } as never}>
                  #{data.run}
                </Link>
              </Fact>
              <Fact label={t('exchange.state')}>
                <Label tone={data.status === 'open' ? 'warn' : data.status === 'released' ? 'good' : undefined}>
                  {t(`exchange.quarantine.status.${data.status}`)}
                </Label>
                {data.releasedRun ? (
                  <Link to="/exchange/runs/$run" params={{ run: String(data.releasedRun) } as never}>
                    {' '}
                    #{data.releasedRun}
                  </Link>
                ) : null}
              </Fact>
              <Fact label={t('exchange.quarantine.at')}>
                <Instant at={data.at} />
              </Fact>
              {data.decidedAt ? (
                <Fact label={t('exchange.quarantine.decided')} wide>
                  {data.decidedBy} · <Instant at={data.decidedAt} /> {data.reason ? `· ${data.reason}` : ''}
                </Fact>
              ) : null}
              <Fact label={t('exchange.run.leaf')} wide>
                <Hash value={data.leaf} /> <RowSealMark run={data.run} row={data.row} />
              </Fact>
            </Facts>
            {data.raw ? (
              <div>
                <h3>{t('exchange.quarantine.raw')}</h3>
                <pre className="raw">{data.raw}</pre>
              </div>
            ) : null}
            {data.bytes ? (
              <p className="small quiet">
                {t('exchange.quarantine.too-long', { from: full(data.bytes.from), to: full(data.bytes.to) })}
              </p>
            ) : null}
            <Cells key={`${data.status}-${data.cells.map((c) => c.mended).join('|')}`} entry={data} />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}

function Cells({ entry }: { entry: QuarantineEntry }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [form] = Form.useForm<Record<string, string>>();
  const [touched, setTouched] = useState(false);
  const editable = may('quarantine.mend') && entry.status === 'open';
  const refresh = () => client.invalidateQueries({ queryKey: ['exchange'] });
  const mend = useMutation({
    mutationFn: (values: Record<string, string>) => {
      const cells: Record<string, string | null> = {};
      for (const cell of entry.cells) {
        const before = cell.mended ?? cell.value;
        const now = values[cell.field];
        if (now !== undefined && now !== (before ?? '')) cells[cell.field] = now === '' ? null : now;
      }
      return api.put('/api/v1/exchange/quarantine/{run}/{row}', {
        params: { run: entry.run, row: entry.row },
        body: { cells },
      });
    },
    onSuccess: async () => {
      message.success(t('exchange.quarantine.mended'));
      setTouched(false);
      await refresh();
    },
  });
  const release = useMutation({
    mutationFn: () =>
      api.post('/api/v1/exchange/quarantine/release', {
        body: { source: entry.source, rows: [{ run: entry.run, row: entry.row }] },
      }),
    onSuccess: async (answer) => {
      if (answer.kept) message.warning(t('exchange.quarantine.still-breaks'));
      else message.success(t('exchange.quarantine.released-one'));
      await refresh();
    },
  });
  return (
    <Form
      form={form}
      onFinish={(values) => mend.mutate(values)}
      onValuesChange={() => setTouched(true)}
      component="form"
    >
      <table className="data cells">
        <thead>
          <tr>
            <th scope="col">{t('exchange.field.title')}</th>
            <th scope="col">{t('exchange.quarantine.received')}</th>
            {editable ? <th scope="col">{t('exchange.quarantine.mend-to')}</th> : null}
          </tr>
        </thead>
        <tbody>
          {entry.cells.map((cell) => (
            <tr key={cell.field} className={cell.fault ? 'faulty' : undefined}>
              <th scope="row">
                {say(cell.title)}
                <div className="small quiet mono">{cell.field}</div>
              </th>
              <td>
                {cell.visibility === 'hidden' ? (
                  <span className="quiet">{t('common.hidden')}</span>
                ) : (
                  <span className={cell.fault ? 'fault mono' : 'mono'}>
                    {cell.value === null ? (
                      t('exchange.quarantine.no-column')
                    ) : cell.value === '' ? (
                      t('exchange.quarantine.blank')
                    ) : (
                      <Value value={cell.value} masked={cell.visibility === 'masked'} />
                    )}
                  </span>
                )}
                {cell.fault ? <Label tone="bad">{t('exchange.quarantine.fault')}</Label> : null}
                {!editable && cell.mended !== null ? <div className="good-text mono">→ {cell.mended}</div> : null}
              </td>
              {editable ? (
                <td>
                  {cell.visibility === 'plain' || cell.fault ? (
                    <Form.Item
                      name={cell.field}
                      noStyle
                      initialValue={cell.mended ?? (cell.visibility === 'plain' ? (cell.value ?? '') : '')}
                    >
                      <Input
                        size="small"
                        aria-label={say(cell.title)}
                        {...(cell.fault ? { status: 'warning' as const } : {})}
                      />
                    </Form.Item>
                  ) : null}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
      {mend.isError ? <Failure error={mend.error} /> : null}
      {release.isError ? <Failure error={release.error} /> : null}
      {editable ? (
        <div className="row" style={{ marginBlockStart: 14 }}>
          <Button type="primary" htmlType="submit" disabled={!touched} loading={mend.isPending}>
            {t('exchange.quarantine.mend')}
          </Button>
          <Button onClick={() => release.mutate()} disabled={touched} loading={release.isPending}>
            {t('exchange.quarantine.release')}
          </Button>
          <span className="small quiet">{t('exchange.quarantine.mend-hint')}</span>
        </div>
      ) : null}
    </Form>
  );
}
