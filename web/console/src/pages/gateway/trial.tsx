/** A trial in the sandbox: asked from the page, answered with made-up records; no real one is read. */
import { useMutation } from '@tanstack/react-query';
import { Button, Input, Segmented } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Code, type ServiceDetail } from './shared.tsx';

type Operation = 'record' | 'key' | 'list' | 'count';

/** Panel of the trial. */
export function Trial({ data }: { data: ServiceDetail }) {
  const { t } = useSpeech();
  const id = useId();
  const [operation, setOperation] = useState<Operation>(data.example?.key ? 'key' : 'record');
  const first = data.itemList.find((i) => i.filterable)?.name ?? '';
  const given: Record<Operation, string> = {
    record: data.example?.record ?? '',
    key: JSON.stringify(data.example?.key ?? {}, null, 2),
    list: JSON.stringify({ filter: [{ item: first, is: 'present' }], limit: 3 }, null, 2),
    count: JSON.stringify({ filter: [{ item: first, is: 'present' }] }, null, 2),
  };
  const [texts, setTexts] = useState(given);
  const text = texts[operation];
  const invalid = operation !== 'record' && parse(text) === undefined;
  const run = useMutation({
    mutationFn: () => {
      const body =
        operation === 'record'
          ? { operation, record: text.trim() }
          : operation === 'key'
            ? { operation, key: parse(text) as Record<string, string> }
            : { operation, search: parse(text) };
      return api.post('/api/v1/gateway/services/{id}/try', { params: { id: data.id }, body });
    },
  });
  const operations = (['key', 'record', 'list', 'count'] as const).filter((o) => o !== 'key' || data.example?.key);
  return (
    <Panel title={t('gateway.trial')} extra={<Label tone="weft">{t('gateway.sandbox')}</Label>}>
      {data.sandbox ? (
        <div className="stack-s">
          <p className="small quiet">{t('gateway.trial-note')}</p>
          <div style={{ overflowX: 'auto' }}>
            <Segmented
              aria-label={t('gateway.operation-title')}
              value={operation}
              onChange={(next) => {
                setOperation(next as Operation);
                run.reset();
              }}
              options={operations.map((value) => ({ value, label: t(`gateway.operation.${value}`) }))}
            />
          </div>
          <div className="gw-grid">
            <div className="stack-s">
              <label htmlFor={id} className="small strong">
                {t(`gateway.trial-input.${operation}`)}
              </label>
              <Input.TextArea
                id={id}
                className="mono"
                autoSize={{ minRows: operation === 'record' ? 1 : 5, maxRows: 16 }}
                status={invalid ? 'error' : ''}
                aria-invalid={invalid}
                value={text}
                onChange={(event) => setTexts({ ...texts, [operation]: event.target.value })}
              />
              {invalid ? <p className="small bad-text">{t('gateway.not-json')}</p> : null}
              <div>
                <Button type="primary" loading={run.isPending} disabled={invalid} onClick={() => run.mutate()}>
                  {t('gateway.run')}
                </Button>
              </div>
            </div>
            <div aria-live="polite">
              {run.isError ? <Failure error={run.error} /> : null}
              {run.data ? (
                <Code
                  title={`HTTP ${run.data.status} · ${run.data.ms} ms`}
                  text={JSON.stringify(run.data.body, null, 2)}
                />
              ) : run.isError ? null : (
                <p className="small quiet">{t('gateway.trial-waits')}</p>
              )}
            </div>
          </div>
        </div>
      ) : (
        <p className="small quiet">{t('gateway.no-sandbox')}</p>
      )}
    </Panel>
  );
}

/** JSON of a text; undefined where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
