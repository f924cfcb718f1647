/** Warnings to the public: drafts and what was released. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { LevelMark } from './shared.tsx';

const SIZE = 50;
const levels = { blue: 1, yellow: 2, orange: 3, red: 4 } as const;

export default function Warnings() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const page = Math.max(1, Number(url.get('page')) || 1);
  const query = { offset: (page - 1) * SIZE, limit: SIZE };
  const all = useQuery({
    queryKey: ['alerts', 'warnings', page],
    queryFn: ({ signal }) => api.get('/api/v1/alerts/warnings', { query, signal }),
  });
  const create = may('alert.handle') ? (
    <Link to={'/public-warnings/new' as never}>
      <Button type="primary" icon={<PlusOutlined />}>
        {t('alerts.warning.new')}
      </Button>
    </Link>
  ) : null;
  return (
    <Page title={t('titles.public-warnings')} lead={t('alerts.warning.lead')} actions={create}>
      <Loaded query={all}>
        {({ warnings, total, issuer }) => (
          <Panel
            title={t('titles.public-warnings')}
            extra={
              <a href="/api/v1/alerts/cap/feed" target="_blank" rel="noreferrer">
                {t('alerts.warning.feed')}
              </a>
            }
          >
            {issuer ? null : <p>{t('alerts.warning.no-issuer')}</p>}
            <DataTable
              caption={t('titles.public-warnings')}
              rows={warnings}
              rowKey={(w) => w.id}
              empty={<Empty title={t('alerts.warning.empty')}>{t('alerts.warning.empty-text')}</Empty>}
              columns={[
                {
                  key: 'level',
                  title: t('alerts.level-name'),
                  tight: true,
                  render: (w) => <LevelMark level={levels[w.colour]} />,
                },
                {
                  key: 'headline',
                  title: t('alerts.headline'),
                  head: true,
                  render: (w) => (
                    <div style={{ minInlineSize: 200 }}>
                      <Link to="/public-warnings/$warning" params={{ warning: String(w.id) } as never}>
                        {say(w.headline)}
                      </Link>
                      <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                        {w.identifier ?? t('alerts.warning.no-identifier')}
                      </p>
                    </div>
                  ),
                },
                {
                  key: 'type',
                  title: t('alerts.msg-type'),
                  tight: true,
                  render: (w) => `${t(`alerts.msg.${w.msgType}`)} · ${t(`alerts.status.${w.status}`)}`,
                },
                {
                  key: 'state',
                  title: t('alerts.state'),
                  tight: true,
                  render: (w) => (
                    <Label tone={w.state === 'released' ? 'good' : 'warn'}>
                      {t(w.supersededBy ? 'alerts.warning.superseded' : `alerts.wstate.${w.state}`)}
                    </Label>
                  ),
                },
                { key: 'sent', title: t('alerts.warning.sent'), tight: true, render: (w) => <Instant at={w.sent} /> },
                {
                  key: 'expires',
                  title: t('alerts.warning.expires'),
                  tight: true,
                  render: (w) => <Instant at={w.expires} />,
                },
                { key: 'by', title: t('alerts.warning.released-by'), tight: true, render: (w) => w.releasedBy ?? '—' },
              ]}
            />
            <Pager
              total={total}
              offset={(page - 1) * SIZE}
              limit={SIZE}
              onOffset={(offset) => url.set({ page: String(offset / SIZE + 1) })}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}
