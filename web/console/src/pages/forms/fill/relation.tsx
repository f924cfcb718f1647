/** A person, an enterprise, a building or an address by search, masked as the searcher's rights say; without a network by its words. */
import { SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useEffect, useId, useState } from 'react';
import { Failure } from '../../../components/states.tsx';
import { Value as Shown } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { hub } from '../shared/hub.ts';
import type { Field, RelationValue } from '../shared/pure.ts';
import type { Found } from '../shared/types.ts';
import { type ControlProps, useFill } from './context.tsx';

export function RelationControl({
  field,
  value,
  set,
  aria,
  label,
}: ControlProps<Extract<Field, { kind: 'relation' }>, RelationValue>) {
  const { t } = useSpeech();
  const { form, online } = useFill();
  const id = useId();
  const [words, setWords] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(words.trim()), 300);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useQuery({
    queryKey: ['forms', 'find', form, field.name, asked],
    queryFn: ({ signal }) =>
      hub.get<Found>('/api/v1/forms/{form}/find', { params: { form }, query: { field: field.name, q: asked }, signal }),
    enabled: online && form > 0 && asked.length >= 2 && !value,
    staleTime: 30_000,
  });
  if (value)
    return (
      <div className="ff-related">
        <span className="grow">
          <span className="strong">
            <Shown value={value.title} />
          </span>{' '}
          {value.code ? <code className="small">{value.code}</code> : null}
          {value.id ? null : <span className="small quiet"> {t('forms.fill.by-words')}</span>}
        </span>
        <Button
          size="small"
          id={aria.id}
          onClick={() => {
            setWords('');
            set(null);
          }}
        >
          {t('forms.fill.change')}
        </Button>
      </div>
    );
  const free = field.free && words.trim().length >= 1;
  return (
    <div className="stack-s">
      <Input
        {...aria}
        role="searchbox"
        value={words}
        maxLength={60}
        autoComplete="off"
        prefix={<SearchOutlined aria-hidden="true" />}
        placeholder={t(`forms.fill.find.${field.to}`)}
        onChange={(event) => setWords(event.target.value)}
        {...(aria['aria-invalid'] ? { status: 'error' as const } : {})}
      />
      {!online ? <p className="small quiet">{t('forms.fill.find-offline')}</p> : null}
      {found.isError ? <Failure error={found.error} /> : null}
      {found.data && asked === words.trim() ? (
        <ul className="ff-found" aria-label={t('forms.fill.found', { label })} id={`${id}-found`}>
          {found.data.items.map((item) => (
            <li key={item.id}>
              <button
                type="button"
                onClick={() => set({ id: item.id, title: item.title, ...(item.code ? { code: item.code } : {}) })}
              >
                <span className="strong">{item.title}</span> <span className="small quiet">{item.detail}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {found.data?.items.length === 0 && asked === words.trim() ? (
        <p className="small quiet" role="status">
          {t(found.data.available ? 'forms.fill.found-none' : 'forms.fill.find-unavailable')}
        </p>
      ) : null}
      {free ? (
        <div>
          <Button size="small" onClick={() => set({ title: words.trim() })}>
            {t('forms.fill.take-words', { words: words.trim() })}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
