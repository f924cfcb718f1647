/** The open API for developers: how it is called, trying it on this page, and a key that needs no personal data. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { copyText } from '../../format/copy.ts';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';

const calls = ['datasets', 'dataset', 'rows', 'chart', 'files', 'feed'] as const;
const addresses: Record<(typeof calls)[number], string> = {
  ...{ datasets: '/datasets?q=&theme=&provider=&limit=&offset=', dataset: '/datasets/{id}' },
  ...{
    rows: '/datasets/{id}/rows?fields=&filter=&q=&sort=&limit=&cursor=&format=',
    chart: '/datasets/{id}/chart?by=&sum=',
  },
  ...{ files: '/datasets/{id}/files/{csv|json|ndjson|parquet|xlsx}?edition=', feed: '/feed.atom' },
};

export default function OpenDevelopers() {
  const { t } = useSpeech();
  const about = useQuery({
    queryKey: ['open', 'about'],
    queryFn: ({ signal }) => api.get('/open/api/v1/about', { signal }),
  });
  return (
    <Page
      title={t('titles.open-developers')}
      lead={t('opendata.dev-lead')}
      back={{ to: '/open', label: t('titles.open') }}
    >
      <div className="stack">
        <Panel title={t('opendata.dev-calls')} extra={<a href="/open/api/v1/openapi.json">OpenAPI 3.1</a>} flush>
          <DataTable
            caption={t('opendata.dev-calls')}
            rows={calls}
            rowKey={(c) => c}
            columns={[
              {
                key: 'what',
                title: t('opendata.dev-what'),
                head: true,
                tight: true,
                render: (c) => t(`opendata.dev.${c}`),
              },
              {
                key: 'address',
                title: 'GET /open/api/v1',
                render: (c) => <code style={{ overflowWrap: 'anywhere' }}>{addresses[c]}</code>,
              },
            ]}
          />
        </Panel>
        <Panel title={t('opendata.dev-filters')}>
          <div className="stack-s">
            <p>{t('opendata.dev-filters-text')}</p>
            <pre className="open-code">
              {'filter=set_year:ge:2015&filter=park_level:in:省级|国家级&sort=-land_area&limit=50'}
            </pre>
            <p className="small quiet">eq ne in ge gt le lt prefix contains present absent</p>
            <p>{t('opendata.dev-cursor')}</p>
            <Loaded query={about}>
              {(data) => (
                <p>
                  {t('opendata.dev-limits', {
                    ...{
                      anonymous: full(data.limits.anonymousPerMinute),
                      key: full(data.limits.keyPerMinute),
                      day: full(data.limits.keyPerDay),
                    },
                  })}
                </p>
              )}
            </Loaded>
          </div>
        </Panel>
        <Try />
        <div className="open-two">
          <MakeKey />
          <UseKey />
        </div>
      </div>
    </Page>
  );
}

function Try() {
  const { t, say } = useSpeech();
  const id = useId();
  const url = useUrlState();
  const all = useQuery({
    queryKey: ['open', 'datasets', 'all'],
    queryFn: ({ signal }) => api.get('/open/api/v1/datasets', { query: { limit: 100, sort: 'title' }, signal }),
  });
  const [chosen, setChosen] = useState(url.get('dataset'));
  const [params, setParams] = useState('limit=3');
  const dataset = chosen || all.data?.items[0]?.id || '';
  const address = `/open/api/v1/datasets/${dataset}/rows?${params}`;
  const ask = useMutation({
    mutationFn: async () => {
      const response = await fetch(address);
      const text = await response.text();
      let shown = text;
      try {
        shown = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // CSV and NDJSON are shown as they are.
      }
      return { status: response.status, text: shown.slice(0, 8000) };
    },
  });
  return (
    <Panel title={t('opendata.try')}>
      <div className="stack-s">
        <label htmlFor={`${id}-d`}>{t('opendata.datasets')}</label>
        <Select
          id={`${id}-d`}
          aria-label={t('opendata.datasets')}
          value={dataset || null}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={setChosen}
          options={(all.data?.items ?? []).map((d) => ({ value: d.id, label: say(d.title) }))}
        />
        <label htmlFor={`${id}-p`}>{t('opendata.try-params')}</label>
        <Input
          id={`${id}-p`}
          className="mono"
          value={params}
          maxLength={1000}
          onChange={(event) => setParams(event.target.value)}
        />
        <pre className="open-code">{`curl '${window.location.origin}${address}'`}</pre>
        <div>
          <Button type="primary" disabled={!dataset} loading={ask.isPending} onClick={() => ask.mutate()}>
            {t('opendata.try-send')}
          </Button>
        </div>
        {ask.data ? (
          // biome-ignore lint/a11y: a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
          <div role="group" tabIndex={0} aria-label={t('opendata.try-answer')} className="open-code tall">
            {`HTTP ${ask.data.status}\n${ask.data.text}`}
          </div>
        ) : null}
        {ask.isError ? <Failure error={ask.error} /> : null}
      </div>
    </Panel>
  );
}

function MakeKey() {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const id = useId();
  const [name, setName] = useState('');
  const make = useMutation({ mutationFn: () => api.post('/open/api/v1/keys', { body: { name: name.trim() } }) });
  return (
    <Panel title={t('opendata.key-make')}>
      <div className="stack-s">
        <p className="small quiet">{t('opendata.key-lead')}</p>
        <label htmlFor={id}>{t('opendata.key-name')}</label>
        <Input id={id} maxLength={40} value={name} onChange={(event) => setName(event.target.value)} />
        {make.isError ? <Failure error={make.error} /> : null}
        {make.data ? (
          <div className="note warn stack-s" role="status">
            <p className="strong">{t('opendata.key-once')}</p>
            <code style={{ overflowWrap: 'anywhere' }}>{make.data.key}</code>
            <div>
              <Button
                size="small"
                onClick={() => void copyText(make.data.key).then(() => message.success(t('opendata.copied')))}
              >
                {t('opendata.copy')}
              </Button>
            </div>
            <pre className="open-code">{`x-open-key: ${make.data.key.slice(0, 8)}…`}</pre>
          </div>
        ) : null}
        <div>
          <Button
            type="primary"
            disabled={name.trim().length < 2}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {t('opendata.key-make')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function UseKey() {
  const { t } = useSpeech();
  const id = useId();
  const [key, setKey] = useState('');
  const look = useMutation({
    mutationFn: async (method: 'GET' | 'DELETE') => {
      const response = await fetch('/open/api/v1/key', { method, headers: { 'x-open-key': key.trim() } });
      if (!response.ok) throw await (await import('../../api/client.ts')).problemOf(response);
      return { method, body: (await response.json()) as { name?: string; today?: number; total?: number } };
    },
  });
  return (
    <Panel title={t('opendata.key-look')}>
      <div className="stack-s">
        <label htmlFor={id}>{t('opendata.key')}</label>
        <Input.Password
          id={id}
          value={key}
          maxLength={60}
          autoComplete="off"
          onChange={(event) => setKey(event.target.value)}
        />
        {look.isError ? <Failure error={look.error} /> : null}
        {look.data?.method === 'GET' ? (
          <p className="note" role="status">
            {look.data.body.name} ·{' '}
            {t('opendata.key-used', { today: full(look.data.body.today ?? 0), total: full(look.data.body.total ?? 0) })}
          </p>
        ) : null}
        {look.data?.method === 'DELETE' ? (
          <p className="note" role="status">
            {t('opendata.key-ended')}
          </p>
        ) : null}
        <div className="row">
          <Button disabled={key.trim().length < 20} loading={look.isPending} onClick={() => look.mutate('GET')}>
            {t('opendata.key-look')}
          </Button>
          <Button danger disabled={key.trim().length < 20 || look.isPending} onClick={() => look.mutate('DELETE')}>
            {t('opendata.key-end')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
