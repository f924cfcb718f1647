/** How a service is called, with examples that can be pasted: they carry the service's own address, key and items. */
import { Segmented } from 'antd';
import { useState } from 'react';
import { Panel } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Code, type ServiceDetail } from './shared.tsx';

const ways = ['token', 'one', 'many', 'list', 'export'] as const;
type Way = (typeof ways)[number];

/** Panel of examples. */
export function Docs({ data }: { data: ServiceDetail }) {
  const { t } = useSpeech();
  const [way, setWay] = useState<Way>('token');
  return (
    <Panel title={t('gateway.docs')}>
      <div className="stack-s">
        <div style={{ overflowX: 'auto' }}>
          <Segmented
            aria-label={t('gateway.docs')}
            value={way}
            onChange={(next) => setWay(next as Way)}
            options={ways.map((value) => ({ value, label: t(`gateway.ways.${value}`) }))}
          />
        </div>
        <p>{t(`gateway.ways-note.${way}`)}</p>
        <div className="gw-grid">
          {examples(data, way).map(([title, text]) => (
            <Code key={title} title={t(`gateway.example.${title}`)} text={text} />
          ))}
        </div>
      </div>
    </Panel>
  );
}

/** Texts of examples by their titles. */
function examples(data: ServiceDetail, way: Way): [string, string][] {
  const auth = '-H "Authorization: Bearer $TOKEN"';
  const purpose = "-H 'Jingwei-Purpose: %E6%A0%B8%E6%9F%A5'";
  const json = "-H 'Content-Type: application/json'";
  const record = data.example?.record ?? '0123456789abcdef0123';
  const key = data.example?.key ?? null;
  const first = data.itemList.find((i) => i.filterable)?.name ?? 'item';
  const pretty = (value: unknown) => JSON.stringify(value, null, 2);
  switch (way) {
    case 'token':
      return [
        [
          'token',
          `curl -X POST ${data.tokenUrl} \\\n  -u "$CLIENT_ID:$CLIENT_SECRET" \\\n  -d grant_type=client_credentials \\\n  -d scope=grant:${data.id}`,
        ],
        [
          'token-answer',
          pretty({ access_token: 'jwa_…', token_type: 'Bearer', expires_in: 600, scope: `grant:${data.id}` }),
        ],
      ];
    case 'one': {
      const byNumber: [string, string] = [
        'by-record',
        `curl ${data.url}/records/${record} \\\n  ${auth} \\\n  ${purpose}`,
      ];
      if (!key) return [byNumber];
      const query = new URLSearchParams(key).toString();
      return [['by-key', `curl '${data.url}/lookup?${query}' \\\n  ${auth} \\\n  ${purpose}`], byNumber];
    }
    case 'many': {
      const body = key ? { keys: [key] } : { records: [record] };
      return [['batch', `curl -X POST ${data.url}/lookup \\\n  ${auth} ${json} \\\n  -d '${JSON.stringify(body)}'`]];
    }
    case 'list': {
      const filter = [{ item: first, is: 'present' }];
      const body = JSON.stringify({ filter, limit: 50 });
      return [
        ['search', `curl -X POST ${data.url}/search \\\n  ${auth} ${json} \\\n  -d '${body}'`],
        [
          'next',
          `curl -X POST ${data.url}/search \\\n  ${auth} ${json} \\\n  -d '${JSON.stringify({ filter, cursor: 'c…' })}'`,
        ],
        ['count', `curl -X POST ${data.url}/count \\\n  ${auth} ${json} \\\n  -d '${JSON.stringify({ filter })}'`],
      ];
    }
    case 'export':
      return [
        ['ndjson', `curl '${data.url}/export?format=ndjson' \\\n  ${auth} -o service-${data.id}.ndjson`],
        ['parquet', `curl '${data.url}/export?format=parquet' \\\n  ${auth} -o service-${data.id}.parquet`],
      ];
  }
}
