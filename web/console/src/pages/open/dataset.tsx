/** One open dataset: what it is, its first rows, charts, files with their proof, versions, voices; no account. */
import { DownloadOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { copyText } from '../../format/copy.ts';
import { bytes, day, full, instant, shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { OpenChart } from './chart.tsx';
import { Preview } from './preview.tsx';
import { type OpenDetail, Stars } from './shared.tsx';
import { Voices } from './voices.tsx';

export default function OpenDataset() {
  const { t, say } = useSpeech();
  const { dataset: id } = useParams({ strict: false }) as { dataset: string };
  const found = useQuery({
    queryKey: ['open', 'dataset', id],
    queryFn: ({ signal }) => api.get('/open/api/v1/datasets/{id}', { params: { id }, signal }),
    retry: false,
  });
  useTabTitle(found.data ? say(found.data.title) : undefined);
  return (
    <Loaded query={found} heading={t('titles.open-dataset')}>
      {(d) => (
        <Page title={say(d.title)} lead={say(d.abstract)} back={{ to: '/open', label: t('titles.open') }}>
          <div className="stack">
            <About d={d} />
            <Files d={d} />
            <Preview d={d} />
            <OpenChart d={d} />
            <Items d={d} />
            <Versions d={d} />
            <Voices d={d} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function About({ d }: { d: OpenDetail }) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const copy = async (text: string) => {
    await copyText(text);
    message.success(t('opendata.copied'));
  };
  return (
    <Panel title={t('opendata.about')} extra={<Stars value={d.rating.average} count={d.rating.count} />}>
      <Facts>
        <Fact label={t('opendata.provider')}>{say(d.provider.name)}</Fact>
        <Fact label={t('opendata.facet.theme')}>{say(d.theme.title)}</Fact>
        <Fact label={t('opendata.facet.cycle')}>
          {t(`opendata.cycle.${d.cycle}`)}
          {d.next ? <span className="quiet small"> · {t('opendata.next', { day: d.next })}</span> : null}
        </Fact>
        <Fact label={t('opendata.updated-at')}>{t('opendata.edition', { n: d.edition, day: day(d.updated) })}</Fact>
        <Fact label={t('opendata.extent')}>{t('opendata.size', { rows: full(d.rows), items: d.items })}</Fact>
        <Fact label={t('opendata.licence.label')}>{t(`opendata.licence.${d.licence}`)}</Fact>
        <Fact label={t('opendata.code')}>
          <span className="mono">{d.entry.code ?? '—'}</span>
        </Fact>
        <Fact label={t('opendata.use')}>
          {t('opendata.used', { view: full(d.use.view), download: full(d.use.download), call: full(d.use.call) })}
        </Fact>
        <Fact label={t('opendata.ground')} wide>
          {d.ground}
        </Fact>
        <Fact label={t('opendata.citation')} wide>
          {say(d.citation)}{' '}
          <Button size="small" onClick={() => void copy(say(d.citation))}>
            {t('opendata.copy')}
          </Button>
        </Fact>
      </Facts>
    </Panel>
  );
}

function Files({ d }: { d: OpenDetail }) {
  const { t } = useSpeech();
  return (
    <Panel
      title={t('opendata.files')}
      extra={<a href={`/open/api/v1/datasets/${d.id}/feed.atom`}>{t('opendata.feed')}</a>}
    >
      <div className="stack-s">
        <ul className="plain open-files">
          {d.files.map((f) => (
            <li key={f.format} className="note stack-s">
              <div className="row spread">
                <a href={f.url} download className="strong">
                  <DownloadOutlined aria-hidden="true" /> {f.format.toUpperCase()}
                </a>
                <span className="small quiet num">{bytes(f.bytes)}</span>
              </div>
              <p className="small quiet" style={{ overflowWrap: 'anywhere' }}>
                SHA-256 <code title={f.sha256}>{shortHash(f.sha256)}</code>
              </p>
              <p className="small">
                {f.certificate ? (
                  <Link to="/verify" search={{ ref: f.certificate } as never}>
                    <SafetyCertificateOutlined aria-hidden="true" /> {t('opendata.certificate')}
                  </Link>
                ) : (
                  <span className="quiet">{t('opendata.signing')}</span>
                )}
              </p>
            </li>
          ))}
        </ul>
        <p className="small quiet">{t('opendata.files-note')}</p>
        <p className="small">
          {t('opendata.api')}{' '}
          <code style={{ overflowWrap: 'anywhere' }}>{`GET /open/api/v1/datasets/${d.id}/rows?limit=100`}</code>{' '}
          <Link to="/open/developers" search={{ dataset: d.id } as never}>
            {t('opendata.try')}
          </Link>
        </p>
      </div>
    </Panel>
  );
}

function Items({ d }: { d: OpenDetail }) {
  const { t, say } = useSpeech();
  const filled = new Map(d.filled.map((f) => [f.name, f.percent]));
  return (
    <Panel title={t('opendata.items')} flush>
      <DataTable
        caption={t('opendata.items')}
        rows={d.fields}
        rowKey={(f) => f.name}
        columns={[
          { key: 'title', title: t('opendata.item'), head: true, render: (f) => say(f.title) },
          { key: 'name', title: t('opendata.name'), render: (f) => <code>{f.name}</code> },
          {
            key: 'type',
            title: t('opendata.type'),
            tight: true,
            render: (f) => `${t(`opendata.types.${f.type}`)}${f.unit ? ` · ${f.unit}` : ''}`,
          },
          {
            key: 'as',
            title: t('opendata.shown'),
            tight: true,
            render: (f) =>
              f.as === 'plain' ? (
                <span className="quiet">{t('opendata.as.plain')}</span>
              ) : (
                <Label tone="info">{t(`opendata.as.${f.as}`)}</Label>
              ),
          },
          {
            key: 'filled',
            title: t('opendata.filled'),
            align: 'end',
            tight: true,
            render: (f) => <span className="num">{filled.get(f.name) ?? 0}%</span>,
          },
          { key: 'note', title: t('opendata.note'), render: (f) => f.note },
        ]}
      />
    </Panel>
  );
}

function Versions({ d }: { d: OpenDetail }) {
  const { t } = useSpeech();
  return (
    <Panel title={t('opendata.versions')} flush>
      <DataTable
        caption={t('opendata.versions')}
        rows={d.versions}
        rowKey={(v) => v.number}
        columns={[
          {
            key: 'n',
            title: t('opendata.version'),
            head: true,
            tight: true,
            render: (v) => <span className="num">{v.number}</span>,
          },
          {
            key: 'at',
            title: t('opendata.opened'),
            tight: true,
            render: (v) => <span className="num">{instant(v.opened)}</span>,
          },
          {
            key: 'rows',
            title: t('opendata.rows'),
            align: 'end',
            tight: true,
            render: (v) => <span className="num">{full(v.rows)}</span>,
          },
          {
            key: 'changes',
            title: t('opendata.changes'),
            render: (v) =>
              v.added === null ? (
                <span className="quiet">{t('opendata.first')}</span>
              ) : (
                t('opendata.changed', { added: full(v.added), removed: full(v.removed ?? 0) })
              ),
          },
          {
            key: 'files',
            title: t('opendata.files'),
            render: (v) => (
              <span className="row" style={{ gap: 10 }}>
                {v.files.map((f) => (
                  <a key={f.format} href={f.url} download className="small">
                    {f.format.toUpperCase()}
                  </a>
                ))}
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}
