/** Clients: the programs of departments that call services. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { ClientState } from './shared.tsx';

export default function Clients() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const all = useQuery({
    queryKey: ['gateway', 'clients'],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/clients', { signal }),
  });
  const make = may('gateway.use') ? (
    <Link to="/gateway/new">
      <Button type="primary" icon={<PlusOutlined />}>
        {t('titles.gateway-new')}
      </Button>
    </Link>
  ) : null;
  return (
    <Page title={t('titles.gateway-clients')} lead={t('gateway.clients-lead')} actions={make}>
      <Panel title={t('titles.gateway-clients')}>
        <Loaded query={all}>
          {(answer) => (
            <DataTable
              caption={t('titles.gateway-clients')}
              rows={answer.items}
              rowKey={(row) => row.id}
              empty={
                <Empty title={t('gateway.clients-empty')} action={make}>
                  {t('gateway.clients-empty-text')}
                </Empty>
              }
              columns={[
                {
                  key: 'name',
                  title: t('gateway.client'),
                  head: true,
                  render: (row) => (
                    <>
                      <Link to="/gateway/clients/$client" params={{ client: row.id } as never}>
                        {row.name}
                      </Link>{' '}
                      {row.sandbox ? <Label tone="weft">{t('gateway.sandbox')}</Label> : null}
                      <p className="small quiet">{row.purpose}</p>
                    </>
                  ),
                },
                {
                  key: 'organisation',
                  title: t('gateway.organisation'),
                  render: (row) => say(row.organisation.name),
                },
                {
                  key: 'state',
                  title: t('gateway.state'),
                  tight: true,
                  render: (row) => <ClientState of={row.state} />,
                },
                {
                  key: 'method',
                  title: t('gateway.method-title'),
                  tight: true,
                  render: (row) => t(`gateway.method.${row.method}`),
                },
                {
                  key: 'expires',
                  title: t('gateway.expires'),
                  tight: true,
                  render: (row) => <span className="num">{row.expiresAt ? day(row.expiresAt.slice(0, 10)) : '—'}</span>,
                },
                {
                  key: 'made',
                  title: t('gateway.made'),
                  tight: true,
                  render: (row) => (
                    <>
                      <span className="num">{instant(row.createdAt)}</span>
                      <p className="small quiet">{row.createdBy}</p>
                    </>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
