/** Deliveries of a grant: download with a purpose, receipt with a fingerprint computed on this device, a doubt about a record. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { api, problemOf } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { SealMark } from '../../components/seal-mark.tsx';
import { Failure } from '../../components/states.tsx';
import { bytes, full, instant, shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { ShareDetail } from './shared.tsx';
import { Transmission } from './target.tsx';

type Delivery = ShareDetail['deliveryList'][number];
const tones = { making: 'info', ready: 'good', failed: 'bad' } as const;

/** Fetches a file with its purpose and hands it to the browser. */
async function fetchFile(address: string, purpose: string): Promise<void> {
  const response = await fetch(address, {
    credentials: 'same-origin',
    headers: { 'jingwei-purpose': encodeURIComponent(purpose) },
  });
  if (!response.ok) throw await problemOf(response);
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = encoded ? decodeURIComponent(encoded) : 'delivery';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** SHA-256 of a file as hexadecimal, computed here. */
async function fingerprintOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export function Deliveries({ data }: { data: ShareDetail }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ['sharing', 'share'] });
  const [format, setFormat] = useState(data.format);
  const deliver = useMutation({
    mutationFn: (kind: 'full' | 'changes') =>
      api.post('/api/v1/sharing/shares/{id}/deliveries', { params: { id: data.id }, body: { kind, format } }),
    onSettled: refresh,
  });
  return (
    <Panel title={t('sharing.deliveries')}>
      <div className="stack-s">
        {data.mayDeliver ? (
          <div className="row" style={{ flexWrap: 'wrap' }}>
            <Select
              aria-label={t('sharing.format-title')}
              value={format}
              onChange={setFormat}
              style={{ minWidth: 110 }}
              options={(['csv', 'parquet', 'xlsx'] as const).map((value) => ({ value, label: value.toUpperCase() }))}
            />
            <Button type="primary" loading={deliver.isPending} onClick={() => deliver.mutate('full')}>
              {t('sharing.deliver-full')}
            </Button>
            {data.deliveries ? (
              <Button disabled={deliver.isPending} onClick={() => deliver.mutate('changes')}>
                {t('sharing.deliver-changes')}
              </Button>
            ) : null}
          </div>
        ) : null}
        {deliver.isError ? <Failure error={deliver.error} /> : null}
        {data.deliveryList.length ? null : <p className="small quiet">{t('sharing.deliveries-empty')}</p>}
        {data.deliveryList.map((d) => (
          <One key={d.id} delivery={d} data={data} refresh={refresh} />
        ))}
      </div>
    </Panel>
  );
}

function One({ delivery: d, data, refresh }: { delivery: Delivery; data: ShareDetail; refresh: () => Promise<void> }) {
  const { t, say } = useSpeech();
  const usable = data.state === 'active' || data.state === 'consulting';
  return (
    <div className="note stack-s">
      <div className="row spread">
        <span className="row" style={{ gap: 8 }}>
          <span className="strong">{t('sharing.delivery', { n: d.sequence })}</span>
          <Label>{t(`sharing.kind.${d.kind}`)}</Label>
          <Label>{d.format.toUpperCase()}</Label>
          <Label tone={tones[d.state]}>{t(`sharing.delivery-state.${d.state}`)}</Label>
          {d.state === 'ready' ? <SealMark kind="delivery" subject={String(d.id)} /> : null}
        </span>
        <span className="small quiet num">{instant(d.readyAt ?? d.askedAt)}</span>
      </div>
      {d.problem ? (
        <p className="bad-text">
          {say(d.problem.title)} <code className="small">{d.problem.code}</code>
        </p>
      ) : null}
      {d.state === 'ready' ? (
        <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
          {t('sharing.rows')} <span className="num">{full(d.rows ?? 0)}</span> · {bytes(d.bytes ?? 0)} ·{' '}
          {t('sharing.fingerprint')} <code title={d.sha256 ?? ''}>{shortHash(d.sha256 ?? '')}</code> ·{' '}
          {t('sharing.downloads', { n: d.downloads })}
        </p>
      ) : null}
      <Transmission delivery={d} refresh={refresh} />
      {d.receipt ? (
        <p className="small">
          <Label tone={d.receipt.matches ? 'good' : 'bad'}>
            {d.receipt.matches ? t('sharing.receipt-ok') : t('sharing.receipt-bad')}
          </Label>{' '}
          <span className="quiet">
            {d.receipt.by.startsWith('@') ? t('sharing.target.by-itself') : d.receipt.by} · {instant(d.receipt.at)}
          </span>
        </p>
      ) : d.state === 'ready' ? (
        <p className="small quiet">
          {t('sharing.receipt')}：{t('sharing.receipt-none')}
        </p>
      ) : null}
      {d.state === 'ready' && data.mayReceive && usable ? <Receive delivery={d} refresh={refresh} /> : null}
      {d.state === 'ready' && data.mayReceive ? <Doubt delivery={d} data={data} /> : null}
    </div>
  );
}

function Receive({ delivery: d, refresh }: { delivery: Delivery; refresh: () => Promise<void> }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const id = useId();
  const [purpose, setPurpose] = useState('');
  const [fingerprint, setFingerprint] = useState('');
  const [computing, setComputing] = useState(false);
  const load = useMutation({
    mutationFn: (part: 'file' | 'manifest') => fetchFile(`/api/v1/sharing/deliveries/${d.id}/${part}`, purpose.trim()),
    onSettled: refresh,
  });
  const confirm = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sharing/deliveries/{id}/receipt', { params: { id: d.id }, body: { fingerprint } }),
    onSuccess: (answer) =>
      answer.matches ? message.success(t('sharing.receipt-ok')) : message.error(t('sharing.receipt-bad')),
    onSettled: refresh,
  });
  return (
    <div className="stack-s">
      <label htmlFor={`${id}-p`}>{t('sharing.purpose')}</label>
      <div className="row" style={{ flexWrap: 'wrap' }}>
        <Input
          id={`${id}-p`}
          style={{ maxWidth: 320 }}
          maxLength={200}
          value={purpose}
          placeholder={t('sharing.purpose-note')}
          onChange={(event) => setPurpose(event.target.value)}
        />
        <Button
          type="primary"
          disabled={purpose.trim().length < 2}
          loading={load.isPending}
          onClick={() => load.mutate('file')}
        >
          {t('sharing.download')}
        </Button>
        <Button disabled={purpose.trim().length < 2 || load.isPending} onClick={() => load.mutate('manifest')}>
          {t('sharing.manifest')}
        </Button>
      </div>
      {load.isError ? <Failure error={load.error} /> : null}
      {d.receipt?.matches ? null : (
        <details>
          <summary className="small">{t('sharing.receipt-confirm')}</summary>
          <div className="stack-s" style={{ marginBlockStart: 8 }}>
            <label htmlFor={`${id}-f`}>{t('sharing.receipt-file')}</label>
            <input
              id={`${id}-f`}
              type="file"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (!file) return;
                setComputing(true);
                void fingerprintOf(file)
                  .then(setFingerprint)
                  .finally(() => setComputing(false));
              }}
            />
            <label htmlFor={`${id}-h`}>{t('sharing.receipt-or')}</label>
            <Input
              id={`${id}-h`}
              value={fingerprint}
              maxLength={64}
              placeholder={computing ? t('sharing.computing') : ''}
              onChange={(event) => setFingerprint(event.target.value.trim())}
            />
            {confirm.isError ? <Failure error={confirm.error} /> : null}
            <div>
              <Button loading={confirm.isPending} disabled={fingerprint.length !== 64} onClick={() => confirm.mutate()}>
                {t('sharing.receipt-confirm')}
              </Button>
            </div>
          </div>
        </details>
      )}
    </div>
  );
}

function Doubt({ delivery, data }: { delivery: Delivery; data: ShareDetail }) {
  const { t, say } = useSpeech();
  const id = useId();
  const [record, setRecord] = useState('');
  const [item, setItem] = useState<string>();
  const [comment, setComment] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sharing/deliveries/{id}/corrections', {
        params: { id: delivery.id },
        body: { record: record.trim(), item, comment: comment.trim() },
      }),
  });
  return (
    <details>
      <summary className="small">{t('sharing.doubt')}</summary>
      <div className="stack-s" style={{ marginBlockStart: 8 }}>
        <label htmlFor={`${id}-r`}>{t('sharing.doubt-record')}</label>
        <Input id={`${id}-r`} maxLength={20} value={record} onChange={(event) => setRecord(event.target.value)} />
        <label htmlFor={`${id}-i`}>{t('sharing.doubt-item')}</label>
        <Select
          id={`${id}-i`}
          aria-label={t('sharing.doubt-item')}
          value={item ?? null}
          onChange={setItem}
          options={data.items.map((i) => ({ value: i.name, label: say(i.title) }))}
        />
        <label htmlFor={`${id}-c`}>{t('sharing.doubt-comment')}</label>
        <Input.TextArea
          id={`${id}-c`}
          rows={2}
          maxLength={500}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        {ask.isError ? <Failure error={ask.error} /> : null}
        {ask.isSuccess ? <p className="note">{t('sharing.doubt-done', { id: ask.data.correction })}</p> : null}
        <div>
          <Button
            loading={ask.isPending}
            disabled={record.trim().length !== 20 || !item || comment.trim().length < 4}
            onClick={() => ask.mutate()}
          >
            {t('sharing.doubt')}
          </Button>
        </div>
      </div>
    </details>
  );
}
