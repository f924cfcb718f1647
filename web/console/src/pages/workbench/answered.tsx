/** Rows of an answer. Columns carry the Chinese name where a view's column of that name was read. */
import { useState } from 'react';
import { Label } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { Told } from './drawing.tsx';
import type { View } from './schema.tsx';

const PAGE = 100;

export function Answered({ told, views }: { told: Told; views: readonly View[] }) {
  const { t, say, language } = useSpeech();
  const [offset, setOffset] = useState(0);
  const from = offset < told.rows.length ? offset : 0;
  const titles = new Map(
    views
      .filter((v) => told.views.includes(v.name))
      .flatMap((v) => v.columns.map((c): [string, string] => [c.name, say(c.title)])),
  );
  return (
    <div className="stack-s">
      <p className="small quiet row" role="status">
        <span>
          {t('workbench.answered', { n: told.rows.length.toLocaleString('en-US'), ms: duration(told.ms, language) })}
        </span>
        {told.more ? <Label tone="warn">{t('workbench.more')}</Label> : null}
        {told.cut ? <Label tone="warn">{t('workbench.cut')}</Label> : null}
      </p>
      <DataTable
        caption={t('workbench.rows')}
        rows={told.rows.slice(from, from + PAGE)}
        rowKey={(_, i) => from + i}
        empty={<Empty title={t('workbench.no-rows')}>{t('workbench.no-rows-text')}</Empty>}
        columns={told.columns.map((c, i) => ({
          key: `${i} ${c.name}`,
          title: (
            <span className="wb-head">
              <span>{c.name}</span>
              {language === 'zh' && titles.get(c.name) && titles.get(c.name) !== c.name.replaceAll('_', ' ') ? (
                <span className="small quiet">{titles.get(c.name)}</span>
              ) : (
                <span className="small quiet">{c.type.slice(0, 24)}</span>
              )}
            </span>
          ),
          ...(/INT|DOUBLE|FLOAT|DECIMAL/.test(c.type) && !c.type.includes('[') ? { align: 'end' as const } : {}),
          render: (row: (string | null)[]) => <Cell value={row[i] ?? null} />,
        }))}
      />
      {told.rows.length > PAGE ? (
        <Pager offset={from} limit={PAGE} total={told.rows.length} onOffset={setOffset} />
      ) : null}
    </div>
  );
}

function Cell({ value }: { value: string | null }) {
  if (value === null)
    return (
      <span className="quiet" title="NULL">
        —
      </span>
    );
  return value.length > 200 ? <span title={value.slice(0, 2000)}>{value.slice(0, 200)}…</span> : value;
}
