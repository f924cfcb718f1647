/** Handing over a file of a source: sent, collected, and answered with its receipt or with what is wrong and where. */
import { InboxOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Upload as Drop } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, sendFile, urlOf } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Equation, Kept } from './shared.tsx';

export function Upload({ source }: { source: string }) {
  const { t } = useSpeech();
  const [sent, setSent] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController();
      setSent(0);
      return sendFile<{ job: string }>(
        urlOf('/api/v1/exchange/sources/{id}/files', { id: source }, { name: file.name }),
        file,
        setSent,
        stop.current.signal,
      );
    },
  });
  const file = send.variables;
  const stopped = send.error instanceof DOMException && send.error.name === 'AbortError';
  return (
    <Panel title={t('exchange.upload.title')}>
      <div className="stack-s">
        <Drop.Dragger
          showUploadList={false}
          disabled={send.isPending}
          beforeUpload={(chosen) => {
            send.mutate(chosen);
            // The hub's own way of sending is used, not the component's.
            return false;
          }}
        >
          <p>
            <InboxOutlined aria-hidden="true" /> {t('exchange.upload.drop')}
          </p>
          <p className="small quiet">{t('exchange.upload.note')}</p>
        </Drop.Dragger>
        {send.isPending && file ? (
          <div>
            <div className="row spread small">
              <span className="clip">{t('exchange.upload.sending', { name: file.name })}</span>
              <span className="num">{percent(file.size ? sent / file.size : 1, 0)}</span>
            </div>
            <progress className="progress" aria-label={file.name} value={sent} max={Math.max(1, file.size)} />
            <Button size="small" type="text" onClick={() => stop.current?.abort()}>
              {t('common.cancel')}
            </Button>
          </div>
        ) : null}
        {send.isError && !stopped ? <Failure error={send.error} /> : null}
        {send.data && file ? <Delivery key={send.data.job} job={send.data.job} name={file.name} /> : null}
      </div>
    </Panel>
  );
}

/** How far the collection of the file is, then its receipt. */
function Delivery({ job, name }: { job: string; name: string }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const delivery = useQuery({
    queryKey: ['exchange', 'delivery', job],
    queryFn: ({ signal }) => api.get('/api/v1/exchange/deliveries/{job}', { params: { job }, signal }),
    refetchInterval: ({ state }) => (['queued', 'running'].includes(state.data?.state ?? 'queued') ? 700 : false),
  });
  const state = delivery.data?.state;
  const ended = state !== undefined && state !== 'queued' && state !== 'running';
  useEffect(() => {
    // What the page shows of the source has changed; the delivery itself is told already.
    if (ended)
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === 'exchange' && queryKey[1] !== 'delivery',
      });
  }, [ended, client]);
  if (delivery.isError) return <Failure error={delivery.error} retry={() => void delivery.refetch()} />;
  const data = delivery.data;
  if (!data || !ended) {
    const { done = 0, total = null } = data?.progress ?? {};
    return (
      <div role="status">
        <p className="small">{t('exchange.upload.collecting', { name })}</p>
        <progress className="progress" aria-label={name} {...(total ? { value: done, max: total } : {})} />
      </div>
    );
  }
  const receipt =
    data.run === null ? null : (
      <Link to="/exchange/runs/$run" params={{ run: String(data.run) } as never}>
        {t('exchange.upload.receipt', { run: data.run })}
      </Link>
    );
  if (state === 'done') {
    return (
      <div className="note good" role="status">
        <p className="strong">{t(data.already ? 'exchange.upload.already' : 'exchange.upload.done', { name })}</p>
        {data.counters ? <Equation counters={data.counters} /> : null}
        <p>{receipt}</p>
      </div>
    );
  }
  return (
    <div className="note bad" role="alert">
      <p className="strong">
        {t(state === 'failed' ? 'exchange.upload.refused' : 'exchange.upload.cancelled', { name })}
      </p>
      {data.problem ? (
        <p>
          <Kept problem={data.problem} />
        </p>
      ) : null}
    </div>
  );
}
