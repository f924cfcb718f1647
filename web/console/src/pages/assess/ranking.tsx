/** 信用排名: enterprises by score, and statistics that name nobody. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { Statistics } from './statistics.tsx';
import { gradeTone, signed } from './types.ts';
import { WhatIf } from './what-if.tsx';

const LIMIT = 50;

export default function Ranking() {
  const { t } = useSpeech();
  const { held } = useSession();
  const url = useUrlState();
  const tabs = [
    ...(held.has('score.rank') ? [{ key: 'named', label: t('assess.ranking.named'), children: <Named /> }] : []),
    ...(held.has('score.statistics')
      ? [{ key: 'statistics', label: t('assess.ranking.statistics'), children: <Statistics /> }]
      : []),
    ...(held.has('score.rank') ? [{ key: 'draft', label: t('assess.draft.title'), children: <WhatIf /> }] : []),
  ];
  const first = tabs[0]?.key;
  return (
    <Page title={t('titles.ranking')} lead={t('assess.ranking.lead')}>
      <Tabs
        activeKey={url.get('tab') || first || ''}
        items={tabs}
        destroyOnHidden
        onChange={(tab) =>
          url.set({ tab: tab === first ? undefined : tab, by: undefined, across: undefined, offset: undefined })
        }
      />
    </Page>
  );
}

function Named() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const offset = url.number('offset', 0);
  const query = {
    ...(url.get('town') ? { town: url.get('town') } : {}),
    ...(url.get('industry') ? { industry: url.get('industry') } : {}),
    ...(url.get('grade') ? { grade: url.get('grade') } : {}),
    order: (url.get('order') || 'best') as 'best' | 'worst' | 'risen' | 'fallen',
    offset,
    limit: LIMIT,
  };
  const list = useQuery({
    queryKey: ['credit', 'score', 'ranking', query],
    queryFn: ({ signal }) => api.get('/api/v1/credit/score/enterprises', { query, signal }),
    placeholderData: (before) => before,
  });
  const groups = useGroups();
  return (
    <div className="stack">
      <Filters keys={['town', 'industry', 'grade', 'order']}>
        <ChoiceFilter name="town" label={t('assess.ranking.town')} choices={groups.town} />
        <ChoiceFilter name="industry" label={t('assess.ranking.industry')} choices={groups.section} width={200} />
        <ChoiceFilter
          name="grade"
          label={t('assess.ranking.grade')}
          width={110}
          choices={['AAA', 'AA', 'A', 'B', 'C', 'D'].map((g) => ({ value: g, label: g }))}
        />
        <ChoiceFilter
          name="order"
          label={t('assess.ranking.order')}
          otherwise="best"
          width={130}
          choices={(['best', 'worst', 'risen', 'fallen'] as const).map((o) => ({
            value: o,
            label: t(`assess.ranking.${o}`),
          }))}
        />
      </Filters>
      <Loaded query={list}>
        {(data) =>
          data.run ? (
            <Panel
              title={t('assess.ranking.named')}
              flush
              extra={
                <span className="quiet">
                  {t('assess.ranking.scored', { n: full(data.run.entities), day: data.run.day })}
                </span>
              }
            >
              <DataTable
                caption={t('assess.ranking.named')}
                rows={data.items}
                rowKey={(row) => row.entity}
                empty={<Empty title={t('assess.ranking.none')} />}
                columns={[
                  {
                    key: 'rank',
                    title: t('assess.ranking.rank'),
                    align: 'end',
                    tight: true,
                    render: (r) => full(r.rank),
                  },
                  {
                    key: 'name',
                    title: t('assess.ranking.enterprise'),
                    head: true,
                    render: (r) => (
                      <Link to="/credit/enterprises/$entity" params={{ entity: String(r.entity) }} hash="score">
                        {r.name ?? r.entity}
                      </Link>
                    ),
                  },
                  {
                    key: 'score',
                    title: t('assess.ranking.score'),
                    align: 'end',
                    tight: true,
                    render: (r) => <strong>{r.score.toFixed(1)}</strong>,
                  },
                  {
                    key: 'grade',
                    title: t('assess.ranking.grade'),
                    tight: true,
                    render: (r) => <Label tone={gradeTone(r.grade)}>{r.grade}</Label>,
                  },
                  {
                    key: 'change',
                    title: t('assess.ranking.change'),
                    align: 'end',
                    tight: true,
                    render: (r) => (r.change === null ? '—' : signed(r.change)),
                  },
                  {
                    key: 'town',
                    title: t('assess.ranking.town'),
                    render: (r) => (r.town ? `${say(r.townTitle) || r.town} (${full(r.rankTown)})` : '—'),
                  },
                  {
                    key: 'industry',
                    title: t('assess.ranking.industry'),
                    render: (r) =>
                      r.industry ? `${say(r.industryTitle) || r.industry} (${full(r.rankIndustry)})` : '—',
                  },
                ]}
              />
              <Pager
                offset={offset}
                limit={LIMIT}
                total={data.total}
                onOffset={(next) => url.set({ offset: next || undefined })}
              />
            </Panel>
          ) : (
            <Empty title={t('assess.ranking.none')}>{t('assess.ranking.none-text')}</Empty>
          )
        }
      </Loaded>
    </div>
  );
}

/** Towns and sections that there are, as choices. */
export function useGroups() {
  const { t, say } = useSpeech();
  const of = (by: 'town' | 'section') => ({
    queryKey: ['credit', 'analysis', 'groups', by],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/api/v1/credit/analysis', { query: { by }, signal }),
    staleTime: 300_000,
  });
  const town = useQuery(of('town'));
  const section = useQuery(of('section'));
  const choices = (data: typeof town.data) =>
    (data?.groups ?? [])
      .filter((g) => g.code !== '')
      .map((g) => ({ value: g.code, label: (g.title ? say(g.title) : g.code) || t('assess.ranking.unknown') }))
      .sort((a, b) => a.value.localeCompare(b.value));
  return { town: choices(town.data), section: choices(section.data) };
}
