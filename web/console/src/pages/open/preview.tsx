/** The first rows of an open dataset, with words to look for. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { problemOf } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { cell, type OpenDetail } from './shared.tsx';

interface Page {
  total: number;
  next: string | null;
  rows: Record<string, unknown>[];
}

/** Rows as the open API gives them to anybody. */
async function fetchRows(id: string, q: string, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  const params = new URLSearchParams({ limit: '20', ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) });
  const response = await fetch(`/open/api/v1/datasets/${encodeURIComponent(id)}/rows?${params}`, { signal });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Page;
}

export function Preview({ d }: { d: OpenDetail }) {
  const { t, say } = useSpeech();
  const [q, setQ] = useState('');
  const [trail, setTrail] = useState<string[]>([]);
  const cursor = trail.at(-1);
  const rows = useQuery({
    queryKey: ['open', 'rows', d.id, d.edition, q, cursor],
    queryFn: ({ signal }) => fetchRows(d.id, q, cursor, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Panel
      title={t('opendata.preview')}
      extra={
        <Input.Search
          size="small"
          aria-label={t('opendata.preview-search')}
          placeholder={t('opendata.preview-search')}
          allowClear
          maxLength={100}
          style={{ maxWidth: 220 }}
          onSearch={(text) => {
            setTrail([]);
            setQ(text.trim());
          }}
        />
      }
      flush
    >
      <Loaded query={rows}>
        {(data) => (
          <>
            <DataTable<Record<string, unknown>>
              caption={t('opendata.preview')}
              rows={data.rows}
              rowKey={(_, i) => i}
              empty={<p className="entry-none quiet">{t('opendata.no-rows')}</p>}
              columns={d.fields.map((f) => ({
                key: f.name,
                title: say(f.title) + (f.unit ? `（${f.unit}）` : ''),
                ...(f.type === 'integer' || f.type === 'decimal' ? { align: 'end' as const } : {}),
                render: (row) => <Value value={row[f.name]} withheld={f.role === 'measure'} />,
              }))}
            />
            <div className="row spread entry-none">
              <span className="small quiet" role="status">
                {t('opendata.rows-found', { n: full(data.total) })}
              </span>
              <span className="row">
                <Button size="small" disabled={trail.length === 0} onClick={() => setTrail(trail.slice(0, -1))}>
                  {t('opendata.back')}
                </Button>
                <Button size="small" disabled={!data.next} onClick={() => data.next && setTrail([...trail, data.next])}>
                  {t('opendata.more')}
                </Button>
              </span>
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

/** A cell; what a count withholds says so instead of standing empty. */
function Value({ value, withheld }: { value: unknown; withheld: boolean }) {
  const { t } = useSpeech();
  if (withheld && (value === null || value === undefined))
    return (
      <span className="quiet small" title={t('opendata.withheld-text')}>
        {t('opendata.withheld')}
      </span>
    );
  if (typeof value === 'boolean') return t(value ? 'opendata.yes' : 'opendata.no');
  const text = cell(value);
  // Shapes and long texts are cut here and whole in the files.
  return text.length > 60 ? <span title={text.slice(0, 400)}>{text.slice(0, 60)}…</span> : text;
}
