/** A service: how it is called, its items, a trial in the sandbox, its limits. */
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { api } from '../../api/client.ts';
import { download } from '../../api/download.ts';
import { Figure, Figures, Num } from '../../components/figure.tsx';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Loaded, problemOf } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day, full, instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Docs } from './docs.tsx';
import { Limits } from './limits.tsx';
import { Address, type ServiceDetail, ServiceState } from './shared.tsx';
import { Trial } from './trial.tsx';

export default function ServicePage() {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const { service } = useParams({ strict: false }) as { service: string };
  const one = useQuery({
    queryKey: ['gateway', 'service', service],
    queryFn: ({ signal }) => api.get('/api/v1/gateway/services/{id}', { params: { id: service }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'preparing' ? 3_000 : 60_000),
  });
  const title = one.data ? say(one.data.title) : t('titles.gateway-service');
  useTabTitle(one.data ? title : undefined);
  const take = (what: 'openapi' | 'client') =>
    download(`/api/v1/gateway/services/${service}/${what}`).catch((error: unknown) =>
      message.error(say(problemOf(error).title)),
    );
  return (
    <Page
      title={title}
      lead={one.data ? `${say(one.data.requester.name)} ← ${say(one.data.provider.name)}` : undefined}
      back={{ to: '/gateway/services', label: t('titles.gateway-services') }}
      actions={
        one.data ? (
          <>
            <Button icon={<DownloadOutlined />} onClick={() => take('openapi')}>
              OpenAPI
            </Button>
            <Button icon={<DownloadOutlined />} onClick={() => take('client')}>
              {t('gateway.typed-client')}
            </Button>
            {may('sharing.read') ? (
              <Link to="/sharing/shares/$share" params={{ share: service } as never}>
                <Button>{t('gateway.grant')}</Button>
              </Link>
            ) : null}
          </>
        ) : null
      }
    >
      <Loaded query={one}>{(data) => <Body data={data} />}</Loaded>
    </Page>
  );
}

function Body({ data }: { data: ServiceDetail }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      {data.state === 'ready' ? null : (
        <p className={data.state === 'preparing' ? 'note' : 'note warn'}>{t(`gateway.service-note.${data.state}`)}</p>
      )}
      <Figures>
        <Figure label={t('gateway.records')} note={data.preparedAt ? instant(data.preparedAt) : t('gateway.not-yet')}>
          <Num value={data.rows} />
        </Figure>
        <Figure
          label={t('gateway.today')}
          note={
            data.settings.perDay === null ? t('gateway.no-quota') : t('gateway.of', { n: full(data.settings.perDay) })
          }
        >
          <Num value={data.today} />
        </Figure>
        <Figure
          label={t('gateway.month')}
          note={
            data.settings.perMonth === null
              ? t('gateway.no-quota')
              : t('gateway.of', { n: full(data.settings.perMonth) })
          }
        >
          <Num value={data.month} />
        </Figure>
        <Figure label={t('gateway.rate')} note={t('gateway.rate-note', { n: data.settings.concurrent })}>
          <Num value={data.settings.perSecond} unit={t('gateway.per-second')} />
        </Figure>
      </Figures>
      <Panel title={t('gateway.how')} extra={<ServiceState of={data.state} />}>
        <div className="stack-s">
          <Facts>
            <Fact label={t('gateway.address')} wide>
              <Address text={data.url} label={t('gateway.address')} />
            </Fact>
            <Fact label={t('gateway.token-address')} wide>
              <Address text={data.tokenUrl} label={t('gateway.token-address')} />
            </Fact>
            <Fact label={t('gateway.scope')}>
              <Address text={`grant:${data.id}`} label={t('gateway.scope')} />
            </Fact>
            <Fact label={t('gateway.key')}>
              {data.key ? data.key.map((k) => <code key={k}>{k} </code>) : t('gateway.no-key')}
            </Fact>
            <Fact label={t('gateway.until')}>{day(data.until)}</Fact>
            <Fact label={t('gateway.cache')}>
              {data.settings.cache ? t('gateway.cache-on') : t('gateway.cache-off')}
            </Fact>
          </Facts>
          {data.mayCall ? (
            <p className="small quiet">
              {t('gateway.need-client')} <Link to="/gateway/clients">{t('titles.gateway-clients')}</Link>
            </p>
          ) : null}
        </div>
      </Panel>
      <Docs data={data} />
      <Trial data={data} />
      <Items data={data} />
      <Limits data={data} />
    </div>
  );
}

function Items({ data }: { data: ServiceDetail }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={`${t('gateway.items')} ${full(data.itemList.length)}`}>
      <DataTable
        caption={t('gateway.items')}
        rows={data.itemList}
        rowKey={(row) => row.name}
        columns={[
          { key: 'title', title: t('gateway.item'), head: true, render: (row) => say(row.title) },
          { key: 'name', title: t('gateway.name'), render: (row) => <code>{row.name}</code> },
          {
            key: 'type',
            title: t('gateway.type'),
            tight: true,
            render: (row) => (
              <>
                {t(`gateway.types.${row.type}`, { defaultValue: row.type })}
                {row.format ? <span className="small quiet"> {row.format}</span> : null}
              </>
            ),
          },
          {
            key: 'shown',
            title: t('gateway.shown'),
            tight: true,
            render: (row) => (
              <Label tone={row.shown === 'masked' ? 'warn' : undefined}>{t(`gateway.shown-as.${row.shown}`)}</Label>
            ),
          },
          {
            key: 'ask',
            title: t('gateway.ask-by'),
            render: (row) => (
              <span className="row" style={{ gap: 4 }}>
                {row.key ? <Label tone="primary">{t('gateway.is-key')}</Label> : null}
                {row.filterable ? (
                  <Label>{row.indexed ? t('gateway.indexed') : t('gateway.filterable')}</Label>
                ) : (
                  <span className="quiet">—</span>
                )}
              </span>
            ),
          },
        ]}
      />
      <p className="small quiet" style={{ marginBlockStart: 10 }}>
        {t('gateway.scan-note', { n: full(data.scanRows) })}
      </p>
    </Panel>
  );
}
