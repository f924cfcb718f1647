/** Device gateways: whose, what they may write, their keys; a new key is shown once. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { get, post } from './shared.tsx';

interface Gateway {
  id: string;
  title: string;
  owner: string;
  scope: string[];
  auto: boolean;
  perSecond: number;
  state: 'active' | 'disabled';
  keys: { id: number; hint: string }[];
}

const fields = ['id', 'title', 'owner', 'scope'] as const;
const blank = { id: '', title: '', owner: '', scope: '' };

export function Gateways() {
  const { t } = useSpeech();
  const { may } = useSession();
  const client = useQueryClient();
  const [form, setForm] = useState<Record<(typeof fields)[number], string> | null>(null);
  const ids = useId();
  const all = useQuery({
    queryKey: ['sensing', 'gateways'],
    queryFn: ({ signal }) => get<{ items: Gateway[] }>('/api/v1/sensing/gateways', { signal }),
  });
  const make = useMutation({
    mutationFn: (f: Record<(typeof fields)[number], string>) =>
      post<{ gateway: string; key: string }>('/api/v1/sensing/gateways', {
        body: { ...f, scope: f.scope.split(/[\s,]+/).filter(Boolean) },
      }),
    onSuccess: () => {
      setForm(null);
      return client.invalidateQueries({ queryKey: ['sensing', 'gateways'] });
    },
  });
  return (
    <Panel
      title={t('sensing.gateways')}
      extra={
        may('sensing.manage') && !form ? (
          <Button size="small" onClick={() => setForm(blank)}>
            {t('sensing.new-gateway')}
          </Button>
        ) : null
      }
    >
      <div className="stack-s">
        {make.data ? (
          <div role="status">
            <p>{t('sensing.key-once', { gateway: make.data.gateway })}</p>
            <code style={{ overflowWrap: 'anywhere' }}>{make.data.key}</code>
          </div>
        ) : null}
        {form ? (
          <form
            className="stack-s"
            onSubmit={(event) => {
              event.preventDefault();
              make.mutate(form);
            }}
          >
            {fields.map((name) => (
              <div key={name} style={{ maxInlineSize: 520 }}>
                <label htmlFor={`${ids}-${name}`}>{t(`sensing.form.${name}`)}</label>
                <Input
                  id={`${ids}-${name}`}
                  required
                  value={form[name]}
                  onChange={(event) => setForm({ ...form, [name]: event.target.value })}
                />
              </div>
            ))}
            {make.error ? <Failure error={make.error} /> : null}
            <div className="row">
              <Button type="primary" htmlType="submit" loading={make.isPending}>
                {t('sensing.make')}
              </Button>
              <Button onClick={() => setForm(null)}>{t('sensing.cancel')}</Button>
            </div>
          </form>
        ) : null}
        <Loaded query={all}>
          {({ items }) => (
            <DataTable
              caption={t('sensing.gateways')}
              rows={items}
              rowKey={(row) => row.id}
              empty={<Empty title={t('sensing.no-gateways')} />}
              columns={[
                {
                  key: 'title',
                  title: t('sensing.gateway'),
                  head: true,
                  render: (row) => (
                    <>
                      {row.title} {row.state === 'disabled' ? <Label>{t('sensing.disabled')}</Label> : null}
                      <p className="small quiet">
                        {row.id} · {row.owner}
                      </p>
                    </>
                  ),
                },
                {
                  key: 'scope',
                  title: t('sensing.form.scope'),
                  render: (row) => (
                    <span className="small" style={{ overflowWrap: 'anywhere' }}>
                      {row.scope.join(' ')}
                    </span>
                  ),
                },
                {
                  key: 'rate',
                  title: t('sensing.per-second'),
                  align: 'end',
                  render: (row) => row.perSecond.toLocaleString('en-US'),
                },
                {
                  key: 'auto',
                  title: t('sensing.auto'),
                  tight: true,
                  render: (row) => (row.auto ? t('sensing.yes') : t('sensing.no')),
                },
                {
                  key: 'keys',
                  title: t('sensing.keys'),
                  tight: true,
                  render: (row) => <span className="num">{row.keys.map((x) => x.hint).join(' ') || '—'}</span>,
                },
              ]}
            />
          )}
        </Loaded>
      </div>
    </Panel>
  );
}
