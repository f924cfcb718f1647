/** Rules of warning: what runs, what it watches, how often it fired. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { LevelMark } from './shared.tsx';

export default function Rules() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const all = useQuery({
    queryKey: ['alerts', 'rules'],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/rules', { signal }),
  });
  const create = may('alert.manage') ? (
    <Link to={'/alert-rules/new' as never}>
      <Button type="primary" icon={<PlusOutlined />}>
        {t('alerts.rule.new')}
      </Button>
    </Link>
  ) : null;
  return (
    <Page title={t('titles.alert-rules')} lead={t('alerts.rule.lead')} actions={create}>
      <Loaded query={all}>
        {({ rules, faults }) => (
          <div className="stack">
            {faults.length ? (
              <Panel title={t('alerts.rule.faults')}>
                <ul style={{ margin: 0, paddingInlineStart: 18 }}>
                  {faults.map((f) => (
                    <li key={`${f.file}:${f.line}:${f.code}`}>
                      <code>
                        {f.file}:{f.line}
                      </code>{' '}
                      {say(f.title)}
                    </li>
                  ))}
                </ul>
              </Panel>
            ) : null}
            <Panel title={t('titles.alert-rules')}>
              <DataTable
                caption={t('titles.alert-rules')}
                rows={rules}
                rowKey={(r) => r.rule}
                empty={<Empty title={t('alerts.rule.empty')}>{t('alerts.rule.empty-text')}</Empty>}
                columns={[
                  {
                    key: 'title',
                    title: t('titles.alert-rule'),
                    head: true,
                    render: (r) => (
                      <div style={{ minInlineSize: 180 }}>
                        <Link to="/alert-rules/$rule" params={{ rule: r.rule } as never}>
                          {say(r.title)}
                        </Link>
                        <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                          {[r.type, r.property].filter(Boolean).join(' · ')}
                        </p>
                        {r.problem ? <p className="small">{say(r.problem)}</p> : null}
                      </div>
                    ),
                  },
                  {
                    key: 'measure',
                    title: t('alerts.rule.measure'),
                    tight: true,
                    render: (r) => t(`alerts.measures.${r.measure}`),
                  },
                  {
                    key: 'levels',
                    title: t('alerts.level-name'),
                    render: (r) => (
                      <span className="row" style={{ gap: 4, flexWrap: 'wrap' }}>
                        {r.levels.map((l) => (
                          <LevelMark key={l} level={l} />
                        ))}
                      </span>
                    ),
                  },
                  {
                    key: 'state',
                    title: t('alerts.state'),
                    tight: true,
                    render: (r) => (
                      <Label tone={r.state === 'live' ? 'good' : 'warn'}>{t(`alerts.rule.${r.state}`)}</Label>
                    ),
                  },
                  {
                    key: 'watched',
                    title: t('alerts.rule.watched'),
                    align: 'end',
                    render: (r) => <Num value={r.watched} exact />,
                  },
                  {
                    key: 'open',
                    title: t('alerts.rule.open'),
                    align: 'end',
                    render: (r) => <Num value={r.open} exact />,
                  },
                  {
                    key: 'week',
                    title: t('alerts.rule.week'),
                    align: 'end',
                    render: (r) => <Num value={r.lastWeek} exact />,
                  },
                ]}
              />
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
