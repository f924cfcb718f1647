/** Publications (公开值): one printed line that fixes everything signed before it. Public, and every one of them has an address of its own. */
import { DownloadOutlined, PrinterOutlined } from '@ant-design/icons';
import { describeTime } from '@jingwei/keyless';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash, Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { inWords } from './compare.tsx';
import { PrintedString } from './printed.tsx';
import { Paging } from './seals.tsx';
import { statusQuery } from './service.ts';
import { ServiceNote } from './service-note.tsx';
import { ImprintText } from './steps.tsx';
import { timeText } from './time.tsx';

type Publication = Answer<'/api/v1/trust/publications'>['items'][number];

export default function Publications() {
  const { t } = useSpeech();
  const url = useUrlState();
  const time = url.get('time');
  return (
    <Page title={t('titles.publications')} lead={t('trust.publications.lead')}>
      <div className="stack">
        {time ? <One time={time} /> : <List />}
        <OutsideClients />
      </div>
    </Page>
  );
}

function List() {
  const { t } = useSpeech();
  const url = useUrlState();
  const status = useQuery(statusQuery);
  const before = url.get('before');
  const list = useQuery({
    queryKey: ['trust', 'publications', before],
    queryFn: ({ signal }) => api.get('/api/v1/trust/publications', { query: { before, limit: 20 }, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <ServiceNote query={status} />
      <Loaded query={list}>
        {(data) =>
          data.items.length === 0 ? (
            <div className="panel">
              <Empty title={t('trust.publications.empty')}>{t('trust.publications.empty-text')}</Empty>
            </div>
          ) : (
            <div className="stack-s">
              {!before ? <Newest publication={data.items[0]!} /> : null}
              <DataTable
                caption={t('titles.publications')}
                rows={data.items}
                rowKey={(row) => row.time}
                columns={[
                  {
                    key: 'at',
                    title: t('trust.publications.at'),
                    head: true,
                    tight: true,
                    render: (row) => (
                      <Link to="/trust/publications" search={{ time: String(row.time) } as never}>
                        <Instant at={row.at} />
                      </Link>
                    ),
                  },
                  {
                    key: 'printed',
                    title: t('trust.publications.printed'),
                    render: (row) => <span className="mono printed-line">{row.printed}</span>,
                  },
                  {
                    key: 'seals',
                    title: t('trust.publications.seals'),
                    align: 'end',
                    tight: true,
                    render: (row) => full(row.seals),
                  },
                ]}
              />
              <Paging next={data.next} />
            </div>
          )
        }
      </Loaded>
    </>
  );
}

function Newest({ publication }: { publication: Publication }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t('trust.publications.newest')}>
      <div className="stack-s">
        <p>{timeText(describeTime(BigInt(publication.time)), language)}</p>
        <PrintedString text={publication.printed} large />
      </div>
    </Panel>
  );
}

function One({ time }: { time: string }) {
  const { t, say, language } = useSpeech();
  const status = useQuery(statusQuery);
  const query = useQuery({
    queryKey: ['trust', 'publication', time],
    queryFn: ({ signal }) => api.get('/api/v1/trust/publications/{time}', { params: { time }, signal }),
  });
  return (
    <>
      <p className="no-print">
        <Link to="/trust/publications">{t('trust.publications.all')}</Link>
      </p>
      <Loaded query={query}>
        {(data) => (
          <Panel
            title={t('trust.publications.of', { at: timeText(describeTime(BigInt(data.time)), language) })}
            extra={
              <Button size="small" className="no-print" icon={<PrinterOutlined />} onClick={() => window.print()}>
                {t('trust.publications.print')}
              </Button>
            }
          >
            <div className="stack-s">
              {status.data ? <p>{say(status.data.name)}</p> : null}
              <PrintedString text={data.printed} large />
              <p className="small quiet">{t('trust.publications.compare')}</p>
              <Facts>
                <Fact label={t('trust.publications.unix')}>
                  <span className="mono">{data.time}</span>
                </Fact>
                <Fact label={t('trust.publications.seals')}>{full(data.seals)}</Fact>
                <Fact label={t('trust.publications.root')} wide>
                  <ImprintText of={inWords(data.root)} />
                </Fact>
              </Facts>
            </div>
          </Panel>
        )}
      </Loaded>
    </>
  );
}

/** Where programs of others reach the service: everything that they have to be told. */
function OutsideClients() {
  const { t } = useSpeech();
  const at = (path: string) => `${location.origin}${path}`;
  return (
    <div className="no-print">
      <Panel title={t('trust.outside.title')}>
        <div className="stack-s">
          <p>{t('trust.outside.text')}</p>
          <Facts>
            {(['aggregator', 'extender', 'publications'] as const).map((name) => (
              <Fact key={name} label={t(`trust.outside.${name}`)} wide>
                <Hash value={at(`/keyless/${name}`)} whole />
              </Fact>
            ))}
          </Facts>
          <div className="row">
            <Button size="small" icon={<DownloadOutlined />} href="/keyless/publications" download>
              {t('trust.outside.file')}
            </Button>
            <Button size="small" icon={<DownloadOutlined />} href="/keyless/root.pem" download>
              {t('trust.outside.root')}
            </Button>
            <Button size="small" icon={<DownloadOutlined />} href="/verify/offline.html" download>
              {t('trust.public.offline')}
            </Button>
          </div>
          <p className="small quiet">{t('trust.outside.login')}</p>
        </div>
      </Panel>
    </div>
  );
}
