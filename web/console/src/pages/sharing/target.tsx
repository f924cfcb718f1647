/** Where batches of a grant are brought: the recipient declares a database, a store or a folder; both sides see where, nobody its secrets. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Input, InputNumber, Popconfirm, Radio } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { ShareDetail } from './shared.tsx';

type Delivery = ShareDetail['deliveryList'][number];
type Kind = 'database' | 's3' | 'folder';

export function Target({ data }: { data: ShareDetail }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const drop = useMutation({
    mutationFn: () => api.delete('/api/v1/sharing/shares/{id}/target', { params: { id: data.id } }),
    onSuccess: () => {
      message.success(t('sharing.done'));
      return client.invalidateQueries({ queryKey: ['sharing', 'share'] });
    },
  });
  if (data.mode !== 'batch') return null;
  const { target } = data;
  return (
    <Panel
      title={t('sharing.target.title')}
      extra={target ? <Label tone="info">{t(`sharing.target.kind.${target.kind}`)}</Label> : null}
    >
      <div className="stack-s">
        {target ? (
          <Facts>
            {Object.entries(target.shown).map(([name, value]) => (
              <Fact key={name} label={t(`sharing.target.${name}`)}>
                {typeof value === 'boolean'
                  ? t(value ? 'sharing.target.yes' : 'sharing.target.no')
                  : String(value) || '—'}
              </Fact>
            ))}
            <Fact label={t('sharing.target.by')}>
              {target.by} · {instant(target.at)}
            </Fact>
          </Facts>
        ) : (
          <p className="small quiet">{t(data.maySetTarget ? 'sharing.target.none-own' : 'sharing.target.none')}</p>
        )}
        {data.maySetTarget && !open ? (
          <div className="row">
            <Button onClick={() => setOpen(true)}>{t(target ? 'sharing.target.change' : 'sharing.target.set')}</Button>
            {target ? (
              <Popconfirm title={t('sharing.target.drop-ask')} onConfirm={() => drop.mutate()}>
                <Button danger loading={drop.isPending}>
                  {t('sharing.target.drop')}
                </Button>
              </Popconfirm>
            ) : null}
          </div>
        ) : null}
        {drop.isError ? <Failure error={drop.error} /> : null}
        {open ? <Form data={data} close={() => setOpen(false)} /> : null}
      </div>
    </Panel>
  );
}

/** A labelled field. */
function Field({ label, children, note }: { label: string; children: (id: string) => ReactNode; note?: string }) {
  const id = useId();
  return (
    <div style={{ maxWidth: 420 }}>
      <label htmlFor={id}>{label}</label>
      <div>{children(id)}</div>
      {note ? <p className="small quiet">{note}</p> : null}
    </div>
  );
}

function Form({ data, close }: { data: ShareDetail; close: () => void }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>(data.target?.kind ?? 'database');
  const [engine, setEngine] = useState<'postgres' | 'mysql'>('postgres');
  const [port, setPort] = useState(5432);
  const [tls, setTls] = useState(false);
  const [texts, setTexts] = useState<Record<string, string>>({ region: 'us-east-1' });
  const text = (name: string) => texts[name]?.trim() ?? '';
  const save = useMutation({
    mutationFn: () => {
      const { host, database, user, table, endpoint, bucket, prefix, region, accessKey, secretKey, password } =
        Object.fromEntries(Object.keys({ ...texts, ...blank }).map((n) => [n, text(n)])) as typeof blank;
      const body =
        kind === 'database'
          ? { kind, engine, host, port, database, user, password, table, tls }
          : kind === 's3'
            ? { kind, endpoint, bucket, prefix, region, accessKey, secretKey }
            : { kind };
      return api.put('/api/v1/sharing/shares/{id}/target', { params: { id: data.id }, body });
    },
    onSuccess: async () => {
      message.success(t('sharing.done'));
      await client.invalidateQueries({ queryKey: ['sharing', 'share'] });
      close();
    },
  });
  const input = (name: string, secret = false, placeholder?: string) => (
    <Field key={name} label={t(`sharing.target.${name}`)}>
      {(id) =>
        secret ? (
          <Input.Password
            id={id}
            autoComplete="new-password"
            maxLength={500}
            value={texts[name] ?? ''}
            onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
          />
        ) : (
          <Input
            id={id}
            maxLength={300}
            placeholder={placeholder}
            value={texts[name] ?? ''}
            onChange={(event) => setTexts({ ...texts, [name]: event.target.value })}
          />
        )
      }
    </Field>
  );
  const needed =
    kind === 'database'
      ? ['host', 'database', 'user', 'password', 'table']
      : kind === 's3'
        ? ['endpoint', 'bucket', 'region', 'accessKey', 'secretKey']
        : [];
  return (
    <div className="note stack-s">
      <Radio.Group
        aria-label={t('sharing.target.title')}
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
        options={(['database', 's3', 'folder'] as const).map((value) => ({
          value,
          label: t(`sharing.target.kind.${value}`),
        }))}
      />
      <p className="small quiet">{t(`sharing.target.about.${kind}`)}</p>
      {kind === 'database' ? (
        <>
          <Radio.Group
            aria-label={t('sharing.target.engine')}
            value={engine}
            onChange={(event) => {
              setEngine(event.target.value as 'postgres' | 'mysql');
              setPort(event.target.value === 'postgres' ? 5432 : 3306);
            }}
            options={[
              { value: 'postgres', label: 'PostgreSQL' },
              { value: 'mysql', label: 'MySQL / MariaDB' },
            ]}
          />
          <div style={columns}>
            {input('host', false, 'db.example.gov.cn')}
            <Field label={t('sharing.target.port')}>
              {(id) => <InputNumber id={id} min={1} max={65_535} value={port} onChange={(n) => setPort(n ?? 5432)} />}
            </Field>
            {input('database')}
            {input('table')}
            {input('user')}
            {input('password', true)}
          </div>
          <Checkbox checked={tls} onChange={(event) => setTls(event.target.checked)}>
            {t('sharing.target.tls')}
          </Checkbox>
        </>
      ) : null}
      {kind === 's3' ? (
        <div style={columns}>
          {input('endpoint', false, 'https://s3.example.gov.cn')}
          {input('bucket')}
          {input('prefix')}
          {input('region')}
          {input('accessKey')}
          {input('secretKey', true)}
        </div>
      ) : null}
      {kind === 'folder' ? null : <p className="small quiet">{t('sharing.target.secret-note')}</p>}
      {save.isError ? <Failure error={save.error} /> : null}
      <div className="row">
        <Button
          type="primary"
          loading={save.isPending}
          disabled={needed.some((n) => !text(n))}
          onClick={() => save.mutate()}
        >
          {t('sharing.target.save')}
        </Button>
        <Button onClick={close}>{t('sharing.target.cancel')}</Button>
      </div>
    </div>
  );
}

/** Fields side by side where there is room. */
const columns = {
  display: 'grid',
  gap: 12,
  gridTemplateColumns: 'repeat(auto-fit, minmax(min(260px, 100%), 1fr))',
  maxWidth: 860,
};
const blank = {
  ...{ host: '', database: '', user: '', table: '', endpoint: '', bucket: '', prefix: '', region: '' },
  ...{ accessKey: '', secretKey: '', password: '' },
};
const tones = { waiting: 'info', sending: 'info', sent: 'good', failed: 'bad' } as const;

/** How a delivery's way to its target stands, and the way to try again. */
export function Transmission({ delivery: d, refresh }: { delivery: Delivery; refresh: () => Promise<void> }) {
  const { t, say } = useSpeech();
  const again = useMutation({
    mutationFn: () => api.post('/api/v1/sharing/deliveries/{id}/transmission', { params: { id: d.id } }),
    onSettled: refresh,
  });
  const x = d.transmission;
  if (!x) return null;
  return (
    <div className="small stack-s">
      <p>
        <Label tone={tones[x.state]}>{t(`sharing.target.state.${x.state}`)}</Label>{' '}
        {x.sentAt ? <span className="quiet num">{instant(x.sentAt)}</span> : null}
        {x.state === 'sending' && x.done ? <span className="quiet num">{full(x.done)}</span> : null}
        {x.state === 'waiting' && x.attempts ? (
          <span className="quiet">{t('sharing.target.next', { n: x.attempts, at: instant(x.nextAt) })}</span>
        ) : null}
      </p>
      {x.problem && x.state !== 'sent' ? (
        <p className="bad-text">
          {say(x.problem.title)} <code>{x.problem.code}</code>
        </p>
      ) : null}
      {again.isError ? <Failure error={again.error} /> : null}
      {x.problem && x.state !== 'sent' ? (
        <div>
          <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>
            {t('sharing.target.again')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
