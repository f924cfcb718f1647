/** What a choice offers: an own list (typed, or pasted out of a spreadsheet), or a national code table that is searched in. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Segmented } from 'antd';
import { useState } from 'react';
import { Failure } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { hub } from '../shared/hub.ts';
import type { CodeTable, Field } from '../shared/pure.ts';
import { moved } from './editing.ts';
import { CheckLine, Line, NumberLine } from './inputs.tsx';
import { readOptions } from './paste.ts';

type Choice = Extract<Field, { kind: 'choice' }>;

export function Options({ field, patch }: { field: Choice; patch: (part: object, of?: string) => void }) {
  const { t } = useSpeech();
  const [pasting, setPasting] = useState(false);
  const [pasted, setPasted] = useState('');
  const set = (options: Choice['options'], of?: string) => patch({ options }, of);
  return (
    <div className="stack-s">
      <div className="prop">
        <span className="prop-label">{t('forms.design.options')}</span>
        <Segmented
          aria-label={t('forms.design.options')}
          value={field.table ?? 'own'}
          onChange={(value) =>
            value === 'own'
              ? patch({
                  table: undefined,
                  under: undefined,
                  options: [{ code: '1', title: { zh: t('forms.design.first-option') } }],
                })
              : patch({ table: value, options: [] })
          }
          options={[
            { value: 'own', label: t('forms.design.own-list') },
            { value: 'division', label: t('forms.design.table-division') },
            { value: 'industry', label: t('forms.design.table-industry') },
          ]}
        />
      </div>
      {field.table ? (
        <TableSearch
          table={field.table}
          under={field.under}
          set={(under) => patch({ under: under || undefined }, 'under')}
        />
      ) : (
        <>
          <ol className="option-list">
            {field.options.map((option, n) => {
              const change = (part: Partial<typeof option>, of: string) =>
                set(
                  field.options.map((one, at) => (at === n ? { ...one, ...part } : one)),
                  `option-${n}-${of}`,
                );
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: an option is known by its place while its code is typed.
                <li key={n}>
                  <Input
                    aria-label={t('forms.design.option-code', { n: n + 1 })}
                    className="mono option-code"
                    maxLength={40}
                    value={option.code}
                    onChange={(e) => change({ code: e.target.value.trim() }, 'code')}
                  />
                  <Input
                    aria-label={t('forms.design.option-name', { n: n + 1 })}
                    maxLength={200}
                    value={option.title.zh}
                    onChange={(e) => change({ title: { ...option.title, zh: e.target.value } }, 'zh')}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowUpOutlined />}
                    disabled={n === 0}
                    aria-label={t('forms.design.up', { title: option.title.zh })}
                    onClick={() => set(moved(field.options, n, n - 1))}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowDownOutlined />}
                    disabled={n === field.options.length - 1}
                    aria-label={t('forms.design.down', { title: option.title.zh })}
                    onClick={() => set(moved(field.options, n, n + 1))}
                  />
                  <Button
                    type="text"
                    size="small"
                    danger
                    icon={<DeleteOutlined />}
                    disabled={field.options.length === 1}
                    aria-label={t('forms.design.remove', { title: option.title.zh })}
                    onClick={() => set(field.options.filter((_, at) => at !== n))}
                  />
                </li>
              );
            })}
          </ol>
          <div className="row">
            <Button
              size="small"
              icon={<PlusOutlined />}
              onClick={() => {
                const codes = field.options.map((o) => o.code);
                let n = field.options.length + 1;
                while (codes.includes(String(n))) n += 1;
                set([...field.options, { code: String(n), title: { zh: t('forms.design.new-option', { n }) } }]);
              }}
            >
              {t('forms.design.add-option')}
            </Button>
            <Button size="small" type="text" aria-expanded={pasting} onClick={() => setPasting((on) => !on)}>
              {t('forms.design.paste')}
            </Button>
          </div>
          {pasting ? (
            <div className="stack-s">
              <Line label={t('forms.design.paste-hint')}>
                {(id) => <Input.TextArea id={id} rows={4} value={pasted} onChange={(e) => setPasted(e.target.value)} />}
              </Line>
              <div>
                <Button
                  size="small"
                  disabled={readOptions(pasted).length === 0}
                  onClick={() => {
                    set(readOptions(pasted));
                    setPasting(false);
                    setPasted('');
                  }}
                >
                  {t('forms.design.take-options', { n: readOptions(pasted).length })}
                </Button>
              </div>
            </div>
          ) : null}
        </>
      )}
      <CheckLine
        label={t('forms.design.multiple')}
        value={field.multiple}
        set={(multiple) => patch({ multiple, ...(multiple ? {} : { maxChosen: undefined }) })}
      />
      {field.multiple ? (
        <NumberLine
          label={t('forms.design.max-chosen')}
          value={field.maxChosen}
          min={1}
          max={100}
          set={(maxChosen) => patch({ maxChosen })}
        />
      ) : null}
    </div>
  );
}

function TableSearch({
  table,
  under,
  set,
}: {
  table: CodeTable;
  under: string | undefined;
  set: (under: string) => void;
}) {
  const { t } = useSpeech();
  const [q, setQ] = useState('');
  const found = useQuery({
    queryKey: ['forms', 'table', table, under, q],
    queryFn: ({ signal }) =>
      hub.get<{ items: { code: string; zh: string }[] }>('/api/v1/forms/code-tables/{table}', {
        params: { table },
        query: { q, under },
        signal,
      }),
    staleTime: 60_000,
  });
  const items = found.data?.items ?? [];
  return (
    <>
      <Line label={t('forms.design.under')} hint={t('forms.design.under-hint')}>
        {(id) => (
          <Input
            id={id}
            className="mono"
            maxLength={12}
            value={under ?? ''}
            onChange={(e) => set(e.target.value.trim())}
          />
        )}
      </Line>
      <Line label={t('forms.design.table-search')}>
        {(id) => <Input id={id} maxLength={50} value={q} onChange={(e) => setQ(e.target.value)} />}
      </Line>
      {found.isError ? <Failure error={found.error} /> : null}
      <p className="small quiet" aria-live="polite">
        {t('forms.design.table-n', { n: items.length })}
      </p>
      <ul className="small table-sample">
        {items.slice(0, 8).map((item) => (
          <li key={item.code}>
            <button type="button" className="link-button" onClick={() => set(item.code)}>
              <code>{item.code}</code> {item.zh}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
