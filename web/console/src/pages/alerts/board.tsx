/** The board of open alerts: the gravest first, live; those that ended below by choice. */
import { CheckOutlined } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Button } from 'antd';
import type { ReactNode } from 'react';
import { api } from '../../api/client.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded, problemOf } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { type Alert, type Board, LevelMark, LiveMark, Marks, Measured, useLiveAlerts } from './shared.tsx';

const SIZE = 50;

export default function AlertBoard() {
  const { t } = useSpeech();
  const live = useLiveAlerts();
  const url = useUrlState();
  const past = url.get('state') === 'closed';
  const all = useQuery({
    queryKey: ['alerts', 'board'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/board', { signal }),
    refetchInterval: live ? 60_000 : 10_000,
  });
  return (
    <Page title={t('titles.alerts')} lead={t('alerts.lead')} actions={<LiveMark live={live} />}>
      <Loaded query={all}>
        {(board) => (
          <div className="stack">
            <Strip board={board} />
            <Panel title={t(past ? 'alerts.ended' : 'alerts.open')}>
              <div className="stack-s">
                <Filters keys={['state', 'level', 'rule', 'group', 'page']}>
                  <ChoiceFilter
                    name="state"
                    label={t('alerts.which')}
                    choices={[{ value: 'closed', label: t('alerts.ended') }]}
                  />
                  <ChoiceFilter
                    name="level"
                    label={t('alerts.level-name')}
                    choices={[4, 3, 2, 1].map((n) => ({ value: String(n), label: t(`alerts.level.${n}`) }))}
                  />
                  {past ? null : (
                    <ChoiceFilter
                      name="group"
                      label={t('alerts.group-by')}
                      choices={(['rule', 'owner', 'type', 'level'] as const).map((value) => ({
                        value,
                        label: t(`alerts.by.${value}`),
                      }))}
                    />
                  )}
                </Filters>
                {past ? <Ended /> : <Open board={board} />}
              </div>
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Strip({ board }: { board: Board }) {
  const { t } = useSpeech();
  const { counts } = board;
  return (
    <Figures>
      {[4, 3, 2, 1].map((level) => (
        <Figure key={level} label={t(`alerts.level.${level}`)}>
          <Num value={counts.levels[level] ?? 0} exact />
        </Figure>
      ))}
      <Figure label={t('alerts.unacknowledged')}>
        <Num value={counts.unacknowledged} exact />
      </Figure>
      <Figure label={t('alerts.mark.no-data')}>
        <Num value={counts.noData} exact />
      </Figure>
      <Figure label={t('alerts.quiet')}>
        <Num value={counts.silenced + counts.inhibited} exact />
      </Figure>
    </Figures>
  );
}

function Open({ board }: { board: Board }) {
  const { t } = useSpeech();
  const url = useUrlState();
  const level = Number(url.get('level')) || null;
  const rule = url.get('rule');
  const by = url.get('group');
  const rows = board.alerts.filter((a) => (level === null || a.level === level) && (!rule || a.rule === rule));
  return (
    <>
      {board.gap ? <p className="small">{t('alerts.gap', board.gap)}</p> : null}
      {board.more ? <p className="small quiet">{t('alerts.more')}</p> : null}
      {by in groupers ? (
        <Grouped rows={rows} by={by as By} />
      ) : (
        <Rows rows={rows} empty={<Empty title={t('alerts.empty')}>{t('alerts.empty-text')}</Empty>} />
      )}
    </>
  );
}

/** By what open alerts are put together. */
const groupers = {
  rule: (a: Alert) => a.rule,
  owner: (a: Alert) => a.owner ?? '—',
  type: (a: Alert) => a.type ?? '—',
  level: (a: Alert) => String(a.level),
} as const;
type By = keyof typeof groupers;

/** Open alerts in groups, the gravest group first; each opens and closes. */
function Grouped({ rows, by }: { rows: readonly Alert[]; by: By }) {
  const { t, say } = useSpeech();
  const groups = new Map<string, Alert[]>();
  for (const a of rows) groups.set(groupers[by](a), [...(groups.get(groupers[by](a)) ?? []), a]);
  const worst = (list: readonly Alert[]) => Math.max(...list.map((a) => a.level));
  const sorted = [...groups].sort(([, a], [, b]) => worst(b) - worst(a) || b.length - a.length);
  if (!sorted.length) return <Empty title={t('alerts.empty')}>{t('alerts.empty-text')}</Empty>;
  return (
    <>
      {sorted.map(([key, list], i) => (
        <details key={key} open={i < 3}>
          <summary style={{ cursor: 'pointer', paddingBlock: 8, minBlockSize: 24 }}>
            <span className="row" style={{ display: 'inline-flex', gap: 8, flexWrap: 'wrap' }}>
              <LevelMark level={worst(list)} />
              <strong>{by === 'rule' ? say(list[0]!.title) : by === 'level' ? t(`alerts.level.${key}`) : key}</strong>
              <span className="small quiet">
                {t('alerts.group-n', { n: list.length, open: list.filter((a) => !a.acknowledged).length })}
              </span>
            </span>
          </summary>
          <Rows rows={list} empty={null} />
        </details>
      ))}
    </>
  );
}

function Ended() {
  const { t } = useSpeech();
  const url = useUrlState();
  const page = Math.max(1, Number(url.get('page')) || 1);
  const query = {
    ...{ state: 'closed', offset: (page - 1) * SIZE, limit: SIZE },
    ...{ level: url.get('level') || undefined, rule: url.get('rule') || undefined },
  };
  const ended = useQuery({
    queryKey: ['alerts', 'list', query],
    queryFn: ({ signal }) => api.get('/api/v1/alerts', { query, signal }),
  });
  return (
    <Loaded query={ended}>
      {({ alerts, total }) => (
        <>
          <Rows rows={alerts} empty={<Empty title={t('alerts.empty-ended')} />} />
          <Pager
            total={total}
            offset={(page - 1) * SIZE}
            limit={SIZE}
            onOffset={(offset) => url.set({ page: String(offset / SIZE + 1) })}
          />
        </>
      )}
    </Loaded>
  );
}

function Rows({ rows, empty }: { rows: readonly Alert[]; empty: ReactNode }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={t('titles.alerts')}
      rows={rows}
      rowKey={(row) => row.id}
      empty={empty}
      columns={[
        {
          key: 'level',
          title: t('alerts.level-name'),
          tight: true,
          render: (row) => <LevelMark level={row.state === 'closed' ? row.peak : row.level} />,
        },
        {
          key: 'title',
          title: t('titles.alert'),
          head: true,
          render: (row) => (
            <div style={{ minInlineSize: 190 }}>
              <Link to="/alerts/$alert" params={{ alert: String(row.id) } as never}>
                {say(row.title)}
              </Link>
              <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                {row.label ? say(row.label) : row.members > 1 ? t('alerts.members-n', { n: row.members }) : row.rule}
              </p>
            </div>
          ),
        },
        {
          key: 'marks',
          title: t('alerts.state'),
          render: (row) => (
            <span className="row" style={{ flexWrap: 'wrap', gap: 4 }}>
              <Marks of={row} />
            </span>
          ),
        },
        { key: 'measure', title: t('alerts.measure'), align: 'end', render: (row) => <Measured of={row} /> },
        { key: 'since', title: t('alerts.since'), tight: true, render: (row) => <Instant at={row.openedAt} /> },
        { key: 'act', title: t('alerts.act'), tight: true, render: (row) => <Take of={row} /> },
      ]}
    />
  );
}

/** Acknowledges without leaving the board. */
function Take({ of }: { of: Alert }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: () => api.post('/api/v1/alerts/{id}/acknowledge', { params: { id: of.id }, body: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alerts'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  if (of.acknowledged) return <span className="small quiet">{of.acknowledged.name}</span>;
  if (!may('alert.handle') || of.state === 'closed') return <span className="quiet">—</span>;
  return (
    <Button size="small" icon={<CheckOutlined />} loading={take.isPending} onClick={() => take.mutate()}>
      {t('alerts.acknowledge')}
    </Button>
  );
}
