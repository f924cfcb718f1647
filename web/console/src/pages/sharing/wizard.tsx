/**
 * Asking for data in four steps: the resource, its items, ground and purpose, and a check that tells everything that is missing at
 * once. With `?request=` an own draft, or what is to be supplemented, is changed.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Steps } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { TextFilter } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Check } from './wizard-check.tsx';
import { blank, type Content } from './wizard-content.ts';
import { Items } from './wizard-items.tsx';
import { Purpose } from './wizard-purpose.tsx';

const typeTones = { unconditional: 'good', conditional: 'warn', refused: 'bad' } as const;

export default function Wizard() {
  const { t } = useSpeech();
  const url = useUrlState();
  const [step, setStep] = useState(url.get('entry') || url.get('request') ? 1 : 0);
  const [content, setContent] = useState<Content>(blank);
  const request = url.get('request');
  const known = useQuery({
    queryKey: ['sharing', 'request', request],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/requests/{id}', { params: { id: request }, signal }),
    enabled: request !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const data = known.data;
  useEffect(() => {
    if (data) setContent({ ...blank, ...data.content } as Content);
  }, [data]);
  const entry = url.get('entry') || data?.entry || '';
  const one = useQuery({
    queryKey: ['sharing', 'entry', entry],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/entries/{id}', { params: { id: entry }, signal }),
    enabled: entry !== '',
  });
  const set = (patch: Partial<Content>) => setContent({ ...content, ...patch });
  const titles = ['entry', 'items', 'purpose', 'check'] as const;
  return (
    <Page
      title={t('titles.sharing-new')}
      lead={t('sharing.wizard.lead')}
      back={{ to: '/sharing/requests', label: t('titles.sharing-requests') }}
    >
      <div className="stack">
        <Steps
          size="small"
          current={step}
          responsive
          onChange={(next) => entry && setStep(request && next === 0 ? 1 : next)}
          items={titles.map((name) => ({ title: t(`sharing.wizard.${name}`) }))}
        />
        {request && known.isError ? <Failure error={known.error} /> : null}
        {step === 0 ? (
          <Entries
            choose={(id) => {
              setContent({ ...blank, contact: content.contact });
              url.set({ entry: id });
              setStep(1);
            }}
          />
        ) : (
          <Loaded query={one}>
            {(shared) => (
              <>
                {step === 1 ? <Items entry={shared} content={content} set={set} /> : null}
                {step === 2 ? <Purpose entry={shared} content={content} set={set} /> : null}
                {step === 3 ? (
                  <Check
                    entry={shared}
                    content={content}
                    request={data ? { id: data.id, version: data.version } : null}
                  />
                ) : null}
                <div className="row">
                  {step > 1 || !request ? (
                    <Button onClick={() => setStep(step - 1)}>{t('sharing.wizard.back')}</Button>
                  ) : null}
                  {step < 3 ? (
                    <Button type="primary" onClick={() => setStep(step + 1)}>
                      {t('sharing.wizard.next')}
                    </Button>
                  ) : null}
                </div>
              </>
            )}
          </Loaded>
        )}
      </div>
    </Page>
  );
}

function Entries({ choose }: { choose: (id: string) => void }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const search = url.get('search');
  const found = useQuery({
    queryKey: ['sharing', 'entries', search],
    queryFn: ({ signal }) => api.get('/api/v1/sharing/entries', { query: { search }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={t('sharing.wizard.entry')}>
      <div className="stack-s">
        <TextFilter name="search" label={t('sharing.wizard.search')} width={280} />
        <Loaded query={found}>
          {(answer) => (
            <>
              <p className="small quiet">{t('sharing.wizard.found', { n: full(answer.total) })}</p>
              <DataTable
                caption={t('sharing.wizard.entry')}
                rows={answer.items}
                rowKey={(row) => row.id}
                empty={<Empty title={t('sharing.empty')} />}
                columns={[
                  {
                    key: 'title',
                    title: t('sharing.resource'),
                    head: true,
                    render: (row) => (
                      <>
                        {row.sharing.type === 'refused' || !row.collected ? (
                          say(row.title)
                        ) : (
                          <button type="button" className="link-button" onClick={() => choose(row.id)}>
                            {say(row.title)}
                          </button>
                        )}
                        <p className="small quiet">{row.code}</p>
                      </>
                    ),
                  },
                  { key: 'provider', title: t('sharing.provider'), render: (row) => say(row.provider.name) },
                  {
                    key: 'sharing',
                    title: t('sharing.state'),
                    render: (row) => (
                      <>
                        <Label tone={typeTones[row.sharing.type]}>
                          {t(`sharing.sharing-type.${row.sharing.type}`)}
                        </Label>
                        {row.collected ? null : <p className="small quiet">{t('sharing.wizard.not-collected')}</p>}
                        {row.sharing.type === 'refused' ? (
                          <p className="small">{t('sharing.wizard.refused', { ground: row.sharing.ground })}</p>
                        ) : null}
                        {row.sharing.type === 'conditional' ? (
                          <p className="small quiet">{row.sharing.condition}</p>
                        ) : null}
                      </>
                    ),
                  },
                  {
                    key: 'choose',
                    title: '',
                    tight: true,
                    render: (row) => (
                      <Button
                        size="small"
                        disabled={row.sharing.type === 'refused' || !row.collected}
                        onClick={() => choose(row.id)}
                      >
                        {t('sharing.wizard.choose')}
                      </Button>
                    ),
                  },
                ]}
              />
            </>
          )}
        </Loaded>
      </div>
    </Panel>
  );
}
