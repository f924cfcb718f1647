/** The fields of the form in their order: chosen, moved by drag or by keyboard (Alt with the arrows), copied, removed. */
import { ArrowDownOutlined, ArrowUpOutlined, CopyOutlined, DeleteOutlined, HolderOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { Label } from '../../../components/page.tsx';
import { Empty } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { type Design, hasValue, protectionOf } from '../shared/pure.ts';
import { kindIcons } from './palette.tsx';

export function Canvas(props: {
  design: Design;
  chosen: string | null;
  choose: (name: string) => void;
  faults: readonly { at: string }[];
  move: (from: number, to: number) => void;
  remove: (name: string) => void;
  copy: (name: string) => void;
}) {
  const { t } = useSpeech();
  const words = useWords();
  const [over, setOver] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const { design, chosen } = props;
  const shown = useRef(chosen);
  // A new field is put behind the chosen one, which may be out of sight.
  useEffect(() => {
    if (shown.current === chosen) return;
    shown.current = chosen;
    list.current?.querySelector('[data-chosen="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  if (design.fields.length === 0) return <Empty title={t('forms.design.empty')}>{t('forms.design.empty-text')}</Empty>;
  return (
    <section className="designer-canvas panel" aria-label={t('forms.design.canvas')}>
      <p className="small quiet">{t('forms.design.order-hint')}</p>
      <ol ref={list}>
        {design.fields.map((field, n) => {
          const title = field.kind === 'note' ? words(field.text) : words(field.title);
          const wrong = props.faults.some((fault) => fault.at === field.name || fault.at.startsWith(`${field.name}.`));
          const required = 'required' in field && field.required !== false;
          return (
            <li
              key={field.name}
              data-chosen={field.name === chosen}
              data-kind={field.kind}
              className={[field.name === chosen ? 'chosen' : '', wrong ? 'bad' : '', over === n ? 'over' : ''].join(
                ' ',
              )}
              draggable
              onDragStart={(event) => {
                event.dataTransfer.setData('text/jingwei-field', String(n));
                event.dataTransfer.effectAllowed = 'move';
              }}
              onDragOver={(event) => {
                event.preventDefault();
                setOver(n);
              }}
              onDragLeave={() => setOver(null)}
              onDrop={(event) => {
                event.preventDefault();
                setOver(null);
                const from = event.dataTransfer.getData('text/jingwei-field');
                if (from !== '') props.move(Number(from), n);
              }}
            >
              <HolderOutlined aria-hidden="true" className="designer-grip" />
              <button
                type="button"
                className="designer-pick"
                aria-pressed={field.name === chosen}
                onClick={() => props.choose(field.name)}
                onKeyDown={(event) => {
                  if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
                  event.preventDefault();
                  props.move(n, event.key === 'ArrowUp' ? n - 1 : n + 1);
                }}
              >
                <span className="designer-kind" aria-hidden="true">
                  {kindIcons[field.kind]}
                </span>
                <span className="grow">
                  <span className="designer-title">{title || t('forms.design.no-title')}</span>
                  <span className="small quiet">
                    {' '}
                    {t(`forms.kind.${field.kind}`)} <code>{field.name}</code>
                  </span>
                </span>
                {required ? <Label tone="weft">{t('common.required')}</Label> : null}
                {'visible' in field && field.visible ? (
                  <Label tone="info">{t('forms.design.conditional')}</Label>
                ) : null}
                {hasValue(field) && ['personal', 'sensitive'].includes(protectionOf(field)) ? (
                  <Label tone="warn">{t(`forms.protection.${protectionOf(field)}`)}</Label>
                ) : null}
                {wrong ? <Label tone="bad">{t('forms.design.wrong')}</Label> : null}
              </button>
              {field.name === chosen ? (
                <span className="designer-tools">
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowUpOutlined />}
                    disabled={n === 0}
                    aria-label={t('forms.design.up', { title })}
                    onClick={() => props.move(n, n - 1)}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<ArrowDownOutlined />}
                    disabled={n === design.fields.length - 1}
                    aria-label={t('forms.design.down', { title })}
                    onClick={() => props.move(n, n + 1)}
                  />
                  <Button
                    type="text"
                    size="small"
                    icon={<CopyOutlined />}
                    aria-label={t('forms.design.copy', { title })}
                    onClick={() => props.copy(field.name)}
                  />
                  <Button
                    type="text"
                    size="small"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('forms.design.remove', { title })}
                    onClick={() => props.remove(field.name)}
                  />
                </span>
              ) : null}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
