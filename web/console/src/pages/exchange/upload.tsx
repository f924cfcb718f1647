/** Handing over a file of a source: sent, collected, and answered with its receipt or with what is wrong and where. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, urlOf } from '../../api/client.ts';
import { FileDrop } from '../../components/drop.tsx';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Equation, Kept } from './shared.tsx';

export function Upload({ source }: { source: string }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('exchange.upload.title')}>
      <div className="stack-s">
        <FileDrop<{ job: string }>
          address={(file) => urlOf('/api/v1/exchange/sources/{id}/files', { id: source }, { name: file.name })}
          title={t('exchange.upload.drop')}
          note={t('exchange.upload.note')}
          sending={(name) => t('exchange.upload.sending', { name })}
          sent={({ job }, file) => <Delivery key={job} job={job} name={file.name} />}
        />
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
