/** The search box of the top bar: enterprises as one types; Enter opens the search page with everything found. */
import { SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { AutoComplete, Input } from 'antd';
import { useDeferredValue, useState } from 'react';
import { api } from '../api/client.ts';
import { Marked } from '../components/value.tsx';
import { useSpeech } from '../i18n/index.ts';
import { looksPersonal } from '../pages/credit/personal.ts';

export function Find() {
  const { t } = useSpeech();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['find', wanted],
    queryFn: ({ signal }) => api.get('/api/v1/credit/search', { query: { q: wanted, size: 8 }, signal }),
    // Numbers of persons stand in no address; the search page asks for them in a body.
    enabled: wanted.length >= 2 && !looksPersonal(wanted),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  const hits = wanted.length >= 2 ? (found.data?.hits ?? []) : [];
  return (
    <AutoComplete
      value={text}
      style={{ width: '100%' }}
      defaultActiveFirstOption={false}
      aria-label={t('frame.find')}
      options={hits.map((hit) => {
        const highlight = hit.highlights.find((h) => h.field === 'name');
        const other = hit.highlights.find((h) => h.field !== 'name');
        return {
          value: String(hit.entity),
          label: (
            <div style={{ lineHeight: 1.5 }}>
              <div className="clip">
                <Marked text={hit.name} ranges={(highlight?.ranges ?? []) as [number, number][]} />
              </div>
              <div className="small quiet clip">
                {other ? (
                  <Marked text={other.text} ranges={other.ranges as [number, number][]} />
                ) : (
                  (hit.uscc ?? hit.address)
                )}
                {hit.status ? ` · ${hit.status}` : ''}
              </div>
            </div>
          ),
        };
      })}
      onSearch={setText}
      onSelect={(entity: string) => {
        setText('');
        void navigate({ to: '/credit/enterprises/$entity', params: { entity } as never });
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !text.trim()) return;
        const active = event.currentTarget.querySelector('input')?.getAttribute('aria-activedescendant');
        if (active && document.getElementById(active)?.getAttribute('aria-selected') === 'true') return;
        if (looksPersonal(text.trim())) {
          void navigate({ to: '/credit/persons' });
        } else {
          void navigate({ to: '/credit/search', search: { q: text.trim() } as never });
        }
        setText('');
      }}
    >
      <Input
        prefix={<SearchOutlined aria-hidden="true" />}
        placeholder={t('frame.find-hint')}
        aria-label={t('frame.find')}
        allowClear
      />
    </AutoComplete>
  );
}
