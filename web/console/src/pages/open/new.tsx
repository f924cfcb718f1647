/** A new proposal to open data: first the entry, then the plan. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Select } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { firstPlan, type Plan, PlanForm } from './plan-form.tsx';

export default function OpenNew() {
  const { t, say } = useSpeech();
  const id = useId();
  const navigate = useNavigate();
  const entries = useQuery({
    queryKey: ['open-desk', 'entries'],
    queryFn: ({ signal }) => api.get('/api/v1/open/entries', { signal }),
  });
  const [chosen, setChosen] = useState<string>();
  const [plan, setPlan] = useState<Plan>();
  const entry = entries.data?.items.find((e) => e.id === chosen);
  const save = useMutation({
    mutationFn: async () => {
      const made = await api.post('/api/v1/open/datasets', { body: { entry: chosen, plan } });
      await api.post('/api/v1/open/datasets/{id}/steps', {
        params: { id: made.id },
        body: { action: 'check', version: 1 },
      });
      return made;
    },
    onSuccess: (made) => navigate({ to: '/open-desk/$id', params: { id: String(made.id) } as never }),
  });
  return (
    <Page
      title={t('titles.open-new')}
      lead={t('opendata.new-lead')}
      back={{ to: '/open-desk', label: t('titles.open-desk') }}
    >
      <Loaded query={entries}>
        {(data) => {
          const usable = data.items.filter((e) => e.collected);
          if (usable.length === 0) return <Empty title={t('opendata.new-none')}>{t('opendata.new-none-text')}</Empty>;
          return (
            <div className="stack">
              <Panel title={t('opendata.new-entry')}>
                <div className="stack-s">
                  <label htmlFor={id}>{t('opendata.new-choose')}</label>
                  <Select
                    id={id}
                    aria-label={t('opendata.new-choose')}
                    style={{ maxWidth: 560 }}
                    showSearch={{ optionFilterProp: 'label' }}
                    value={chosen ?? null}
                    onChange={(value: string) => {
                      const found = data.items.find((e) => e.id === value);
                      setChosen(value);
                      if (found) setPlan(firstPlan(found));
                    }}
                    options={usable.map((e) => ({
                      value: e.id,
                      label: `${say(e.title)}（${t(`terms.level.${e.level}`)}${e.open ? `，${t('catalogue.open')}` : ''}）`,
                    }))}
                  />
                  {entry ? <p className="small quiet">{say(entry.abstract)}</p> : null}
                  {entry && entry.level !== 'general' ? <p className="note warn">{t('opendata.new-level')}</p> : null}
                </div>
              </Panel>
              {entry && plan ? (
                <Panel title={t('opendata.plan.title')}>
                  <div className="stack">
                    <PlanForm entry={entry} plan={plan} set={setPlan} />
                    {save.isError ? <Failure error={save.error} /> : null}
                    <div>
                      <Button
                        type="primary"
                        loading={save.isPending}
                        disabled={plan.items.length === 0}
                        onClick={() => save.mutate()}
                      >
                        {t('opendata.new-save')}
                      </Button>
                    </div>
                  </div>
                </Panel>
              ) : null}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
