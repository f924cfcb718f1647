/** 响应行动: all operations, real ones and exercises. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Exercise, Level } from './shared.tsx';

export default function Operations() {
  const { t } = useSpeech();
  const url = useUrlState();
  const offset = Number(url.get('offset')) || 0;
  const query = { state: url.get('state') || undefined, exercise: url.get('exercise') || undefined, offset, limit: 50 };
  const list = useQuery({
    queryKey: ['command', 'operations', query],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('titles.command-operations')} lead={t('command.operations-lead')}>
      <Filters keys={['state', 'exercise']}>
        <ChoiceFilter
          name="state"
          label={t('command.state')}
          choices={(['running', 'ended', 'closed'] as const).map((s) => ({ value: s, label: t(`command.state-${s}`) }))}
        />
        <ChoiceFilter
          name="exercise"
          label={t('command.kind')}
          choices={[
            { value: 'false', label: t('command.real') },
            { value: 'true', label: t('command.exercise') },
          ]}
        />
      </Filters>
      <Loaded query={list}>
        {(data) => (
          <>
            <DataTable
              caption={t('titles.command-operations')}
              rows={data.items}
              rowKey={(o) => o.id}
              empty={<Empty title={t('command.no-operations')}>{t('command.calm-text')}</Empty>}
              columns={[
                { key: 'level', title: t('command.level'), tight: true, render: (o) => <Level level={o.level} /> },
                {
                  key: 'title',
                  title: t('command.title'),
                  head: true,
                  render: (o) => (
                    <>
                      <Exercise of={o.exercise} />{' '}
                      <Link to="/command/operations/$operation" params={{ operation: String(o.id) } as never}>
                        {o.title}
                      </Link>
                    </>
                  ),
                },
                {
                  key: 'state',
                  title: t('command.state'),
                  tight: true,
                  render: (o) => (
                    <Label tone={o.state === 'running' ? 'bad' : undefined}>{t(`command.state-${o.state}`)}</Label>
                  ),
                },
                { key: 'started', title: t('command.started'), tight: true, render: (o) => instant(o.startedAt) },
                { key: 'commander', title: t('command.commander'), tight: true, render: (o) => o.commander },
                {
                  key: 'tasks',
                  title: t('command.tasks'),
                  align: 'end',
                  tight: true,
                  render: (o) => (
                    <span className="num">
                      {o.tasks - o.open}/{o.tasks}
                    </span>
                  ),
                },
                {
                  key: 'late',
                  title: t('command.late'),
                  align: 'end',
                  tight: true,
                  render: (o) => <span className={o.late ? 'num bad-text' : 'num'}>{o.late}</span>,
                },
                {
                  key: 'review',
                  title: t('titles.command-review'),
                  tight: true,
                  render: (o) => (
                    <Link to="/command/operations/$operation/review" params={{ operation: String(o.id) } as never}>
                      {t('command.review')}
                    </Link>
                  ),
                },
              ]}
            />
            <Pager offset={offset} limit={50} total={data.total} onOffset={(n) => url.set({ offset: String(n) })} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
