/** 异议办理: every objection, those that wait first. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { ObjectionList } from './objection-list.tsx';

export default function Objections() {
  const { t } = useSpeech();
  const url = useUrlState();
  const query = {
    ...{
      state: url.get('state') || undefined,
      scheme: url.get('scheme') || undefined,
      month: url.get('month') || undefined,
    },
  };
  const list = useQuery({
    queryKey: ['assessment', 'objections', query],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/objections', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.assessment-objections')} lead={t('assessment.objections-lead')}>
      <div className="stack">
        <Filters keys={['state', 'scheme', 'month']}>
          <ChoiceFilter
            name="state"
            label={t('assessment.state-label')}
            choices={(['open', 'accepted', 'rejected', 'withdrawn'] as const).map((value) => ({
              value,
              label: t(`assessment.objection-state.${value}`),
            }))}
          />
        </Filters>
        <Loaded query={list}>
          {(data) =>
            data.items.length ? (
              <Panel
                title={t('titles.assessment-objections')}
                flush
                extra={<span className="quiet">{t('assessment.waiting', { n: data.open })}</span>}
              >
                <ObjectionList items={data.items} />
              </Panel>
            ) : (
              <Empty title={t('assessment.objections-empty')}>{t('assessment.objections-empty-text')}</Empty>
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}
